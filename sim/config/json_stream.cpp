#include "sim/config/json_stream.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "sim/config/value.h"

namespace tideline::config {
namespace {

using Json = nlohmann::json;

struct Position {
  int line = 1, column = 0;
};

// Keeps the place of the last character taken.
template <class Characters>
struct Counting {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  Characters at;
  Position* position;

  char operator*() const { return *at; }
  Counting& operator++() {
    if (*at == '\n')
      ++position->line, position->column = 0;
    else
      ++position->column;
    ++at;
    return *this;
  }
  Counting operator++(int) {
    const Counting was = *this;
    ++*this;
    return was;
  }
  bool operator==(const Counting& b) const { return at == b.at; }
  bool operator!=(const Counting& b) const { return !(*this == b); }
};

class Teller : public nlohmann::json_sax<Json> {
 public:
  Teller(JsonListener& listener, const Position& position) : listener_(listener), position_(position) {}

  bool null() override { return listener_.flag_or_null(), true; }
  bool boolean(bool) override { return listener_.flag_or_null(), true; }
  bool string(std::string& text) override { return listener_.text(text), true; }
  bool binary(Json::binary_t&) override { return false; }
  bool number_integer(Json::number_integer_t n) override {
    const auto bits = static_cast<std::uint64_t>(n);
    return listener_.number({static_cast<double>(n), true, n < 0 ? 0 - bits : bits, n < 0}), true;
  }
  bool number_unsigned(Json::number_unsigned_t n) override {
    return listener_.number({static_cast<double>(n), true, n, false}), true;
  }
  bool number_float(Json::number_float_t x, const std::string&) override {
    return listener_.number({x, false, 0, false}), true;
  }
  bool start_object(std::size_t) override { return listener_.open('{'), true; }
  bool start_array(std::size_t) override { return listener_.open('['), true; }
  bool end_object() override { return listener_.close('}'), true; }
  bool end_array() override { return listener_.close(']'), true; }
  bool key(std::string& name) override { return listener_.key(name), true; }

  bool parse_error(std::size_t, const std::string& token, const nlohmann::detail::exception& e) override {
    const std::string_view what = e.what();
    const auto says = [&](std::string_view words) { return what.find(words) != std::string_view::npos; };
    // Of what was read in vain the last word: it is what did not fit.
    const std::string word = token.substr(token.find_last_of(" \t\r\n,:[{\"") + 1);
    mistake_ = {.line = position_.line,
                .column = std::max(position_.column, 1),
                .message = says("end of input") || says("missing closing quote")
                               ? "broken JSON: it ends too early"
                               : fmt::format("broken JSON: \"{}\" is not expected here", word.substr(0, 24))};
    return false;
  }
  [[nodiscard]] const std::optional<JsonMistake>& mistake() const { return mistake_; }

 private:
  JsonListener& listener_;
  const Position& position_;
  std::optional<JsonMistake> mistake_;
};

template <class Characters>
std::optional<JsonMistake> tell(Characters begin, Characters end, JsonListener& listener) {
  Position position;
  Teller teller(listener, position);
  Json::sax_parse(Counting<Characters>{begin, &position}, Counting<Characters>{end, &position}, &teller);
  return teller.mistake();
}

}  // namespace

std::optional<JsonMistake> stream_json(std::string_view text, JsonListener& listener) {
  return tell(text.data(), text.data() + text.size(), listener);
}

std::optional<JsonMistake> stream_json(std::istream& in, JsonListener& listener) {
  return tell(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>(), listener);
}

std::string json_text(std::string_view text) {
  return in_quotes(text);
}

}  // namespace tideline::config
