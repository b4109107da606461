#include "calib/records/schema.h"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "calib/records/read.h"
#include "calib/records/record.h"

namespace tideline::records {
namespace {

using Json = nlohmann::ordered_json;

Json of(const std::string&) {
  return {{"type", "string"}};
}
Json of(std::int64_t) {
  return {{"type", "integer"}, {"minimum", 0}};
}
Json of(double) {
  return {{"type", "number"}};
}
Json of(bool) {
  return {{"type", "boolean"}};
}

class Describer {
 public:
  template <class T>
  void field(std::string_view key, const T& value) {
    add(key, true, of(value));
  }
  template <class T>
  void field(std::string_view key, const std::optional<T>&) {
    add(key, false, of(T{}));
  }
  template <class T>
  void field(std::string_view key, const std::map<std::string, T>&) {
    add(key, false, {{"type", "object"}, {"additionalProperties", of(T{})}});
  }
  void field(std::string_view key, const std::vector<std::string>&) {
    add(key, false, {{"type", "array"}, {"items", of(std::string())}});
  }
  template <std::size_t N>
  void choice(std::string_view key, const std::string&, const std::array<std::string_view, N>& known) {
    add(key, true, {{"enum", known}});
  }
  template <class Body>
  void object(std::string_view key, bool required, Body body) {
    Describer inside;
    std::swap(inside.out_, out_);
    body();
    std::swap(inside.out_, out_);
    add(key, required, std::move(inside.out_));
  }
  Json schema() && { return std::move(out_); }

 private:
  void add(std::string_view key, bool required, Json description) {
    if (required) out_["required"].push_back(key);
    out_["properties"][std::string(key)] = std::move(description);
  }

  Json out_ = {{"type", "object"},
               {"additionalProperties", false},
               {"required", Json::array()},
               {"properties", Json::object()}};
};

// A day of the calendar, as is_date() has it.
constexpr const char* kDate =
    "^([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|"
    "02-(0[1-9]|1[0-9]|2[0-8]))|"
    "([0-9]{2}(0[48]|[2468][048]|[13579][26])|(00|[2468][048]|0[48]|[13579][26])00)-02-29)$";

// What the types of the fields cannot say, and the reader wants (records/read.cpp); left to the reader: which
// of two fields is the greater.
void narrow(Json& fields) {
  const auto inside = [&](const char* object, const char* key) -> Json& {
    return fields[object]["properties"][key];
  };
  fields["schema"] = {{"const", kSchema}};
  fields["shape"]["additionalProperties"]["minimum"] = 1;
  for (const auto& [object, key] : {std::pair("device", "sms"), {"impl", "sms"}, {"time_us", "n"}})
    inside(object, key)["minimum"] = 1;
  for (const char* key : {"median", "p90", "max"}) inside("time_us", key)["exclusiveMinimum"] = 0;
  for (const char* key : {"min", "p10", "mean", "sd", "mad"}) inside("time_us", key)["minimum"] = 0;
  for (const char* key : {"flop", "bytes"}) inside("work", key)["minimum"] = 0;
  for (const char* key : {"communication", "compute"})
    inside("company", key)["minimum"] = 0, inside("company", key)["maximum"] = 1;
  inside("source", "origin")["minLength"] = 1;
  inside("source", "date")["pattern"] = kDate;
}

// If a key of a record, or of an object in it, has a value, then also `then`.
Json where(const Json& properties, const Json& then) {
  return {{"if", {{"properties", properties}}}, {"then", {{"properties", then}}}};
}

Json conditions() {
  std::map<std::vector<std::string_view>, std::vector<std::string_view>> families;  // by what measures them
  for (const std::string_view family : kFamilies) families[shape_of_family(family)].push_back(family);
  families.erase(std::vector<std::string_view>{});
  Json out = Json::array();
  for (const auto& [keys, of] : families) {
    out.push_back(where({{"family", {{"enum", of}}}}, {{"shape", {{"required", keys}}}}));
    out.back()["then"]["required"] = {"shape"};
  }
  const Json little = {{"exclusiveMaximum", kAlone}};
  out.push_back(where({{"company", {{"properties", {{"kind", {{"const", "alone"}}}}}}}},
                      {{"company", {{"properties", {{"communication", little}, {"compute", little}}}}}}));
  return out;
}

}  // namespace

std::string json_schema() {
  Describer describer;
  const Record record;
  visit(record, describer);
  Json out = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", "One line of a file of records (calib/records/record.h)"}};
  out.update(std::move(describer).schema());
  narrow(out["properties"]);
  out["allOf"] = conditions();
  return out.dump(2) + "\n";
}

}  // namespace tideline::records
