# cmake -DPROGRAM=... -DSOURCE=... -DSCRATCH=... -DCASE=name [-DUPDATE=ON] -P run_broken.cmake
# Is this mistake explained? Runs `tideline check tests/broken/CASE.json`, or the arguments in CASE.args, one a
# line, and holds it to: exit code 2; stderr byte for byte CASE.error; nothing on stdout; no file or folder made.
# It runs in a scratch folder in which scenarios/ and tests/broken/ are those of the source tree, so that the
# paths in messages are the same everywhere. UPDATE writes CASE.error instead of comparing.
cmake_policy(VERSION 3.25)
set(stem ${SOURCE}/tests/broken/${CASE})
file(REMOVE_RECURSE ${SCRATCH})
file(MAKE_DIRECTORY ${SCRATCH}/tests)
file(CREATE_LINK ${SOURCE}/scenarios ${SCRATCH}/scenarios SYMBOLIC)
file(CREATE_LINK ${SOURCE}/tests/broken ${SCRATCH}/tests/broken SYMBOLIC)
set(arguments check tests/broken/${CASE}.json)
if(EXISTS ${stem}.args)
  file(STRINGS ${stem}.args arguments)
endif()
file(GLOB_RECURSE before LIST_DIRECTORIES true RELATIVE ${SCRATCH} ${SCRATCH}/*)

execute_process(COMMAND ${CMAKE_COMMAND} -E env NO_COLOR=1 TIDELINE_MODELS=${SOURCE}/models
                        ${PROGRAM} ${arguments}
  WORKING_DIRECTORY ${SCRATCH} RESULT_VARIABLE code OUTPUT_VARIABLE said ERROR_FILE ${SCRATCH}.stderr)

if(UPDATE)
  configure_file(${SCRATCH}.stderr ${stem}.error COPYONLY)
endif()
execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${SCRATCH}.stderr ${stem}.error
  RESULT_VARIABLE differs OUTPUT_QUIET ERROR_QUIET)
file(GLOB_RECURSE after LIST_DIRECTORIES true RELATIVE ${SCRATCH} ${SCRATCH}/*)
set(wrong "")
if(NOT code EQUAL 2)
  string(APPEND wrong "exit code ${code}, not 2\n")
endif()
if(NOT said STREQUAL "")
  string(APPEND wrong "stdout is not empty:\n${said}\n")
endif()
if(NOT "${before}" STREQUAL "${after}")
  list(REMOVE_ITEM after ${before})
  string(APPEND wrong "it made: ${after}\n")
endif()
if(differs)
  find_program(diff diff)
  execute_process(COMMAND ${diff} -u ${stem}.error ${SCRATCH}.stderr OUTPUT_VARIABLE difference ERROR_QUIET)
  string(APPEND wrong "stderr is not tests/broken/${CASE}.error:\n${difference}\n")
endif()
if(wrong)
  message("${wrong}")
  message(FATAL_ERROR "broken.${CASE}")
endif()
