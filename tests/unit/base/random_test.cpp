#include "sim/base/random.h"

#include <vector>

#include "tests/doctest.h"

namespace tideline {
namespace {

TEST_CASE("blocks drawn many at once are those drawn one by one, however many they are") {
  const RandomStream stream(0x123456789abcdefULL, 7, Purpose::kRequest);
  for (std::size_t count = 0; count <= 40; ++count) {
    std::vector<PhiloxBlock> blocks;
    const auto entity = [](std::size_t i) { return i * 0x1'2345'6789ULL; };
    for (std::size_t i = 0; i < count; ++i) blocks.push_back(RandomStream::counter(entity(i), ~i));
    stream.blocks(blocks);
    for (std::size_t i = 0; i < count; ++i) REQUIRE(blocks[i] == stream.block(entity(i), ~i));
  }
}

}  // namespace
}  // namespace tideline
