#include "calib/import/nsys.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "calib/import/kineto.h"
#include "calib/import/utf8.h"
#include "sim/base/error.h"

namespace tideline::calib {
namespace {

constexpr const char* kKernels = "CUPTI_ACTIVITY_KIND_KERNEL";
constexpr const char* kGraphs = "CUPTI_ACTIVITY_KIND_GRAPH_TRACE";

class Database;

// A query and its current row.
class Rows {
 public:
  Rows(const Database& database, const std::string& table, const std::string& sql);
  bool next();
  [[nodiscard]] bool is_null(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
  }
  [[nodiscard]] std::int64_t whole(int column) const;  // null: 0
  [[nodiscard]] std::string_view text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    return bytes ? std::string_view(bytes,
                                    static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)))
                 : std::string_view();
  }
  [[noreturn]] void fail(std::string message) const;

 private:
  const Database& database_;
  std::string table_;
  std::int64_t row_ = 0;
  std::shared_ptr<sqlite3_stmt> statement_;
};

class Database {
 public:
  explicit Database(const std::string& file) : file_(file) {
    sqlite3* db = nullptr;
    const int status = sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READONLY, nullptr);
    db_ = std::shared_ptr<sqlite3>(db, sqlite3_close_v2);
    if (status != SQLITE_OK) fail("this database cannot be opened");
    // What a hostile file could make the library do: views, triggers, functions in its schema, endless
    // queries.
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1 << 24);
    sqlite3_progress_handler(db, kStepsPerTick, tick, &ticks_);
    for (Rows tables(*this, "sqlite_master", "SELECT name FROM sqlite_master WHERE type = 'table'");
         tables.next();)
      tables_.insert(std::string(tables.text(0)));
  }

  [[nodiscard]] bool has(const std::string& table) const { return tables_.contains(table); }
  [[nodiscard]] std::set<std::string> columns(const std::string& table) const {
    std::set<std::string> out;
    for (Rows rows(*this, table, fmt::format("PRAGMA table_info({})", table)); rows.next();)
      out.insert(std::string(rows.text(1)));
    return out;
  }
  // Fails: throws InputError when the table is there and lacks one of the columns.
  void require(const std::string& table, std::initializer_list<const char*> wanted) const {
    const std::set<std::string> there = columns(table);
    for (const char* column : wanted)
      if (!there.contains(column)) {
        const std::string near = nearest(column, {there.begin(), there.end()});
        throw InputError({.file = file_,
                          .message = fmt::format("table {} lacks the column \"{}\"", table, column),
                          .suggestion = near.empty() ? "export with Nsight Systems 2021.5 or later"
                                                     : fmt::format("it has \"{}\"", near)});
      }
  }
  [[noreturn]] void fail(const std::string& message) const {
    throw InputError({.file = file_, .message = fmt::format("{}: {}", message, sqlite3_errmsg(db_.get()))});
  }

 private:
  friend class Rows;
  static constexpr int kStepsPerTick = 100'000;
  static constexpr int kTicksMax = 2'000;  // without a row: some 2 seconds
  static int tick(void* ticks) { return ++*static_cast<int*>(ticks) > kTicksMax; }

  std::string file_;
  std::shared_ptr<sqlite3> db_;
  mutable int ticks_ = 0;
  std::set<std::string> tables_;
};

