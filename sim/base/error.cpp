#include "sim/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace tideline {
namespace {

std::string render(const Problem& p) {
  std::string place = p.file;
  if (p.line > 0) place += fmt::format(":{}:{}", p.line, p.column);
  std::string text = fmt::format("{}: error: {}\n", place, p.message);
  if (!p.pointer.empty()) text += fmt::format("  at {}\n", p.pointer);
  if (!p.suggestion.empty()) text += fmt::format("  {}\n", p.suggestion);
  return text;
}

// Damerau-Levenshtein distance (adjacent transpositions count one), by rows.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  std::iota(d[0].begin(), d[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

std::size_t shared_start(const std::string& a, const std::string& b) {
  const auto end = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
  return static_cast<std::size_t>(end - a.begin());
}

}  // namespace

InputError::InputError(std::vector<Problem> problems) : problems_(std::move(problems)) {
  for (const Problem& p : problems_) text_ += render(p);
}

std::string nearest(const std::string& word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& k : known) {
    const std::size_t distance = edit_distance(word, k);
    // Of two as near, the one that begins alike: people slip at the end of a word.
    const bool closer = distance < best_distance || (!best.empty() && distance == best_distance &&
                                                     shared_start(word, k) > shared_start(word, best));
    if (closer) best = k, best_distance = distance;
  }
  // Not a slip but a name cut short: "h800" for "h800-8".
  const auto begins = [&](const std::string& k) { return word.size() > 2 && k.starts_with(word); };
  if (best.empty() && std::ranges::count_if(known, begins) == 1) best = *std::ranges::find_if(known, begins);
  return best;
}

}  // namespace tideline
