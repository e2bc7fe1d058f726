# The library as a CMake package for services, and for pkg-config: cmake --install build --component observability
include(CMakePackageConfigHelpers)

set(cmake_directory ${CMAKE_INSTALL_LIBDIR}/cmake/trendscope)
set(include_directory ${CMAKE_INSTALL_INCLUDEDIR}/trendscope)
get_target_property(public_headers trendscope_observability_headers HEADER_SET)

install(TARGETS trendscope_observability EXPORT trendscope
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT observability)
install(FILES ${public_headers} DESTINATION ${include_directory}/observability COMPONENT observability)
install(FILES ${PROJECT_SOURCE_DIR}/core/result.h DESTINATION ${include_directory} COMPONENT observability)
install(EXPORT trendscope FILE trendscope-targets.cmake NAMESPACE trendscope::
  DESTINATION ${cmake_directory} COMPONENT observability)

configure_package_config_file(trendscope-config.cmake.in trendscope-config.cmake INSTALL_DESTINATION ${cmake_directory}
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(trendscope-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/trendscope-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/trendscope-config-version.cmake
  DESTINATION ${cmake_directory} COMPONENT observability)

# By the way from the file to the prefix, so that the prefix can be moved.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
  OUTPUT_VARIABLE way_to_prefix)
configure_file(trendscope-observability.pc.in trendscope-observability.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/trendscope-observability.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT observability)
