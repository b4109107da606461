#include "sim/scenario/load.h"

#include <fmt/format.h>

#include <filesystem>

#include "sim/base/error.h"

namespace tideline::scenario {

using config::Document;

namespace {

constexpr char kPool = '#';

// Where the name of a pool begins; npos where there is none: a file may have such a name itself.
std::size_t pool_in(const std::string& name) {
  return std::filesystem::exists(name) ? std::string::npos : name.rfind(kPool);
}

}  // namespace

std::string file_of(const std::string& name) {
  return name.substr(0, pool_in(name));
}

// Pools draw apart from one another.
std::vector<std::pair<std::string, Document>> pool_documents(const Document& document) {
  auto pools = document.variants("pools");
  for (std::size_t k = 1; k < pools.size(); ++k)
    pools[k].second = pools[k].second.with({fmt::format("stream={}", k)});
  return pools;
}

Document load(const std::string& name, const std::vector<std::string>& overrides) {
  const std::string file = file_of(name);
  if (file == name) return Document::load(file, overrides);
  const std::string pool = name.substr(file.size() + 1);
  if (!Document::load(file).root().given("pools"))
    throw InputError(Problem{.file = file,
                             .message = "this file has no \"pools\"",
                             .suggestion = fmt::format("leave out \"{}{}\"", kPool, pool)});
  const auto pools = pool_documents(Document::load(file));
  std::vector<std::string> known;
  for (const auto& [other, document] : pools) {
    if (other == pool) return document.with({"published=null"}).with(overrides);
    known.push_back(other);
  }
  const std::string near = nearest(pool, known);
  throw InputError(Problem{.file = file,
                           .message = fmt::format("this file has no pool \"{}\"", pool),
                           .suggestion = near.empty() ? fmt::format("known: {}", fmt::join(known, ", "))
                                                      : fmt::format("did you mean \"{}\"?", near)});
}

}  // namespace tideline::scenario
