// Are the facts in models/ read as they are meant, and is a wrong name answered where it stands?
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "sim/catalog/hardware.h"
#include "sim/catalog/llm.h"
#include "sim/catalog/prices.h"

namespace tideline::catalog {
namespace {

namespace fs = std::filesystem;

std::string refuse(const std::function<void()>& f) {
  try {
    f();
    return "";
  } catch (const InputError& e) {
    return e.what();
  }
}

// A folder of models made by a test, in force while it lives.
class OwnModels {
 public:
  OwnModels() {
    std::string name = (fs::temp_directory_path() / "tideline-models-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    folder_ = name;
    if (const char* const before = std::getenv("TIDELINE_MODELS")) before_ = before;
    setenv("TIDELINE_MODELS", name.c_str(), 1);
  }
  ~OwnModels() {
    if (before_.empty())
      unsetenv("TIDELINE_MODELS");
    else
      setenv("TIDELINE_MODELS", before_.c_str(), 1);
    fs::remove_all(folder_);
  }
  OwnModels(const OwnModels&) = delete;
  OwnModels& operator=(const OwnModels&) = delete;

  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((folder_ / file).parent_path());
    std::ofstream(folder_ / file) << text;
  }
  // A message without the part of the path that differs from run to run.
  [[nodiscard]] std::string local(std::string message) const {
    for (std::size_t at; (at = message.find(folder_.string() + "/")) != std::string::npos;)
      message.erase(at, folder_.string().size() + 1);
    return message;
  }

