// A strict reader of JSON input. A Node is one value with its place; each module reads its own part through
// typed getters, and Document::finish() refuses what nobody asked for. Every mistake of a file is reported at
// once: a getter that fails records a Problem and returns a harmless value, so that reading goes on.
//
// 1. Units stand in strings ("50 GB/s", "2 USD/h", "608 Gtok"); a bare number where a unit is wanted is
//    refused.
// 2. A key read nowhere is a mistake, unless it starts with "_" (a remark) or is "$schema" (for editors).
// 3. Whatever a getter returned, default or given, stands in effective().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/error.h"
#include "sim/base/money.h"
#include "sim/base/time.h"
#include "sim/base/units.h"

namespace tideline::config {

struct Store;    // the files, the tree read from them, problems found
struct Value;    // one value of the tree, with its place and what was asked of it
struct Mistake;  // what is wrong with a value, and how to mend it
struct Form;     // what a value is wanted to be
struct Asked;    // the forms in which a key was asked for

// What a service charges for a million tokens: micro-units of `currency` (ISO 4217), exact.
struct Price {
  std::string currency;
  Money per_mtok;
};

// As a service's clock shows it; where no date is given, of any day.
struct LocalTime {
  std::optional<std::int64_t> day;  // since 1970-01-01
  std::int64_t minute = 0;          // of the day; 1440: its end
};

class Node {
 public:
  // None of these marks the key as read.
  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] bool is_null(std::string_view key) const;
  [[nodiscard]] bool given(std::string_view key) const;  // there, and not null
  [[nodiscard]] bool is_text(std::string_view key) const;
  [[nodiscard]] bool is_object(std::string_view key) const;

  // Fails (records a problem; returns nothing, 0, false, 1 from positive(), the first known name from
  // choice()): absent without a default, wrong type, out of range. Getters of a Node that could not be read
  // return the same and stay silent.
  [[nodiscard]] Node object(std::string_view key) const;                          // absent: a problem
  [[nodiscard]] std::optional<Node> optional_object(std::string_view key) const;  // absent or null: nullopt
  [[nodiscard]] std::vector<Node> list(std::string_view key) const;               // elements of an array
  [[nodiscard]] std::vector<double> numbers(std::string_view key) const;
  // Whole numbers of 0 or more, exact.
  [[nodiscard]] std::vector<std::int64_t> counts(std::string_view key) const;
  // A number, or an array of them: one value or several.
  [[nodiscard]] std::vector<double> number_or_numbers(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key, std::optional<std::string> absent = {}) const;
  // One of `known`; a near miss is answered with "did you mean".
  [[nodiscard]] std::string choice(std::string_view key, std::span<const std::string_view> known,
                                   std::optional<std::string> absent = {}) const;
  // One of `known`, or the path of a file: a text that holds '/' or ends in ".json".
  [[nodiscard]] std::string choice_or_file(std::string_view key,
                                           std::span<const std::string_view> known) const;
  // Whole numbers: 0 or more, and 1 or more.
  [[nodiscard]] std::int64_t count(std::string_view key, std::optional<std::int64_t> absent = {}) const;
  [[nodiscard]] std::int64_t positive(std::string_view key, std::optional<std::int64_t> absent = {}) const;
  [[nodiscard]] double number(std::string_view key, std::optional<double> absent = {}) const;
  [[nodiscard]] double fraction(std::string_view key, std::optional<double> absent = {}) const;  // [0, 1]
  [[nodiscard]] bool flag(std::string_view key, std::optional<bool> absent = {}) const;
  // A non-negative quantity with its unit in a string. Units: see sim/config/unit_table.cpp.
  template <class Q>
  [[nodiscard]] Q quantity(std::string_view key, std::optional<Q> absent = {}) const;
  [[nodiscard]] Duration duration(std::string_view key, std::optional<Seconds> absent = {}) const;
  // "0.14 USD/Mtok": exact, to a millionth of the currency.
  [[nodiscard]] Price price(std::string_view key, std::optional<Price> absent = {}) const;
  // "08:30", as the minute of the day; "24:00" is 1440.
  [[nodiscard]] std::int64_t clock(std::string_view key, std::optional<std::int64_t> absent = {}) const;
  // The same, or that of a date: "2025-02-28T08:30". Fails: nullopt.
  [[nodiscard]] std::optional<LocalTime> local_time(std::string_view key) const;

