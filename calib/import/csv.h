// A table of published times (CSV) -> records, by the "rows" of the rules.
#pragma once

#include "calib/import/import_trace.h"
#include "calib/import/rules.h"
#include "calib/import/text_source.h"

namespace tideline::calib {

// The next row, its fields without their quotes (RFC 4180); false at the end of the text. Lines that begin
// with
// '#' are comments: none begins with a quote.
// Fails: throws InputError with line and column.
bool read_csv_row(TextSource& source, std::vector<std::string>& fields);

// The first line that is no comment names the columns. In expressions a column
// goes by its name with every run of other characters than letters and digits as one "_": "Total Time (ns)"
// is Total_Time_ns. A row that no rule fits, or whose numbers do not make a record, is unmapped. Rows are
// read as their records are taken: a mistake comes after the records above it. Fails: throws InputError with
// line and column: no header, a row of another length, a quote that does not close; with its place in the
// rules: a column that is not there, in an expression, "where" or a {column} of a text.
Summary import_csv(TextSource& source, const Rules& rules, const TakeRecord& take);
Imported import_csv(TextSource& source, const Rules& rules);

}  // namespace tideline::calib
