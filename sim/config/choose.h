// One policy of a table, by the name that a key gives it.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sim/base/policy.h"
#include "sim/config/node.h"

namespace tideline::config {

// Fails as Node::choice; returns the first of the table.
template <class Kind, std::size_t kSize>
Kind choose(const Node& node, std::string_view key, const std::array<Policy<Kind>, kSize>& table,
            std::optional<std::string> absent = {}) {
  return kind_of(table, node.choice(key, names_of(table), std::move(absent)));
}

}  // namespace tideline::config
