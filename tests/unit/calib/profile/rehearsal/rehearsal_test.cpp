// The whole program on a device that is not there: every point of the sweep is prepared, queued, captured and
// recorded, the plans of cuBLASLt and the small kernels are computed on the CPU, and the program's own checks
// are held to it. What it cannot show: times, races, and what the real libraries would refuse.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "calib/profile/cuda/session.h"
#include "calib/profile/families.h"
#include "calib/profile/families/families.h"
#include "calib/profile/journal.h"
#include "calib/profile/sweep.h"
#include "calib/records/read.h"
#include "tests/scratch.h"
#include "tests/unit/calib/profile/rehearsal/fake_runtime.h"

using namespace tideline;
using records::Record;

namespace {

struct Rehearsal {
  std::string file = tideline::testing::scratch("rehearsal.jsonl").string();
  Rehearsal() { clear(); }
  ~Rehearsal() { clear(); }
  void clear() const {
    std::filesystem::remove(file);
    std::filesystem::remove(profile::begun_path(file));
  }
  [[nodiscard]] std::vector<Record> run(const std::vector<std::string>& families, double budget_s = 0) const {
    profile::Arguments arguments;
    arguments.families = families;
    arguments.budget_s = budget_s;
    arguments.out = file;
    const std::filesystem::path path = file;
    if (exists(path)) arguments.resume = path.parent_path() / "." / path.filename();  // by another name
    CHECK(profile::run_session(arguments) == 0);
    return records::read_records(file);
  }
};

bool is_sentinel(const Record& r) {
  return r.state.sentinel.value_or(false);
}

std::int64_t size(const Record& r, const char* name) {
  const auto found = r.shape.find(name);
  return found == r.shape.end() ? 0 : found->second;
}

}  // namespace

TEST_CASE(
    "Every point of every family but cuDNN's is measured both ways, and its records are by the schema") {
  const Rehearsal rehearsal;
  std::vector<std::string> names;
  std::size_t wanted = 0;
  for (const profile::Family& family : profile::kFamilies) {
    if (family.needs == profile::Library::kCudnn) continue;
    names.emplace_back(family.name);
    for (const profile::Point& point : family.points()) wanted += point.seconds_fixed > 0 ? 1 : 2;
  }
  const std::vector<Record> all = rehearsal.run(names);
  std::size_t points = 0, sentinels = 0;
  for (const Record& r : all) ++(is_sentinel(r) ? sentinels : points);
  CHECK(points == wanted);
  CHECK(sentinels ==
        4 * (names.size() + 1));  // a product and a copy, two ways, before each family and at the end

  for (const Record& r : all) {
    CAPTURE(r.op);
    // Five microseconds a launch; a grouped product is several.
    if (r.method.mode == "graph" && r.family != "grouped_gemm_fp8_contiguous") {
      CHECK(r.time_us.median == doctest::Approx(5.0));
      CHECK(*r.state.sm_mhz_median == doctest::Approx(1500).epsilon(0.01));
    }
    if (r.family != "grouped_gemm_fp8_contiguous") continue;
    CHECK(r.includes == std::vector<std::string>{"product", "fork", "join"});
    if (r.method.mode == "graph")
      CHECK(r.time_us.median == doctest::Approx(5.0 * static_cast<double>(size(r, "groups"))));
  }
}

TEST_CASE("Products and small kernels pass the program's own checks") {
  const Rehearsal rehearsal;
  std::vector<profile::Point> points{profile::dense_gemm(16, 2112, 7168),
                                     profile::dense_gemm(192, 7168, 2048),
                                     profile::dense_gemm(160, 384, 256)};
  const auto add = [&](const std::vector<profile::Point>& all, auto wanted) {
    std::copy_if(all.begin(), all.end(), std::back_inserter(points), wanted);
  };
  using profile::Point;
  add(profile::layer_points(), [](const Point& p) { return p.at("m") == 16; });
  add(profile::layer_points(), [](const Point& p) { return p.op == "assemble_keys" && p.at("m") == 1024; });
  points.back().shape[0].value = 16;  // few enough tokens to be computed
  add(profile::batched_gemm_points(), [](const Point& p) { return p.at("m") == 4; });
  add(profile::bf16_gemm_points(), [](const Point& p) { return p.at("m") == 16 && p.at("n") == 256; });
  add(profile::grouped_gemm_points(),
      [](const Point& p) { return p.at("rows") == 32 && p.at("groups") == 2 && p.at("n") == 7168; });
  REQUIRE(points.size() == 3 + 15 + 1 + 4 + 1 + 1);
  const std::map<std::string, void (*)(const Point&, profile::Bench&)> run{
      {"dense_gemm", profile::run_dense_gemm},
      {"layer", profile::run_layer},
      {"batched_gemm", profile::run_batched_gemm},
      {"bf16_gemm", profile::run_bf16_gemm},
      {"grouped_gemm", profile::run_grouped_gemm}};

  profile::Device device(0);
  profile::Journal journal(rehearsal.file);
  profile::RunFacts facts;
  facts.run.utc = "2025-11-02T10:00:00Z";
  profile::Bench bench(device, journal, facts, {});
  bench.load_cublaslt();
  rehearsal::computing = true;
  for (const Point& point : points) {
    device.release();
    run.at(point.family)(point, bench);
  }
  rehearsal::computing = false;
  CHECK(bench.failed_checks() == 0);
  for (const Record& r : records::read_records(rehearsal.file)) {
    CAPTURE(r.op);
    CAPTURE(r.work.bytes.value_or(0));
    CAPTURE(r.quality.reason.value_or(""));
    CHECK(r.quality.ok == true);
    CHECK(r.quality.relative_error.has_value());
  }
}

