// A policy by its name: what a scenario may say, what `tideline list` says of it, and what it is in the
// program. Each kind of decision is a table of them.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace tideline {

template <class Kind>
struct Policy {
  std::string_view name;
  std::string_view sentence;
  Kind kind;
};

// Of any table whose rows have a name.
template <class Row, std::size_t kSize>
constexpr std::array<std::string_view, kSize> names_of(const std::array<Row, kSize>& table) {
  std::array<std::string_view, kSize> list{};
  for (std::size_t i = 0; i < kSize; ++i) list[i] = table[i].name;
  return list;
}

// The first of the table where no policy has this name.
template <class Kind, std::size_t kSize>
constexpr Kind kind_of(const std::array<Policy<Kind>, kSize>& table, std::string_view name) {
  for (const Policy<Kind>& p : table)
    if (p.name == name) return p.kind;
  return table[0].kind;
}

}  // namespace tideline
