// Records from a file of JSON Lines, and to one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "calib/records/record.h"

namespace tideline::records {

// Empty lines are passed over. Fails: throws InputError when the file cannot be read; with file, line, column
// and JSON pointer for every mistake of the file (after the first 20 it stops): broken JSON, an unknown key
// or name, a missing field, a value out of range, a time or a size of zero, a shape that lacks what its
// family is measured by, a schema of another version.
std::vector<Record> read_records(const std::string& file);
std::vector<Record> parse_records(std::string_view text, const std::string& name);

std::string to_lines(const std::vector<Record>& records);

bool is_date(std::string_view text);  // "2025-02-27", a day of the calendar

// Why the reader refuses this record; empty: it does not.
std::string refusal(const Record& record);

// What a shape of this family must hold: {"m", "n", "k"}; nothing where any shape will do.
std::vector<std::string_view> shape_of_family(std::string_view family);

}  // namespace tideline::records
