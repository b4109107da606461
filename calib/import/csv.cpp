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
    const auto known = [&](const std::string& name) {
      if (columns_.contains(name)) return;
      const std::string near = nearest(name, names);
      throw InputError(
          {.file = rules.file,
           .message = fmt::format("a rule names the column \"{}\", which {} lacks", name, source.name()),
           .suggestion = near.empty() ? "" : fmt::format("did you mean \"{}\"?", near)});
    };
    for (const RowRule& rule : rules.rows) {
      for (const auto& [column, text] : rule.where) known(column);
      for (const std::string& name : rule.time_us.names()) known(name);
      std::set<std::string> shape;
      const auto known_or_shape = [&](const Expression& expression) {
        for (const std::string& name : expression.names())
          if (!shape.contains(name)) known(name);
      };
      for (const auto& [key, expression] : rule.meaning.shape) known_or_shape(expression), shape.insert(key);
      for (const auto& work : {rule.meaning.flop, rule.meaning.bytes, rule.meaning.sms})
        if (work) known_or_shape(*work);
    }
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

  // A text of the rules with each {column} replaced by its field.
  [[nodiscard]] std::string filled(const std::string& text, const Fields& row) const {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t open = text.find('{', at), close = text.find('}', open);
      const auto column =
          close == text.npos ? columns_.end() : columns_.find(text.substr(open + 1, close - open - 1));
      if (column == columns_.end()) return out + text.substr(at);
      out += text.substr(at, open - at) + as_utf8(row[column->second]);
      at = close + 1;
    }
    return out;
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
  if (!made.why.empty()) return made;
  r.family = meaning.family;
  r.op = table.filled(meaning.op, row);
  r.dtype = meaning.dtype;
  r.layout = meaning.layout;
  r.includes = meaning.includes;
  r.device = rules.device;
  r.impl.library = table.filled(meaning.library, row);
  if (meaning.version) r.impl.version = table.filled(*meaning.version, row);
  if (meaning.sms)
    if (const auto sms = meaning.sms->value(number_of); sms && *sms >= 0.0 && *sms < 1e9)
      r.impl.sms = static_cast<std::int64_t>(*sms);
  r.method = rules.method;
  r.time_us = {.n = 1, .median = *time};
  if (meaning.flop) r.work.flop = meaning.flop->value(number_of);
  if (meaning.bytes) r.work.bytes = meaning.bytes->value(number_of);
  r.source = rules.source;
  r.source.origin = table.filled(r.source.origin, row);
  r.source.date = table.filled(r.source.date, row);
  return made;
}

}  // namespace

bool read_csv_row(TextSource& source, std::vector<std::string>& fields) {
  fields.assign(1, "");
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
  for (Fields row; read_csv_row(source, row);) {
    if (row.front().starts_with('#') || (row.size() == 1 && row.front().empty())) continue;
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
