# What `cmake --install` lays down: the program, the library as a CMake package, and the data both read.
# The modules install themselves (module.cmake).
include(CMakePackageConfigHelpers)

install(TARGETS tideline)
install(DIRECTORY models scenarios DESTINATION ${CMAKE_INSTALL_DATADIR}/tideline)
install(DIRECTORY calib/fitted DESTINATION ${CMAKE_INSTALL_DATADIR}/tideline/calib)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/tideline)

set_target_properties(tideline_flags PROPERTIES EXPORT_NAME flags)
install(TARGETS tideline_flags EXPORT tideline)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/tideline)
install(EXPORT tideline NAMESPACE tideline:: FILE tidelineTargets.cmake DESTINATION ${package})
set(data ${CMAKE_INSTALL_DATADIR}/tideline)
configure_package_config_file(tools/cmake/tidelineConfig.cmake.in tidelineConfig.cmake
  INSTALL_DESTINATION ${package} PATH_VARS data)
write_basic_package_version_file(tidelineConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tidelineConfig.cmake ${PROJECT_BINARY_DIR}/tidelineConfigVersion.cmake
  DESTINATION ${package})

# The manual page and what bash completes, both by the program's own word.
set(shell_files ${PROJECT_BINARY_DIR}/shell)
add_custom_command(OUTPUT ${shell_files}/tideline.1 ${shell_files}/tideline.bash
  COMMAND ${CMAKE_COMMAND} -E make_directory ${shell_files}
  COMMAND tideline man > ${shell_files}/tideline.1
  COMMAND tideline completion bash > ${shell_files}/tideline.bash
  DEPENDS tideline VERBATIM)
add_custom_target(tideline_shell ALL DEPENDS ${shell_files}/tideline.1 ${shell_files}/tideline.bash)
install(FILES ${shell_files}/tideline.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${shell_files}/tideline.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
  RENAME tideline)
