// What is fuzzed: one function a parser. Each reads any bytes, and may only return or throw InputError;
// anything else is a bug that libFuzzer (or the replay of the corpus) reports.
#pragma once

#include <array>
#include <string_view>

namespace tideline::fuzz {

void kineto(
    std::string_view bytes);         // a trace, plain; what is read goes through rules, records and host pace
void gzip(std::string_view bytes);   // a file, whatever it is: format_of, then the trace it may hold
void nsys(std::string_view bytes);   // an SQLite file
void csv(std::string_view bytes);    // a table, by rules that name a few columns
void rules(std::string_view bytes);  // a rules file
void records(std::string_view bytes);  // lines of records; what is read is written and read again

struct Target {
  std::string_view name;
  void (*run)(std::string_view bytes);
};

inline constexpr std::array kTargets = {Target{"kineto", kineto}, Target{"gzip", gzip},
                                        Target{"nsys", nsys},     Target{"csv", csv},
                                        Target{"rules", rules},   Target{"records", records}};

}  // namespace tideline::fuzz
