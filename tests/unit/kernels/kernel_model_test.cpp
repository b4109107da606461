#include "sim/kernels/kernel_model.h"

#include <string>
#include <vector>

#include "sim/base/error.h"
#include "sim/kernels/sources.h"
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
  const Answer prompt = k.time(PrefillAttention::prompt(4096), kAlone);
  CHECK(prompt.time.value() * 1e6 == testing::about(1104.69, 1e-3));
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
  CHECK(k.time(o_proj, {108, false}).time.value() / alone == testing::about(132.0 / 108, 0.02));
  const double beside = k.time(o_proj, {132, true}).time.value();
  CHECK(beside / alone > 1.03);
  CHECK(beside / alone < 1.08);
}

TEST_CASE("a GPU without fitted times is refused, naming those that have them") {
  catalog::Gpu unknown;
  unknown.name = "x900";
  try {
    (void)KernelModel::load(unknown);
    FAIL("an error was expected");
  } catch (const InputError& e) {
    CHECK(e.problems().front().message == "there are no fitted kernel times for the GPU \"x900\"");
    CHECK(e.problems().front().suggestion == "fitted: h100, h20, h200, h800");
  }
}

TEST_CASE("every answer of a family measured on another GPU says transferred, and is less certain") {
  const KernelModel h100 = KernelModel::load(catalog::load_gpu("h100"));
  const DenseGemm o_proj{128, 7168, 16384}, never_measured{100, 5000, 5000};
  CHECK(h100.transferred_from(FamilyId::kDenseGemm) == "h800");
  CHECK(h800().transferred_from(FamilyId::kDenseGemm).empty());
  for (const DenseGemm& q : {o_proj, never_measured}) {
    const Answer here = h100.time(q, kAlone), there = h800().time(q, kAlone);
    CHECK(here.provenance == Provenance::kTransferred);
    CHECK(here.sigma > there.sigma);
    CHECK(here.time.value() == testing::about(there.time.value(), 1e-5));
  }
}

TEST_CASE("H200 is faster where memory bounds, and as fast where compute does") {
  const KernelModel h200 = KernelModel::load(catalog::load_gpu("h200"));
  const auto ratio = [&](const auto& q) { return h200.time(q, kAlone).time / h800().time(q, kAlone).time; };
  CHECK(ratio(GroupedGemm{32, 32 * 16, 4096, 7168, true}) == testing::about(3.35 / 4.8, 0.02));
  CHECK(ratio(DenseGemm{32768, 7168, 16384}) > 0.99);
  CHECK(ratio(MlaDecode{64, 1, 8192}) == testing::about(1.0 / 1.05, 0.01));
}

TEST_CASE("H20 was measured in one family, and is transferred in the others") {
  const KernelModel h20 = KernelModel::load(catalog::load_gpu("h20"));
  CHECK(h20.time(DenseGemm{4096, 24576, 1536}, {78, false}).provenance == Provenance::kMeasured);
  const Answer decode = h20.time(MlaDecode{64, 1, 4096}, {78, false});
  CHECK(decode.provenance == Provenance::kTransferred);
  CHECK(decode.time / h800().time(MlaDecode{64, 1, 4096}, kAlone).time > 4.0);
}

TEST_CASE("every answer says whose measurements it stands on") {
  using Names = std::vector<std::string>;
  const KernelModel k = h800();
  CHECK(k.sources(DenseGemm{16384, 576, 7168}) == Names{"InferSim gemm/h800, 2025-09-28 (DeepGEMM v2)"});
  CHECK(k.sources(PrefillAttention::prompt(3000)) ==
        Names{"InferSim mla/prefill/h800, 2025-09-28 (FlashAttention 3)"});
  CHECK(k.sources(MlaDecode{64, 2, 4096}) == Names{"InferSim mla/decode/h800, 2025-09-28 (FlashInfer)",
                                                   "FlashMLA README@414a2f3, 2025-02-24, its ceilings"});
  CHECK(k.sources(Streaming{Bytes(1e6)}).size() == 13);  // the backbone's alone: all of the family
  const Names h200 = KernelModel::load(catalog::load_gpu("h200")).sources(PrefillAttention::prompt(4096));
  CHECK(h200 == Names{"InferSim mla/prefill/h800, 2025-09-28 (FlashAttention 3), on h800"});
}

TEST_CASE("grouped-query attention was never measured, in prefill and in decode") {
  const KernelModel k = h800();
  const Answer decode = k.time(GqaDecode{Bytes(3.3e7)}, kAlone),
               streaming = k.time(Streaming{Bytes(3.3e7)}, kAlone),
               prefill = k.time(PrefillAttention{0.5 * 4096 * 4096, 4096, 64, 64, 128, 128}, kAlone);
  CHECK(prefill.provenance == Provenance::kAssumed);
  CHECK(decode.provenance == Provenance::kAssumed);
  CHECK(decode.time.value() == streaming.time.value());
  CHECK(decode.sigma > 0.3);
  CHECK(streaming.sigma < 0.15);
  CHECK(k.sources(GqaDecode{Bytes(3.3e7)}).empty());
}

TEST_CASE("sources that are not in the list, or not one for each sample, are refused") {
  const auto mistake = [](const std::string& sources) {
    const std::string samples = R"({"a": [1, 2], "b": [1, 1], "s": [1, 1], "x": [1, 1], "sources": )";
    const auto document = config::Document::parse(
        R"({"sources": ["one", "two"], "samples": )" + samples + sources + "}}", "f.json");
    const Sources read = Sources::read(document.root());
    try {
      document.finish();
    } catch (const InputError& e) {
      return e.problems().front().message;
    }
    std::string all;
    for (const std::string& name : read.of({{1, 1, 1, 1}})) all += name + ";";
    return all;
  };
  CHECK(mistake(R"(["1", "0 1"])") == "two;");
  CHECK(mistake(R"(["0 1", "0"])") == "one;two;");
  for (const std::string text : {"2", "", "0,1", "-1", "one"})
    CHECK(mistake("[\"" + text + "\", \"0\"]") ==
          "wants places in the list \"sources\", as \"0 2\", found \"" + text + "\"");
  CHECK(mistake(R"(["1"])") == "wants the sources of each sample");
  CHECK(mistake(R"([1, "0"])") == "wants text, found the number 1");
}

}  // namespace
}  // namespace tideline::kernels
