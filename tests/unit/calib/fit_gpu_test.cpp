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

// A fitted model that was written by hand.
struct ByHand {
  nlohmann::ordered_json fitted =
      read_fitted(catalog::load_gpu("h800"), std::string(TIDELINE_SOURCE) + "/calib/fitted/h800.json");

  void set(const std::string& pointer, const nlohmann::ordered_json& value) {
    fitted[nlohmann::ordered_json::json_pointer("/families/" + pointer)] = value;
  }
  // What is said of it, without the name of the file and the number of the line.
  [[nodiscard]] std::string mistakes() const {
    const std::string file = testing::scratch("by_hand.json").string();
    std::ofstream(file) << fitted.dump(2);
    std::string out;
    try {
      const catalog::Gpu gpu = catalog::load_gpu("h800");
      (void)inspect_text(inspect(gpu, read_fitted(gpu, file), ""));
    } catch (const InputError& e) {
      for (const Problem& p : e.problems())
        out += (p.line > 0 ? "with its line " : "") + p.pointer + ": " + p.message + "\n";
    }
    fs::remove(file);
    return out;
  }
};

TEST_CASE("a fitted model of wrong types is refused with the place of each") {
  CHECK(ByHand().mistakes() == "");
  ByHand read;
  read.set("dense_gemm_fp8/backbone/ec", "0.75");
  read.set("dense_gemm_fp8/sigma/family", nullptr);
  read.set("dense_gemm_fp8/samples/time_us/3", "10");
  read.set("gemm_bf16/samples/a", 256);
  read.set("streaming/transferred_from", 7);
  CHECK(read.mistakes() ==
        "with its line /families/dense_gemm_fp8/backbone/ec: wants a number, found the text \"0.75\"\n"
        "with its line /families/dense_gemm_fp8/sigma/family: wants a number, found null\n"
        "with its line /families/dense_gemm_fp8/samples/time_us/3: wants a number, found the text \"10\"\n"
        "with its line /families/gemm_bf16/samples: the columns of samples differ in length\n"
        "with its line /families/gemm_bf16/samples/a: wants a list, found the number 256\n"
        "with its line /families/streaming/transferred_from: wants text, found the number 7\n");
  ByHand passed_over;
  passed_over.set("dense_gemm_fp8/errors/slices", "ten");
  passed_over.set("dense_gemm_fp8/errors/points/mean", true);
  passed_over.set("gemm_bf16/errors/inside", nlohmann::ordered_json::array());
  passed_over.set("gemm_bf16/errors/coverage/unknown", "0");
  passed_over.set("gemm_bf16/sigma/versions", "0");
  CHECK(passed_over.mistakes() ==
        "with its line /families/dense_gemm_fp8/errors/slices: wants a whole number of 0 or more, found the "
        "text \"ten\"\n"
        "with its line /families/dense_gemm_fp8/errors/points/mean: wants a number, found true\n"
        "with its line /families/gemm_bf16/sigma/versions: wants a number, found the text \"0\"\n"
        "with its line /families/gemm_bf16/errors/inside: wants an object, found a list\n"
        "with its line /families/gemm_bf16/errors/coverage/unknown: wants a number, found the text \"0\"\n");
}

TEST_CASE("a fitted model of values that are no times and no shapes is refused with the place of each") {
  ByHand values;
  values.set("dense_gemm_fp8/samples/time_us/0", 0.0);
  values.set("dense_gemm_fp8/samples/a/1", 576.5);
  values.set("dense_gemm_fp8/samples/x/2", 1e13);
  values.set("dense_gemm_fp8/backbone/em", 0);
  values.set("mla_decode_bf16/backbone/t0_us", -1);
  CHECK(values.mistakes() ==
        "with its line /families/dense_gemm_fp8/backbone/em: wants a number above 0, found 0\n"
        "with its line /families/dense_gemm_fp8/samples/a/1: wants a whole number of 1 to 100 million, found "
        "576.5\n"
        "with its line /families/dense_gemm_fp8/samples/x/2: wants a number above 0 and at most 1e12, found "
        "10000000000000\n"
        "with its line /families/dense_gemm_fp8/samples/time_us/0: wants a number above 0 and at most 1e12, "
        "found 0\n"
        "with its line /families/mla_decode_bf16/backbone/t0_us: wants a number of 0 or more, found -1\n");
  ByHand no_time;
  no_time.set("mla_decode_bf16/backbone/p", 1e-300);
  CHECK(no_time.mistakes() == "/families/mla_decode_bf16/backbone: this backbone gives point 0 no time\n");
}

TEST_CASE("a fitted model that was cut is refused at the first thing that it lacks") {
  const std::string file = testing::scratch("cut.json").string();
  const auto mistake = [&](const std::string& text) {
    std::ofstream(file) << text;
    try {
      (void)read_fitted(catalog::load_gpu("h800"), file);
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
