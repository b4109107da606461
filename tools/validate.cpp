// tideline validate: the examination, predicted beside published.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "sim/examination/examination.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

using examination::Case;

std::string figure(const Case& c, double value) {
  return c.unit == examination::Unit::kMilliseconds ? fmt::format("{:.3f} ms", value)
                                                    : fmt::format("{:.0f} us", value);
}

std::string published(const Case& c) {
  return c.published_low == c.published_high
             ? figure(c, c.published_low)
             : fmt::format("{:.2f}-{:.2f} ms", c.published_low, c.published_high);
}

void print(const std::vector<Case>& cases) {
  std::string_view group;
  for (const Case& c : cases) {
    if (c.group != group)
      fmt::print("\n{}\n  {:<32}{:>16}{:>16}{:>9}{:>8}\n", group = c.group, "", "published", "predicted",
                 "error", "goal");
    fmt::print("  {:<32}{:>16}{:>16}{:>+7.1f} %{:>6.0f} %{}\n", c.name, published(c), figure(c, c.predicted),
               c.error() * 100.0, c.goal * 100.0, c.holds() ? "" : "  missed");
  }
}

}  // namespace

void add_validate(CLI::App& program, int& exit_code) {
  CLI::App* command =
      program.add_subcommand("validate", "the examination: published cases beside predictions");
  command->callback([&exit_code] {
    std::vector<Case> cases = examination::examine_decode();
    for (const auto& more : {examination::examine_prefill(), examination::examine_drawn_tokens(),
                             examination::compare_fitted_all_to_alls(),
                             examination::compare_counted_all_to_alls()})
      cases.insert(cases.end(), more.begin(), more.end());
    print(cases);
    int missed = 0;
    for (const Case& c : cases) missed += !c.holds();
    fmt::print("\n{} of {} within their goals\n", cases.size() - static_cast<std::size_t>(missed),
               cases.size());
    exit_code = missed == 0 ? kOk : kThresholdFailed;
  });
}

}  // namespace tideline::tools
