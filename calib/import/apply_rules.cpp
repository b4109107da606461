// Which rule each kernel follows, and the shape that the rule gives it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <unordered_map>

#include "calib/import/import_trace.h"

namespace tideline::calib {
namespace {

using Numbers = std::map<std::string, double, std::less<>>;

constexpr std::string_view kAxes = "xyz";

bool fits(const std::array<std::optional<std::uint32_t>, 3>& wanted,
          const std::array<std::uint32_t, 3>& size) {
  for (std::size_t i = 0; i < 3; ++i)
    if (wanted[i] && *wanted[i] != size[i]) return false;
  return true;
}

class Applier {
 public:
  Applier(const Trace& trace, const Rules& rules)
      : trace_(trace), rules_(rules), rules_of_name_(trace.names.size()), known_(trace.names.size(), 0) {}

  Applied apply() {
    const std::size_t n = trace_.kernels.size();
    order_kernels();
    std::vector<std::int32_t> rule_of(n, -1);
    for (const std::uint32_t i : out_.in_order) {
      rule_of[i] = rule_for(trace_.kernels[i], out_.range_of[i]);
      if (rule_of[i] >= 0) remember(trace_.kernels[i], rule_of[i], out_.range_of[i]);
    }
    out_.group_of.assign(n, -1);
    out_.whys.resize(trace_.names.size());
    for (std::size_t i = 0; i < n; ++i)
      if (rule_of[i] >= 0) out_.group_of[i] = group_for(trace_.kernels[i], rule_of[i], out_.range_of[i]);
    sort_groups();
    std::vector<char> is_communication(trace_.names.size(), 0);
    for (std::uint32_t name = 0; name < trace_.names.size(); ++name)
      for (const auto& pattern : rules_.communication)
        if (re2::RE2::PartialMatch(trace_.names[name], *pattern)) is_communication[name] = 1;
    out_.shares = overlaps(trace_, is_communication);
    return std::move(out_);
  }

 private:
  const KernelRule& rule(std::int32_t r) const { return rules_.kernels[static_cast<std::size_t>(r)]; }

  void order_kernels() {
    const std::size_t n = trace_.kernels.size();
    const std::vector<std::int32_t> launch_of = launches_of_kernels(trace_);
    const std::vector<std::int32_t> range_of_launch = ranges_of_launches(trace_);
    out_.in_order.resize(n), out_.range_of.assign(n, -1);
    std::vector<std::int64_t> when(n);
    for (std::size_t i = 0; i < n; ++i) {
      out_.in_order[i] = static_cast<std::uint32_t>(i);
      const auto launch = static_cast<std::size_t>(launch_of[i]);
      when[i] = launch_of[i] >= 0 ? trace_.launches[launch].start_ns : trace_.kernels[i].start_ns;
      if (launch_of[i] >= 0) out_.range_of[i] = range_of_launch[launch];
    }
    std::ranges::sort(out_.in_order, {},
                      [&](std::uint32_t i) { return std::tuple(when[i], trace_.kernels[i].start_ns, i); });
  }

  const std::vector<std::int32_t>& rules_matching(std::uint32_t name) {
    if (!known_[name]) {
      known_[name] = 1;
      for (std::size_t r = 0; r < rules_.kernels.size(); ++r)
        if (re2::RE2::PartialMatch(trace_.names[name], *rules_.kernels[r].kernel))
          rules_of_name_[name].push_back(static_cast<std::int32_t>(r));
    }
    return rules_of_name_[name];
  }

  // The first rule that fits; every rule that counts within a range counts on.
  std::int32_t rule_for(const Kernel& kernel, std::int32_t range) {
    const LaunchConfig& config = trace_.configs[kernel.config];
    std::int32_t first = -1;
    for (const std::int32_t r : rules_matching(kernel.name)) {
      const KernelRule& candidate = rule(r);
      const bool here = candidate.range.empty() ||
                        (range >= 0 && trace_.names[trace_.ranges[static_cast<std::size_t>(range)].name] ==
                                           candidate.range);
      if (!here || !fits(candidate.grid, config.grid) || !fits(candidate.block, config.block)) continue;
      if (!candidate.nth.empty() && !std::ranges::count(candidate.nth, ++counts_[{range, r}])) continue;
      if (first < 0) first = r;
    }
    return first;
  }

