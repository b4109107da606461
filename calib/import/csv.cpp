#include "calib/import/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "calib/import/times.h"
#include "calib/import/utf8.h"
#include "calib/records/read.h"
#include "sim/base/error.h"

namespace tideline::calib {
namespace {

using Fields = std::vector<std::string>;
constexpr std::size_t kColumnsMax = 4096;

std::string as_name(const std::string& column) {
  std::string out;
  for (const char c : column) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (plain)
      out += c;
    else if (!out.empty() && out.back() != '_')
      out += '_';
  }
  while (out.ends_with('_')) out.pop_back();
  return out;
}

// The names of columns in a text: "a {b} and {c}" has b and c.
std::vector<std::string> columns_in(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0, open = 0; (open = text.find('{', at)) != text.npos;) {
    at = text.find('}', open) + 1;  // there is one: the rules were refused otherwise
    out.push_back(text.substr(open + 1, at - open - 2));
  }
  return out;
}

// Collects what rules name that is no column of the table.
class ColumnCheck {
 public:
  ColumnCheck(std::string table, std::vector<std::string> columns)
      : table_(std::move(table)), columns_(std::move(columns)) {}

  void source(const Rules& rules) {
    texts(rules.source_places.at("origin"), rules.source.origin);
    texts(rules.source_places.at("date"), rules.source.date);
  }

  void rule(const RowRule& rule) {
    const Meaning& meaning = rule.meaning;
    for (const auto& [name, text] : rule.where) column(rule.places.at("where"), name);
    texts(rule.places.at("op"), meaning.op);
    texts(rule.places.at("library"), meaning.library);
    texts(rule.places.at("version"), meaning.version.value_or(""));
    std::set<std::string> shape;
    numbers(rule.places.at("time_us"), rule.time_us, shape);
    for (const auto& [key, expression] : meaning.shape)
      numbers(rule.places.at("shape"), expression, shape), shape.insert(key);
    for (const auto& [key, work] :
         {std::pair("flop", &meaning.flop), {"bytes", &meaning.bytes}, {"sms", &meaning.sms}})
      if (*work) numbers(rule.places.at(key), **work, shape);
  }

  // Fails: throws InputError with all of them, by their place.
  void finish() && {
    std::ranges::stable_sort(problems_, {}, [](const Problem& p) { return std::pair(p.line, p.column); });
    if (!problems_.empty()) throw InputError(std::move(problems_));
  }

 private:
  void column(Problem place, const std::string& name) {
    if (std::ranges::find(columns_, name) != columns_.end()) return;
    const std::string near = nearest(name, columns_);
    place.message = fmt::format("a rule names the column \"{}\", which {} lacks", name, table_);
    if (!near.empty()) place.suggestion = fmt::format("did you mean \"{}\"?", near);
    problems_.push_back(std::move(place));
  }
  void texts(const Problem& place, const std::string& text) {
    for (const std::string& name : columns_in(text)) column(place, name);
  }
  void numbers(const Problem& place, const Expression& expression, const std::set<std::string>& shape) {
    for (const std::string& name : expression.names())
      if (!shape.contains(name)) column(place, name);
  }

  std::string table_;
  std::vector<std::string> columns_;
  std::vector<Problem> problems_;
};

class Table {
 public:
  Table(const TextSource& source, const Rules& rules, const Fields& header) : rules_(rules) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < header.size(); ++i) {
      names.push_back(as_name(header[i]));
      if (!columns_.try_emplace(names.back(), i).second && !names.back().empty())
        throw InputError({.file = source.name(),
                          .message = fmt::format("columns {} and {} are both called \"{}\"",
                                                 columns_[names.back()] + 1, i + 1, names.back())});
    }
    ColumnCheck check(source.name(), std::move(names));
    check.source(rules);
    for (const RowRule& rule : rules.rows) check.rule(rule);
    std::move(check).finish();
  }

  [[nodiscard]] const RowRule* rule_for(const Fields& row) const {
    for (const RowRule& rule : rules_.rows)
      if (std::ranges::all_of(rule.where,
                              [&](const auto& w) { return row[columns_.at(w.first)] == w.second; }))
        return &rule;
    return nullptr;
  }

  // The number in a column of a row.
  [[nodiscard]] std::optional<double> number(const Fields& row, std::string_view name) const {
    const auto column = columns_.find(name);
    if (column == columns_.end()) return std::nullopt;
    const std::string& field = row[column->second];
    double value = 0.0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    const bool all = error == std::errc{} && end == field.data() + field.size();
    return all && std::isfinite(value) ? std::optional(value) : std::nullopt;
  }

  // A text of the rules with each {column} replaced by its field. All of them are there: ColumnCheck.
  [[nodiscard]] std::string filled(const std::string& text, const Fields& row) const {
    std::string out;
    std::size_t at = 0;
    for (std::size_t open = 0; (open = text.find('{', at)) != text.npos;) {
      const std::size_t close = text.find('}', open);
      out += text.substr(at, open - at);
      out += as_utf8(row[columns_.find(text.substr(open + 1, close - open - 1))->second]);
      at = close + 1;
    }
    return out + text.substr(at);
  }

 private:
  const Rules& rules_;
  std::map<std::string, std::size_t, std::less<>> columns_;
};

// The record of a row, or why there is none.
struct Made {
  records::Record record;
  std::string why;
};

