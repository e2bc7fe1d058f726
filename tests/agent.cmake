# Tests of what links no Qt itself: observability, configuration, logs, exporter.
trendscope_test(unit/tst_logs_filter LINK trendscope::agent)
trendscope_test(unit/tst_logs_record LINK trendscope::agent)
trendscope_test(unit/tst_logs_tail LINK trendscope::agent)
