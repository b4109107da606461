# golden.compilers: the same bytes from the other compiler. Builds the other preset (clang, or release when
# this is clang) as a fixture, then runs every scenario of tests/golden with both programs.
include(${CMAKE_CURRENT_LIST_DIR}/python_test.cmake)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  set(other release)
else()
  set(other clang)
endif()
set(other_program ${PROJECT_SOURCE_DIR}/build/${other}/tideline)

add_test(NAME golden.other_build
         COMMAND sh -ec "'${CMAKE_COMMAND}' --preset ${other}
                         '${CMAKE_COMMAND}' --build --preset ${other} --target tideline"
         WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(golden.other_build PROPERTIES
  LABELS slow FIXTURES_SETUP other_build TIMEOUT 1800 RUN_SERIAL ON)

tideline_python_test(golden.compilers LABEL slow
  SCRIPT tests/golden/compare_builds.py $<TARGET_FILE:tideline> ${other_program})
if(TEST golden.compilers)
  set_tests_properties(golden.compilers PROPERTIES FIXTURES_REQUIRED other_build)
endif()
