// Overheads, copies and the kernels between the products. Bytes: what is read and written once.
#include <array>

#include "calib/profile/sweep.h"

namespace tideline::profile {
namespace {

constexpr std::int64_t kHidden = 7168, kHeads = 128, kExperts = 256, kTopK = 8, kWords = 129280;
constexpr double kBf16 = 2.0, kFp32 = 4.0, kFp8 = 1.0 + 4.0 / 128.0;  // FP8 with one scale per 128
constexpr std::array<std::int64_t, 9> kTokens{16, 32, 64, 128, 256, 512, 1024, 4096, 16384};

Point layer(std::string op, std::vector<Dimension> shape, double bytes) {
  return {.family = "layer", .op = std::move(op), .shape = std::move(shape), .bytes = bytes};
}

// Everything a decode step or a prefill pass of `m` tokens streams outside its products.
void add_layer(std::vector<Point>& points, std::int64_t m) {
  const auto tokens = static_cast<double>(m);
  const auto hidden = tokens * static_cast<double>(kHidden);
  points.push_back(layer("add_norm", {{"m", m}, {"c", kHidden}}, hidden * 4 * kBf16));
  points.push_back(layer("add_norm_quant", {{"m", m}, {"c", kHidden}}, hidden * (4 * kBf16 + kFp8)));
  for (const std::int64_t c : {1536, 512})
    points.push_back(layer("norm", {{"m", m}, {"c", c}}, tokens * static_cast<double>(c) * 2 * kBf16));
  for (const std::int64_t k : {512, 1536, 7168, 16384})
    points.push_back(
        layer("quantise", {{"m", m}, {"k", k}}, tokens * static_cast<double>(k) * (kBf16 + kFp8)));
  for (const std::int64_t width : {2048, 18432})
    points.push_back(layer("swiglu_quant", {{"m", m}, {"width", width}},
                           tokens * static_cast<double>(width) * (2 * kBf16 + kFp8)));
  points.push_back(layer("rope_cache", {{"m", m}, {"heads", kHeads}},
                         tokens * (static_cast<double>(kHeads) * 64 * 2 * kBf16 + 576 * 2 * kBf16)));
  points.push_back(layer("top_k", {{"m", m}, {"experts", kExperts}},
                         tokens * (static_cast<double>(kExperts) * kFp32 + kTopK * 2 * kFp32)));
  points.push_back(
      layer("permute", {{"m", m}, {"top_k", kTopK}, {"c", kHidden}}, hidden * (1 + kTopK) * kFp8));
  points.push_back(
      layer("combine", {{"m", m}, {"top_k", kTopK}, {"c", kHidden}}, hidden * (1 + kTopK) * kBf16));
  if (m >= 1024)  // prefill alone makes keys of every head; decode works in the latent space
    points.push_back(layer("assemble_keys", {{"m", m}, {"heads", kHeads}},
                           tokens * (static_cast<double>(kHeads) * (128 + 192) + 64) * kBf16));
  if (m <= 512)  // one row a request
    points.push_back(
        layer("argmax", {{"m", m}, {"words", kWords}}, tokens * static_cast<double>(kWords) * kBf16));
}

}  // namespace

Point copy(std::string op, std::int64_t bytes) {
  const double passes = op == "copy_d2d" ? 2.0 : 1.0;
  return {.family = "copy",
          .op = std::move(op),
          .shape = {{"bytes", bytes}},
          .bytes = passes * static_cast<double>(bytes)};
}

std::vector<Point> launch_points() {
  std::vector<Point> points{{.family = "launch", .op = "null_kernel", .shape = {}}};
  points.push_back({.family = "launch", .op = "host_launch", .shape = {}, .seconds_fixed = 0.1});
  for (const std::int64_t nodes : {1, 4, 16, 64, 256, 1024, 4096})
    points.push_back(
        {.family = "launch", .op = "graph_replay", .shape = {{"nodes", nodes}}, .seconds_fixed = 0.5});
  return points;
}

std::vector<Point> copy_points() {
  std::vector<Point> points;
  for (const int power : {16, 20, 22, 24, 26, 28, 30}) points.push_back(copy("copy_d2d", 1ll << power));
  for (const int power : {12, 16, 20, 24, 28}) {
    points.push_back(copy("copy_h2d", 1ll << power));
    points.push_back(copy("copy_d2h", 1ll << power));
  }
  for (const int power : {16, 20, 24, 28}) points.push_back(copy("memset", 1ll << power));
  return points;
}

std::vector<Point> layer_points() {
  std::vector<Point> points;
  for (const std::int64_t m : kTokens) add_layer(points, m);
  return points;
}

}  // namespace tideline::profile
