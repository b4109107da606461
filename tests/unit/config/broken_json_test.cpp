// Does broken JSON say where and why?
#include "sim/config/parse.h"
#include "tests/unit/config/reading.h"

namespace tideline::config {
namespace {

struct Case {
  const char* text;
  const char* message;
};

constexpr const char* kNoValue =
    " is not a value: text stands in double quotes; the others are numbers, true, false, null, objects and "
    "lists";

TEST_CASE("broken JSON says where and why") {
  const Case cases[] = {
      {"", "1:1: error: broken JSON: the file is empty"},
      {"{\"a\": 1,}", "1:9: error: broken JSON: there is one comma too many before '}'"},
      {"[1,,2]", "1:5: error: broken JSON: there is one comma too many before this"},
      {"[,1]", "1:3: error: broken JSON: there is one comma too many before this"},
      {"{\"a\" 1}", "1:6: error: broken JSON: a colon is missing between the key and this"},
      {"{\"a\": 1\n \"b\": 2}", "2:2: error: broken JSON: a comma is missing before this"},
      {"{\"a\": [1, 2}", "1:12: error: broken JSON: '}' cannot close the '[' of line 1, column 7"},
      {"{\"a\": }", "1:7: error: broken JSON: the key before '}' has no value"},
      {"]", "1:1: error: broken JSON: ']' closes nothing"},
      {"{\"a\": {\n", "2:1: error: broken JSON: the file ends before the '{' of line 1, column 7 is closed"},
      {"{\"a\": \"b\n}", "1:7: error: broken JSON: this text has no closing quote on its line"},
      {"[\"b", "1:2: error: broken JSON: this text has no closing quote"},
      {"[\"\\q\"]",
       "1:2: error: broken JSON: this text holds what JSON does not allow: a control character, an unknown "
       "\\-escape or broken UTF-8"},
      {"{a: 1}", "1:2: error: broken JSON: a key in double quotes is wanted, found 'a'"},
      {"{'a': 1}", "1:2: error: broken JSON: text stands in double quotes, not in single ones"},
      {"{} // so\n",
       "1:4: error: broken JSON: JSON has no comments; a key that begins with \"_\" is a remark"},
      {"{} x", "1:4: error: broken JSON: nothing may follow the end of the document, found 'x'"},
  };
  for (const Case& c : cases)
    CHECK(mistakes(c.text, read_nothing) == std::string("a.json:") + c.message + "\n");
  for (const std::string word : {"nul", "+1", "1e999", "NaN", ".5"})
    CHECK(mistakes("{\"é\": " + word + "}", read_nothing) ==
          "a.json:1:7: error: broken JSON: '" + word + "'" + kNoValue + "\n");
}

TEST_CASE("a key that stands twice in one object is refused; in two objects it is not") {
  CHECK(mistakes("{\"a\": {\"b\": 1,\n       \"b\": 2}}", read_nothing) ==
        "a.json:2:8: error: key \"b\" stands twice in this object; first on line 1, column 8\n");
  CHECK(mistakes(R"([{"b": 1}, {"b": 2}])", [](const Node& root) { root.ignore_rest(); }) == "");
}

TEST_CASE("nesting has a limit") {
  CHECK(mistakes(std::string(65, '[') + std::string(65, ']'), read_nothing) ==
        "a.json:1:65: error: more than 64 lists and objects in one another\n");
}

TEST_CASE("a number that is followed at once by a bracket or a comma does not move the places after it") {
  CHECK(mistakes("{\"a\":1,\"b\":[2,3],\"c\":4}",
                 [](const Node& root) {
                   (void)root.text("a");
                   for (const Node& n : root.list("b")) (void)n.as_text();
                   (void)root.text("c");
                 }) ==
        "a.json:1:6: error: wants text, found the number 1\n  at /a\n"
        "a.json:1:13: error: wants text, found the number 2\n  at /b/0\n"
        "a.json:1:15: error: wants text, found the number 3\n  at /b/1\n"
        "a.json:1:22: error: wants text, found the number 4\n  at /c\n");
}

}  // namespace
}  // namespace tideline::config
