# cmake -DPROGRAM=... -DSOURCE=... -DSCRATCH=... -DCASE=name [-DUPDATE=ON] -P run_golden.cmake
# Holds what `tideline run` prints of tests/golden/CASE.json, and the digest of its events, to CASE.txt byte
# for byte. It runs twice: the same seed gives the same bytes. UPDATE writes CASE.txt.
cmake_policy(VERSION 3.25)
set(golden ${SOURCE}/tests/golden/${CASE})
foreach(run first second)
  file(REMOVE_RECURSE ${SCRATCH}/${run})
  execute_process(COMMAND ${CMAKE_COMMAND} -E env TIDELINE_MODELS=${SOURCE}/models
                          ${PROGRAM} run ${golden}.json --quiet --out ${SCRATCH}/${run}
    OUTPUT_VARIABLE text RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "golden.${CASE}: exit code ${code}")
  endif()
endforeach()
set(results ${SCRATCH}/first/result.json ${SCRATCH}/second/result.json)
execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${results} COMMAND_ERROR_IS_FATAL ANY)
file(READ ${SCRATCH}/first/result.json result)
string(JSON digest GET "${result}" run event_digest)
file(WRITE ${SCRATCH}.txt "${text}\nevents ${digest}\n")
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
