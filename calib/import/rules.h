// The rules by which an importer reads a trace or a table: which kernel is what, in which shape. A JSON file
// that a user writes; calib/import/README.md tells its format.
#pragma once

#include <re2/re2.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "calib/import/expression.h"
#include "calib/records/record.h"
#include "sim/base/error.h"

namespace tideline::calib {

// What a matching kernel or row becomes. Expressions see the names of what was matched, then the shape.
struct Meaning {
  std::string family, op, library;
  records::Text version, layout;
  std::vector<std::pair<std::string, Expression>> shape;  // whole numbers of 1 or more
  records::Texts dtype;
  std::vector<std::string> includes;
  std::optional<Expression> flop, bytes, sms;
};

// Is this a number that a shape may hold?
bool is_size(double value);

struct KernelRule {
  Meaning meaning;
  std::shared_ptr<const re2::RE2> kernel;  // found anywhere in the name
  std::string range;                       // name of the innermost named range; empty: any
  std::array<std::optional<std::uint32_t>, 3> grid, block;
  std::vector<int> nth;  // which of such kernels of one range, by order of launch, from 1; empty: every one
  std::vector<std::pair<std::string, Expression>> remember;  // numbers for the other kernels of the range
};

using Places = std::map<std::string, Problem, std::less<>>;  // in the file of rules, by key; no message yet

struct RowRule {
  Meaning meaning;
  std::map<std::string, std::string> where;  // column -> text that it must hold
  Expression time_us;
  Places places;
};

struct Rules {
  std::string file, about;
  records::Source source;
  Places source_places;
  records::Device device;  // what the trace itself does not say
  records::Method method;
  std::vector<std::shared_ptr<const re2::RE2>> communication;
  std::vector<KernelRule> kernels;  // the first that matches counts
  std::vector<RowRule> rows;
};

// Fails: throws InputError with every mistake of the file: unknown keys and families, regular expressions
// that do not compile, expressions that name what is not there, shapes that lack what their family is
// measured by, a {column} of a rule for rows that does not close.
Rules load_rules(const std::string& file);
Rules parse_rules(const std::string& text, const std::string& name);

}  // namespace tideline::calib
