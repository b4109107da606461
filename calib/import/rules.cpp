#include "calib/import/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "calib/records/read.h"
#include "sim/config/node.h"

namespace tideline::calib {
namespace {

using config::Node;
using Named = std::vector<std::pair<std::string, Expression>>;

constexpr const char* kCommunication[] = {"dpsk::ep", "nccl", "deep_ep", "nvshmem"};

std::shared_ptr<const re2::RE2> compile(const Node& node, std::string_view key, const std::string& pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto regex = std::make_shared<const re2::RE2>(pattern, options);
  if (!regex->ok()) node.problem(key, fmt::format("not a regular expression (RE2): {}", regex->error()));
  return regex;
}

// An expression, or a number in its place.
Expression read_expression(const Node& node, std::string_view key) {
  const std::string text = node.is_text(key) ? node.text(key) : fmt::format("{}", node.number(key));
  try {
    return Expression::parse(text);
  } catch (const Expression::Mistake& mistake) {
    node.problem(key, fmt::format("\"{}\", character {}: {}", text, mistake.position + 1, mistake.message));
    return {};
  }
}

std::optional<Expression> read_optional(const Node& node, std::string_view key,
                                        const std::optional<Expression>& inherited) {
  return node.has(key) ? read_expression(node, key) : inherited;
}

Named read_named(const Node& node, std::string_view key, const Named& inherited) {
  if (!node.has(key)) return inherited;
  Named out;
  const Node object = node.object(key);
  for (const std::string& name : object.keys()) out.emplace_back(name, read_expression(object, name));
  return out;
}

records::Texts read_texts(const Node& node, std::string_view key, const records::Texts& inherited) {
  if (!node.has(key)) return inherited;
  records::Texts out;
  const Node object = node.object(key);
  for (const std::string& name : object.keys()) out[name] = object.text(name);
  return out;
}

// Checks that every name in the expressions is one of `known`; the names of `own` become known on the way.
class NameCheck {
 public:
  NameCheck(const Node& node, std::set<std::string> known) : node_(node), known_(std::move(known)) {}
  void operator()(std::string_view key, const Expression& expression) const {
    for (const std::string& name : expression.names())
      if (!known_.contains(name)) {
        const std::string near = nearest(name, {known_.begin(), known_.end()});
        node_.problem(key,
                      fmt::format("\"{}\" names \"{}\", which is not known here", expression.text(), name),
                      near.empty() ? "" : fmt::format("did you mean \"{}\"?", near));
      }
  }
  void learn(const std::string& name) { known_.insert(name); }

