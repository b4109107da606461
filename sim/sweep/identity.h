// What a point is, whoever runs it and whatever its number: sixteen bytes over all that its result depends
// on. Whether a point is done is asked by its key, so that other shards, another engine or an edited study
// find what was done before.
//
// The key is SHA-256 over the program and the facts it reads (models/, calib/fitted/), the scenario of the
// study with its defaults written back, the files that it names, and what the point changes in it, sorted.
// That determines the scenario of the point without having to read it, which would take a thousand times as
// long: a study of a million points is counted in seconds. Two ways to write one point ("1 h", "60 min") are
// two keys, and cost a second run of it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "sim/sweep/study.h"

namespace tideline::sweep {

using Key = std::array<std::uint8_t, 16>;
std::string hex(const Key& key);
// 32 digits. Fails: all zeros for anything else.
Key key_of_hex(std::string_view digits);

struct Identity {
  std::string engine;     // SHA-256 of the program, in hexadecimal
  std::string catalogue;  // of models/ and calib/fitted/
  std::string base;       // of the scenario, with the files that it names
  std::string all;        // of the three
};

// Cost: some 30 ms, and reading what the scenario names. Fails: InputError where a file cannot be read.
Identity identity_of(const Study& study);

// Cost: about 2 us.
Key key_of(const Study& study, const Identity& identity, const Point& point);

}  // namespace tideline::sweep