Rows::Rows(const Database& database, const std::string& table, const std::string& sql)
    : database_(database), table_(table) {
  sqlite3_stmt* statement = nullptr;
  database.ticks_ = 0;
  if (sqlite3_prepare_v2(database.db_.get(), sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    database.fail(fmt::format("table {} cannot be read", table));
  statement_ = std::shared_ptr<sqlite3_stmt>(statement, sqlite3_finalize);
}

bool Rows::next() {
  database_.ticks_ = 0;
  const int status = sqlite3_step(statement_.get());
  if (status == SQLITE_INTERRUPT) fail("takes too long to read: this is no export of Nsight Systems");
  if (status != SQLITE_ROW && status != SQLITE_DONE)
    database_.fail(fmt::format("table {} is broken after row {}", table_, row_));
  return ++row_, status == SQLITE_ROW;
}

std::int64_t Rows::whole(int column) const {
  const int type = sqlite3_column_type(statement_.get(), column);
  if (type != SQLITE_INTEGER && type != SQLITE_NULL)
    fail(fmt::format("column \"{}\" wants a whole number, found {}",
                     sqlite3_column_name(statement_.get(), column),
                     type == SQLITE_FLOAT  ? "a fraction"
                     : type == SQLITE_TEXT ? "text"
                                           : "bytes"));
  return sqlite3_column_int64(statement_.get(), column);
}

void Rows::fail(std::string message) const {
  throw InputError(
      {.file = database_.file_, .message = fmt::format("table {}, row {}: {}", table_, row_, message)});
}

// CUPTI counts correlations per process. Without the process on either side they stay as they are.
std::uint64_t correlation(std::int64_t id, std::int64_t global_id) {
  const std::uint64_t process = (static_cast<std::uint64_t>(global_id) >> 24U) & 0xffffffU;
  return (process << 32U) | (static_cast<std::uint64_t>(id) & 0xffffffffU);
}

class Reader {
 public:
  explicit Reader(const std::string& file) : database_(file) {
    trace_.file = file, trace_.format = "nsys", trace_.resolution_us = 0.001;
  }

  Trace read() {
    check_tables();
    const bool by_process = database_.columns(kKernels).contains("globalPid");
    read_kernels(by_process);
    for (const char* table : {"CUPTI_ACTIVITY_KIND_MEMCPY", "CUPTI_ACTIVITY_KIND_MEMSET"})
      if (database_.has(table)) read_copies(table, by_process);
    if (database_.has("CUPTI_ACTIVITY_KIND_RUNTIME")) read_launches(by_process);
    if (database_.has("NVTX_EVENTS")) read_ranges();
    if (database_.has("TARGET_INFO_GPU")) read_gpu();
    read_notes();
    if (trace_.kernels.empty()) fail(fmt::format("table {} is empty", kKernels), "profile with --trace=cuda");
    trace_.sort();
    return std::move(trace_);
  }

 private:
  [[noreturn]] void fail(std::string message, std::string suggestion) const {
    throw InputError(
        {.file = trace_.file, .message = std::move(message), .suggestion = std::move(suggestion)});
  }

  void check_tables() const {
    if (!database_.has("StringIds"))
      fail("this database is no export of Nsight Systems: it lacks the table StringIds",
           "nsys export --type sqlite report.nsys-rep");
    if (database_.has(kKernels)) return;
    if (database_.has(kGraphs))
      fail("CUDA graphs were traced as a whole, their kernels are missing",
           "profile with --cuda-graph-trace=node");
    fail(fmt::format("no CUDA kernels were traced: the table {} is missing", kKernels),
         "profile with --trace=cuda");
  }

  void check_size(const Rows& rows) const {
    if (trace_.kernels.size() + trace_.launches.size() + trace_.ranges.size() > kTraceEventsMax)
      rows.fail(fmt::format("more than {} kernels, launches and ranges", kTraceEventsMax));
    if (trace_.names.size() > kTraceNamesMax) rows.fail(fmt::format("more than {} names", kTraceNamesMax));
  }

  // Of columns 2 and 3: a null would stand for a GPU or a stream that the kernel did not run on.
  static std::int32_t device(const Rows& rows) {
    const std::int64_t number = rows.whole(2);
    if (rows.is_null(2)) rows.fail("its \"deviceId\" is null");
    if (number < 0 || number > 1 << 30) rows.fail("its \"deviceId\" is no number of a GPU");
    return static_cast<std::int32_t>(number);
  }
  static std::int64_t stream(const Rows& rows) {
    if (rows.is_null(3)) rows.fail("its \"streamId\" is null");
    return rows.whole(3);
  }

  static std::int64_t duration(const Rows& rows) {  // of columns 0 and 1, start and end
    const std::int64_t start = rows.whole(0), end = rows.whole(1);
    constexpr std::int64_t kMax = std::int64_t{1} << 61;
    if (start < 0 || start > kMax || end > kMax) rows.fail("a time beyond 73 years");
    if (end < start) rows.fail("ends before it starts");
    return end - start;
  }

  void read_kernels(bool by_process) {
    database_.require(kKernels, {"start", "end", "deviceId", "streamId", "correlationId", "demangledName",
                                 "gridX", "gridY", "gridZ", "blockX", "blockY", "blockZ"});
    database_.require("StringIds", {"id", "value"});
    Rows rows(
        database_, kKernels,
        fmt::format("SELECT k.start, k.end, k.deviceId, k.streamId, k.correlationId, {}, s.value, k.gridX, "
                    "k.gridY, k.gridZ, k.blockX, k.blockY, k.blockZ FROM {} AS k LEFT JOIN StringIds AS s "
                    "ON s.id = k.demangledName",
                    by_process ? "k.globalPid" : "0", kKernels));
    while (rows.next()) {
      LaunchConfig config;
      const auto size = [&](int column) {
        return static_cast<std::uint32_t>(std::clamp<std::int64_t>(rows.whole(column), 0, 0xffffffff));
      };
      for (int i = 0; i < 3; ++i) {
        config.grid[static_cast<std::size_t>(i)] = size(7 + i);
        config.block[static_cast<std::size_t>(i)] = size(10 + i);
      }
      if (rows.is_null(6)) rows.fail("its \"demangledName\" is not in StringIds");
      trace_.kernels.push_back({rows.whole(0), duration(rows), correlation(rows.whole(4), rows.whole(5)), 0,
                                stream(rows), trace_.names.number_of(rows.text(6)), trace_.config_of(config),
                                device(rows)});
      check_size(rows);
    }
  }

  void read_copies(const std::string& table, bool by_process) {
    database_.require(table, {"start", "end", "deviceId", "streamId", "correlationId", "bytes"});
    const std::uint32_t name = trace_.names.number_of(table.ends_with("MEMSET") ? "Memset" : "Memcpy");
    const std::uint32_t config = trace_.config_of({});
    const bool process = by_process && database_.columns(table).contains("globalPid");
    Rows rows(database_, table,
              fmt::format("SELECT start, end, deviceId, streamId, correlationId, {}, bytes FROM {}",
                          process ? "globalPid" : "0", table));
    while (rows.next()) {
      trace_.kernels.push_back({rows.whole(0), duration(rows), correlation(rows.whole(4), rows.whole(5)),
                                rows.whole(6), stream(rows), name, config, device(rows)});
      check_size(rows);
    }
  }

  void read_launches(bool by_process) {
    const std::string table = "CUPTI_ACTIVITY_KIND_RUNTIME";
    database_.require(table, {"start", "end", "correlationId", "globalTid", "nameId"});
    Rows rows(
        database_, table,
        "SELECT r.start, r.end, r.correlationId, r.globalTid, s.value FROM CUPTI_ACTIVITY_KIND_RUNTIME AS r "
        "JOIN StringIds AS s ON s.id = r.nameId");
    while (rows.next()) {
      const std::string_view name = rows.text(4);
      if (!puts_work_on_a_stream(name)) continue;
      trace_.launches.push_back({rows.whole(0), duration(rows),
                                 correlation(rows.whole(2), by_process ? rows.whole(3) : 0), rows.whole(3),
                                 launches_a_kernel(name)});
      check_size(rows);
    }
  }

  // Push/pop ranges (59) and start/end ranges (60); what is still open at the end has no end.
  void read_ranges() {
    database_.require("NVTX_EVENTS", {"start", "end", "eventType", "globalTid", "text"});
    const bool by_id = database_.columns("NVTX_EVENTS").contains("textId");
    Rows rows(
        database_, "NVTX_EVENTS",
        fmt::format("SELECT n.start, n.end, n.globalTid, {} FROM NVTX_EVENTS AS n {} WHERE n.eventType IN "
                    "(59, 60) AND n.end IS NOT NULL",
                    by_id ? "coalesce(n.text, s.value)" : "n.text",
                    by_id ? "LEFT JOIN StringIds AS s ON s.id = n.textId" : ""));
    while (rows.next()) {
      const std::int64_t length = duration(rows);
      trace_.ranges.push_back(
          {rows.whole(0), rows.whole(0) + length, rows.whole(2), trace_.names.number_of(rows.text(3))});
      check_size(rows);
    }
  }

  void read_gpu() {
    const std::set<std::string> columns = database_.columns("TARGET_INFO_GPU");
    const auto or_null = [&](const char* column) { return columns.contains(column) ? column : "NULL"; };
    Rows rows(database_, "TARGET_INFO_GPU",
              fmt::format("SELECT {}, {}, {}, {} FROM TARGET_INFO_GPU LIMIT {}", or_null("id"),
                          or_null("name"), or_null("smCount"), or_null("totalMemory"), kTraceGpusMax));
    while (rows.next())
      trace_.gpus.try_emplace(
          static_cast<std::int32_t>(rows.whole(0)),
          Gpu{as_utf8(rows.text(1), 200), std::clamp<std::int64_t>(rows.whole(2), 0, 1 << 20),
              std::max<std::int64_t>(rows.whole(3), 0)});
  }

  void read_notes() {
    if (database_.has(kGraphs)) {
      Rows rows(database_, kGraphs, fmt::format("SELECT count(*) FROM {}", kGraphs));
      if (rows.next() && rows.whole(0) > 0)
        trace_.notes.push_back(
            fmt::format("{} CUDA graphs were traced as a whole, without their kernels: profile with "
                        "--cuda-graph-trace=node",
                        rows.whole(0)));
    }
    if (database_.has("DIAGNOSTIC_EVENT") && database_.columns("DIAGNOSTIC_EVENT").contains("text"))
      for (Rows rows(database_, "DIAGNOSTIC_EVENT",
                     "SELECT text FROM DIAGNOSTIC_EVENT WHERE text LIKE '%dropped%' LIMIT 3");
           rows.next();)
        trace_.notes.push_back("nsys says: " + as_utf8(rows.text(0), 200));
  }

  Trace trace_;
  Database database_;
};

}  // namespace

Trace read_nsys(const std::string& file) {
  return Reader(file).read();
}

}  // namespace tideline::calib
