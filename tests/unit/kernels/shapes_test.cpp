#include "sim/kernels/shapes.h"

#include "tests/doctest.h"

namespace tideline::kernels {
namespace {

TEST_CASE("a dense product multiplies and adds m n k times, and reads its FP8 weights once") {
  const Work w = work_of(DenseGemm{128, 4096, 7168});
  CHECK(w.flop.value() == 2.0 * 128 * 4096 * 7168);
  CHECK(w.bytes.value() == 128 * 7168 * (1 + 4.0 / 128) + 4096.0 * 7168 + 2.0 * 128 * 4096);
}

TEST_CASE("few rows reach few of the experts, many reach all") {
  const double weights = 4096.0 * 7168;
  auto read = [&](double rows) {
    const Work w = work_of(GroupedGemm{8, rows, 4096, 7168, true});
    return (w.bytes.value() - rows * (7168 * (1 + 4.0 / 128) + 2.0 * 4096)) / weights;
  };
  CHECK(read(1) == doctest::Approx(1.0));
  CHECK(read(4096) == doctest::Approx(8.0));
  CHECK(read(1) < read(2));
}

TEST_CASE("decode attention reads a request's cache once, however many query tokens look at it") {
  const Work one = work_of(MlaDecode{64, 1, 4096}), two = work_of(MlaDecode{64, 2, 4096});
  CHECK(two.flop.value() == 2.0 * one.flop.value());
  const double cache = 64.0 * 4096 * 576 * 2;
  CHECK(one.bytes.value() > cache);
  CHECK(two.bytes.value() - cache == doctest::Approx(2.0 * (one.bytes.value() - cache)));
  CHECK(one.flop.value() == 2.0 * 64 * 128 * (576 + 512) * 4096);
}

TEST_CASE("prefill attention reads and writes for every head, its keys and values once a KV head") {
  const Work mla = work_of(PrefillAttention::prompt(1024)),
             gqa = work_of(PrefillAttention{0.5 * 1024 * 1024, 1024, 64, 4, 128, 128});
  CHECK(mla.bytes.value() == 1024.0 * (128 + 128) * (192 + 128) * 2);
  CHECK(gqa.bytes.value() == 1024.0 * (64 + 4) * (128 + 128) * 2);
}

TEST_CASE("a place stands for the kernel that was measured there") {
  const GroupedGemm grouped{8, 8192, 7168, 2048, false};
  const FamilyInfo& info = kFamilies[static_cast<std::size_t>(FamilyId::kGroupedContiguous)];
  CHECK(info.work_of(place_of(grouped)).flop == work_of(grouped).flop);
  CHECK(info.work_of(place_of(grouped)).bytes == work_of(grouped).bytes);
  const MlaDecode mla{64, 1, 4096};
  const FamilyInfo& decode = kFamilies[static_cast<std::size_t>(FamilyId::kMlaDecode)];
  CHECK(decode.work_of(place_of(mla)).flop == work_of(mla).flop);
  CHECK(decode.work_of(place_of(mla)).bytes == work_of(mla).bytes);
  const BatchedGemm absorb{128, 64, 512, 128}, back{128, 64, 128, 512};
  const FamilyInfo& batched = kFamilies[static_cast<std::size_t>(FamilyId::kBatchedGemm)];
  CHECK(batched.work_of(place_of(absorb)).bytes == work_of(absorb).bytes);
  CHECK(batched.work_of(place_of(back)).bytes == work_of(back).bytes);
}

TEST_CASE("families stand in the order of their numbers") {
  for (std::size_t i = 0; i < kFamilies.size(); ++i) CHECK(static_cast<std::size_t>(kFamilies[i].id) == i);
}

}  // namespace
}  // namespace tideline::kernels
