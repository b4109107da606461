// Are ServeGen's clients drawn as they are described? Counts, burstiness and lengths of each.
#include "sim/workload/traces/servegen.h"

#include <cmath>
#include <utility>

#include "tests/doctest.h"
#include "tests/unit/workload/trace_file.h"

namespace tideline::workload::traces {
namespace {

const std::string kLengths =
    R"({"0": {"input_tokens": "{10: 0.25, 20: 0.75}", )"
    R"("output_tokens": "{1: 0.5, 3: 0.5}", "reason_ratio": "{}"}})";

// Two clients: a bursty one (Gamma of shape 0.25, CV 2) and a smooth one (Weibull of shape 4).
struct Folder {
  TraceFile file{"0,10,2.0,Gamma,0.25,1\n600,0,0,,0,0\n1200,20,2.0,Gamma,0.25,1\n", "chunk-0-trace.csv"};
  Folder() {
    file.add("chunk-0-dataset.json", kLengths);
    file.add("chunk-1-trace.csv", "0,5,0.28,Weibull,4,1\n600,5,0.28,Weibull,4,1\n1200,0,0,,0,0\n");
    file.add("chunk-1-dataset.json", kLengths);
  }
};

double cv(const std::vector<double>& gaps) {
  double mean = 0.0, square = 0.0;
  for (const double g : gaps) mean += g / static_cast<double>(gaps.size());
  for (const double g : gaps) square += (g - mean) * (g - mean) / static_cast<double>(gaps.size());
  return std::sqrt(square) / mean;
}

TEST_CASE("each client has as many requests in a window as its rate says, at its own burstiness") {
  const Folder folder;
  ServeGenTrace trace(folder.file.folder(), 3, 0);
  CHECK(trace.requests() == 24000);
  CHECK(trace.period_ns() == 1800 * kNsPerSecond);
  std::array<std::array<int, 3>, 2> counts{};
  std::array<std::vector<double>, 2> gaps;
  std::array<double, 2> last{};
  double twenties = 0.0, threes = 0.0, both = 0.0;
  for (Row row; trace.next(row);) {
    const std::size_t client = row.class_name == "client-1" ? 1 : 0;
    const double at = static_cast<double>(row.at_ns) * 1e-9;
    ++counts[client][static_cast<std::size_t>(at / 600.0)];
    if (at < 600.0) gaps[client].push_back(at - std::exchange(last[client], at));
    twenties += row.input == 20;
    threes += row.output == 3;
    both += row.input == 20 && row.output == 3;
  }
  CHECK(counts[0] == std::array{6000, 0, 12000});
  CHECK(counts[1] == std::array{3000, 3000, 0});
  CHECK(cv(gaps[0]) == testing::about(2.0, 0.06));
  CHECK(cv(gaps[1]) == testing::about(0.2805, 0.05));
  CHECK(twenties == testing::about(18000, 0.02));
  CHECK(threes == testing::about(12000, 0.02));
  CHECK(both == testing::about(9000, 0.03));  // input and output are independent
}

TEST_CASE("the same seed draws the same day, another copy another one, and copies are not shifted") {
  const Folder folder;
  ServeGenTrace one(folder.file.folder(), 3, 0), again(folder.file.folder(), 3, 0);
  again.rewind(7);
  const auto other = rows_of(again);
  again.rewind(0);
  const auto a = rows_of(one), b = rows_of(again);
  REQUIRE(a.size() == 24000);
  REQUIRE(b.size() == a.size());
  CHECK(a[100].at_ns == b[100].at_ns);
  CHECK(a[100].at_ns != other[100].at_ns);
  CHECK(requests_of(load_of(folder.file.folder(), R"(, "rate": 2)")).size() == 48000);
}

TEST_CASE("mistakes in a folder") {
  const auto said = [](const TraceFile& file) {
    try {
      ServeGenTrace(file.folder(), 1, 0);
    } catch (const InputError& e) {
      return file.without_folder(e.what());
    }
    return std::string();
  };
  TraceFile gone("0,1,1,Gamma,1,1\n", "chunk-0-trace.csv");
  CHECK(said(gone) == "chunk-0-dataset.json: error: cannot read this file: No such file or directory\n");
  TraceFile odd("0,1,1,Pareto,1,1\n", "chunk-0-trace.csv");
  CHECK(said(odd) == "chunk-0-trace.csv:1:7: error: wants Gamma or Weibull, found \"Pareto\"\n");
  TraceFile cut("0,1,1,Gam", "chunk-0-trace.csv");
  CHECK(said(cut) ==
        "chunk-0-trace.csv:1:1: error: a window has 6 fields, found 4\n  is the file cut off here?\n");
  TraceFile gap("0,1,1,Gamma,1,1\n1200,1,1,Gamma,1,1\n", "chunk-0-trace.csv");
  CHECK(said(gap) ==
        "chunk-0-trace.csv:2:1: error: a window from 1200 s, where one of 600 s was under way\n");
  TraceFile half("0,1,1,Gamma,1,1\n", "chunk-0-trace.csv");
  half.add("chunk-0-dataset.json", R"({"0": {"input_tokens": "{10: 0.5}", "output_tokens": "{1: 1.0}"}})");
  CHECK(said(half) == "chunk-0-dataset.json: error: the probabilities of \"input_tokens\" add up to 0.5\n");
}

TEST_CASE("lengths are those of their quarter of the day, wherever in it the trace begins") {
  TraceFile file("21000,1,1,Gamma,1,1\n21600,1,1,Gamma,1,1\n", "chunk-0-trace.csv");
  file.add("chunk-0-dataset.json",
           R"({"0": {"input_tokens": "{100: 1}", "output_tokens": "{1: 1}"}, )"
           R"("21600": {"input_tokens": "{9000: 1}", "output_tokens": "{1: 1}"}})");
  ServeGenTrace trace(file.folder(), 3, 0);
  for (const Row& row : rows_of(trace)) CHECK(row.input == (row.at_ns < 21600 * kNsPerSecond ? 100 : 9000));
}

}  // namespace
}  // namespace tideline::workload::traces
