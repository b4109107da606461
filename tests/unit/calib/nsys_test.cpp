#include "calib/import/nsys.h"

#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "calib/import/trace.h"
#include "sim/base/error.h"
#include "tests/doctest.h"
#include "tests/scratch.h"

namespace tideline::calib {
namespace {

namespace fs = std::filesystem;

const char* const kStrings =
    "CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT NOT NULL);"
    "INSERT INTO StringIds VALUES (1, 'void gemm<64>(int)'), (2, 'gemm'), (3, 'cudaLaunchKernel_v7000'),"
    " (4, 'cudaStreamSynchronize_v3020'), (5, 'attn');";
const char* const kKernelTable =
    "CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INTEGER, end INTEGER, deviceId INTEGER, contextId "
    "INTEGER,"
    " streamId INTEGER, correlationId INTEGER, globalPid INTEGER, demangledName INTEGER, shortName INTEGER,"
    " registersPerThread INTEGER, gridX INTEGER, gridY INTEGER, gridZ INTEGER, blockX INTEGER, blockY "
    "INTEGER,"
    " blockZ INTEGER, graphNodeId INTEGER);";
const char* const kKernel =
    "INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES"
    " (1000, 3500, 0, 1, 7, 42, 281474993487872, 1, 2, 168, 2, 56, 1, 384, 1, 1, NULL);";

// A database of these statements, at a place of its own.
class Export {
 public:
  explicit Export(const std::string& sql) : file_(testing::scratch("nsys.sqlite").string()) {
    fs::remove(file_);
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(file_.c_str(), &db) == SQLITE_OK);
    char* why = nullptr;
    const std::string quick = "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;" + sql;
    sqlite3_exec(db, quick.c_str(), nullptr, nullptr, &why);
    INFO((why ? why : ""));
    CHECK(why == nullptr);
    sqlite3_free(why);
    sqlite3_close(db);
  }
  Export(const Export&) = delete;
  Export& operator=(const Export&) = delete;
  ~Export() { fs::remove(file_); }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] Trace read() const { return read_nsys(file_); }
  // What is wrong, without the place of the file.
  [[nodiscard]] std::string mistake() const {
    try {
      (void)read();
    } catch (const InputError& e) {
      const std::string text = e.what();
      REQUIRE(text.starts_with(file_ + ": error: "));
      return text.substr(file_.size() + 9);
    }
    return "";
  }

 private:
  std::string file_;
};

TEST_CASE("an export is its kernels, launches, copies, ranges and GPU") {
  const Trace t =
      Export(
          std::string(kStrings) + kKernelTable + kKernel +
          "CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start INTEGER, end INTEGER, eventClass INTEGER,"
          " globalTid INTEGER, correlationId INTEGER, nameId INTEGER);"
          "INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME VALUES (900, 905, 0, 281474993487873, 42, 3),"
          " (950, 990, 0, 281474993487873, 43, 4);"
          "CREATE TABLE CUPTI_ACTIVITY_KIND_MEMCPY (start INTEGER, end INTEGER, deviceId INTEGER, streamId "
          "INTEGER,"
          " correlationId INTEGER, globalPid INTEGER, bytes INTEGER, copyKind INTEGER);"
          "INSERT INTO CUPTI_ACTIVITY_KIND_MEMCPY VALUES (4000, 4100, 0, 7, 44, 281474993487872, 65536, 8);"
          "CREATE TABLE NVTX_EVENTS (start INTEGER, end INTEGER, eventType INTEGER, text TEXT, textId "
          "INTEGER,"
          " globalTid INTEGER);"
          "INSERT INTO NVTX_EVENTS VALUES (800, 960, 59, NULL, 5, 281474993487873),"
          " (0, 9000, 59, 'step', NULL, 281474993487873), (800, NULL, 59, 'open', NULL, 281474993487873),"
          " (800, 801, 34, 'mark', NULL, 281474993487873);"
          "CREATE TABLE TARGET_INFO_GPU (id INTEGER, name TEXT, smCount INTEGER, totalMemory INTEGER);"
          "INSERT INTO TARGET_INFO_GPU VALUES (0, 'NVIDIA H800', 132, 84943110144);")
          .read();
  CHECK(t.format == "nsys");
  CHECK(t.gpus == std::map<std::int32_t, Gpu>{{0, {"NVIDIA H800", 132, 84943110144}}});
  REQUIRE(t.kernels.size() == 2);
  CHECK(t.kernels[0].start_ns == 1000);
  CHECK(t.kernels[0].duration_ns == 2500);
  CHECK(t.names[t.kernels[0].name] == "void gemm<64>(int)");
  CHECK(t.configs[t.kernels[0].config].grid == std::array<std::uint32_t, 3>{2, 56, 1});
  CHECK(t.kernels[1].bytes == 65536);
  REQUIRE(t.launches.size() == 1);
  CHECK(launches_of_kernels(t) == std::vector<std::int32_t>{0, -1});
  REQUIRE(t.ranges.size() == 2);
  CHECK(t.names[t.ranges[static_cast<std::size_t>(ranges_of_launches(t)[0])].name] == "attn");
  CHECK(t.notes.empty());
}

