// How far is a time transferred between GPUs from the one measured there? The same tool timed the same region
// on H100 and H200 (aiconfigurator, ../shared/reference/truth): each row is carried over and compared. The
// table is quoted in calib/README.md, with what is not comparable and why.
#include "calib/fit/transfer.h"

#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/catalog/hardware.h"
#include "tests/doctest.h"
#include "tests/measured/reference_table.h"

namespace tideline::calib {
namespace {

constexpr double kFp8 = 1.0 + 4.0 / 128.0;

struct Table {
  std::string name, file, latency;
  std::function<std::string(const Row&)> slice;  // empty: not one of ours
  std::function<double(const Row&)> bytes;       // through memory at least
  double mean_max, median_max;                   // what holds, over both directions
};

double product(double m, double n, double k) {
  return m * k * kFp8 + n * k + 2.0 * m * n;
}

// Gate-up and down of the experts on one GPU, activation between them; uniform routing.
double experts(const Row& r) {
  const double tokens = number(r, "num_tokens"), ep = number(r, "moe_ep_size"), rows = tokens * 8.0 / ep;
  const double active = 256.0 / ep * (1.0 - std::pow(1.0 - 1.0 / 256.0, tokens * 8.0));
  return product(rows, 4096, 7168) + product(rows, 7168, 2048) + (active - 1.0) * 3.0 * 7168 * 2048;
}

double shared_expert(const Row& r) {
  return product(number(r, "num_token"), 4096, 7168) + product(number(r, "num_token"), 7168, 2048);
}

double decode_module(const Row& r) {
  const double weights = 2112.0 * 7168 + 24576.0 * 1536 + 2.0 * 128 * 128 * 512 * 2 + 7168.0 * 16384;
  return weights + number(r, "batch_size") * number(r, "isl") * 576.0;
}

double prefill_module(const Row& r) {
  const double tokens = number(r, "batch_size") * number(r, "isl");
  return product(tokens, 2112, 7168) + product(tokens, 24576, 1536) + product(tokens, 32768, 512) +
         product(tokens, 7168, 16384);
}

double absorption(const Row& r) {
  const double m = number(r, "num_tokens"), width = r.at("bmm_dtype") == "fp8" ? 1.0 : 2.0;
  return number(r, "num_heads") * (width * (m * 128 + 128.0 * 512) + 2.0 * m * 512);
}

std::string all(const Row&) {
  return "all";
}

std::function<std::string(const Row&)> only(std::string column, std::string value) {
  return [=](const Row& r) { return r.at(column) == value ? value : ""; };
}

// Rows that share every column but device and time are a pair.
std::map<std::string, std::map<std::string, const Row*>> pairs(const Table& t, const std::vector<Row>& rows) {
  std::map<std::string, std::map<std::string, const Row*>> out;
  for (const Row& row : rows) {
    if (t.slice(row).empty()) continue;
    std::string key;
    for (const auto& [column, value] : row)
      if (column != t.latency && column != "device" && column != "system") key += value + "|";
    const std::string system = row.at("system"), phase = system.size() > 4 ? system.substr(4) : "";
    out[key + phase][system.substr(0, 4)] = &row;
  }
  return out;
}

// Both directions. Left out: pairs that differ by more than three times (corrupt), and rows that moved more
// than the bandwidth allows (weights warm in L2).
Errors carried_over(const Table& t, const std::vector<Row>& rows, Errors& untouched, int& left_out) {
  const catalog::Gpu h100 = catalog::load_gpu("h100"), h200 = catalog::load_gpu("h200");
  Errors errors;
  for (const auto& [key, pair] : pairs(t, rows)) {
    if (pair.size() < 2) continue;
    const double a = number(*pair.at("h100"), t.latency) * 1e-3,
                 b = number(*pair.at("h200"), t.latency) * 1e-3;
    if (a <= 0.0 || b <= 0.0 || std::abs(std::log(a / b)) > std::log(3.0)) {
      ++left_out;
      continue;
    }
    const Bytes bytes(t.bytes(*pair.at("h100")));
    for (const auto& [from, to, time, measured] :
         {std::tuple(&h100, &h200, a, b), std::tuple(&h200, &h100, b, a)}) {
      if (bytes / Seconds(time) > from->bandwidth) {
        ++left_out;
        continue;
      }
      errors.add(time * bandwidth_step(bytes, Seconds(time), from->bandwidth, to->bandwidth), measured);
      untouched.add(time, measured);
    }
  }
  return errors;
}

TEST_CASE("times of H100 and H200 carried over to one another are off by what calib/README.md says") {
  const std::vector<Table> tables = {
      {"FP8 GEMM, TensorRT-LLM", "h100_h200_gemm_fp8block.csv", "latency", only("framework", "TRTLLM"),
       [](const Row& r) { return product(number(r, "m"), number(r, "n"), number(r, "k")); }, 0.06, 0.04},
      {"FP8 GEMM, SGLang (quantisation included)", "h100_h200_gemm_fp8block.csv", "latency",
       only("framework", "SGLang"),
       [](const Row& r) { return product(number(r, "m"), number(r, "n"), number(r, "k")); }, 0.09, 0.07},
      {"experts, decode, uniform", "h100_h200_wideep_moe_generation.csv", "latency",
       only("distribution", "uniform"), experts, 0.06, 0.05},
      {"experts, prefill, uniform, 385 us of launches included", "h100_h200_wideep_moe_context.csv",
       "latency", only("distribution", "uniform"), experts, 0.11, 0.10},
      {"MLA decode module, FlashAttention 3", "h100_h200_wideep_mla_generation.csv", "latency",
       only("kernel_source", "fa3"), decode_module, 0.06, 0.06},
      {"MLA decode module, FlashInfer", "h100_h200_wideep_mla_generation.csv", "latency",
       only("kernel_source", "flashinfer"), decode_module, 0.06, 0.06},
      {"MLA prefill module, FlashAttention 3", "h100_h200_wideep_mla_context.csv", "latency",
       only("kernel_source", "fa3"), prefill_module, 0.06, 0.03},
      {"MLA prefill module, FlashInfer", "h100_h200_wideep_mla_context.csv", "latency",
       only("kernel_source", "flashinfer"), prefill_module, 0.06, 0.04},
      {"absorption, BF16", "h100_h200_mla_bmm.csv", "latency", only("bmm_dtype", "bfloat16"), absorption,
       0.18, 0.13},
      {"absorption, FP8", "h100_h200_mla_bmm.csv", "latency", only("bmm_dtype", "fp8"), absorption, 0.06,
       0.05},
      {"shared expert", "h100_h200_wideep_mlp_dense.csv", "avg_ms", all, shared_expert, 0.06, 0.04},
  };
  Errors::print_head("H100 <-> H200, carried over (in brackets: left as they are)");
  for (const Table& t : tables) {
    const std::vector<Row> rows = reference_table(t.file);
    if (rows.empty()) continue;
    Errors untouched;
    int left_out = 0;
    const Errors errors = carried_over(t, rows, untouched, left_out);
    errors.print(fmt::format("{} ({:.1f} %; {} left out)", t.name, 100.0 * untouched.mean(), left_out));
    INFO(t.name);
    CHECK(errors.mean() < t.mean_max);
    CHECK(errors.median() < t.median_max);
    CHECK(errors.mean() < untouched.mean());
  }
}

}  // namespace
}  // namespace tideline::calib
