# Tests of what is in libtrendscope-console: core with Qt, ui, demo.
add_subdirectory(support)
trendscope_test(unit/tst_net_http LINK trendscope::core trendscope::test_support)
trendscope_test(unit/tst_prom_decode LINK trendscope::core)
trendscope_test(unit/tst_demo_platform LINK trendscope::core)
trendscope_test(unit/tst_demo_recorded_series LINK trendscope::core)
trendscope_test(unit/tst_demo_directory LINK trendscope::core)
trendscope_test(unit/tst_demo_child_process LINK trendscope::core)
trendscope_test(unit/tst_prom_client LINK trendscope::core trendscope::test_support)
