#include "calib/import/kineto.h"

#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "calib/import/host.h"
#include "calib/import/import_file.h"
#include "tests/doctest.h"
#include "tests/scratch.h"

namespace tideline::calib {
namespace {

namespace fs = std::filesystem;
using testing::scratch;

Trace read(const std::string& text) {
  TextSource source = TextSource::of(text, "t.json");
  return read_kineto(source);
}

std::string mistake(const std::string& text) {
  try {
    (void)read(text);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

std::string kernel(const std::string& name, const std::string& ts, const std::string& dur, int stream = 7,
                   int correlation = 1) {
  return R"({"ph":"X","cat":"kernel","name":")" + name + R"(","ts":)" + ts + R"(,"dur":)" + dur +
         R"(,"args":{"stream":)" + std::to_string(stream) + R"(,"device":0,"correlation":)" +
         std::to_string(correlation) + R"(,"grid":[2,56,1],"block":[384,1,1]}})";
}

std::string launch(const std::string& call, int thread, int ts, int dur, int correlation) {
  return R"({"ph":"X","cat":"cuda_runtime","name":")" + call + R"(","tid":)" + std::to_string(thread) +
         R"(,"ts":)" + std::to_string(ts) + R"(,"dur":)" + std::to_string(dur) +
         R"(,"args":{"correlation":)" + std::to_string(correlation) + "}}";
}

std::string range(const std::string& name, int thread, int ts, int dur) {
  return R"({"ph":"X","cat":"user_annotation","name":")" + name + R"(","tid":)" + std::to_string(thread) +
         R"(,"ts":)" + std::to_string(ts) + R"(,"dur":)" + std::to_string(dur) + "}";
}

std::string trace(const std::string& events) {
  return R"({"deviceProperties":[{"name":"NVIDIA H800","numSms":132,"totalGlobalMem":84943110144}],)"
         "\n\"traceEvents\":[\n" +
         events + "\n]}\n";
}

std::string zipped(const std::string& text, const char* name) {
  const std::string file = scratch(name).string();
  const gzFile gz = gzopen(file.c_str(), "wb");
  gzwrite(gz, text.data(), static_cast<unsigned>(text.size()));
  gzclose(gz);
  return file;
}

TEST_CASE("a trace is its kernels, launches, ranges and device; everything else is passed over") {
  const Trace t = read(trace(
      kernel("gemm", "100", "5") + "," + launch("cudaLaunchKernel", 9, 90, 3, 1) + "," +
      launch("cudaEventQuery", 9, 91, 1, 2) + "," + range("attn", 9, 80, 50) + "," +
      R"({"ph":"X","cat":"gpu_memcpy","name":"Memcpy DtoD","ts":110,"dur":1,)"
      R"("args":{"device":0,"stream":7,"bytes":64}},)"
      R"({"ph":"X","cat":"cpu_op","name":"x","ts":1,"dur":1,"args":{"Input Dims":[[1,2],[[3]]]}},)"
      R"({"ph":"s","cat":"ac2g","id":1,"ts":90},{"name":"process_name","ph":"M","args":{"name":"python"}})"));
  CHECK(t.gpus == std::map<std::int32_t, Gpu>{{0, {"NVIDIA H800", 132, 84943110144}}});
  CHECK(t.resolution_us == 1.0);
  REQUIRE(t.kernels.size() == 2);
  CHECK(t.kernels[0].start_ns == 100'000);
  CHECK(t.kernels[0].duration_ns == 5'000);
  CHECK(t.kernels[0].stream == 7);
  CHECK(t.names[t.kernels[0].name] == "gemm");
  CHECK(t.configs[t.kernels[0].config].grid == std::array<std::uint32_t, 3>{2, 56, 1});
  CHECK(t.kernels[1].bytes == 64);
  REQUIRE(t.launches.size() == 1);
  CHECK(launches_of_kernels(t) == std::vector<std::int32_t>{0, -1});
  REQUIRE(t.ranges.size() == 1);
  CHECK(t.names[t.ranges[0].name] == "attn");
  CHECK(ranges_of_launches(t) == std::vector<std::int32_t>{0});
}

TEST_CASE("fractions of a microsecond are read to the nanosecond, as written") {
  const Trace t =
      read(trace(kernel("a", "1740461679479712.123", "4.567") + "," + kernel("b", "-1.5", "1e1")));
  CHECK(t.resolution_us == 0.001);
  CHECK(t.kernels[1].start_ns == 1740461679479712123);
  CHECK(t.kernels[1].duration_ns == 4567);
  CHECK(t.kernels[0].start_ns == -1500);
  CHECK(t.kernels[0].duration_ns == 10'000);
}

TEST_CASE("a bare list of events is a trace too, and a launch belongs to the innermost range of its thread") {
  const Trace t = read(
      "[" + kernel("k", "100", "5") + "," + range("outer", 1, 0, 100) + "," + range("inner", 2, 10, 50) +
      "," + launch("cudaLaunchKernel", 1, 20, 1, 5) + "," + launch("cudaLaunchKernel", 3, 20, 1, 6) + "," +
      launch("cudaLaunchKernel", 3, 70, 1, 7) + "," + launch("cudaLaunchKernel", 3, 170, 1, 8) + "]");
  std::vector<std::string> names;
  for (const std::int32_t r : ranges_of_launches(t))
    names.push_back(r < 0 ? "none" : t.names[t.ranges[static_cast<std::size_t>(r)].name]);
  CHECK(names == std::vector<std::string>{"outer", "inner", "outer", "none"});
}

TEST_CASE("what is no trace is told apart from a trace without kernels") {
  CHECK(mistake("") ==
        "t.json:1:1: error: broken JSON: unexpected end of input; expected '[', '{', or a literal\n");
  CHECK(
      mistake("{\"a\": 1, \"b\": {\"traceEvents\": []}}") ==
      "t.json: error: this is JSON but no trace: there is no list \"traceEvents\"; it holds \"a\", \"b\"\n");
  CHECK(mistake("17") == "t.json: error: this is JSON but no trace: there is no list \"traceEvents\"\n");
  CHECK(mistake(R"({"traceEvents": [{"ph":"X","cat":"cpu_op","name":"x","ts":1,"dur":1}, 7]})") ==
        "t.json: error: the trace has 1 events but no GPU kernel\n"
        "  profile with ProfilerActivity.CUDA\n");
}

TEST_CASE("broken JSON is placed by line and column, and never repeated at length") {
  CHECK(mistake(trace(kernel("k", "1", "1") + ",\n" + kernel("k", "NaN", "1"))) ==
        "t.json:4:42: error: broken JSON: invalid literal\n"
        "  at /traceEvents/1\n"
        "  JSON has no NaN and no Infinity\n");
  CHECK(mistake(trace(kernel("k", "1", "Infinity"))).find("error: broken JSON: invalid literal\n") !=
        std::string::npos);
  CHECK(mistake(trace(kernel("k", "1", "1e999"))) ==
        "t.json:3:55: error: broken JSON: number overflow\n"
        "  at /traceEvents/0\n");
  CHECK(mistake(trace(kernel("bad \xff utf-8", "1", "1"))).find("invalid string: ill-formed UTF-8 byte\n") !=
        std::string::npos);
  CHECK(mistake(trace(kernel(std::string("nul \0 byte", 10), "1", "1")))
            .find("invalid string: control character U+0000") != std::string::npos);
  const std::string whole = trace(kernel("k", "1", "1"));
  CHECK(mistake(whole.substr(0, whole.size() / 2)).find("broken JSON: ") != std::string::npos);
  CHECK(mistake("{\"traceEvents\": [{\"name\": \"" + std::string(100'000, 'x')).size() < 300);
}

TEST_CASE("a text with an escaped NUL is kept, and a name of any length is cut") {
  const Trace t = read(trace(kernel("a\\u0000b", "1", "1") + "," + kernel(std::string(9000, 'n'), "5", "1")));
  CHECK(t.names[t.kernels[0].name] == std::string("a\0b", 3));
  CHECK(t.names[t.kernels[1].name].size() == Names::kLengthMax);
}

TEST_CASE("a kernel without its time, or with an impossible one, is a mistake with its place") {
  CHECK(mistake("{\"traceEvents\":[\n" + kernel("k", "\"soon\"", "1") + "]}") ==
        "t.json:2:137: error: a GPU kernel without \"ts\", a number of microseconds\n"
        "  at /traceEvents/0\n");
  CHECK(mistake(trace(kernel("k", "1e18", "1"))).find("a GPU kernel without \"ts\"") != std::string::npos);
  CHECK(mistake(trace(kernel("k", "1", "-1"))).find("a GPU kernel with a negative \"dur\"") !=
        std::string::npos);
}

TEST_CASE("a kernel that does not say where it ran is a mistake with its place") {
  const std::string without_stream =
      R"({"ph":"X","cat":"kernel","name":"k","ts":1,"dur":1,"args":{"device":0}})";
  CHECK(mistake("{\"traceEvents\":[\n" + without_stream + "]}") ==
        "t.json:2:71: error: a GPU kernel without \"stream\", the number of its stream, in its \"args\"\n"
        "  at /traceEvents/0\n");
  CHECK(mistake(trace(R"({"ph":"X","cat":"kernel","name":"k","ts":1,"dur":1,"args":{"stream":7}})")) ==
        "t.json:3:71: error: a GPU kernel without \"device\", the number of its GPU, in its \"args\"\n"
        "  at /traceEvents/0\n");
  CHECK(mistake(trace(R"({"ph":"X","cat":"gpu_memset","name":"k","ts":1,"dur":1})"))
            .find("a GPU gpu_memset without \"device\"") != std::string::npos);
  CHECK(mistake(
            trace(R"({"ph":"X","cat":"kernel","name":"k","ts":1,"dur":1,"args":{"stream":"7","device":0}})"))
            .find("without \"stream\"") != std::string::npos);
}

TEST_CASE("streams are told apart by the whole of their number") {
  const std::string far =
      R"({"ph":"X","cat":"kernel","name":"k","ts":1,"dur":1,"args":{"device":0,"stream":)";
  const Trace t = read(trace(far + "4294967303}}," + far + "7}}," + far + "2147483648}}"));
  CHECK(t.kernels[0].stream == 7);
  CHECK(t.kernels[1].stream == 2147483648);
  CHECK(t.kernels[2].stream == 4294967303);
}

TEST_CASE("deep nesting and endless values are refused before they cost memory") {
  CHECK(mistake("{\"x\": " + std::string(100'000, '[')) ==
        "t.json:1:70: error: more than 64 lists and objects in one another\n"
        "  at /traceEvents/0\n");
  std::int64_t given = 0;
  TextSource endless("t.json", [&](char* buffer, std::size_t size) {
    std::fill_n(buffer, size, given == 0 ? '"' : ' ');
    if (given == 0) std::fill_n(buffer + 1, size - 1, 'x');
    given += static_cast<std::int64_t>(size);
    return size;
  });
  CHECK_THROWS_WITH_AS((void)read_kineto(endless), doctest::Contains("more than 4 MiB without a value"),
                       InputError);
  CHECK(given < (5 << 20));
}

TEST_CASE("gzip is read as it comes; cut short or broken it says so") {
  std::string events = kernel("k", "0", "1");
  for (int i = 1; i < 2000; ++i) events += ",\n" + kernel("k", std::to_string(10 * i), "1", 7, i);
  const std::string text = trace(events), file = zipped(text, "whole.json.gz");
  CHECK(format_of(file) == Format::kKineto);
  CHECK(read_trace(file, Format::kKineto).kernels.size() == 2000);

  const auto size = fs::file_size(file);
  fs::resize_file(file, size / 2);
  CHECK_THROWS_WITH_AS((void)read_trace(file, Format::kKineto),
                       doctest::Contains("the gzip data is cut short after "), InputError);
  const std::string broken = zipped(text, "broken.json.gz");
  {
    std::fstream bytes(broken, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(static_cast<std::streamoff>(size / 3));
    for (int i = 0; i < 64; ++i) bytes.put('\xff');
  }
  CHECK_THROWS_WITH_AS((void)read_trace(broken, Format::kKineto), doctest::Contains("error: "), InputError);
  fs::remove(file), fs::remove(broken);
}

TEST_CASE("a small file that unzips to endless blanks is refused") {
  const std::string file = zipped("{\"traceEvents\": [" + std::string(5 << 20, ' ') + "]}", "bomb.json.gz");
  CHECK(fs::file_size(file) < 10'000);
  CHECK_THROWS_WITH_AS((void)read_trace(file, Format::kKineto),
                       doctest::Contains("more than 4 MiB without a value"), InputError);
  fs::remove(file);
}

TEST_CASE("the format shows in the first bytes") {
  const auto format = [](const std::string& text) {
    const fs::path file = scratch("format");
    std::ofstream(file, std::ios::binary) << text;
    const Format f = format_of(file.string());
    fs::remove(file);
    return f;
  };
  CHECK(format(" \n{") == Format::kKineto);
  CHECK(format("\xEF\xBB\xBF[") == Format::kKineto);
  CHECK(format(std::string("SQLite format 3\0", 16)) == Format::kNsys);
  CHECK(format("m,n,k,time_us\n") == Format::kCsv);
  CHECK_THROWS_WITH_AS((void)format(""), doctest::Contains("the file is empty"), InputError);
  CHECK_THROWS_WITH_AS((void)format_of("nowhere.json"), "nowhere.json: error: this file cannot be read\n",
                       InputError);
  CHECK_THROWS_WITH_AS((void)format_named("kinto"), doctest::Contains("did you mean \"kineto\"?"),
                       InputError);
}

TEST_CASE("the pace of the host leaves out waits, and starts count only on empty streams") {
  std::string events;
  for (const auto& [ts, correlation] : {std::pair(0, 1), {20, 2}, {5000, 3}})
    events += launch("cudaLaunchKernel", 1, ts, 4, correlation) + ",";
  events += kernel("a", "9", "100", 7, 1) + "," + kernel("b", "112", "10", 7, 2) + "," +
            kernel("c", "5008", "10", 7, 3);
  const std::vector<HostPace> pace = host_pace(read(trace(events)));
  const auto of = [&](const std::string& what) {
    return std::ranges::find_if(pace, [&](const HostPace& p) { return p.what == what; })->spread;
  };
  CHECK(of("call").count == 3);
  CHECK(of("call").median == 4.0);
  CHECK(of("interval").count == 1);
  CHECK(of("interval").median == 20.0);
  CHECK(of("start").count == 1);
  CHECK(of("start").median == 8.0);
  CHECK(gaps_us(read(trace(events))) == std::vector<double>{3.0, 4886.0});
}

}  // namespace
}  // namespace tideline::calib
