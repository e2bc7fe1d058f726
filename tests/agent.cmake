# Tests of what links no Qt itself: observability, configuration, logs, exporter.
trendscope_test(unit/tst_logs_filter LINK trendscope::agent)
trendscope_test(unit/tst_logs_record LINK trendscope::agent)
trendscope_test(unit/tst_logs_tail LINK trendscope::agent)
trendscope_test(unit/tst_observability_metrics LINK trendscope::observability)
trendscope_test(unit/tst_observability_logging LINK trendscope::observability)
add_test(NAME config_rules COMMAND bash ${CMAKE_CURRENT_SOURCE_DIR}/lint/check_config.sh ${PROJECT_SOURCE_DIR})
set_tests_properties(config_rules PROPERTIES LABELS lint TIMEOUT 300)
