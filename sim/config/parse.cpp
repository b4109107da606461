#include "sim/config/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

namespace tideline::config {
namespace {

using Json = nlohmann::json;

// Counts what the parser has consumed, which is how a value gets its place.
struct CountingIterator {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  const char* at;
  std::size_t* consumed;

  const char& operator*() const { return *at; }
  CountingIterator& operator++() {
    ++at, ++*consumed;
    return *this;
  }
  CountingIterator operator++(int) {
    const CountingIterator was = *this;
    ++*this;
    return was;
  }
  bool operator==(const CountingIterator& b) const { return at == b.at; }
  bool operator!=(const CountingIterator& b) const { return at != b.at; }
};

class Builder : public nlohmann::json_sax<Json> {
 public:
  Builder(const std::string& text, const Store& store, std::size_t file)
      : text_(text), store_(store), place_{file, 1, 1} {
    stop_.text = text;
  }

  Value build() {
    const char* const begin = text_.data();
    Json::sax_parse(CountingIterator{begin, &consumed_}, CountingIterator{begin + text_.size(), &consumed_},
                    this);
    return std::move(root_);
  }

  bool null() override { return add(Kind::kNull, consumed_), true; }
  bool boolean(bool flag) override { return add(Kind::kFlag, consumed_).flag = flag, true; }
  bool string(std::string& text) override { return add(Kind::kText, consumed_).text = text, true; }
  bool binary(Json::binary_t&) override { return false; }
  bool number_integer(Json::number_integer_t n) override { return number(static_cast<double>(n), n, true); }
  bool number_unsigned(Json::number_unsigned_t n) override {
    const bool fits = n <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return number(static_cast<double>(n), fits ? static_cast<std::int64_t>(n) : 0, fits);
  }
  bool number_float(Json::number_float_t x, const std::string&) override {
    const bool whole = std::floor(x) == x && std::abs(x) <= 0x1p53;  // 170e6 counts as whole
    return number(x, whole ? static_cast<std::int64_t>(x) : 0, whole);
  }
  bool start_object(std::size_t) override { return open(Kind::kObject, '{'); }
  bool start_array(std::size_t) override { return open(Kind::kList, '['); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(std::string& name) override {
    key_place_ = place_of(token_start());
    if (const Value* first = stack_.back()->find(name))
      fail(key_place_, fmt::format("key {} stands twice in this object; first on line {}, column {}",
                                   in_quotes(name), first->key_place.line, first->key_place.column));
    key_ = name;
    stop_.after = Stop::After::kKey;
    stop_.last_end = consumed_;
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    stop_.start = token_start();
    fail(place_of(stop_.start), "broken JSON: " + why_broken(stop_));
  }

 private:
  Value& add(Kind kind, std::size_t end) {
    if (!stack_.empty()) stack_.back()->items.emplace_back();
    Value& value = stack_.empty() ? root_ : stack_.back()->items.back();
    value.kind = kind;
    value.place = place_of(token_start());
    value.key = std::exchange(key_, {});
    value.key_place = key_place_;
    stop_.after = Stop::After::kValue;
    stop_.last_end = end;
    return value;
  }

  // The parser reads one character past a number before it knows where the number ends.
  bool number(double x, std::int64_t integer, bool whole) {
    const std::size_t end = text_.find_first_not_of("+-.0123456789Ee", token_start());
    Value& value = add(Kind::kNumber, std::min(end, text_.size()));
    value.number = x;
    value.integer = integer;
    value.whole = whole;
    return true;
  }

  bool open(Kind kind, char bracket) {
    Value& value = add(kind, consumed_);
    stop_.after = Stop::After::kOpen;
    stop_.open.push_back({bracket, value.place});
    stack_.push_back(&value);
    if (stack_.size() > kDepthMax)
      fail(value.place, fmt::format("more than {} lists and objects in one another", kDepthMax));
    return true;
  }

  bool close() {
    stack_.pop_back();
    stop_.open.pop_back();
    stop_.after = Stop::After::kValue;
    stop_.last_end = consumed_;
    return true;
  }

  std::size_t token_start() const {
    return std::min(text_.find_first_not_of(" \t\r\n,:", stop_.last_end), text_.size());
  }

  // Counts on from the place found last: places are asked for in the order of the text.
  Place place_of(std::size_t offset) {
    for (; placed_ < offset; ++placed_) {
      if (text_[placed_] == '\n')
        ++place_.line, place_.column = 1;
      else if ((static_cast<unsigned char>(text_[placed_]) & 0xC0u) != 0x80u)
        ++place_.column;  // UTF-8
    }
    return place_;
  }

  [[noreturn]] void fail(const Place& at, std::string message) const {
    throw InputError(store_.problem(at, "", {std::move(message), ""}));
  }

  const std::string& text_;
  const Store& store_;
  Place place_;
  Place key_place_;
  std::string key_;
  Value root_;
  std::vector<Value*> stack_;
  std::size_t consumed_ = 0, placed_ = 0;
  Stop stop_;
};

}  // namespace

Value parse_text(const std::string& text, const Store& store, std::size_t file) {
  return Builder(text, store, file).build();
}

}  // namespace tideline::config
