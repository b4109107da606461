// What a fitted model of a GPU says of itself, family by family: its points, how far its backbone is from
// each, how far it was from what it had not seen, and whether its 90 % intervals hold 90 %. As text with a
// plot, as JSON, as SVG. Deterministic; times in microseconds.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/catalog/hardware.h"

namespace tideline::calib {

// `fitted`: the contents of calib/fitted/<gpu>.json. `family`: one of them, or empty for all.
// Fails: throws InputError naming the families, or saying that the file is of an older program.
nlohmann::ordered_json inspect(const catalog::Gpu& gpu, const nlohmann::ordered_json& fitted,
                               const std::string& family);

// The table of errors, and a plot for each family; one family alone is followed by its points.
std::string inspect_text(const nlohmann::ordered_json& inspected);
std::string inspect_svg(const nlohmann::ordered_json& inspected);

// A file as `inspect` wants it. Fails: throws InputError when there is no such file, or with line, column and
// JSON pointer of every mistake: it is no JSON, lacks a family or a part of one, or holds a text, say, in
// place of a number.
nlohmann::ordered_json read_fitted(const catalog::Gpu& gpu, const std::string& file);

}  // namespace tideline::calib
