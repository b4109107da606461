// Does each getter return what stands in the file, or its default, and refuse the rest in plain words?
#include <string_view>

#include "sim/config/start.h"
#include "tests/unit/config/reading.h"

namespace tideline::config {
namespace {

constexpr std::string_view kGpus[] = {"h100", "h800"};

TEST_CASE("each getter returns what stands in the file") {
  const Document document = Document::parse(R"({
    "question": "How many?", "gpu": "h800", "nodes": 226, "load": 170e6, "skew": -0.5, "hit": 0.563,
    "mtp": true, "hours": [1, 2.5], "names": ["a", "b"], "from": "00:30", "to": "24:00",
    "price": "0.135 USD/Mtok", "fleet": {"unit": {"ranks": 144}}, "none": null})",
                                            "a.json");
  const Node root = document.root();
  CHECK(root.text("question") == "How many?");
  CHECK(root.choice("gpu", kGpus) == "h800");
  CHECK(root.positive("nodes") == 226);
  CHECK(root.count("load") == 170'000'000);
  CHECK(root.number("skew") == -0.5);
  CHECK(root.fraction("hit") == 0.563);
  CHECK(root.flag("mtp"));
  CHECK(root.numbers("hours") == std::vector<double>{1.0, 2.5});
  CHECK(root.list("names")[1].as_text() == "b");
  CHECK(root.clock("from") == 30);
  CHECK(root.clock("to") == 1440);
  CHECK(root.price("price").currency == "USD");
  CHECK(root.price("price").per_mtok.micro_usd == 135'000);
  CHECK(root.object("fleet").object("unit").count("ranks") == 144);
  CHECK(root.is_null("none"));
  CHECK(!root.optional_object("none"));
  CHECK(!root.optional_object("absent"));
  CHECK(root.is_text("gpu"));
  CHECK(!root.has("absent"));
  CHECK_NOTHROW(document.finish());
}

TEST_CASE("one number or several, where either will do") {
  CHECK(mistakes(R"({"a": 2, "b": [1, 2.5], "c": "2"})", [](const Node& root) {
          CHECK(root.number_or_numbers("a") == std::vector<double>{2.0});
          CHECK(root.number_or_numbers("b") == std::vector<double>{1.0, 2.5});
          (void)root.number_or_numbers("c");
        }) == "a.json:1:30: error: wants a number, found the text \"2\"\n"
              "  at /c\n"
              "  write 2 without quotes\n");
}

TEST_CASE("a getter of an absent key returns its default") {
  CHECK(mistakes("{}", [](const Node& root) {
          CHECK(root.text("a", "x") == "x");
          CHECK(root.choice("b", kGpus, "h100") == "h100");
          CHECK(root.count("c", 3) == 3);
          CHECK(root.number("d", 0.5) == 0.5);
          CHECK(root.flag("e", true));
          CHECK(root.quantity<Seconds>("f", Seconds(2.0)) == Seconds(2.0));
        }) == "");
}

TEST_CASE("an absent key without a default is a mistake at its object") {
  CHECK(mistakes("{\n  \"fleet\": {}\n}",
                 [](const Node& root) {
                   const Node fleet = root.object("fleet");
                   CHECK(fleet.text("gpu") == "");
                   CHECK(fleet.positive("nodes") == 1);
                   CHECK(fleet.choice("router", kGpus) == "h100");
                   CHECK(root.object("day").count("hours") == 0);  // silent: the object itself is reported
                 }) ==
        "a.json:1:1: error: key \"day\" is missing: wants an object\n"
        "  at /day\n"
        "a.json:2:12: error: key \"gpu\" is missing: wants text\n"
        "  at /fleet/gpu\n"
        "a.json:2:12: error: key \"nodes\" is missing: wants a whole number of 1 or more\n"
        "  at /fleet/nodes\n"
        "a.json:2:12: error: key \"router\" is missing: wants one of h100, h800\n"
        "  at /fleet/router\n");
}

TEST_CASE("a value of the wrong type says what is wanted and what was found") {
  const std::string text = R"({"a": 5, "b": "5", "c": {}, "d": [], "e": null, "f": true, "g": 2.5, "h": 0})";
  CHECK(mistakes(text,
                 [](const Node& root) {
                   (void)root.text("a");
                   (void)root.number("b");
                   (void)root.flag("c");
                   (void)root.object("d");
                   (void)root.text("e");
                   (void)root.list("f");
                   (void)root.count("g");
                   (void)root.positive("h");
                 }) ==
        "a.json:1:7: error: wants text, found the number 5\n"
        "  at /a\n"
        "a.json:1:15: error: wants a number, found the text \"5\"\n"
        "  at /b\n"
        "  write 5 without quotes\n"
        "a.json:1:25: error: wants true or false, found an object\n"
        "  at /c\n"
        "a.json:1:34: error: wants an object, found a list\n"
        "  at /d\n"
        "a.json:1:43: error: wants text, found null\n"
        "  at /e\n"
        "a.json:1:54: error: wants a list, found true\n"
        "  at /f\n"
        "a.json:1:65: error: wants a whole number of 0 or more, found the number 2.5\n"
        "  at /g\n"
        "a.json:1:75: error: wants a whole number of 1 or more, found the number 0\n"
        "  at /h\n");
}

TEST_CASE("an element of a list that is no object is reported once, whatever is asked of it") {
  CHECK(mistakes(R"({"l": [{"n": 1}, 7, "x"]})",
                 [](const Node& root) {
                   for (const Node& element : root.list("l"))
                     (void)element.count("n"), (void)element.flag("f", false);
                 }) ==
        "a.json:1:18: error: wants an object, found the number 7\n"
        "  at /l/1\n"
        "a.json:1:21: error: wants an object, found the text \"x\"\n"
        "  at /l/2\n");
}

TEST_CASE("a fraction outside 0 to 1 is refused, and a percentage gets the fraction it means") {
  CHECK(mistakes(R"({"hit": 56.3, "miss": -1})",
                 [](const Node& root) {
                   (void)root.fraction("hit");
                   (void)root.fraction("miss");
                 }) ==
        "a.json:1:9: error: wants a fraction from 0 to 1, found the number 56.3\n"
        "  at /hit\n"
        "  did you mean 0.563?\n"
        "a.json:1:23: error: wants a fraction from 0 to 1, found the number -1\n"
        "  at /miss\n");
}

TEST_CASE("an unknown name lists the known ones, and a slip of the hand gets the name that was meant") {
  CHECK(mistakes(R"({"a": "h80", "b": "turbine"})",
                 [](const Node& root) {
                   CHECK(root.choice("a", kGpus) == "h100");
                   (void)root.choice("b", kGpus);
                 }) ==
        "a.json:1:7: error: unknown name \"h80\": wants one of h100, h800\n"
        "  at /a\n"
        "  did you mean \"h800\"?\n"
        "a.json:1:19: error: unknown name \"turbine\": wants one of h100, h800\n"
        "  at /b\n");
}

TEST_CASE("a local time is a time of day, or that of a date, and is written back as it stands") {
  const Document document =
      Document::parse(R"({"a": "08:30", "b": "2025-02-28T24:00", "c": "1969-12-31T00:00"})", "a.json");
  const Node root = document.root();
  const auto a = root.local_time("a"), b = root.local_time("b"), c = root.local_time("c");
  REQUIRE((a && b && c));
  CHECK((!a->day && a->minute == 510));
  CHECK((b->day == 20147 && b->minute == 1440));
  CHECK((c->day == -1 && c->minute == 0));
  CHECK_NOTHROW(document.finish());
  for (const char* time : {"08:30", "2025-02-28T24:00", "1969-12-31T00:00"})
    CHECK(document.effective().find(time) != std::string::npos);
  CHECK(mistakes(R"({"a": "2025-02-29T08:30", "b": "2025-02-28 08:30", "c": "T08:30", "d": 8})",
                 [](const Node& n) {
                   for (const char* key : {"a", "b", "c", "d"}) CHECK(!n.local_time(key));
                 }) ==
        "a.json:1:7: error: wants a time of day such as \"08:30\", or that of a date, \"2025-02-28T08:30\", "
        "found the text \"2025-02-29T08:30\"\n"
        "  at /a\n"
        "a.json:1:32: error: wants a time of day such as \"08:30\", or that of a date, \"2025-02-28T08:30\", "
        "found the text \"2025-02-28 08:30\"\n"
        "  at /b\n"
        "a.json:1:57: error: wants a time of day such as \"08:30\", or that of a date, \"2025-02-28T08:30\", "
        "found the text \"T08:30\"\n"
        "  at /c\n"
        "a.json:1:72: error: wants a time of day such as \"08:30\", or that of a date, \"2025-02-28T08:30\", "
        "found the number 8\n"
        "  at /d\n");
}

TEST_CASE("signs and letters are no part of a local time") {
  for (const char* text : {"-0:30", "0x:30", "08:-5", "20a5-02-27T08:30", "-025-02-27T08:30", "2025-02-27T"})
    CHECK(!local_time(text));
  CHECK(written(*local_time("2025-02-27T08:30")) == "2025-02-27T08:30");
}

TEST_CASE("a time of day is hours and minutes, up to 24:00") {
  CHECK(mistakes(R"({"a": "8:30", "b": "24:01", "c": 830})",
                 [](const Node& root) {
                   for (const char* key : {"a", "b", "c"}) (void)root.clock(key);
                 }) ==
        "a.json:1:7: error: wants a time of day such as \"08:30\", found the text \"8:30\"\n"
        "  at /a\n"
        "a.json:1:20: error: wants a time of day such as \"08:30\", found the text \"24:01\"\n"
        "  at /b\n"
        "a.json:1:34: error: wants a time of day such as \"08:30\", found the number 830\n"
        "  at /c\n");
}

}  // namespace
}  // namespace tideline::config
