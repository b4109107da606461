// Arithmetic over named numbers: "2 * m * n * k", "grid_x * $1". Numbers, names, + - * / and brackets.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tideline::calib {

class Expression {
 public:
  struct Mistake {
    std::size_t position;  // from 0
    std::string message;
  };
  static constexpr std::size_t kLengthMax = 1000;

  // Fails: throws Mistake.
  static Expression parse(std::string_view text);

  // The value; nothing when `number_of` does not know a name or the result is not finite.
  using NumberOf = std::function<std::optional<double>(std::string_view name)>;
  [[nodiscard]] std::optional<double> value(const NumberOf& number_of) const;

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }  // in order, with repeats
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  friend class ExpressionParser;
  struct Step {
    enum class Do : char { kNumber, kName, kAdd, kSubtract, kMultiply, kDivide };
    Do what;
    double number = 0.0;
    std::size_t name = 0;  // into names_
  };
  std::string text_;
  std::vector<Step> steps_;  // reverse Polish
  std::vector<std::string> names_;
};

}  // namespace tideline::calib
