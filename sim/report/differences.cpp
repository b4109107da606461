#include "sim/report/differences.h"

#include <map>

namespace tideline::report {
namespace {

using Json = nlohmann::ordered_json;

void add_leaves(const Json& value, const std::string& path, std::map<std::string, const Json*>& leaves) {
  const std::string prefix = path.empty() ? "" : path + ".";
  if (value.is_object() && !value.empty()) {
    for (const auto& [key, item] : value.items())
      if (!key.starts_with("_")) add_leaves(item, prefix + key, leaves);
  } else if (value.is_array() && !value.empty()) {
    for (std::size_t i = 0; i < value.size(); ++i) add_leaves(value[i], prefix + std::to_string(i), leaves);
  } else {
    leaves[path] = &value;
  }
}

template <class Keep>
std::vector<Difference> joined(const Json& a, const Json& b, Keep keep) {
  std::map<std::string, const Json*> of_a, of_b;
  add_leaves(a, "", of_a);
  add_leaves(b, "", of_b);
  std::map<std::string, Difference> both;
  for (const auto& [path, value] : of_a) both[path].a = value;
  for (const auto& [path, value] : of_b) both[path].b = value;
  std::vector<Difference> out;
  for (auto& [path, d] : both)
    if (keep(d)) out.push_back({path, d.a, d.b});
  return out;
}

}  // namespace

std::vector<Difference> differences(const Json& a, const Json& b) {
  return joined(a, b, [](const Difference& d) { return !d.a || !d.b || *d.a != *d.b; });
}

std::vector<Difference> numbers_of_both(const Json& a, const Json& b) {
  return joined(a, b, [](const Difference& d) { return d.a && d.b && d.a->is_number() && d.b->is_number(); });
}

}  // namespace tideline::report
