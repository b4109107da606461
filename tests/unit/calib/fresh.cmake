# cmake -DPROGRAM=... -DSOURCE=... -DSCRATCH=... -P fresh.cmake
# Are the committed fits those of the committed timings?
cmake_policy(VERSION 3.25)
file(REMOVE_RECURSE ${SCRATCH})
foreach(gpu h800 h100 h200 h20)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env TIDELINE_MODELS=${SOURCE}/models
                          ${PROGRAM} calibrate fit ${gpu} --timings ${SOURCE}/calib/timings --out ${SCRATCH}
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endforeach()
file(GLOB fitted RELATIVE ${SCRATCH} ${SCRATCH}/*)
file(GLOB committed RELATIVE ${SOURCE}/calib/fitted ${SOURCE}/calib/fitted/*.json)
if(NOT "${fitted}" STREQUAL "${committed}")
  message(FATAL_ERROR "calib/fitted holds ${committed}, the fit makes ${fitted}")
endif()
foreach(file ${fitted})
  execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${SCRATCH}/${file} ${SOURCE}/calib/fitted/${file}
    RESULT_VARIABLE differs)
  if(differs)
    message(FATAL_ERROR "calib/fitted/${file} is not what its timings give: run tideline calibrate fit")
  endif()
endforeach()
