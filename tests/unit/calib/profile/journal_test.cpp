#include "calib/profile/journal.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "calib/profile/record.h"
#include "calib/profile/sweep.h"
#include "calib/records/read.h"
#include "calib/records/write.h"
#include "tests/scratch.h"

using namespace tideline::profile;

namespace {

// A file of its own, gone afterwards.
struct File {
  std::string path = tideline::testing::scratch("journal.jsonl").string();
  File() { clear(); }
  ~File() { clear(); }
  void clear() const {
    std::filesystem::remove(path);
    std::filesystem::remove(begun_path(path));
  }
  void append(const std::string& text) const { std::ofstream(path, std::ios::app) << text; }
  [[nodiscard]] std::string text() const {
    std::stringstream all;
    all << std::ifstream(path).rdbuf();
    return all.str();
  }
};

RunFacts a_run() {
  RunFacts run;
  run.device.name = "NVIDIA H200";
  run.device.sms = 132;
  run.device.uuid_hash = "00ff";
  run.run.utc = "2025-11-02T10:00:00Z";
  run.cublaslt = 130100;
  run.nvcc = "13.0";
  run.git = "abc";
  return run;
}

std::string a_line(const Point& point, const std::string& mode, bool sentinel = false) {
  tideline::records::Record record = start_record(a_run(), point, mode);
  record.impl.library = "cuBLASLt";
  record.time_us = to_times(summarise({3, 4, 5}));
  if (sentinel) record.state.sentinel = true;
  return tideline::records::to_line(record);
}

}  // namespace

TEST_CASE("What is written is a record by the schema") {
  const Point point = dense_gemm(16, 2112, 7168, 108);
  const auto records = tideline::records::parse_records(a_line(point, "graph"), "test");
  REQUIRE(records.size() == 1);
  CHECK(records[0].family == "dense_gemm_fp8");
  CHECK(records[0].impl.sms == 108);
  CHECK(records[0].method.l2 == "rotated");
  CHECK(records[0].time_us.median == 4);
  CHECK(records[0].libraries.at("cublaslt") == "13.1.0");
  for (const auto& points : {launch_points(), copy_points(), layer_points(), batched_gemm_points(),
                             bf16_gemm_points(), mla_prefill_points(), grouped_gemm_points()})
    CHECK_NOTHROW(tideline::records::parse_records(a_line(points.back(), "cold"), "test"));
}

TEST_CASE("A run goes on where the one before was killed: its torn line is cut off and measured again") {
  const Point first = dense_gemm(16, 2112, 7168), second = dense_gemm(32, 2112, 7168);
  const File file;
  {
    Journal journal(file.path);
    journal.add(a_line(first, "cold"));
    journal.add(a_line(first, "graph"));
  }
  const std::string whole = file.text();
  file.append(a_line(second, "cold").substr(0, 200));

  const std::set<std::string> keys = read_keys(file.path, true);
  CHECK(keys.contains(key_of(a_run(), first, "cold")));
  CHECK(keys.contains(key_of(a_run(), first, "graph")));
  CHECK_FALSE(keys.contains(key_of(a_run(), second, "cold")));
  CHECK(file.text() == whole);

  Journal(file.path).add(a_line(second, "cold"));
  CHECK(read_keys(file.path, false).contains(key_of(a_run(), second, "cold")));
}

TEST_CASE("A file that is only read keeps its torn line") {
  const File file;
  file.append("{\"torn");
  CHECK(read_keys(file.path, false).empty());
  CHECK(file.text() == "{\"torn");
}

TEST_CASE("Other SMs, another device or another library is another measurement") {
  const Point point = dense_gemm(16, 2112, 7168);
  RunFacts other_device = a_run(), other_library = a_run();
  other_device.device.uuid_hash = "11";
  other_library.cublaslt = 130200;
  const std::string key = key_of(a_run(), point, "cold");
  CHECK(key == key_of(a_run(), point, "cold"));
  CHECK(key != key_of(a_run(), dense_gemm(16, 2112, 7168, 112), "cold"));
  CHECK(key != key_of(a_run(), point, "graph"));
  CHECK(key != key_of(other_device, point, "cold"));
  CHECK(key != key_of(other_library, point, "cold"));
  CHECK(key_of(a_run(), copy("memset", 1024), "cold") == key_of(other_library, copy("memset", 1024), "cold"));
}

TEST_CASE("Sentinels are measured again and again") {
  const File file;
  file.append(a_line(dense_gemm(16, 2112, 7168), "cold", true));
  CHECK(read_keys(file.path, false).empty());
}

TEST_CASE("A point that was begun and never ended is there for the next run, one that ended is not") {
  const File file;
  const std::string first = key_of(a_run(), dense_gemm(16, 2112, 7168), "begun");
  const std::string second = key_of(a_run(), dense_gemm(32, 2112, 7168), "begun");
  CHECK(read_begun(file.path).empty());
  {
    Begun begun(file.path, false);
    begun.begin(first);
    CHECK(read_begun(file.path) == std::set<std::string>{first});
    begun.end();
    CHECK_FALSE(std::filesystem::exists(begun_path(file.path)));
    begun.begin(first);  // and the device is lost
  }
  {
    Begun begun(file.path, true);
    begun.begin(second);
    CHECK(read_begun(file.path) == std::set<std::string>{first, second});
    begun.end();
    CHECK(read_begun(file.path) == std::set<std::string>{first});
    begun.begin(second);
  }
  CHECK(read_begun(file.path) == std::set<std::string>{first, second});
  const Begun fresh(file.path, false);
  CHECK(read_begun(file.path).empty());
}

TEST_CASE("Records on standard output have no file beside them") {
  Begun begun("-", false);
  begun.begin("key");
  begun.end();
  CHECK_FALSE(std::filesystem::exists(begun_path("-")));
  CHECK_THROWS_WITH_AS(Begun("/nowhere/a.jsonl", false).begin("key"),
                       "/nowhere/a.jsonl.begun: cannot be written: No such file or directory", UsageError);
}

TEST_CASE("A file of something else is refused with its line") {
  const File file;
  file.append(a_line(dense_gemm(16, 2112, 7168), "cold") + "op,m,n,k\n");
  CHECK_THROWS_WITH_AS(read_keys(file.path, true), (file.path + ":2: not a record of this program").c_str(),
                       UsageError);
  CHECK_THROWS_WITH_AS(read_keys("/nowhere/a.jsonl", true),
                       "/nowhere/a.jsonl: cannot be read: No such file or directory", UsageError);
}
