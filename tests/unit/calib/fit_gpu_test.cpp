// A folder of timings that lacks something says what, instead of a fit that nothing can load.
#include "calib/fit/fit_gpu.h"

#include <filesystem>
#include <fstream>

#include "calib/inspect/inspect.h"
#include "sim/base/error.h"
#include "tests/doctest.h"
#include "tests/scratch.h"

namespace tideline::calib {
namespace {

namespace fs = std::filesystem;

// The timings of h800 in a folder of their own, to be broken.
class Timings {
 public:
  Timings() {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    fs::copy(fs::path(TIDELINE_SOURCE) / "calib/timings/h800", folder_ / "h800");
  }
  ~Timings() { fs::remove_all(folder_); }
  Timings(const Timings&) = delete;
  Timings& operator=(const Timings&) = delete;

  // What is wrong when of this table only the lines stay in which `kept` is found; without the folder's name.
  [[nodiscard]] std::string mistake(const std::string& table, const std::string& kept) const {
    const fs::path file = folder_ / "h800" / table;
    {
      std::ifstream whole(fs::path(TIDELINE_SOURCE) / "calib/timings/h800" / table);
      std::ofstream part(file);
      for (std::string line; std::getline(whole, line);)
        if (line.starts_with("source,") || line.find(kept) != line.npos) part << line << "\n";
    }
    return mistake();
  }
  [[nodiscard]] std::string mistake_without(const std::string& table) const {
    fs::remove(folder_ / "h800" / table);
    return mistake();
  }

 private:
  [[nodiscard]] std::string mistake() const {
    try {
      (void)fit_gpu(catalog::load_gpu("h800"), {.timings = folder_.string()});
    } catch (const InputError& e) {
      return std::string(e.what()).substr(folder_.string().size() + 1);
    }
    return "";
  }
  fs::path folder_ = testing::scratch("timings");
};

TEST_CASE("a table of its header alone is named") {
  for (const std::string table : {"contention.csv", "mla_decode_ceiling.csv", "dense_gemm.csv",
                                  "mla_prefill.csv", "launch_gap.csv", "host_launch.csv"})
    CHECK(Timings().mistake(table, "no such row") == "h800/" + table + ": error: this table has no rows\n");
}

TEST_CASE("a table without the rows of one kind says which") {
  CHECK(Timings().mistake("contention.csv", ",streaming,") ==
        "h800/contention.csv: error: this table lacks a row with the bound \"tensor\"\n");
  CHECK(Timings().mistake("launch_gap.csv", ",eager,") ==
        "h800/launch_gap.csv: error: this table lacks a row of the launch \"graph\"\n");
  CHECK(Timings().mistake("host_launch.csv", ",everywhere,") ==
        "h800/host_launch.csv: error: this table lacks the row of \"start\", \"empty stream\"\n");
  CHECK(Timings().mistake("grouped_gemm.csv", ",masked,") ==
        "h800/grouped_gemm.csv: error: this table lacks a row to fit grouped_gemm_fp8_contiguous to\n");
}

TEST_CASE("a table that is missing is named where nothing can be transferred") {
  for (const std::string table : {"host_launch.csv", "launch_gap.csv", "dense_gemm.csv"})
    CHECK(Timings().mistake_without(table).starts_with(
        "h800/" + table +
        ": error: missing: there are not all timings of \"h800\" here, and no GPU of its "));
}

TEST_CASE("a fitted model that was cut is refused at the first thing that it lacks") {
  const std::string file = testing::scratch("cut.json").string();
  const auto mistake = [&](const std::string& text) {
    std::ofstream(file) << text;
    try {
      (void)read_fitted(file);
    } catch (const InputError& e) {
      return std::string(e.what()).substr(file.size());
    }
    return std::string();
  };
  for (const char* text :
       {"{\"families\": {}}", "{\"families\": {\"dense_gemm_fp8\": {}}}", "{\"families\": 7}"})
    CHECK(mistake(text) ==
          ": error: missing: this is no whole fitted model of a GPU\n"
          "  at /families/dense_gemm_fp8/backbone/p\n"
          "  `tideline calibrate fit` writes one\n");
  CHECK(mistake("[1]") == ": error: this is not a fitted model of a GPU\n");
  fs::remove(file);
}

}  // namespace
}  // namespace tideline::calib
