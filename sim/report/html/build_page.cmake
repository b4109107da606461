# cmake -DSOURCE=... -DWORK=... -DPAGE=... -DNODE=... -DNPM=... -P build_page.cmake
# Installs what package-lock.json names into WORK, by its hashes, and bundles SOURCE into PAGE. Where the npm
# registry cannot be reached there is no PAGE, which is said and is no failure: the next build tries again.
cmake_policy(VERSION 3.25)
file(REMOVE ${PAGE})

function(without_page why)
  message("built without the page of `tideline report`: ${why}")
endfunction()

set(installed ${WORK}/node_modules/.package-lock.json)  # npm writes it last
if(NOT EXISTS ${installed} OR ${SOURCE}/package-lock.json IS_NEWER_THAN ${installed})
  file(MAKE_DIRECTORY ${WORK})
  file(COPY ${SOURCE}/package.json ${SOURCE}/package-lock.json DESTINATION ${WORK})
  execute_process(
    COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --no-update-notifier
            --fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-timeout=20000
    WORKING_DIRECTORY ${WORK} RESULT_VARIABLE failed OUTPUT_QUIET ERROR_VARIABLE said)
  if(failed)
    string(REGEX MATCH "npm ERR![^\n]*|npm error[^\n]*" first "${said}")
    without_page("npm ci failed (${first})")
    return()
  endif()
endif()
execute_process(COMMAND ${NODE} ${SOURCE}/build.mjs ${WORK}/node_modules ${PAGE} COMMAND_ERROR_IS_FATAL ANY)
