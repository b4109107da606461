#!/usr/bin/env bash
# Can a stranger use it? Installs a build to a prefix of its own, runs the installed program there, and builds
# and runs a project outside the tree that knows only find_package(tideline).
# usage: stranger.sh BUILD_FOLDER COMPILER
set -euo pipefail
build=$1 compiler=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

cmake --install "$build" --prefix "$place/prefix" >/dev/null
cp -r "$here/consumer" "$place/stranger"
cd "$place"

for folder in models scenarios calib/fitted; do
  [[ -n $(ls -A "prefix/share/tideline/$folder") ]] || { echo "share/tideline/$folder is empty"; exit 1; }
done
for scenario in prefix/share/tideline/scenarios/*.json; do
  TIDELINE_MODELS="$place/prefix/share/tideline/models" prefix/bin/tideline check "$scenario"
done

for file in man/man1/tideline.1 bash-completion/completions/tideline; do
  grep -q calibrate "prefix/share/$file" || { echo "share/$file is missing, or knows no commands"; exit 1; }
done

page=$place/prefix/share/tideline/report/page.html
if [[ -e $page ]]; then
  export TIDELINE_MODELS="$place/prefix/share/tideline/models" TIDELINE_REPORT_PAGE="$page"
  prefix/bin/tideline step prefix/share/tideline/scenarios/step-decode-profile.json --out results >/dev/null
  prefix/bin/tideline report results
else
  echo "built without the page of reports: not tried"
fi

headers=$(cd prefix/include && find sim -name '*.h' | sort | paste -sd ';')
cmake -S stranger -B build -G Ninja -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$place/prefix" \
  -DHEADERS="$headers" >/dev/null
if grep -rlF "$(dirname "$(dirname "$here")")/" prefix/lib/cmake prefix/include; then
  echo "these installed files name the source tree"
  exit 1
fi
cmake --build build
build/stranger
