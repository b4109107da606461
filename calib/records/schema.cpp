#include "calib/records/schema.h"

#include <nlohmann/json.hpp>

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

}  // namespace

std::string json_schema() {
  Describer describer;
  const Record record;
  visit(record, describer);
  Json out = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", "One line of a file of records (calib/records/record.h)"}};
  out.update(std::move(describer).schema());
  out["properties"]["schema"] = {{"const", kSchema}};
  out["properties"]["shape"]["additionalProperties"]["minimum"] = 1;
  out["properties"]["time_us"]["properties"]["median"]["exclusiveMinimum"] = 0;
  return out.dump(2) + "\n";
}

}  // namespace tideline::records