 private:
  const Node& node_;
  std::set<std::string> known_;
};

// The fields of a rule that were given; the others as in `out`, which is the rule around it.
void read_meaning(const Node& node, Meaning& out) {
  if (node.has("family")) out.family = node.choice("family", records::kFamilies);
  out.op = node.text("op", out.op);
  out.library = node.text("library", out.library);
  if (node.has("version")) out.version = node.text("version");
  if (node.has("layout")) out.layout = node.text("layout");
  out.shape = read_named(node, "shape", out.shape);
  out.dtype = read_texts(node, "dtype", out.dtype);
  if (node.has("includes")) {
    out.includes.clear();
    for (const Node& text : node.list("includes")) out.includes.push_back(text.as_text());
  }
  out.flop = read_optional(node, "flop", out.flop);
  out.bytes = read_optional(node, "bytes", out.bytes);
  out.sms = read_optional(node, "sms", out.sms);
}

// What every rule says, and a shape that its family can be measured by.
void check_complete(const Node& node, const Meaning& meaning) {
  for (const auto& [key, text] :
       {std::pair("family", meaning.family), {"op", meaning.op}, {"library", meaning.library}})
    if (text.empty()) node.problem("", fmt::format("a rule without its \"{}\"", key));
  for (const std::string_view key : records::shape_of_family(meaning.family))
    if (std::ranges::none_of(meaning.shape, [&](const auto& s) { return s.first == key; }))
      node.problem("", fmt::format("a {} is measured by {}; its shape lacks \"{}\"", meaning.family,
                                   fmt::join(records::shape_of_family(meaning.family), ", "), key));
}

void check_names(const Meaning& meaning, NameCheck known) {
  for (const auto& [name, expression] : meaning.shape) known("shape", expression), known.learn(name);
  if (meaning.flop) known("flop", *meaning.flop);
  if (meaning.bytes) known("bytes", *meaning.bytes);
  if (meaning.sms) known("sms", *meaning.sms);
}

void read_size(const Node& node, std::string_view key, std::array<std::optional<std::uint32_t>, 3>& out) {
  if (!node.has(key)) return;
  const std::vector<double> numbers = node.numbers(key);
  if (numbers.size() > 3) node.problem(key, "wants up to three numbers: x, y, z");
  out = {};
  for (std::size_t i = 0; i < std::min<std::size_t>(numbers.size(), 3); ++i) {
    constexpr double kMax = 4294967295.0;
    if (!is_size(numbers[i]) || numbers[i] > kMax)
      node.problem(key, fmt::format("wants whole numbers of 1 or more, found {}", numbers[i]));
    out[i] = static_cast<std::uint32_t>(std::clamp(numbers[i], 1.0, kMax));
  }
}

std::set<std::string> names_of_kernel(const KernelRule& rule) {
  std::set<std::string> names{"grid_x", "grid_y", "grid_z", "block_x", "block_y", "block_z", "copied_bytes"};
  if (rule.kernel && rule.kernel->ok())
    for (int i = 1; i <= rule.kernel->NumberOfCapturingGroups(); ++i) names.insert(fmt::format("${}", i));
  return names;
}

// One rule, or the rules of its "each", which take from it what they do not say themselves.
void read_kernel_rule(const Node& node, KernelRule rule, std::vector<KernelRule>& out,
                      std::vector<Node>& nodes) {
  read_meaning(node, rule.meaning);
  if (node.has("kernel")) rule.kernel = compile(node, "kernel", node.text("kernel"));
  rule.range = node.text("range", rule.range);
  read_size(node, "grid", rule.grid);
  read_size(node, "block", rule.block);
  if (node.has("nth")) {
    rule.nth.clear();
    for (const double n : node.number_or_numbers("nth")) {
      if (n < 1.0 || n > 1e9 || n != std::floor(n)) node.problem("nth", "wants whole numbers of 1 or more");
      rule.nth.push_back(static_cast<int>(std::clamp(n, 1.0, 1e9)));
    }
  }
  rule.remember = read_named(node, "remember", rule.remember);
  if (node.has("each")) {
    for (const Node& each : node.list("each")) read_kernel_rule(each, rule, out, nodes);
    return;
  }
  if (!rule.kernel) node.problem("", "a rule without its \"kernel\", a regular expression");
  if (!rule.nth.empty() && rule.range.empty())
    node.problem("nth", "counts within a range: name the \"range\" too");
  out.push_back(std::move(rule));
  nodes.push_back(node);
}

void read_kernel_rules(const Node& root, Rules& rules) {
  std::vector<Node> nodes;
  for (const Node& node : root.list("kernels")) read_kernel_rule(node, {}, rules.kernels, nodes);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const KernelRule& rule = rules.kernels[i];
    NameCheck known(nodes[i], names_of_kernel(rule));
    for (const auto& [name, expression] : rule.remember) known("remember", expression);
    for (const KernelRule& other : rules.kernels)  // of any rule of the same range, before or after
      if (other.range == rule.range && !rule.range.empty())
        for (const auto& [name, expression] : other.remember) known.learn(name);
    check_complete(nodes[i], rule.meaning);
    check_names(rule.meaning, known);
  }
}

// In a text of a rule for rows a '{' begins the name of a column.
void check_closed(const Node& node, std::string_view key, const std::string& text) {
  const std::size_t open = text.rfind('{');
  if (open != text.npos && text.find('}', open) == text.npos)
    node.problem(key, fmt::format("\"{}\": a {{column}} that does not close", text));
}

void read_row_rules(const Node& root, Rules& rules) {
  for (const Node& node : root.list("rows")) {
    RowRule rule;
    read_meaning(node, rule.meaning);
    rule.where = read_texts(node, "where", {});
    rule.time_us = read_expression(node, "time_us");
    check_complete(node, rule.meaning);
    check_closed(node, "op", rule.meaning.op);
    check_closed(node, "library", rule.meaning.library);
    check_closed(node, "version", rule.meaning.version.value_or(""));
    for (const char* key : {"op", "library", "version", "where", "time_us", "shape", "flop", "bytes", "sms"})
      rule.places[key] = node.place(key);
    rules.rows.push_back(std::move(rule));
  }
}

void read_head(const Node& root, Rules& rules) {
  const Node source = root.object("source");
  rules.source.kind = source.choice("kind", records::kKinds, "imported");
  rules.source.origin = source.text("origin");
  rules.source.date = source.text("date");
  // In a table both may hold a {column}, which only a row can fill.
  if (rules.source.origin.empty()) source.problem("origin", "a measurement without its origin");
  if (rules.source.date.find('{') == std::string::npos && !records::is_date(rules.source.date))
    source.problem("date", fmt::format("wants a date as 2025-02-27, found \"{}\"", rules.source.date));
  for (const char* key : {"origin", "date"}) rules.source_places[key] = source.place(key);
  if (root.has("rows")) check_closed(source, "origin", rules.source.origin);
  if (root.has("rows")) check_closed(source, "date", rules.source.date);
  if (source.has("licence")) rules.source.licence = source.text("licence");
  if (const auto device = root.optional_object("device")) {
    rules.device.name = device->text("name", "");
    rules.device.sms = device->count("sms", 0);
    if (device->has("memory_bytes")) rules.device.memory_bytes = device->count("memory_bytes");
    if (device->has("driver")) rules.device.driver = device->text("driver");
  }
  rules.method.mode = root.has("kernels") ? "trace" : "published";
  if (const auto method = root.optional_object("method")) {
    rules.method.mode = method->choice("mode", records::kModes, rules.method.mode);
    rules.method.l2 = method->choice("l2", records::kL2, "unknown");
    rules.method.data = method->choice("data", records::kData, "unknown");
  }
}

Rules read_rules(const config::Document& document, const std::string& file) {
  const Node root = document.root();
  Rules rules;
  rules.file = file;
  rules.about = root.text("about", "");
  read_head(root, rules);
  if (root.has("communication"))
    for (const Node& pattern : root.list("communication"))
      rules.communication.push_back(compile(root, "communication", pattern.as_text()));
  else
    for (const char* pattern : kCommunication)
      rules.communication.push_back(std::make_shared<const re2::RE2>(pattern));
  if (root.has("kernels")) read_kernel_rules(root, rules);
  if (root.has("rows")) read_row_rules(root, rules);
  if (!root.has("kernels") && !root.has("rows"))
    root.problem("", "wants \"kernels\" (rules for a trace) or \"rows\" (rules for a table)");
  document.finish();
  return rules;
}

}  // namespace

bool is_size(double value) {
  return value >= 1.0 && value <= 0x1p53 && value == std::floor(value);
}

Rules load_rules(const std::string& file) {
  return read_rules(config::Document::load(file), file);
}

Rules parse_rules(const std::string& text, const std::string& name) {
  return read_rules(config::Document::parse(text, name), name);
}

}  // namespace tideline::calib