  // The numbers a kernel has by itself: its grid and its block (none where the trace does not say them), what
  // its rule caught of its name.
  std::optional<double> own_number(const Kernel& kernel, std::int32_t r, std::string_view name) const {
    const LaunchConfig& config = trace_.configs[kernel.config];
    const auto said = [](std::uint32_t n) { return n > 0 ? std::optional<double>(n) : std::nullopt; };
    const auto axis_of = [&](std::string_view size) {  // npos: no axis of this size
      return name.size() == size.size() + 1 && name.starts_with(size) ? kAxes.find(name.back()) : kAxes.npos;
    };
    if (const std::size_t axis = axis_of("grid_"); axis != kAxes.npos) return said(config.grid[axis]);
    if (const std::size_t axis = axis_of("block_"); axis != kAxes.npos) return said(config.block[axis]);
    if (name == "copied_bytes") return static_cast<double>(kernel.bytes);
    if (!name.starts_with("$")) return std::nullopt;
    const re2::RE2& pattern = *rule(r).kernel;
    std::vector<re2::StringPiece> caught(static_cast<std::size_t>(pattern.NumberOfCapturingGroups()) + 1);
    const std::string& text = trace_.names[kernel.name];
    const auto group = static_cast<std::size_t>(std::atoi(std::string(name.substr(1)).c_str()));
    double value = 0.0;
    if (group >= caught.size() ||
        !pattern.Match(text, 0, text.size(), re2::RE2::UNANCHORED, caught.data(),
                       static_cast<int>(caught.size())) ||
        !re2::RE2::FullMatch(caught[group], "([0-9]{1,15})", &value))
      return std::nullopt;
    return value;
  }

  // Of the kernel's GPU, as the trace says it, else the rules; 0: neither does.
  std::int64_t sms_of(const Kernel& kernel) const {
    const std::int64_t traced = trace_.gpu_of(kernel).sms;
    return traced > 0 ? traced : rules_.device.sms;
  }

  void remember(const Kernel& kernel, std::int32_t r, std::int32_t range) {
    for (const auto& [name, expression] : rule(r).remember)
      if (const auto value = expression.value([&](auto n) { return own_number(kernel, r, n); }))
        remembered_[range].insert_or_assign(name, *value);
  }

  std::int32_t group_for(const Kernel& kernel, std::int32_t r, std::int32_t range) {
    const Meaning& meaning = rule(r).meaning;
    Numbers shape;
    const auto number_of = [&](std::string_view name) -> std::optional<double> {
      if (const auto found = shape.find(name); found != shape.end()) return found->second;
      const auto here = remembered_.find(range);
      if (here != remembered_.end())
        if (const auto found = here->second.find(name); found != here->second.end()) return found->second;
      return own_number(kernel, r, name);
    };
    Group group{.rule = r, .shape = {}, .work = {}, .sms = {}};
    for (const auto& [name, expression] : meaning.shape) {
      const auto value = expression.value(number_of);
      if (!value || !is_size(*value)) {
        out_.whys[kernel.name] =
            value ? fmt::format("its rule makes \"{}\" {}, no whole number of 1 or more", name, *value)
                  : fmt::format("its rule cannot tell \"{}\": \"{}\"", name, expression.text());
        return -1;
      }
      group.shape.push_back(static_cast<std::int64_t>(*value));
      shape.emplace(name, *value);
    }
    if (meaning.flop) group.work.flop = meaning.flop->value(number_of);
    if (meaning.bytes) group.work.bytes = meaning.bytes->value(number_of);
    if (meaning.sms)
      if (const auto sms = meaning.sms->value(number_of)) {
        const std::int64_t of_gpu = sms_of(kernel);
        if (!is_size(*sms) || (of_gpu > 0 && *sms > static_cast<double>(of_gpu))) {
          out_.whys[kernel.name] = fmt::format("its rule gives it {} of {} SMs", *sms, of_gpu);
          return -1;
        }
        group.sms = static_cast<std::int64_t>(*sms);
      }
    const auto [at, added] =
        groups_.try_emplace({r, group.shape, group.sms.value_or(-1), group.work.flop.value_or(-1.0),
                             group.work.bytes.value_or(-1.0)},
                            static_cast<std::int32_t>(out_.groups.size()));
    if (added) out_.groups.push_back(std::move(group));
    return at->second;
  }

  // Groups in the order of the rules, then of shapes: the map has them so.
  void sort_groups() {
    std::vector<Group> sorted;
    std::vector<std::int32_t> number(out_.groups.size());
    for (const auto& [key, group] : groups_) {
      number[static_cast<std::size_t>(group)] = static_cast<std::int32_t>(sorted.size());
      sorted.push_back(std::move(out_.groups[static_cast<std::size_t>(group)]));
    }
    out_.groups = std::move(sorted);
    for (std::int32_t& group : out_.group_of)
      if (group >= 0) group = number[static_cast<std::size_t>(group)];
  }

  const Trace& trace_;
  const Rules& rules_;
  Applied out_;
  std::vector<std::vector<std::int32_t>> rules_of_name_;
  std::vector<char> known_;
  std::map<std::pair<std::int32_t, std::int32_t>, int> counts_;  // (range, rule)
  std::unordered_map<std::int32_t, Numbers> remembered_;         // by range
  // By rule, shape, SMs, flop and bytes (-1: not said).
  std::map<std::tuple<std::int32_t, std::vector<std::int64_t>, std::int64_t, double, double>, std::int32_t>
      groups_;
};

}  // namespace

Applied apply_rules(const Trace& trace, const Rules& rules) {
  return Applier(trace, rules).apply();
}

}  // namespace tideline::calib
