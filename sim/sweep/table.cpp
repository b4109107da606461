#include "sim/sweep/table.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "sim/base/error.h"

namespace tideline::sweep {

std::string sql_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

Database::Database(const std::string& file) : file_(file) {
  sqlite3* db = nullptr;
  const int status = sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  db_ = std::shared_ptr<sqlite3>(db, sqlite3_close_v2);
  check(status);
  // Nobody reads it before it is whole, and it is thrown away if it never is.
  run("PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
}

void Database::run(const std::string& sql) {
  check(sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr));
}

void Database::finish() {
  run("COMMIT");
  db_.reset();
}

void Database::check(int status) const {
  if (status == SQLITE_OK || status == SQLITE_DONE) return;
  throw InputError({.file = file_,
                    .message = fmt::format("cannot write this database: {}",
                                           db_ ? sqlite3_errmsg(db_.get()) : sqlite3_errstr(status))});
}

Database::Insert::Insert(Database& database, const std::string& sql) : database_(database) {
  sqlite3_stmt* statement = nullptr;
  const int status = sqlite3_prepare_v2(database.db_.get(), sql.c_str(), -1, &statement, nullptr);
  statement_ = std::shared_ptr<sqlite3_stmt>(statement, sqlite3_finalize);
  database_.check(status);
}

Database::Insert& Database::Insert::add(std::string_view text) {
  database_.check(sqlite3_bind_text(statement_.get(), next_++, text.data(), static_cast<int>(text.size()),
                                    SQLITE_TRANSIENT));
  return *this;
}

Database::Insert& Database::Insert::add(std::int64_t number) {
  database_.check(sqlite3_bind_int64(statement_.get(), next_++, number));
  return *this;
}

Database::Insert& Database::Insert::add(double number) {
  database_.check(sqlite3_bind_double(statement_.get(), next_++, number));  // not a number is NULL there
  return *this;
}

Database::Insert& Database::Insert::null() {
  database_.check(sqlite3_bind_null(statement_.get(), next_++));
  return *this;
}

void Database::Insert::row() {
  database_.check(sqlite3_step(statement_.get()));
  database_.check(sqlite3_reset(statement_.get()));
  next_ = 1;
}

}  // namespace tideline::sweep
