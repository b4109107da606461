#include "sim/kernels/kernel_model.h"

#include <string>

#include "sim/base/error.h"
#include "tests/doctest.h"

namespace tideline::kernels {
namespace {

const Lane kAlone{132, false};

KernelModel h800() {
  return KernelModel::load(catalog::load_gpu("h800"));
}

TEST_CASE("published H800 times are answered within what their versions differ by") {
  const KernelModel k = h800();
  // DeepGEMM v1 46.6 us, v2 55-56 us; v1 57.8 us, v2 91-92 us; FlashAttention 3: 1105 us.
  const double o_proj = k.time(DenseGemm{128, 7168, 16384}, kAlone).time.value() * 1e6;
  CHECK(o_proj > 46.6);
  CHECK(o_proj < 56.4);
  const double experts = k.time(GroupedGemm{2, 1024, 4096, 7168, true}, kAlone).time.value() * 1e6;
  CHECK(experts > 57.8);
  CHECK(experts < 92.0);
  const Answer prompt = k.time(PrefillAttention{0.5 * 4096 * 4096, 4096}, kAlone);
  CHECK(prompt.time.value() * 1e6 == doctest::Approx(1104.69).epsilon(1e-3));
  CHECK(prompt.provenance == Provenance::kMeasured);
}

TEST_CASE("more tokens never take less time on a measured kernel") {
  const KernelModel k = h800();
  constexpr double kRounding = 1 - 1e-12;  // a curve may be flat
  Seconds dense, experts, attention;
  for (double m = 8; m < 40'000; m *= 1.05) {
    const Seconds d = k.time(DenseGemm{m, 7168, 16384}, kAlone).time;
    const Seconds e = k.time(GroupedGemm{8, 8 * m, 7168, 2048, false}, kAlone).time;
    const Seconds a = k.time(MlaDecode{64, 1, m}, kAlone).time;
    CHECK(d >= dense * kRounding);
    CHECK(e >= experts * kRounding);
    CHECK(a >= attention * kRounding);
    dense = d, experts = e, attention = a;
  }
}

TEST_CASE("fewer SMs and an all-to-all beside make a product slower, by what was measured") {
  const KernelModel k = h800();
  const DenseGemm o_proj{8192, 7168, 16384};
  const double alone = k.time(o_proj, kAlone).time.value();
  CHECK(k.time(o_proj, {108, false}).time.value() / alone == doctest::Approx(132.0 / 108).epsilon(0.02));
  const double beside = k.time(o_proj, {132, true}).time.value();
  CHECK(beside / alone > 1.03);
  CHECK(beside / alone < 1.08);
}

TEST_CASE("a GPU without fitted times is refused, naming those that have them") {
  try {
    (void)KernelModel::load(catalog::load_gpu("h20"));
    FAIL("an error was expected");
  } catch (const InputError& e) {
    CHECK(e.problems().front().message == "there are no fitted kernel times for the GPU \"h20\"");
    CHECK(e.problems().front().suggestion == "fitted: h800");
  }
}

}  // namespace
}  // namespace tideline::kernels
