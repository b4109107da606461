// Is everything that a reader may ask for in the schema, in the form in which it is asked?
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "sim/config/schema.h"

namespace tideline::config {
namespace {

using Json = nlohmann::json;

Json properties(const std::function<void(const Node&)>& read, const std::string& seed = "{}") {
  const DocumentKind kind{"day", "", "workload", seed, [&](const Document& d) {
                            read(d.root());
                            d.finish();
                          }};
  return Json::parse(json_schema("t", {&kind, 1}))["$defs"]["day"]["properties"];
}

bool has(const Json& object, const std::string& key) {
  return object["properties"].contains(key);
}

TEST_CASE("each getter is told in its own form, with its default") {
  static constexpr std::string_view kNames[] = {"a", "b"};
  const Json p = properties([](const Node& n) {
    (void)n.text("text");
    (void)n.choice("choice", kNames, "b");
    (void)n.choice_or_file("file", kNames);
    (void)n.fraction("share", 0.5);
    (void)n.positive("nodes");
    (void)n.flag("flag", true);
    (void)n.quantity<DollarsPerSecond>("rate", DollarsPerSecond(2.0 / 3600.0));
    (void)n.clock("at");
    (void)n.local_time("when");
  });
  CHECK(p["text"] == Json::parse(R"({"type": "string"})"));
  CHECK(p["choice"] == Json::parse(R"({"enum": ["a", "b"], "default": "b"})"));
  CHECK(p["file"]["anyOf"][0]["enum"] == Json::parse(R"(["a", "b"])"));
  CHECK(p["share"] == Json::parse(R"({"type": "number", "minimum": 0, "maximum": 1, "default": 0.5})"));
  CHECK(p["nodes"] == Json::parse(R"({"type": "integer", "minimum": 1})"));
  CHECK(p["flag"]["default"] == true);
  CHECK(p["rate"]["default"] == "2 USD/h");
  CHECK(p["rate"]["pattern"] == "^[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)? ?(USD/h|USD/s)$");
  CHECK(p["at"]["pattern"] == "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$");
  CHECK(p["when"]["pattern"] == "^([0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T)?"
                                "(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$");
}

TEST_CASE("what is asked only because of another key, a name or a flag is found, however deep") {
  static constexpr std::string_view kKinds[] = {"none", "lru"};
  const Json p = properties([](const Node& n) {
    if (n.has("cache")) {
      const Node cache = n.object("cache");
      if (cache.choice("kind", kKinds, "none") == "lru" && cache.flag("bounded", false))
        for (const Node& shelf : cache.list("shelves")) (void)shelf.quantity<Bytes>("size");
    }
    if (const auto spare = n.optional_object("spare")) (void)spare->count("units", 0);
  });
  const Json& shelf = p["cache"]["properties"]["shelves"]["items"];
  CHECK(shelf["properties"]["size"]["description"] == "an amount of data such as \"80 GB\"");
  CHECK(shelf["additionalProperties"] == false);
  CHECK(p["spare"]["anyOf"][1]["type"] == "null");
  CHECK(has(p["spare"]["anyOf"][0], "units"));
}

TEST_CASE("a value that may be of two kinds is told as either, and a list by its elements") {
  const Json p = properties([](const Node& n) {
    if (n.has("rate") && n.is_text("rate"))
      (void)n.quantity<PerSecond>("rate");
    else if (n.has("rate"))
      (void)n.number("rate");
    (void)n.numbers("profile");
    if (n.has("names"))
      for (const Node& name : n.list("names")) (void)name.as_text();
  });
  CHECK(p["rate"]["anyOf"].size() == 2);
  CHECK(p["profile"]["items"]["type"] == "number");
  CHECK(p["names"]["items"]["type"] == "string");
}

TEST_CASE("names of the file's own may be any, what stands below them may not") {
  const auto read = [](const Node& n) {
    const Node classes = n.object("classes");
    classes.keys_are_names();
    for (const std::string& name : classes.keys()) (void)classes.object(name).fraction("share");
  };
  const Json classes = properties(read)["classes"];
  CHECK_FALSE(classes.contains("properties"));
  CHECK(classes["additionalProperties"]["properties"]["share"]["maximum"] == 1);
  CHECK(classes["additionalProperties"]["additionalProperties"] == false);
}

TEST_CASE("a key that is looked for only to refuse it is not offered") {
  const Json p = properties([](const Node& n) {
    if (n.has("phase")) n.problem("phase", "this is another scenario");
    (void)n.count("units", 1);
  });
  CHECK_FALSE(p.contains("phase"));
  CHECK(p.contains("units"));
  CHECK(p.contains("extends"));
  CHECK(p.contains("$schema"));
}

}  // namespace
}  // namespace tideline::config
