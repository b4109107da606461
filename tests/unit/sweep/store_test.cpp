// What a folder of results holds: whole lines, torn ones, the same point twice.
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "sim/base/error.h"
#include "sim/sweep/run.h"
#include "tests/doctest.h"
#include "tests/scratch.h"

namespace tideline::sweep {
namespace {

namespace fs = std::filesystem;
using State = Standing::State;

Key key(std::uint8_t n) {
  Key k{};
  k[0] = n;
  return k;
}

struct Folder {
  Folder() : path(testing::scratch("store")) {
    fs::remove_all(path);
    fs::create_directories(path);
    study.metrics = {"a", "b"};
  }
  ~Folder() { fs::remove_all(path); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path / name) << text; }
  [[nodiscard]] Standing standing(std::uint8_t n) const {
    return sweep::standing(Store::read(path), study, key(n));
  }
  [[nodiscard]] std::string done(std::uint8_t n, double a, double b = 2.0) const {
    return line_of({.point = n, .key = key(n), .message = "", .metrics = {a, b}}, study.metrics) + "\n";
  }
  [[nodiscard]] std::string failed(std::uint8_t n, const std::string& message) const {
    return line_of({.point = n, .key = key(n), .status = Status::kFailed, .code = 2, .message = message},
                   {}) +
           "\n";
  }
  fs::path path;
  Study study;
};

TEST_CASE("a row is one line of JSON, its numbers to the last bit, and null where there is none") {
  const Folder f;
  CHECK(f.done(1, 0.1 + 0.2, std::numeric_limits<double>::quiet_NaN()) ==
        R"({"point":1,"key":"01000000000000000000000000000000","status":"done","code":0,)"
        R"("metrics":{"a":0.30000000000000004,"b":null}})"
        "\n");
  CHECK(f.failed(2, "no \"such\"") ==
        R"({"point":2,"key":"02000000000000000000000000000000","status":"failed","code":2,)"
        R"("message":"no \"such\""})"
        "\n");
}

TEST_CASE("what was written is read back, and a point that is not there is missing") {
  const Folder f;
  f.write("shard-a.jsonl", R"({"study":"x"})"
                           "\n" +
                               f.done(1, 0.1));
  f.write("shard-b.jsonl", f.failed(2, "no"));
  CHECK(f.standing(1).state == State::kDone);
  CHECK(f.standing(1).row.metrics.at("a") == 0.1);
  CHECK(f.standing(2).state == State::kFailed);
  CHECK(f.standing(2).row.message == "no");
  CHECK(f.standing(3).state == State::kMissing);
}

TEST_CASE("a torn last line is dropped, wherever it was torn") {
  const Folder f;
  const std::string last = f.done(2, 0.5);
  for (std::size_t length = 1; length < last.size(); ++length) {
    f.write("shard-a.jsonl", f.done(1, 0.1) + last.substr(0, length));
    const Store store = Store::read(f.path);
    CHECK(store.torn() == 1);
    CHECK(store.rows() == 1);
  }
}

TEST_CASE("a broken line before others is not one that was torn") {
  const Folder f;
  f.write("shard-a.jsonl", f.done(1, 0.1) + "{\"point\":2,\n" + f.done(3, 0.1));
  CHECK_THROWS_WITH(
      Store::read(f.path),
      doctest::Contains("shard-a.jsonl:2:11: error: this line is broken, and others stand after it"));
}

TEST_CASE("a point done twice with the same numbers is done; with others it is loud") {
  const Folder f;
  f.write("shard-a.jsonl", f.done(1, 0.1));
  f.write("shard-b.jsonl", f.done(1, 0.1));
  CHECK(f.standing(1).state == State::kDone);
  f.write("shard-b.jsonl", f.done(1, 0.2));
  CHECK_THROWS_WITH((void)f.standing(1), doctest::Contains("was done before with another result, at"));
}

TEST_CASE("a failed point that was done later is done, whichever file is read first") {
  const Folder f;
  f.write("shard-a.jsonl", f.failed(1, "no memory"));
  CHECK(f.standing(1).state == State::kFailed);
  f.write("shard-b.jsonl", f.done(1, 0.1));
  CHECK(f.standing(1).state == State::kDone);
}

TEST_CASE("a row without a metric that the study now wants does not count") {
  Folder f;
  f.write("shard-a.jsonl", f.done(1, 0.1));
  f.study.metrics.push_back("c");
  CHECK(f.standing(1).state == State::kMissing);
}

TEST_CASE("a folder that is not there holds nothing") {
  CHECK(Store::read("no/such/folder").rows() == 0);
}

}  // namespace
}  // namespace tideline::sweep
