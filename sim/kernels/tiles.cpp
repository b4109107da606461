#include "sim/kernels/tiles.h"

#include <array>
#include <cmath>
#include <cstdint>

namespace tideline::kernels {
namespace {

constexpr std::array kRows = {64, 128, 256};
constexpr std::array kColumns = {16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 128, 144, 160};

struct Waves {
  std::int64_t count, last;  // last: tiles of the last wave
};

Waves waves(double m, double n, int rows, int columns, int sms) {
  const auto tiles = static_cast<std::int64_t>(std::ceil(m / rows) * std::ceil(n / columns));
  const std::int64_t rest = tiles % sms;
  return {(tiles + sms - 1) / sms, rest == 0 ? sms : rest};
}

}  // namespace

Tile tile_of(double m, double n, int sms) {
  int rows = 0, columns = 0;
  Waves best{};
  for (const int r : kRows)
    for (const int c : kColumns) {
      if (r > 128 && c > 128) continue;  // registers
      const Waves w = waves(m, n, r, c, sms);
      bool better = rows == 0 || w.count < best.count || (w.count == best.count && w.last > best.last);
      if (rows != 0 && w.count == best.count && w.last == best.last)
        better = (r == rows && c < columns) || (c == columns && r < rows) ||
                 (r != rows && c > columns && c <= n && r <= m);
      if (better) rows = r, columns = c, best = w;
    }
  return {rows, columns, static_cast<double>(best.count)};
}

Executed in_tiles(double m, double n, double k, int sms) {
  const Tile tile = tile_of(m, n, sms);
  const Flop all(2.0 * tile.rows * tile.columns * tile.waves * sms * k), none(0.0);
  return {all, kStepColumns % tile.columns != 0 ? all : none, tile.rows == kRows.front() ? all : none,
          tile.waves};
}

}  // namespace tideline::kernels
