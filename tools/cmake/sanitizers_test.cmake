# swarm.sanitized: ten thousand random fleets under the address and undefined-behaviour sanitizers. Builds
# the preset sanitize as far as that needs, as a fixture.
set(sanitized ${PROJECT_SOURCE_DIR}/build/sanitize)
add_test(NAME swarm.sanitized_build
         COMMAND sh -ec "'${CMAKE_COMMAND}' --preset sanitize
                         '${CMAKE_COMMAND}' --build --preset sanitize --target test_swarm_fleet"
         WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(swarm.sanitized_build PROPERTIES
  LABELS slow FIXTURES_SETUP sanitized_build TIMEOUT 1800 RUN_SERIAL ON)

add_test(NAME swarm.sanitized COMMAND ${sanitized}/test_swarm_fleet)
set_tests_properties(swarm.sanitized PROPERTIES
  LABELS slow FIXTURES_REQUIRED sanitized_build TIMEOUT 1800
  ENVIRONMENT "TIDELINE_SWARM_CASES=10000;ASAN_OPTIONS=abort_on_error=1;UBSAN_OPTIONS=abort_on_error=1")