TEST_CASE("an older export without processes, launches or a description of the GPU is read too") {
  std::string table = kKernelTable;
  table.replace(table.find(" globalPid INTEGER,"), 19, "");
  const Trace t = Export(std::string(kStrings) + table +
                         "INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES"
                         " (1000, 3500, 0, 1, 7, 42, 1, 2, 168, 2, 56, 1, 384, 1, 1, NULL);")
                      .read();
  CHECK(t.kernels.size() == 1);
  CHECK(t.kernels[0].correlation == 42);
  CHECK(t.gpus.empty());
}

TEST_CASE("a grid below zero, or none, is one that the export does not say") {
  for (const char* grid : {"-5", "NULL"}) {
    const Trace t = Export(std::string(kStrings) + kKernelTable + kKernel +
                           "UPDATE CUPTI_ACTIVITY_KIND_KERNEL SET gridX = " + grid + ";")
                        .read();
    CHECK(t.configs[t.kernels[0].config].grid == std::array<std::uint32_t, 3>{0, 56, 1});
  }
}

TEST_CASE("names that are no UTF-8 are read, their bad bytes replaced") {
  const Trace t = Export(std::string(kStrings) + kKernelTable + kKernel +
                         "UPDATE StringIds SET value = CAST(X'67FF' AS TEXT) WHERE id = 1;")
                      .read();
  CHECK(t.names[t.kernels[0].name] == "g\xEF\xBF\xBD");
}

TEST_CASE("a table that was never made says what to do") {
  CHECK(Export("CREATE TABLE t (x);").mistake() ==
        "this database is no export of Nsight Systems: it lacks the table StringIds\n"
        "  nsys export --type sqlite report.nsys-rep\n");
  CHECK(Export(kStrings).mistake() ==
        "no CUDA kernels were traced: the table CUPTI_ACTIVITY_KIND_KERNEL is missing\n"
        "  profile with --trace=cuda\n");
  const std::string graphs = "CREATE TABLE CUPTI_ACTIVITY_KIND_GRAPH_TRACE (start INTEGER, end INTEGER);";
  CHECK(Export(kStrings + graphs).mistake() ==
        "CUDA graphs were traced as a whole, their kernels are missing\n"
        "  profile with --cuda-graph-trace=node\n");
  CHECK(Export(std::string(kStrings) + kKernelTable).mistake() ==
        "table CUPTI_ACTIVITY_KIND_KERNEL is empty\n"
        "  profile with --trace=cuda\n");
  CHECK(Export(std::string(kStrings) + "CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INTEGER, end INTEGER,"
                                       " deviceId INTEGER, streamID INTEGER);")
            .mistake() ==
        "table CUPTI_ACTIVITY_KIND_KERNEL lacks the column \"streamId\"\n  it has \"streamID\"\n");
}

