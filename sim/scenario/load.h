// Loads the document of a scenario. FILE#NAME is the pool NAME of a file that names several (sim/pools) as if
// it stood alone: the rest of the file under what the pool says itself, with the draws that it has among the
// others, and without what was published of all together.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/config/node.h"

namespace tideline::scenario {

// `overrides` lie on top of all that, as in config::Document::load(). Fails: throws InputError where that
// does, and where the file has no such pool.
config::Document load(const std::string& name, const std::vector<std::string>& overrides = {});

// The file of a scenario's name.
std::string file_of(const std::string& name);

// A document for each pool of the file that `document` was loaded from, in their order there. REQUIRES: it
// has "pools", and nothing was asked of it yet.
std::vector<std::pair<std::string, config::Document>> pool_documents(const config::Document& document);

}  // namespace tideline::scenario
