#include "sim/serving/prompt.h"

#include "tests/doctest.h"

namespace tideline::serving {
namespace {

constexpr std::uint64_t kLastId = (std::uint64_t{1} << kIdBits) - 1, kLastGpu = 4095;

TEST_CASE("a prompt computes what is not cached") {
  const Prompt prompt({Instant{7}, 3, 2, {100, 40, 9}});
  CHECK(prompt.to_compute() == 60);
  CHECK(prompt.tokens() == 109);
}

TEST_CASE("what was lost of an answer is computed again with the prompt, and needs not be made any more") {
  const Prompt prompt({Instant{7}, 3, 2, {100, 40, 9}}, 5);
  CHECK(prompt.again());
  CHECK(prompt.to_compute() == 65);
  CHECK(prompt.output == 4);
  CHECK(prompt.tokens() == 109);
}

TEST_CASE("the greatest numbers fit") {
  Prompt prompt({Instant{-1}, kLastId, 255, {1 << 24, (1 << 24) - 1, 65536}});
  prompt.set_gpu(kLastGpu);
  CHECK(prompt.id() == kLastId);
  CHECK(prompt.gpu() == kLastGpu);
  CHECK(prompt.request_class() == 255);
  CHECK_FALSE(prompt.begun());
  CHECK_FALSE(prompt.again());
}

}  // namespace
}  // namespace tideline::serving
