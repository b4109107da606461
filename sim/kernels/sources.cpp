#include "sim/kernels/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>

namespace tideline::kernels {
namespace {

// "0 2" as numbers below `size`; none where it is something else.
std::vector<std::size_t> numbers_in(std::string_view text, std::size_t size) {
  std::vector<std::size_t> out;
  while (!text.empty()) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number >= size) return {};
    out.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) break;
    if (text.front() != ' ') return {};
    text.remove_prefix(1);
  }
  return out;
}

}  // namespace

Sources Sources::read(const config::Node& family) {
  Sources out;
  if (!family.has("sources")) return out;
  for (const config::Node& name : family.list("sources")) out.names_.push_back(name.as_text());
  const config::Node samples = family.object("samples");
  if (!samples.has("sources")) return out;
  const std::vector<config::Node> of = samples.list("sources");
  const auto a = samples.numbers("a"), b = samples.numbers("b"), s = samples.numbers("s"),
             x = samples.numbers("x");
  const std::size_t places = std::min({a.size(), b.size(), s.size(), x.size()});
  const bool whole =
      places == std::max({a.size(), b.size(), s.size(), x.size()});  // else that is said elsewhere
  if (whole && of.size() != places) samples.problem("sources", "wants the sources of each sample");
  for (std::size_t i = 0; i < std::min(of.size(), places); ++i) {
    const std::string text = of[i].as_text();
    std::vector<std::size_t> numbers = numbers_in(text, out.names_.size());
    if (numbers.empty())
      of[i].problem("", fmt::format("wants places in the list \"sources\", as \"0 2\", found \"{}\"", text));
    out.by_point_[{static_cast<std::int64_t>(a[i]), static_cast<std::int64_t>(b[i]), s[i], x[i]}] =
        std::move(numbers);
  }
  return out;
}

std::vector<std::string> Sources::of(const std::vector<Coordinates>& points) const {
  std::set<std::size_t> numbers;
  for (const Coordinates& at : points) {
    const auto found = by_point_.find({at.a, at.b, at.s, at.x});
    if (found == by_point_.end()) return names_;
    numbers.insert(found->second.begin(), found->second.end());
  }
  if (numbers.empty()) return names_;
  std::vector<std::string> out;
  for (const std::size_t number : numbers) out.push_back(names_[number]);
  return out;
}

}  // namespace tideline::kernels
