// Is what nobody asked for refused, are all mistakes told at once and in order, and does effective() read
// back?
#include "tests/unit/config/reading.h"

namespace tideline::config {
namespace {

void read_fleet(const Node& root) {
  const Node fleet = root.object("fleet");
  (void)fleet.count("nodes", 18);
  (void)fleet.quantity<Seconds>("start", Seconds(90.0));
  for (const Node& unit : root.list("units")) {
    (void)unit.quantity<BytesPerSecond>("nic");
    (void)unit.price("price", Price{"CNY", {500'000}});
  }
}

TEST_CASE("a key that nobody asked for is refused where it stands") {
  CHECK(mistakes("{\n  \"fleet\": {\"nodse\": 3, \"colour\": 1},\n  \"units\": [],\n  \"zoo\": {\"a\": 1}\n}",
                 read_fleet) ==
        "a.json:2:13: error: unknown key \"nodse\"\n"
        "  at /fleet/nodse\n"
        "  did you mean \"nodes\"?\n"
        "a.json:2:25: error: unknown key \"colour\"\n"
        "  at /fleet/colour\n"
        "  known here: nodes, start\n"
        "a.json:4:3: error: unknown key \"zoo\"\n"
        "  at /zoo\n"
        "  known here: fleet, units\n");
}

TEST_CASE("a key that begins with an underscore is a remark, at any depth") {
  CHECK(mistakes(R"({"_why": [1], "fleet": {"_": "b", "nodes": 3}, "units": []})", read_fleet) == "");
}

TEST_CASE("what is ignored is neither refused nor written back") {
  const auto read = [](const Node& root) {
    root.ignore("a");
    root.ignore("absent");
    root.object("b").ignore_rest();
  };
  CHECK(effective(R"({"a": {"x": 1}, "b": {"y": 2}})", read) == "{}\n");
}

TEST_CASE("a key that was looked for and not read has no effect") {
  CHECK(mistakes(R"({"a": 1})", [](const Node& root) { (void)root.has("a"); }) ==
        "a.json:1:2: error: key \"a\" has no effect here\n"
        "  at /a\n");
}

TEST_CASE("an object may say more about keys that nobody knows") {
  CHECK(mistakes(R"({"experts2": 1, "n": 2, "zzz": 3})",
                 [](const Node& root) {
                   (void)root.count("n");
                   (void)root.count("experts", 0);
                   root.explain_unknown("it may shape the model", "list it");
                 }) ==
        "a.json:1:2: error: unknown key \"experts2\": it may shape the model\n"
        "  at /experts2\n"
        "  did you mean \"experts\"?\n"
        "a.json:1:25: error: unknown key \"zzz\": it may shape the model\n"
        "  at /zzz\n"
        "  list it\n");
}

TEST_CASE("mistakes come in the order of the file, each once, whoever found them first") {
  CHECK(mistakes("{\"a\": 1,\n \"~/b\": 2,\n \"é\": {\"c\": 3}, \"d\": 4}",
                 [](const Node& root) {
                   (void)root.text("d");
                   (void)root.text("a");
                   (void)root.text("a");
                   root.object("é").problem("c", "is too many", "take two");
                   root.object("é").problem("", "cannot be");
                 }) ==
        "a.json:1:7: error: wants text, found the number 1\n"
        "  at /a\n"
        "a.json:2:2: error: unknown key \"~/b\"\n"
        "  at /~0~1b\n"
        "  known here: a, d, é\n"
        "a.json:3:7: error: cannot be\n"
        "  at /é\n"
        "a.json:3:13: error: is too many\n"
        "  at /é/c\n"
        "  take two\n"
        "a.json:3:22: error: wants text, found the number 4\n"
        "  at /d\n");
}

TEST_CASE("effective() holds what was read and every default, with sorted keys and one unit for one size") {
  const std::string text = R"({"units": [{"nic": "400 Gb/s", "_": 0}], "fleet": {"start": "1.5 min"}})";
  const std::string understood =
      "{\n"
      "  \"fleet\": {\n"
      "    \"nodes\": 18,\n"
      "    \"start\": \"90 s\"\n"
      "  },\n"
      "  \"units\": [{\n"
      "    \"nic\": \"50 GB/s\",\n"
      "    \"price\": \"0.5 CNY/Mtok\"\n"
      "  }]\n"
      "}\n";
  CHECK(effective(text, read_fleet) == understood);
  CHECK(effective(understood, read_fleet) == understood);
}

TEST_CASE("another unit or another order of keys changes nothing in effective()") {
  CHECK(effective(R"({"fleet": {"start": "90000 ms", "nodes": 18}, "units": [{"nic": "50 GB/s"}]})",
                  read_fleet) ==
        effective(R"({"units": [{"nic": "0.4 Tb/s"}], "fleet": {"nodes": 18, "start": "0.025 h"}})",
                  read_fleet));
}

}  // namespace
}  // namespace tideline::config
