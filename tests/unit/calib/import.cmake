# cmake -DPROGRAM=... -DSOURCE=... -DSCRATCH=... -P import.cmake: from a trace and rules to the report, the
# records and the pace of the host beside this file.
cmake_policy(VERSION 3.25)
set(beside ${SOURCE}/tests/unit/calib/import)
file(REMOVE_RECURSE ${SCRATCH})
execute_process(COMMAND ${PROGRAM} calibrate import trace.json --rules rules.json
                        --out ${SCRATCH}/records.jsonl
  WORKING_DIRECTORY ${beside} OUTPUT_FILE ${SCRATCH}.txt COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${PROGRAM} calibrate import trace.json --rules rules.json --host ${SCRATCH}/host.csv
  WORKING_DIRECTORY ${beside} COMMAND_ERROR_IS_FATAL ANY)
file(RENAME ${SCRATCH}.txt ${SCRATCH}/report.txt)
foreach(file report.txt records.jsonl host.csv)
  execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${SCRATCH}/${file} ${beside}/${file}
    RESULT_VARIABLE differs)
  if(differs)
    message(FATAL_ERROR "${SCRATCH}/${file} is not ${beside}/${file}")
  endif()
endforeach()
