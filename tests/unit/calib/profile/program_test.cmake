# The program on a machine without a GPU: exit 3 and one line, no file; --list and --dry-run as ever.
# usage: cmake -DPROGRAM=... -DSCRATCH=... -P program_test.cmake
function(run code stdout_pattern stderr_pattern)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env CUDA_VISIBLE_DEVICES= ${PROGRAM} ${ARGN}
                  RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT result EQUAL code OR NOT out MATCHES "${stdout_pattern}" OR NOT err MATCHES "${stderr_pattern}")
    message(FATAL_ERROR "${ARGN}: exit ${result}, wanted ${code}\n-- stdout\n${out}\n-- stderr\n${err}")
  endif()
endfunction()

file(REMOVE_RECURSE ${SCRATCH})
file(MAKE_DIRECTORY ${SCRATCH})
set(nothing "^$")
run(3 ${nothing} "^tideline-profile: no GPU here: [^\n]*\n$" --out ${SCRATCH}/records.jsonl)
if(EXISTS ${SCRATCH}/records.jsonl)
  message(FATAL_ERROR "a file was made although nothing was measured")
endif()
run(0 "dense_gemm +180 points, [^\n]*, never run on a GPU\n.*absent:\n" ${nothing} --list)
run(0 "\nlayer +top_k m=16 experts=256 .*135 points, about [0-9.]+ s; [0-9]+ inside the budget\n$" ${nothing}
    --dry-run --families layer --budget 5)
run(0 "usage: tideline-profile" ${nothing} --help)
run(2 ${nothing} "^tideline-profile: unknown argument \"--fast\"; see --help\n$" --fast)
run(2 ${nothing} "/nowhere.jsonl: cannot be read: No such file or directory\n$"
    --resume ${SCRATCH}/nowhere.jsonl)
