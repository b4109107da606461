#include "calib/profile/block_scales.h"

#include <doctest/doctest.h>

#include <set>

using namespace tideline::profile;

TEST_CASE("The scales of rows lie row by row within a block of k") {
  constexpr RowScales s = row_scales(16, 256);
  static_assert(s.floats() == 32);
  static_assert(s.at(3, 0) == 3 && s.at(3, 127) == 3 && s.at(3, 128) == 19);
}

TEST_CASE("The scales of weights lie block by block along k, padded to four") {
  // Two blocks of k, so that a row of blocks takes four places: without the padding row 128 would be at 2.
  constexpr BlockScales s = block_scales(2112, 256);
  static_assert(s.at(0, 128) == 1 && s.at(127, 0) == 0 && s.at(128, 0) == 4 && s.at(2111, 255) == 65);
  static_assert(s.floats() == 4 * 17);  // 2112 rows are 16.5 blocks
}

TEST_CASE("Every element has a scale inside the array and no two blocks share one") {
  constexpr std::int64_t kRows = 300, kWidth = 700;
  std::set<std::int64_t> by_row, by_block;
  for (std::int64_t r = 0; r < kRows; ++r)
    for (std::int64_t k = 0; k < kWidth; ++k) {
      by_row.insert(row_scales(kRows, kWidth).at(r, k));
      by_block.insert(block_scales(kRows, kWidth).at(r, k));
    }
  CHECK(by_row.size() == kRows * 6);
  CHECK(*by_row.rbegin() < row_scales(kRows, kWidth).floats());
  CHECK(by_block.size() == 3 * 6);
  CHECK(*by_block.rbegin() < block_scales(kRows, kWidth).floats());
}