TEST_CASE("A run that is resumed makes what is missing and nothing twice") {
  const Rehearsal rehearsal;
  std::vector<Record> first = rehearsal.run({"copy"});
  const std::size_t kept = first.size() / 2;
  {
    std::ofstream file(rehearsal.file);
    for (std::size_t i = 0; i < kept; ++i) file << records::to_lines({first[i]});
    file << "{\"schema\":1,\"fam";
  }
  const std::vector<Record> both = rehearsal.run({"copy"});
  std::map<std::string, int> times;
  for (const Record& r : both)
    if (!is_sentinel(r)) ++times[r.op + " " + std::to_string(size(r, "bytes")) + " " + r.method.mode];
  CHECK(times.size() == 2 * 21);
  for (const auto& entry : times) {
    CAPTURE(entry.first);
    CHECK(entry.second == 1);
  }
}

TEST_CASE("A point that lost the device is passed over when the run is resumed, until its line is deleted") {
  const Rehearsal rehearsal;
  constexpr std::int64_t kFaulty = 1 << 24;
  profile::Arguments arguments;
  arguments.families = {"copy"};
  arguments.out = rehearsal.file;
  rehearsal::faulty_bytes = kFaulty;
  CHECK_THROWS_AS(profile::run_session(arguments), profile::DeviceError);
  rehearsal::lost = false;
  CHECK(std::filesystem::exists(profile::begun_path(rehearsal.file)));

  const auto of_it = [&](const std::vector<Record>& all) {
    return std::ranges::count_if(
        all, [&](const Record& r) { return r.op == "copy_h2d" && size(r, "bytes") == kFaulty; });
  };
  const auto points = [](const std::vector<Record>& all) {
    return std::ranges::count_if(all, [](const Record& r) { return !is_sentinel(r); });
  };
  const std::vector<Record> resumed = rehearsal.run({"copy"});
  CHECK(points(resumed) == 2 * 20);
  CHECK(of_it(resumed) == 0);

  rehearsal::faulty_bytes = 0;
  CHECK(of_it(rehearsal.run({"copy"})) == 0);
  std::filesystem::remove(profile::begun_path(rehearsal.file));
  CHECK(of_it(rehearsal.run({"copy"})) == 2);
  CHECK_FALSE(std::filesystem::exists(profile::begun_path(rehearsal.file)));
}

TEST_CASE("A budget that is too small for any point leaves the sentinels") {
  const Rehearsal rehearsal;
  for (const Record& r : rehearsal.run({"layer"}, 0.001)) CHECK(is_sentinel(r));
}

TEST_CASE("A GPU that another program holds is unavailable, and no file is made") {
  const Rehearsal rehearsal;
  profile::Arguments arguments;
  arguments.out = rehearsal.file;
  rehearsal::busy = true;
  CHECK_THROWS_WITH_AS(profile::run_session(arguments), "GPU 0 cannot be used: busy or unavailable",
                       profile::Unavailable);
  rehearsal::busy = false;
  CHECK_FALSE(std::filesystem::exists(rehearsal.file));
}

TEST_CASE("A file that is there is not written over") {
  const Rehearsal rehearsal;
  std::ofstream(rehearsal.file) << "mine\n";
  profile::Arguments arguments;
  arguments.out = rehearsal.file;
  CHECK_THROWS_WITH_AS(
      profile::run_session(arguments),
      (rehearsal.file + ": is there already; --resume " + rehearsal.file + " goes on in it").c_str(),
      profile::UsageError);
}
