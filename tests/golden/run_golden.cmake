# cmake -DPROGRAM=... -DSOURCE=... -DSCRATCH=... -DVERB=run|step -DCASE=name [-DUPDATE=ON] -P run_golden.cmake
# Holds what the program prints of tests/golden/CASE.json to CASE.txt, byte for byte: the text, and for `run`
# the digest of the events, and to the JSON of another run of the same seed. UPDATE writes CASE.txt.
cmake_policy(VERSION 3.25)
set(golden ${SOURCE}/tests/golden/${CASE})
set(ask ${CMAKE_COMMAND} -E env TIDELINE_MODELS=${SOURCE}/models ${PROGRAM} ${VERB} ${golden}.json)
if(VERB STREQUAL "run")  # text and JSON of one run
  set(out --out ${SCRATCH})
endif()
execute_process(COMMAND ${ask} ${out} OUTPUT_VARIABLE text RESULT_VARIABLE exit)
execute_process(COMMAND ${ask} --format json OUTPUT_VARIABLE json RESULT_VARIABLE json_exit)
if(NOT exit STREQUAL json_exit OR NOT exit MATCHES "^[034]$")  # 3 and 4 are answers: saturated, an SLO missed
  message(FATAL_ERROR "golden.${CASE}: exit ${exit} and ${json_exit}")
endif()
if(VERB STREQUAL "run")
  file(READ ${SCRATCH}/result.json first)
  if(NOT first STREQUAL json)
    message(FATAL_ERROR "golden.${CASE}: the same seed gave other bytes")
  endif()
  string(JSON digest GET "${json}" run event_digest)
  string(APPEND text "\nevents ${digest}, exit ${exit}\n")
endif()
file(WRITE ${SCRATCH}.txt "${text}")
if(UPDATE)
  configure_file(${SCRATCH}.txt ${golden}.txt COPYONLY)
endif()
execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${SCRATCH}.txt ${golden}.txt
  RESULT_VARIABLE differs OUTPUT_QUIET ERROR_QUIET)
if(differs)
  find_program(diff diff)
  execute_process(COMMAND ${diff} -u ${golden}.txt ${SCRATCH}.txt OUTPUT_VARIABLE difference ERROR_QUIET)
  message(FATAL_ERROR "golden.${CASE}: numbers moved\n${difference}")
endif()
