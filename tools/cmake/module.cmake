# tideline_module(NAME [SOURCES file...] [USES module...] [LINKS target...])
# One folder of sim/ as a static library. USES are the modules it may include; LINKS are its doors to libraries.
function(tideline_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;LINKS" ${ARGN})
  list(TRANSFORM arg_SOURCES PREPEND ${name}/)
  add_library(tideline_${name} STATIC ${arg_SOURCES})
  add_library(tideline::${name} ALIAS tideline_${name})
  target_include_directories(tideline_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  list(TRANSFORM arg_USES PREPEND tideline::)
  target_link_libraries(tideline_${name} PUBLIC ${arg_USES} ${arg_LINKS} tideline_flags
                                         PRIVATE tideline_warnings)
endfunction()
