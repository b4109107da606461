// From the measurements of one family of kernels to its part of a fitted model, errors beside it.
//
// 1. Runs of one library version at one place are one measurement: their median. Versions differ and count
//    alike: their geometric mean stands, their spread is reported.
// 2. On a curve times are made isotonic (pool adjacent violators, in ln t); what moves by more than 30 % is
//    listed as an outlier.
// 3. Errors come from leaving out: each inner point of a curve (a known kernel), each kernel with all its
//    curves, backbone fitted anew (an unknown one).
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/catalog/hardware.h"
#include "sim/kernels/shapes.h"

namespace tideline::calib {

struct Record {
  kernels::Coordinates at;
  std::string source, library;  // library: with its version, and how it was timed
  Seconds time;
  std::string date{};
  std::string library_name{};  // without either
};

// What another implementation of the same kernel reaches at best; its fixed costs and its shape dependence
// are then taken from the records of the one that was measured.
struct Ceiling {
  FlopPerSecond compute;
  BytesPerSecond memory;
  std::string source;
};

nlohmann::ordered_json fit_family(const kernels::FamilyInfo& info, const catalog::Gpu& gpu,
                                  const std::vector<Record>& records,
                                  const std::optional<Ceiling>& ceiling = std::nullopt);
// Of records that are too few for a backbone of their own: `assumed` stands, and the errors are those from
// it.
nlohmann::ordered_json fit_family(const kernels::FamilyInfo& info, const std::vector<Record>& records,
                                  const kernels::Backbone& assumed);

// Six significant digits: what both compilers agree on, and more than any measurement holds.
double rounded(double value);

}  // namespace tideline::calib
