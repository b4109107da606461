// Does the JSON schema take what the reader takes, and nothing else?
#include "calib/records/schema.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

#include "calib/records/read.h"
#include "sim/base/error.h"
#include "tests/doctest.h"

namespace tideline::records {
namespace {

using Json = nlohmann::json;

bool is_of_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number() && value.get<double>() == std::floor(value.get<double>());
  return type == "number" && value.is_number();
}

bool takes(const Json& schema, const Json& value);

bool takes_object(const Json& schema, const Json& value) {
  if (!value.is_object()) return true;
  for (const Json& key : schema.value("required", Json::array()))
    if (!value.contains(key.get<std::string>())) return false;
  const Json properties = schema.value("properties", Json::object());
  for (const auto& [key, inside] : value.items()) {
    if (properties.contains(key) && !takes(properties[key], inside)) return false;
    if (properties.contains(key) || !schema.contains("additionalProperties")) continue;
    const Json& more = schema["additionalProperties"];
    if (more.is_boolean() ? !more.get<bool>() : !takes(more, inside)) return false;
  }
  return true;
}

bool takes_number(const Json& schema, const Json& value) {
  if (!value.is_number()) return true;
  const auto x = value.get<double>();
  return !(schema.contains("minimum") && x < schema["minimum"]) &&
         !(schema.contains("maximum") && x > schema["maximum"]) &&
         !(schema.contains("exclusiveMinimum") && x <= schema["exclusiveMinimum"]) &&
         !(schema.contains("exclusiveMaximum") && x >= schema["exclusiveMaximum"]);
}

bool takes_text(const Json& schema, const Json& value) {
  if (!value.is_string()) return true;
  const auto text = value.get<std::string>();
  return text.size() >= schema.value("minLength", std::size_t{0}) &&
         (!schema.contains("pattern") ||
          std::regex_search(text, std::regex(schema["pattern"].get<std::string>())));
}

// As much of JSON Schema as this one uses.
bool takes(const Json& schema, const Json& value) {
  if (schema.contains("type") && !is_of_type(value, schema["type"])) return false;
  if (schema.contains("const") && value != schema["const"]) return false;
  if (schema.contains("enum") && std::ranges::find(schema["enum"], value) == schema["enum"].end())
    return false;
  if (schema.contains("items") && value.is_array())
    for (const Json& element : value)
      if (!takes(schema["items"], element)) return false;
  for (const Json& one : schema.value("allOf", Json::array()))
    if (!takes(one, value)) return false;
  if (schema.contains("if") && takes(schema["if"], value) && !takes(schema["then"], value)) return false;
  return takes_object(schema, value) && takes_number(schema, value) && takes_text(schema, value);
}

const char* const kWhole =
    R"({"schema":1,"family":"dense_gemm_fp8","op":"o","shape":{"m":64,"n":4096,"k":7168},
        "dtype":{"a":"e4m3"},"layout":"x","includes":["product"],
        "device":{"name":"NVIDIA H800","sms":132,"mig":false,"l2_bytes":5},
        "impl":{"library":"DeepGEMM","version":"2","sms":132},
        "method":{"mode":"published","l2":"cold","data":"random","warmup":3},
        "time_us":{"n":1,"min":0,"p10":11,"median":12.5,"p90":13,"max":20,"mean":12,"sd":1,"mad":1},
        "work":{"flop":1.5,"bytes":2},"company":{"kind":"alone","communication":0.01,"compute":0.0},
        "state":{"order":1,"sentinel":false},"quality":{"ok":true,"relative_error":0.1},
        "source":{"kind":"measured","origin":"here","date":"2025-01-01"},"run":{"id":"a"},
        "libraries":{"nccl":"2"}})";

bool reader_takes(const Json& record) {
  try {
    (void)parse_records(record.dump() + "\n", "r.jsonl");
  } catch (const InputError&) {
    return false;
  }
  return true;
}

TEST_CASE("whatever is changed in a record, or taken from it, schema and reader say the same of it") {
  const Json schema = Json::parse(json_schema()), whole = Json::parse(kWhole), flat = whole.flatten();
  REQUIRE(takes(schema, whole));
  REQUIRE(reader_takes(whole));
  const std::vector<Json> values{nullptr,
                                 true,
                                 0,
                                 -1,
                                 1,
                                 0.5,
                                 1.5,
                                 0.02,
                                 1e15,
                                 "",
                                 "x",
                                 "2025-13-45",
                                 "2024-02-29",
                                 "2025-02-29",
                                 Json::array(),
                                 Json::object(),
                                 {"a"},
                                 {{"a", 1}}};
  // Left to the reader: which of two fields is the greater.
  const auto compared = [](const std::string& pointer) {
    return pointer == "/device/sms" || pointer == "/impl/sms" ||
           (pointer.starts_with("/time_us/") && pointer != "/time_us/n");
  };
  int refused = 0;
  for (const auto& [pointer, old] : flat.items()) {
    const Json::json_pointer at(pointer);
    for (Json::json_pointer p = at; !p.empty(); p = p.parent_pointer()) {
      for (const Json& value : values) {
        Json changed = whole;
        changed[p] = value;
        if (compared(p.to_string()) && value.is_number() && value > 0) continue;
        CAPTURE(p.to_string());
        CAPTURE(value.dump());
        CHECK(takes(schema, changed) == reader_takes(changed));
        refused += !takes(schema, changed);
      }
      Json without = whole;
      if (without[p.parent_pointer()].is_object()) without[p.parent_pointer()].erase(p.back());
      CAPTURE(p.to_string());
      CHECK(takes(schema, without) == reader_takes(without));
    }
  }
  CHECK(refused > 500);
}

TEST_CASE("the schema knows what each family is measured by") {
  const Json schema = Json::parse(json_schema());
  for (const std::string_view family : kFamilies) {
    Json record = Json::parse(kWhole);
    record["family"] = family;
    for (const bool shape : {true, false}) {
      if (!shape) record.erase("shape");
      CAPTURE(family);
      CHECK(takes(schema, record) == reader_takes(record));
    }
  }
}

}  // namespace
}  // namespace tideline::records
