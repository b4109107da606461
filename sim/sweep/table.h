// A new SQLite database, written once from its beginning to its end: the same rows in the same order are the
// same bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace tideline::sweep {

// A name as SQL takes it.
std::string sql_name(std::string_view name);

class Database {
 public:
  // REQUIRES: the file is empty or not there. Fails, as all below: InputError naming the file.
  explicit Database(const std::string& file);
  void run(const std::string& sql);
  // REQUIRES: no Insert is left. Nothing can be written after it.
  void finish();

  // An INSERT: one value after the other, then the row.
  class Insert {
   public:
    Insert(Database& database, const std::string& sql);
    Insert& add(std::string_view text);
    Insert& add(std::int64_t number);
    Insert& add(double number);  // not a number: NULL
    Insert& null();
    void row();

   private:
    Database& database_;
    std::shared_ptr<sqlite3_stmt> statement_;
    int next_ = 1;
  };

 private:
  void check(int status) const;
  std::string file_;
  std::shared_ptr<sqlite3> db_;
};

}  // namespace tideline::sweep