 private:
  fs::path folder_;
  std::string before_;
};

TEST_CASE("the H800 node is the one DeepSeek serves on") {
  const NodeType node = load_node("h800-8");
  CHECK(node.name == "h800-8");
  CHECK(node.gpu.name == "h800");
  CHECK(node.gpu.sms == 132);
  CHECK(node.gpu.memory.value() == 84943110144.0);
  CHECK(node.gpu.bandwidth.value() == 3.35e12);
  CHECK(node.gpu.fp8_peak.value() == 1979e12);
  CHECK(node.gpu.bf16_peak.value() == 989e12);
  CHECK(node.gpus == 8);
  CHECK(node.nvlink.value() == 200e9);
  CHECK(node.nic.value() == 50e9);
  CHECK(node.storage.value() == 42949672960.0);
}

TEST_CASE("what is assumed carries its range and its reason") {
  const NodeType node = load_node("h800-8");
  REQUIRE(node.assumed.size() == 1);
  CHECK(node.assumed[0].what == "storage");
  CHECK(node.assumed[0].low == 10737418240.0);
  CHECK(node.assumed[0].high == 50e9);
  CHECK(node.assumed[0].low <= node.storage.value());
  CHECK(!node.assumed[0].reason.empty());
}

TEST_CASE("every record can be read and names its source") {
  for (const std::string& name : known_names("gpu")) CHECK(!load_gpu(name).source.empty());
  for (const std::string& name : known_names("node")) CHECK(!load_node(name).source.empty());
  for (const std::string& name : known_names("fabric")) CHECK(!load_fabric(name).source.empty());
  for (const std::string& name : known_names("price")) CHECK(!load_price_book(name).source.empty());
  CHECK(known_names("gpu") == std::vector<std::string>{"h100", "h20", "h200", "h800"});
  CHECK(known_names("node") == std::vector<std::string>{"h100-8", "h20-8", "h200-8", "h800-8"});
}

TEST_CASE("a fat tree of 64-port leaves holds 32 nodes below each") {
  const Fabric fabric = load_fabric("rail-optimised-400g");
  CHECK(fabric.nodes_per_leaf == 32);
  CHECK(fabric.oversubscription == 1.0);
  CHECK(fabric.same_leaf_latency == Seconds(2.8e-6));
  CHECK(fabric.cross_leaf_latency == Seconds(3.7e-6));
}

void check_prices(const TokenPrices& p, std::int64_t hit, std::int64_t miss, std::int64_t output) {
  CHECK(p.input_hit.micro_usd == hit);
  CHECK(p.input_miss.micro_usd == miss);
  CHECK(p.output.micro_usd == output);
}

TEST_CASE("off-peak prices hold from 00:30 to 08:30, and are the same for V3 and R1") {
  const PriceBook r1 = load_price_book("deepseek-r1-2025-02-usd"),
                  v3 = load_price_book("deepseek-v3-2025-02-usd");
  CHECK(r1.time_zone == "Asia/Shanghai");
  check_prices(r1.at(29), 140'000, 550'000, 2'190'000);
  check_prices(r1.at(510), 140'000, 550'000, 2'190'000);
  check_prices(v3.at(29), 70'000, 270'000, 1'100'000);
  for (const std::int64_t minute : {30, 509})
    for (const PriceBook* book : {&r1, &v3}) check_prices(book->at(minute), 35'000, 135'000, 550'000);
}

TEST_CASE("the books in CNY have the same windows") {
  const PriceBook r1 = load_price_book("deepseek-r1-2025-02-cny"),
                  v3 = load_price_book("deepseek-v3-2025-02-cny");
  CHECK(r1.currency == "CNY");
  check_prices(r1.at(720), 1'000'000, 4'000'000, 16'000'000);
  check_prices(v3.at(720), 500'000, 2'000'000, 8'000'000);
  for (const PriceBook* book : {&r1, &v3}) check_prices(book->at(30), 250'000, 1'000'000, 4'000'000);
}

TEST_CASE("the book of the theoretical income has one price all day") {
  const PriceBook book = load_price_book("deepseek-r1-list-2025-02-usd");
  for (std::int64_t minute = 0; minute < 1440; ++minute)
    check_prices(book.at(minute), 140'000, 550'000, 2'190'000);
}

TEST_CASE("a window may wrap past midnight") {
  PriceBook book;
  book.list.output = {2};
  book.windows = {{23 * 60, 60, {{0}, {0}, {1}}}};
  CHECK(book.at(23 * 60 - 1).output.micro_usd == 2);
  CHECK(book.at(23 * 60).output.micro_usd == 1);
  CHECK(book.at(0).output.micro_usd == 1);
  CHECK(book.at(60).output.micro_usd == 2);
}

TEST_CASE("an unknown name lists the known ones") {
  CHECK(refuse([] { (void)load_gpu("h80"); }) ==
        "models/gpu: error: unknown name \"h80\": wants one of h100, h20, h200, h800\n"
        "  did you mean \"h800\"?\n");
  CHECK(refuse([] { (void)load_node("../gpu/h800"); }) ==
        "models/node: error: unknown name \"../gpu/h800\": wants one of h100-8, h20-8, h200-8, h800-8\n");
}

TEST_CASE("an unknown name in a scenario is a mistake at its key, and reading goes on") {
  const config::Document document = config::Document::parse(
      "{\n  \"node\": \"h800-9\",\n  \"prices\": 3,\n  \"llm\": \"deepseek-v33\",\n  \"own\": "
      "\"no/config.json\"}",
      "s.json");
  const config::Node root = document.root();
  CHECK(load_node(root, "node").gpus == 8);
  (void)load_price_book(root, "prices");
  CHECK(load_llm(root, "llm").layers > 0);
  (void)load_llm(root, "own");
  const std::string books =
      "deepseek-r1-2025-02-cny, deepseek-r1-2025-02-usd, deepseek-r1-list-2025-02-usd, "
      "deepseek-v3-2025-02-cny, "
      "deepseek-v3-2025-02-usd, deepseek-v3-list-2025-02-usd";
  const std::string models =
      "deepseek-r1, deepseek-v3, deepseek-v3.2, gpt-oss-120b, kimi-k2, mixtral-8x7b, qwen3-235b-a22b";
  CHECK(refuse([&] { document.finish(); }) ==
        "s.json:2:11: error: unknown name \"h800-9\": wants one of h100-8, h20-8, h200-8, h800-8\n"
        "  at /node\n"
        "  did you mean \"h800-8\"?\n"
        "s.json:3:13: error: wants one of " +
            books +
            ", found the number 3\n"
            "  at /prices\n"
            "s.json:4:10: error: unknown name \"deepseek-v33\": wants one of " +
            models +
            "\n"
            "  at /llm\n"
            "  did you mean \"deepseek-v3\"?\n"
            "s.json:5:10: error: there is no file no/config.json\n"
            "  at /own\n"
            "  a path is relative to the file it stands in\n");
}

TEST_CASE("TIDELINE_MODELS names the folder of models") {
  const OwnModels models;
  models.write("gpu/b1.json", R"({"sms": 1, "memory": "1 GB", "bandwidth": "1 GB/s", "fp8_peak": "1 Tflop/s",
    "bf16_peak": "1 Tflop/s", "source": "a test", "as_of": "2025-02-27"})");
  CHECK(known_names("gpu") == std::vector<std::string>{"b1"});
  CHECK(load_gpu("b1").sms == 1);
  // A program reads it once: what a study does with it must not hang on who edits it meanwhile.
  models.write("gpu/b1.json", "{");
  CHECK(load_gpu("b1").sms == 1);
  setenv("TIDELINE_MODELS", "/nowhere/at/all", 1);
  CHECK(refuse([] { (void)models_folder(); }) ==
        "TIDELINE_MODELS=/nowhere/at/all: error: this is not a folder\n");
}

TEST_CASE("a record without source and date, or with an assumption about nothing, is refused") {
  const OwnModels models;
  models.write("fabric/f.json",
               R"({"same_leaf_latency": "1 us", "cross_leaf_latency": "2 us", "oversubscription": 0.5,
"nodes_per_leaf": 0, "as_of": "yesterday",
"assumed": {"speed": {"low": "1 s", "high": "2 s", "reason": "x"}}})");
  CHECK(models.local(refuse([] { (void)load_fabric("f"); })) ==
        "fabric/f.json:1:1: error: key \"source\" is missing: wants text\n"
        "  at /source\n"
        "fabric/f.json:1:81: error: wants a number of 1 or more\n"
        "  at /oversubscription\n"
        "fabric/f.json:2:19: error: wants a whole number of 1 or more, found the number 0\n"
        "  at /nodes_per_leaf\n"
        "fabric/f.json:2:31: error: wants a date such as \"2025-02-27\", found \"yesterday\"\n"
        "  at /as_of\n"
        "fabric/f.json:3:22: error: the record has no \"speed\"\n"
        "  at /assumed/speed\n");
}

TEST_CASE("a price book with a foreign price or with windows that overlap is refused") {
  const OwnModels models;
  const std::string ones =
      R"(, "input_hit": "1 USD/Mtok", "input_miss": "1 USD/Mtok", "output": "1 USD/Mtok"})";
  models.write("price/p.json", R"({"currency": "USD", "time_zone": "Asia/Shanghai", "source": "x",
"as_of": "2025-02-27",
"list": {"input_hit": "1 USD/Mtok", "input_miss": "1 CNY/Mtok", "output": "1 USD/Mtok"},
"windows": [
{"from": "22:00", "to": "02:00")" + ones +
                                   ",\n{\"from\": \"01:00\", \"to\": \"03:00\"" + ones +
                                   ",\n{\"from\": \"05:00\", \"to\": \"05:00\"" + ones + "]}");
  CHECK(models.local(refuse([] { (void)load_price_book("p"); })) ==
        "price/p.json:3:51: error: the book is in USD, found a price in CNY\n"
        "  at /list/input_miss\n"
        "price/p.json:6:1: error: this window overlaps one before it\n"
        "  at /windows/1\n"
        "price/p.json:7:25: error: the window is empty: it ends when it begins\n"
        "  at /windows/2/to\n");
}

}  // namespace
}  // namespace tideline::catalog
