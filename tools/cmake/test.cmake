# tideline_test(NAME [LABEL fast|slow] SOURCES file... [LINKS target...])
# One doctest program, registered with ctest as NAME (such as unit.engine). `fast` is the default: all fast
# tests together take less than half a minute. A program in which testing::skip() was called (tests/skip.h) is
# told as skipped.
function(tideline_test name)
  cmake_parse_arguments(arg "" "LABEL" "SOURCES;LINKS" ${ARGN})
  if(NOT arg_LABEL)
    set(arg_LABEL fast)
  endif()
  string(REPLACE . _ target test.${name})
  add_executable(${target} ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE ${arg_LINKS} tideline_test_main tideline_warnings)
  add_test(NAME ${name} COMMAND ${target})
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} SKIP_RETURN_CODE 77)
endfunction()