Made record_of(const Table& table, const Rules& rules, const RowRule& rule, const Fields& row) {
  const Meaning& meaning = rule.meaning;
  Made made;
  records::Record& r = made.record;
  const auto number_of = [&](std::string_view name) -> std::optional<double> {
    const auto own = r.shape.find(std::string(name));
    return own != r.shape.end() ? static_cast<double>(own->second) : table.number(row, name);
  };
  const auto time = rule.time_us.value(number_of);
  if (!time || *time <= 0.0) made.why = fmt::format("no time: \"{}\"", rule.time_us.text());
  for (const auto& [name, expression] : meaning.shape) {
    const auto value = expression.value(number_of);
    if (!value || !is_size(*value))
      made.why = fmt::format("no whole number of 1 or more for \"{}\": \"{}\"", name, expression.text());
    else
      r.shape[name] = static_cast<std::int64_t>(*value);
  }
  if (meaning.sms)
    if (const auto sms = meaning.sms->value(number_of)) {
      if (!is_size(*sms) || *sms > static_cast<double>(rules.device.sms))
        made.why = fmt::format("not 1 to {} SMs: \"{}\"", rules.device.sms, meaning.sms->text());
      else
        r.impl.sms = static_cast<std::int64_t>(*sms);
    }
  if (!made.why.empty()) return made;
  r.family = meaning.family;
  r.op = table.filled(meaning.op, row);
  r.dtype = meaning.dtype;
  r.layout = meaning.layout;
  r.includes = meaning.includes;
  r.device = rules.device;
  r.impl.library = table.filled(meaning.library, row);
  if (meaning.version) r.impl.version = table.filled(*meaning.version, row);
  r.method = rules.method;
  r.time_us = {.n = 1, .median = *time};
  if (meaning.flop) r.work.flop = meaning.flop->value(number_of);
  if (meaning.bytes) r.work.bytes = meaning.bytes->value(number_of);
  r.source = rules.source;
  r.source.origin = table.filled(r.source.origin, row);
  r.source.date = table.filled(r.source.date, row);
  return made;
}

// The mark of UTF-8 that some programs write before everything else.
void pass_over_bom(TextSource& source) {
  for (const char c : {'\xEF', '\xBB', '\xBF'}) {
    if (source.at_end() || source.peek() != c) return;
    source.advance();
  }
}

void pass_over_line(TextSource& source) {
  while (!source.at_end()) {
    const bool last = source.peek() == '\n';
    source.advance();
    if (last) break;
  }
  source.understood();
}

}  // namespace

bool read_csv_row(TextSource& source, std::vector<std::string>& fields) {
  fields.assign(1, "");
  while (!source.at_end() && source.peek() == '#') pass_over_line(source);
  if (source.at_end()) return false;
  bool quoted = false, was_quoted = false;
  while (!source.at_end()) {
    const char c = source.peek();
    source.advance();
    if (quoted && c == '"') {
      if (!source.at_end() && source.peek() == '"')
        fields.back() += '"', source.advance();
      else
        quoted = false, was_quoted = true;
    } else if (quoted) {
      fields.back() += c;
    } else if (c == '"' && fields.back().empty() && !was_quoted) {
      quoted = true;
    } else if (c == ',') {
      if (fields.size() == kColumnsMax)
        throw InputError(source.problem(fmt::format("a row of more than {} fields", kColumnsMax)));
      fields.emplace_back(), was_quoted = false;
    } else if (c == '\n') {
      break;
    } else if (c != '\r') {
      if (was_quoted) throw InputError(source.problem("a comma is wanted after the closing quote"));
      fields.back() += c;
    }
  }
  if (quoted) throw InputError(source.problem("the table ends within a quoted field"));
  source.understood();
  return true;
}

Summary import_csv(TextSource& source, const Rules& rules, const TakeRecord& take) {
  if (rules.device.name.empty() || rules.device.sms < 1)
    throw InputError({.file = rules.file,
                      .message = "a table does not say what GPU it is of, and how many SMs that has",
                      .suggestion = "add \"device\": {\"name\": ..., \"sms\": ...}"});
  Summary out;
  std::optional<Table> table;
  std::map<std::string, Unmapped> unmapped;
  std::size_t width = 0;
  pass_over_bom(source);
  for (Fields row; read_csv_row(source, row);) {
    if (row.size() == 1 && row.front().empty()) continue;
    if (!table) {
      table.emplace(source, rules, row);
      width = row.size();
      continue;
    }
    if (row.size() != width)
      throw InputError(
          source.problem(fmt::format("a row of {} fields in a table of {} columns", row.size(), width)));
    ++out.kernels;
    const RowRule* rule = table->rule_for(row);
    const Made made = rule ? record_of(*table, rules, *rule, row) : Made{{}, "no rule fits"};
    if (made.why.empty()) {
      if (const std::string why = records::refusal(made.record); !why.empty())
        throw InputError(source.problem("the record of this row could not be read back: " + why));
      out.time_us += made.record.time_us.median, out.mapped_us += made.record.time_us.median;
      ++out.alone, ++out.made;
      take(made.record);
    } else {
      Unmapped& u = unmapped[made.why];
      u.kernel = "rows", u.why = made.why, ++u.count;
    }
  }
  if (!table)
    throw InputError({.file = source.name(), .message = "the table has no line that names its columns"});
  for (auto& [why, u] : unmapped) out.unmapped.push_back(std::move(u));
  return out;
}

Imported import_csv(TextSource& source, const Rules& rules) {
  Imported out;
  static_cast<Summary&>(out) =
      import_csv(source, rules, [&](const records::Record& r) { out.records.push_back(r); });
  return out;
}

}  // namespace tideline::calib