  // Keys of this object in file order, none of them marked as read.
  [[nodiscard]] std::vector<std::string> keys() const;
  // This value itself, for arrays of plain values: the same rules as the getters above.
  [[nodiscard]] std::string as_text() const;
  [[nodiscard]] double as_number() const;
  [[nodiscard]] std::int64_t as_count() const;
  // Whatever it is, as JSON on one line, in which nothing is left to be read.
  [[nodiscard]] std::string as_json() const;
  // Marks one key, or everything below, as read: for remarks and for files with keys of their own (a Hugging
  // Face config). What is ignored does not stand in effective().
  void ignore(std::string_view key) const;
  void ignore_rest() const;

  // Says that the keys of this object are names of the file's own, of classes, say: the schema takes any.
  void keys_are_names() const;

  // What finish() is to add to "unknown key ..." in this object, and to suggest where no known key is near.
  void explain_unknown(std::string why, std::string suggestion) const;

  // Records a mistake that only the caller can see (a sum that is wrong, a combination that cannot be), at
  // the place of `key` or, with an empty key, of this object.
  void problem(std::string_view key, std::string message, std::string suggestion = "") const;
  // Where that would be recorded: for a mistake that shows only once the file has been read. No message yet.
  [[nodiscard]] Problem place(std::string_view key) const;
  // Folder of the file that this value, or the value of `key`, stands in, for the path that it is: relative
  // to that file, which with "extends" may be another. Of a value given on the command line: ".".
  [[nodiscard]] std::string folder(std::string_view key = {}) const;

 private:
  friend class Document;
  template <class T, class Take, class Write>
  T get(std::string_view key, const std::optional<T>& absent, const Form& form, std::string_view wants,
        Take take, Write write) const;
  template <class T, class Take, class Write>
  T convert(Value& value, std::string_view wants, Take take, Write write) const;
  [[nodiscard]] Value* ask(std::string_view key) const;  // null when absent; marks the key as read
  void wants(std::string_view key, const Form& form) const;
  [[nodiscard]] Asked* asked(std::string_view key) const;  // null when this is no object
  [[nodiscard]] Value* find(std::string_view key) const;   // the same without marking
  [[nodiscard]] Node child(Value& value, std::string_view key) const;
  void record(const Value& at, std::string_view key, Mistake mistake) const;
  void record_missing(std::string_view key, std::string_view wants) const;

  std::shared_ptr<Store> store_;
  Value* value_ = nullptr;  // null: could not be read
  std::string pointer_;     // JSON pointer of this value
};

class Document {
 public:
  // Reads a file, then the file it "extends" (its keys lie below; objects merge, everything else replaces),
  // then `overrides`, each "path.to.key=value" (value as JSON, or a bare string). A broken or missing file, a
  // duplicate key, an override that leads nowhere: throws InputError at once, nothing can be read past it.
  static Document load(const std::string& file, const std::vector<std::string>& overrides = {});
  static Document parse(const std::string& text, const std::string& name,
                        const std::vector<std::string>& overrides = {});

  // The same with further overrides on top. REQUIRES: nothing was asked of this one yet.
  [[nodiscard]] Document with(const std::vector<std::string>& overrides) const;
  // A document for each member of the object `key`, by its name: this one without `key`, and what the member
  // says on top, as a file lies over the one it extends. REQUIRES: `key` is there, and nothing else was asked
  // of this one yet. Fails: throws InputError where `key` or a member is no object, or there is none.
  [[nodiscard]] std::vector<std::pair<std::string, Document>> variants(std::string_view key) const;

  [[nodiscard]] Node root() const;
  // Throws InputError with every problem recorded and every key that nobody read.
  void finish() const;
  // The document as it was understood, defaults included: canonical JSON, for `show` and for hashes.
  [[nodiscard]] std::string effective() const;
  // The same with the names of files made absolute: it can be kept, and read, anywhere.
  [[nodiscard]] std::string standalone() const;
  // Paths of the files and folders that it names and its reader looked for, in the order of the file.
  [[nodiscard]] std::vector<std::string> named_files() const;

 private:
  friend class Explorer;
  static Document made(Store store, const std::vector<std::string>& overrides);
  std::shared_ptr<Store> store_;
};

}  // namespace tideline::config
