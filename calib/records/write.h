// A record as one line of JSON. Like record.h: C++17 and the standard library alone.
#pragma once

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "calib/records/record.h"

namespace tideline::records {

// Visits a record and writes it; what is absent or empty is left out.
class Writer {
 public:
  void field(std::string_view key, const std::string& text) { name(key), quote(text); }
  void field(std::string_view key, std::int64_t n) { name(key), out_ += std::to_string(n); }
  void field(std::string_view key, double x) { name(key), number(x); }
  void field(std::string_view key, bool flag) { name(key), out_ += flag ? "true" : "false"; }
  template <class T>
  void field(std::string_view key, const std::optional<T>& value) {
    if (value) field(key, *value);
  }
  template <class T>
  void field(std::string_view key, const std::map<std::string, T>& values) {
    if (values.empty()) return;
    object(key, true, [&] {
      for (const auto& [k, value] : values) field(k, value);
    });
  }
  void field(std::string_view key, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    name(key), out_ += '[';
    for (std::size_t i = 0; i < texts.size(); ++i) out_ += i > 0 ? "," : "", quote(texts[i]);
    out_ += ']';
  }
  template <std::size_t N>
  void choice(std::string_view key, const std::string& text, const std::array<std::string_view, N>&) {
    field(key, text);
  }
  template <class Body>
  void object(std::string_view key, bool required, Body body) {
    const std::size_t before = out_.size();
    name(key), out_ += '{';
    const std::size_t opened = out_.size();
    body();
    if (out_.size() == opened && !required)
      out_.resize(before);
    else
      out_ += '}';
  }
  std::string line() && { return '{' + std::move(out_) + "}\n"; }

 private:
  void name(std::string_view key) {
    if (!out_.empty() && out_.back() != '{') out_ += ',';
    quote(key);
    out_ += ':';
  }
  // The shortest of 15, 16 and 17 digits that reads back as the same number. JSON has no NaN: such a value is
  // our own mistake, and null makes the reader refuse it with its place.
  void number(double x) {
    std::array<char, 32> text{};
    if (!std::isfinite(x)) {
      out_ += "null";
      return;
    }
    for (int digits = 15; digits <= 17; ++digits) {
      std::snprintf(text.data(), text.size(), "%.*g", digits, x);
      if (std::strtod(text.data(), nullptr) == x) break;
    }
    out_ += text.data();
  }
  void quote(std::string_view text) {
    out_ += '"';
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') out_ += '\\';
      if (byte < 0x20) {
        std::array<char, 8> escape{};
        std::snprintf(escape.data(), escape.size(), "\\u%04x", byte);
        out_ += escape.data();
      } else {
        out_ += c;
      }
    }
    out_ += '"';
  }

  std::string out_;
};

inline std::string to_line(const Record& record) {
  Writer writer;
  visit(record, writer);
  return std::move(writer).line();
}

}  // namespace tideline::records