TEST_CASE("what the export says it lacks is noted") {
  const Trace t = Export(std::string(kStrings) + kKernelTable + kKernel +
                         "CREATE TABLE CUPTI_ACTIVITY_KIND_GRAPH_TRACE (start INTEGER, end INTEGER);"
                         "INSERT INTO CUPTI_ACTIVITY_KIND_GRAPH_TRACE VALUES (1, 2), (3, 4);"
                         "CREATE TABLE DIAGNOSTIC_EVENT (text TEXT);"
                         "INSERT INTO DIAGNOSTIC_EVENT VALUES ('12 events were dropped'), ('fine');")
                      .read();
  CHECK(t.notes ==
        std::vector<std::string>{"2 CUDA graphs were traced as a whole, without their kernels: profile with "
                                 "--cuda-graph-trace=node",
                                 "nsys says: 12 events were dropped"});
}

TEST_CASE("fields of another type or without sense are placed by table and row") {
  const auto with = [](const std::string& row) {
    return Export(std::string(kStrings) + kKernelTable + kKernel +
                  "INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES (" + row + ");")
        .mistake();
  };
  CHECK(with("'soon', 2, 0, 1, 7, 42, 0, 1, 2, 0, 1, 1, 1, 1, 1, 1, NULL") ==
        "table CUPTI_ACTIVITY_KIND_KERNEL, row 2: column \"start\" wants a whole number, found text\n");
  CHECK(with("5, 2, 0, 1, 7, 42, 0, 1, 2, 0, 1, 1, 1, 1, 1, 1, NULL") ==
        "table CUPTI_ACTIVITY_KIND_KERNEL, row 2: ends before it starts\n");
  CHECK(with("1, 9223372036854775807, 0, 1, 7, 42, 0, 1, 2, 0, 1, 1, 1, 1, 1, 1, NULL") ==
        "table CUPTI_ACTIVITY_KIND_KERNEL, row 2: a time beyond 73 years\n");
  CHECK(with("1, 2, 0, 1, 7, 42, 0, 77, 2, 0, 1, 1, 1, 1, 1, 1, NULL") ==
        "table CUPTI_ACTIVITY_KIND_KERNEL, row 2: its \"demangledName\" is not in StringIds\n");
  CHECK(with("1, 2, 0, 1, NULL, 42, 0, 1, 2, 0, 1, 1, 1, 1, 1, 1, NULL") ==
        "table CUPTI_ACTIVITY_KIND_KERNEL, row 2: its \"streamId\" is null\n");
  CHECK(with("1, 2, NULL, 1, 7, 42, 0, 1, 2, 0, 1, 1, 1, 1, 1, 1, NULL") ==
        "table CUPTI_ACTIVITY_KIND_KERNEL, row 2: its \"deviceId\" is null\n");
  CHECK(with("1, 2, 4294967296, 1, 7, 42, 0, 1, 2, 0, 1, 1, 1, 1, 1, 1, NULL") ==
        "table CUPTI_ACTIVITY_KIND_KERNEL, row 2: its \"deviceId\" is no number of a GPU\n");
}

TEST_CASE("streams of an export are told apart by the whole of their number") {
  const Trace t =
      Export(std::string(kStrings) + kKernelTable + kKernel +
             "INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES (1000, 3500, 0, 1, 4294967303, 43, 0, 1, 2,"
             " 168, 2, 56, 1, 384, 1, 1, NULL);")
          .read();
  CHECK(t.kernels.at(0).stream == 7);
  CHECK(t.kernels.at(1).stream == 4294967303);
}

TEST_CASE("a broken or hostile database is refused") {
  const Export good(std::string(kStrings) + kKernelTable + kKernel);
  fs::resize_file(good.file(), 6000);
  CHECK(good.mistake().find("database disk image is malformed") != std::string::npos);
  std::ofstream(good.file(), std::ios::binary) << "SQLite format 3" << std::string(200, '\0');
  CHECK(good.mistake().find("file is not a database") != std::string::npos);
  CHECK_THROWS_WITH_AS(
      (void)read_nsys("/nowhere/x.sqlite"),
      "/nowhere/x.sqlite: error: this database cannot be opened: unable to open database file\n", InputError);
  // A view in place of the table, that would never end.
  CHECK(
      Export(
          std::string(kStrings) +
          "CREATE VIEW CUPTI_ACTIVITY_KIND_KERNEL AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1"
          " FROM c) SELECT x AS start FROM c;")
          .mistake()
          .starts_with("no CUDA kernels were traced"));
}

}  // namespace
}  // namespace tideline::calib
