// Do scripts keep the names of files whole, whatever stands in them?
#include "sim/sweep/emit.h"

#include "tests/doctest.h"

namespace tideline::sweep {
namespace {

const Emitted kWithBlanks{.program = "/opt/my tools/tideline",
                          .study = "/data/my study/study.json",
                          .folder = "/data/my study/out",
                          .result = "/data/my study/out/points.sqlite",
                          .name = "study",
                          .points = 32};

std::string line_with(const std::string& script, const std::string& what) {
  const std::size_t at = script.find(what);
  REQUIRE(at != std::string::npos);
  const std::size_t begin = script.rfind('\n', at) + 1;
  return script.substr(begin, script.find('\n', at) - begin);
}

TEST_CASE("GNU parallel has a shell of its own: what it runs is quoted for both") {
  const std::string script = emit_parallel(kWithBlanks);
  CHECK(line_with(script, "sweep run") ==
        R"(  ''\''/opt/my tools/tideline'\'' sweep run '\''/data/my study/study.json'\'')"
        R"( --out '\''/data/my study/out'\'' --shard {}/2 --resume --threads 1')");
  CHECK(line_with(script, "sweep merge") ==
        "'/opt/my tools/tideline' sweep merge '/data/my study/study.json' --out '/data/my study/out'"
        " --to '/data/my study/out/points.sqlite'");
}

TEST_CASE("mpirun has none: what it runs is quoted once") {
  CHECK(line_with(emit_mpi(kWithBlanks), "sweep run") ==
        "mpirun ${MPIRUN_OPTIONS:-} '/opt/my tools/tideline' sweep run '/data/my study/study.json'"
        " --out '/data/my study/out' --shard mpi --resume --threads 1");
}

}  // namespace
}  // namespace tideline::sweep
