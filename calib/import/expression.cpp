#include "calib/import/expression.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace tideline::calib {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

// sum = product {(+|-) product}; product = factor {(*|/) factor}; factor = number | name | ( sum )
class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) { out_.text_ = text; }

  Expression parse() {
    if (out_.text_.size() > Expression::kLengthMax)
      throw Expression::Mistake{0, fmt::format("more than {} characters", Expression::kLengthMax)};
    sum(0);
    if (peek() != '\0') fail("an operator or the end");
    return std::move(out_);
  }

 private:
  using Do = Expression::Step::Do;

  char peek() {
    while (at_ < out_.text_.size() && out_.text_[at_] == ' ') ++at_;
    return at_ < out_.text_.size() ? out_.text_[at_] : '\0';
  }
  [[noreturn]] void fail(std::string_view wanted) {
    const char c = peek();
    throw Expression::Mistake{
        at_, fmt::format("wants {}, found {}", wanted, c == '\0' ? "the end" : fmt::format("'{}'", c))};
  }

  void sum(int depth) {
    product(depth);
    for (char c = peek(); c == '+' || c == '-'; c = peek()) {
      ++at_;
      product(depth);
      out_.steps_.push_back({c == '+' ? Do::kAdd : Do::kSubtract});
    }
  }

  void product(int depth) {
    factor(depth);
    for (char c = peek(); c == '*' || c == '/'; c = peek()) {
      ++at_;
      factor(depth);
      out_.steps_.push_back({c == '*' ? Do::kMultiply : Do::kDivide});
    }
  }

  void factor(int depth) {
    constexpr int kDepthMax = 32;
    const char c = peek();
    const std::string& text = out_.text_;
    if (c == '(' && depth < kDepthMax) {
      ++at_;
      sum(depth + 1);
      if (peek() != ')') fail("')'");
      ++at_;
    } else if (is_digit(c)) {
      double number = 0.0;
      const auto [end, error] = std::from_chars(text.data() + at_, text.data() + text.size(), number);
      if (error != std::errc{}) fail("a number within range");
      at_ = static_cast<std::size_t>(end - text.data());
      out_.steps_.push_back({Do::kNumber, number});
    } else if (is_letter(c)) {
      const std::size_t start = at_;
      while (at_ < text.size() && (is_letter(text[at_]) || is_digit(text[at_]))) ++at_;
      out_.steps_.push_back({Do::kName, 0.0, out_.names_.size()});
      out_.names_.push_back(text.substr(start, at_ - start));
    } else {
      fail(c == '(' ? "fewer brackets in one another" : "a number, a name or '('");
    }
  }

  Expression out_;
  std::size_t at_ = 0;
};

Expression Expression::parse(std::string_view text) {
  return ExpressionParser(text).parse();
}

std::optional<double> Expression::value(const NumberOf& number_of) const {
  std::vector<double> stack;
  for (const Step& step : steps_) {
    if (step.what == Step::Do::kNumber) {
      stack.push_back(step.number);
    } else if (step.what == Step::Do::kName) {
      const std::optional<double> number = number_of(names_[step.name]);
      if (!number) return std::nullopt;
      stack.push_back(*number);
    } else {
      const double b = stack.back();
      stack.pop_back();
      double& a = stack.back();
      switch (step.what) {
        case Step::Do::kAdd:
          a += b;
          break;
        case Step::Do::kSubtract:
          a -= b;
          break;
        case Step::Do::kMultiply:
          a *= b;
          break;
        default:
          a /= b;
          break;
      }
    }
  }
  return std::isfinite(stack.back()) ? std::optional(stack.back()) : std::nullopt;
}

}  // namespace tideline::calib
