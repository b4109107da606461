// A file of any format that is read -> records.
#pragma once

#include <string>

#include "calib/import/import_trace.h"

namespace tideline::calib {

enum class Format { kKineto, kNsys, kCsv };

// Fails: throws InputError when the file cannot be read, is empty, or no such format is known.
Format format_of(const std::string& file);  // by its first bytes
Format format_named(const std::string& name);

// Fails: throws InputError as the format's reader does; a table is no trace.
Trace read_trace(const std::string& file, Format format);
Summary import_file(const std::string& file, Format format, const Rules& rules, const TakeRecord& take);

}  // namespace tideline::calib
