// The user's mistakes. A reader collects every Problem of its input, then throws one InputError with all of
// them; tools/ catches it once, prints it and exits 2. An answer that is "no" is not an error, but a value
// with its arithmetic.
#pragma once

#include <exception>
#include <string>
#include <vector>

namespace tideline {

struct Problem {
  std::string file{};
  int line = 0;    // from 1; 0 when the problem has no line (a missing file, a --set)
  int column = 0;  // from 1, in characters
  std::string pointer{};     // JSON pointer of the value, such as "/fleet/gpu"
  std::string message{};     // what was found and what is wanted
  std::string suggestion{};  // how to mend it; may be empty
};

class InputError : public std::exception {
 public:
  explicit InputError(std::vector<Problem> problems);
  explicit InputError(Problem problem) : InputError(std::vector<Problem>{std::move(problem)}) {}
  [[nodiscard]] const std::vector<Problem>& problems() const { return problems_; }
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::vector<Problem> problems_;
  std::string text_;
};

// The known name nearest to `word` by edit distance, or "" when none is near enough to be a slip of the hand.
std::string nearest(const std::string& word, const std::vector<std::string>& known);

}  // namespace tideline
