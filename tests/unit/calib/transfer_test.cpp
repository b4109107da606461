#include "calib/fit/transfer.h"

#include "sim/base/error.h"
#include "tests/doctest.h"

namespace tideline::calib {
namespace {

using namespace kernels;

const FamilyInfo& info(FamilyId id) {
  return kFamilies[static_cast<std::size_t>(id)];
}

catalog::Gpu gpu(const char* name, double bandwidth, double peak) {
  catalog::Gpu g;
  g.name = name;
  g.architecture = "sm_90";
  g.sms = 132;
  g.bandwidth = BytesPerSecond(bandwidth);
  g.fp8_peak = FlopPerSecond(peak), g.bf16_peak = FlopPerSecond(peak / 2);
  return g;
}

const catalog::Gpu kFrom = gpu("from", 3e12, 2e15);

Backbone backbone() {
  Backbone b;
  b.t0 = Seconds(5e-6), b.ec = 0.7, b.em = 0.9, b.p = 2.0;
  return b;
}

// Rows of a product of 4096 by 7168, and how much longer it takes on `to`.
double ratio(const catalog::Gpu& to, double rows, double share_of_roofline) {
  const DenseGemm q{rows, 4096, 7168};
  Backbone b = backbone();
  b.peak = kFrom.fp8_peak, b.bandwidth = kFrom.bandwidth;
  const Seconds t = b.roofline(work_of(q)) / share_of_roofline;
  return Transfer(kFrom, to).time(info(FamilyId::kDenseGemm), backbone(), place_of(q), t).time / t;
}

TEST_CASE("between GPUs of equal peak and bandwidth a time stays, 5 % less certain") {
  const auto t = Transfer(kFrom, gpu("twin", 3e12, 2e15))
                     .time(info(FamilyId::kDenseGemm), backbone(), {4096, 7168, 1, 64}, Seconds(20e-6));
  CHECK(t.time.value() == testing::about(20e-6));
  CHECK(t.sigma == testing::about(0.05));
}

TEST_CASE("with twice the bandwidth a memory-bound time halves and a compute-bound one stays") {
  const catalog::Gpu to = gpu("to", 6e12, 2e15);
  CHECK(ratio(to, 16, 0.9) == testing::about(0.5));
  CHECK(ratio(to, 65536, 0.7) > 0.97);
  CHECK(ratio(to, 16, 0.375) == testing::about(1.0 - 0.25 * 0.5));  // half way to bound: a quarter of it
}

TEST_CASE(
    "with a quarter of the peak a compute-bound time is four times as long, a memory-bound one as it was") {
  const catalog::Gpu to = gpu("to", 3e12, 0.5e15);
  CHECK(ratio(to, 65536, 0.7) == testing::about(4.0, 0.03));
  CHECK(ratio(to, 1, 0.9) < 1.3);  // its tile of 64 rows is felt
}

TEST_CASE("a tile of 64 rows is computed whole, however few are asked for") {
  const catalog::Gpu slow = gpu("slow", 3e12, 0.1e15);
  CHECK(ratio(slow, 1, 0.9) == testing::about(ratio(slow, 64, 0.9), 0.05));
  CHECK(ratio(slow, 1, 0.9) > 2.0);
}

TEST_CASE("decode attention of 128 heads follows compute, not its achieved bandwidth") {
  const MlaDecode q{64, 1, 4096};
  const catalog::Gpu h100 = catalog::load_gpu("h100"), h200 = catalog::load_gpu("h200");
  const Seconds t(150e-6);
  const auto there = Transfer(h200, h100).time(info(FamilyId::kMlaDecode), backbone(), place_of(q), t);
  CHECK(there.time / t == testing::about(1.05));
  CHECK(there.sigma == testing::about(0.08));
}

TEST_CASE("another SM architecture is refused") {
  catalog::Gpu other = kFrom;
  other.name = "other", other.architecture = "sm_100";
  CHECK_THROWS_WITH_AS(
      Transfer(kFrom, other),
      "models/gpu/other.json: error: kernel times cannot be transferred from from (sm_90) to other (sm_100)\n"
      "  only between GPUs of one SM architecture; others need timings of their own\n",
      InputError);
  other.architecture = "";
  CHECK_THROWS_AS(Transfer(kFrom, other), InputError);
}

}  // namespace
}  // namespace tideline::calib
