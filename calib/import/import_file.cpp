#include "calib/import/import_file.h"

#include <fmt/format.h>

#include <cctype>

#include "calib/import/csv.h"
#include "calib/import/kineto.h"
#include "calib/import/nsys.h"
#include "sim/base/error.h"

namespace tideline::calib {

Format format_of(const std::string& file) {
  TextSource source = TextSource::open(file);
  std::string start;
  for (; start.size() < 64 && !source.at_end(); source.advance()) start += source.peek();
  if (start.empty()) throw InputError({.file = file, .message = "the file is empty"});
  if (start.starts_with("SQLite format 3")) return Format::kNsys;
  if (start.starts_with("\xEF\xBB\xBF")) start.erase(0, 3);
  const std::size_t first = start.find_first_not_of(" \t\r\n");
  return first != start.npos && (start[first] == '{' || start[first] == '[') ? Format::kKineto : Format::kCsv;
}

Format format_named(const std::string& name) {
  if (name == "kineto") return Format::kKineto;
  if (name == "nsys") return Format::kNsys;
  if (name == "csv") return Format::kCsv;
  const std::string near = nearest(name, {"kineto", "nsys", "csv"});
  throw InputError({.file = fmt::format("--format {}", name),
                    .message = "unknown format: wants one of \"kineto\", \"nsys\", \"csv\"",
                    .suggestion = near.empty() ? "" : fmt::format("did you mean \"{}\"?", near)});
}

Trace read_trace(const std::string& file, Format format) {
  if (format == Format::kNsys) return read_nsys(file);
  if (format == Format::kCsv)
    throw InputError({.file = file, .message = "this is a table, a trace is wanted"});
  TextSource source = TextSource::open(file);
  return read_kineto(source);
}

Summary import_file(const std::string& file, Format format, const Rules& rules, const TakeRecord& take) {
  if (format == Format::kCsv) {
    if (rules.rows.empty())
      throw InputError({.file = rules.file,
                        .message = fmt::format("these rules have no \"rows\", for the table {}", file)});
    TextSource source = TextSource::open(file);
    return import_csv(source, rules, take);
  }
  if (rules.kernels.empty())
    throw InputError({.file = rules.file,
                      .message = fmt::format("these rules have no \"kernels\", for the trace {}", file)});
  return import_trace(read_trace(file, format), rules, take);
}

}  // namespace tideline::calib
