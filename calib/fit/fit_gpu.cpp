#include "calib/fit/fit_gpu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "calib/fit/errors.h"
#include "calib/fit/fit_family.h"
#include "calib/fit/table.h"
#include "calib/fit/transfer.h"
#include "sim/base/error.h"
#include "sim/kernels/shapes.h"

namespace tideline::calib {
namespace {

using Json = nlohmann::ordered_json;
using namespace kernels;

// One field of a row, whole.
std::int64_t whole(const Table& t, std::size_t row, std::string_view column) {
  return std::llround(t.number(row, column));
}

// Every row of a table whose shape `shape_of(table, row)` gives; none to leave it out.
template <class ShapeOf>
std::vector<Record> read_records(const Table& t, ShapeOf shape_of) {
  std::vector<Record> records;
  for (std::size_t row = 0; row < t.rows(); ++row)
    if (const auto shape = shape_of(row))
      records.push_back({place_of(*shape), t.text(row, "source"), t.text(row, "library"),
                         Seconds(t.number(row, "time_us") * 1e-6)});
  return records;
}

template <class Gemm>
std::vector<Record> read_gemm(const Table& t) {
  return read_records(t, [&](std::size_t r) -> std::optional<Gemm> {
    return Gemm{t.number(r, "m"), whole(t, r, "n"), whole(t, r, "k")};
  });
}

std::vector<Record> read_grouped(const Table& t, bool masked) {
  return read_records(t, [&](std::size_t r) -> std::optional<GroupedGemm> {
    if ((t.text(r, "layout") == "masked") != masked) return std::nullopt;
    // The bench makes whole rows of 0.7 to 1.3 of those expected: of one expected row, about half the experts
    // get none, and which share of the weights was read is not known.
    if (t.number(r, "rows") < 2.0) return std::nullopt;
    const std::int64_t groups = whole(t, r, "groups");
    return GroupedGemm{groups, static_cast<double>(groups) * t.number(r, "rows"), whole(t, r, "n"),
                       whole(t, r, "k"), masked};
  });
}

std::vector<Record> read_batched(const Table& t) {
  return read_records(t, [&](std::size_t r) -> std::optional<BatchedGemm> {
    return BatchedGemm{whole(t, r, "batch"), t.number(r, "m"), whole(t, r, "n"), whole(t, r, "k")};
  });
}

std::vector<Record> read_mla_decode(const Table& t) {
  return read_records(t, [&](std::size_t r) -> std::optional<MlaDecode> {
    return MlaDecode{t.number(r, "requests"), t.number(r, "q_tokens"), t.number(r, "kv_tokens"),
                     whole(t, r, "heads")};
  });
}

std::vector<Record> read_mla_prefill(const Table& t) {
  return read_records(t, [&](std::size_t r) -> std::optional<PrefillAttention> {
    const double s = t.number(r, "tokens");
    return PrefillAttention{0.5 * s * s, s, whole(t, r, "heads"), whole(t, r, "d_qk")};
  });
}

std::optional<Ceiling> read_ceiling(const Table& t) {
  return Ceiling{FlopPerSecond(t.number(0, "tflop_s") * 1e12), BytesPerSecond(t.number(0, "gb_s") * 1e9),
                 t.text(0, "source")};
}

// The kernels of this family are different ones; none is looked up by its bytes. Only the backbone counts.
Json fit_streaming(const FamilyInfo& info, const catalog::Gpu& gpu, const Table& t) {
  std::vector<Record> records;
  for (std::size_t row = 0; row < t.rows(); ++row)
    records.push_back({place_of(Streaming{Bytes(t.number(row, "bytes"))}), t.text(row, "source"),
                       t.text(row, "op"), Seconds(t.number(row, "time_us") * 1e-6)});
  Json out = fit_family(info, gpu, records);
  for (Json& column : out["samples"]) column.clear();
  const double spread = out["errors"]["backbone"]["mean"].get<double>();
  for (const char* kind : {"known", "unknown", "beyond"}) out["sigma"][kind] = spread;
  for (const char* kind : {"points", "slices_held_out", "inside", "unknown", "beyond"})
    out["errors"][kind] = Errors().json();
  for (Json& share : out["errors"]["coverage"]) share = 0.0;
  return out;
}

// A single kernel was measured; how the family behaves elsewhere is that of the FP8 products, of another
// peak.
Json fit_bf16(const FamilyInfo& info, const catalog::Gpu& gpu, const Table& t, const Json& dense) {
  Json out = fit_family(info, gpu, read_gemm<Bf16Gemm>(t));
  out["backbone"] = dense["backbone"];
  out["backbone_assumed"] = "the shares of peak and bandwidth of dense_gemm_fp8, range +-20 %";
  return out;
}

Json fit_contention(const Table& t, std::string_view bound) {
  std::vector<double> ratios;
  for (std::size_t row = 0; row < t.rows(); ++row)
    if (t.text(row, "bound") == bound)
      ratios.push_back(t.number(row, "beside_us") / t.number(row, "alone_us"));
  std::sort(ratios.begin(), ratios.end());
  const std::size_t half = ratios.size() / 2;
  const double median = ratios.size() % 2 ? ratios[half] : 0.5 * (ratios[half - 1] + ratios[half]);
  return {{"factor", rounded(median)},
          {"low", rounded(ratios.front())},
          {"high", rounded(ratios.back())},
          {"pairs", ratios.size()}};
}

Json launch_gaps(const Table& t) {
  Json out;
  for (std::size_t row = 0; row < t.rows(); ++row)
    out[t.text(row, "launch")] = {{"us", t.number(row, "median_us")},
                                  {"low", t.number(row, "low_us")},
                                  {"high", t.number(row, "high_us")},
                                  {"source", t.text(row, "source")}};
  return out;
}

// What the host does between two launches anywhere, and how long a launch takes to an empty stream.
Json host_launch(const Table& t) {
  Json out;
  for (std::size_t row = 0; row < t.rows(); ++row)
    for (const auto& [name, what, where] :
         {std::array{"pace", "interval", "everywhere"}, std::array{"latency", "start", "empty stream"}})
      if (t.text(row, "what") == what && t.text(row, "where") == where)
        out[name] = {{"us", t.number(row, "median")},
                     {"low", t.number(row, "p10")},
                     {"high", t.number(row, "p90")},
                     {"source", t.text(row, "source")}};
  return out;
}

// The tables of one GPU.
struct Tables {
  std::string folder;
  [[nodiscard]] std::string file(std::string_view name) const {
    return fmt::format("{}/{}.csv", folder, name);
  }
  [[nodiscard]] bool has(std::string_view name) const { return std::filesystem::exists(file(name)); }
  [[nodiscard]] Table operator()(std::string_view name) const { return Table::load(file(name)); }
};

std::string_view table_of(FamilyId id) {
  switch (id) {
    case FamilyId::kDenseGemm:
      return "dense_gemm";
    case FamilyId::kBf16Gemm:
      return "gemm_bf16";
    case FamilyId::kGroupedMasked:
    case FamilyId::kGroupedContiguous:
      return "grouped_gemm";
    case FamilyId::kBatchedGemm:
      return "batched_gemm";
    case FamilyId::kMlaDecode:
      return "mla_decode";
    case FamilyId::kPrefillAttention:
      return "mla_prefill";
    case FamilyId::kStreaming:
      return "streaming";
  }
  return "";
}

bool complete(const Tables& tables) {
  return tables.has("contention") && tables.has("launch_gap") &&
         std::all_of(kFamilies.begin(), kFamilies.end(),
                     [&](const FamilyInfo& info) { return tables.has(table_of(info.id)); });
}

Json fit_one(const FamilyInfo& info, const catalog::Gpu& gpu, const Tables& tables, const Json& families) {
  const Table table = tables(table_of(info.id));
  switch (info.id) {
    case FamilyId::kDenseGemm:
      return fit_family(info, gpu, read_gemm<DenseGemm>(table));
    case FamilyId::kBf16Gemm:
      return fit_bf16(info, gpu, table, families["dense_gemm_fp8"]);
    case FamilyId::kGroupedMasked:
    case FamilyId::kGroupedContiguous:
      return fit_family(info, gpu, read_grouped(table, info.id == FamilyId::kGroupedMasked));
    case FamilyId::kBatchedGemm:
      return fit_family(info, gpu, read_batched(table));
    case FamilyId::kMlaDecode:
      return fit_family(info, gpu, read_mla_decode(table), read_ceiling(tables("mla_decode_ceiling")));
    case FamilyId::kPrefillAttention:
      return fit_family(info, gpu, read_mla_prefill(table));
    case FamilyId::kStreaming:
      return fit_streaming(info, gpu, table);
  }
  return {};
}

// The GPU of the same architecture with all tables that is nearest in peak and bandwidth.
catalog::Gpu nearest_source(const catalog::Gpu& gpu, const std::string& timings) {
  std::optional<catalog::Gpu> best;
  double least = 0.0;
  for (const std::string& name : catalog::known_names("gpu")) {
    if (name == gpu.name || !complete({timings + "/" + name})) continue;
    const catalog::Gpu other = catalog::load_gpu(name);
    if (other.architecture.empty() || other.architecture != gpu.architecture) continue;
    const double distance = std::abs(std::log(other.fp8_peak / gpu.fp8_peak)) +
                            std::abs(std::log(other.bandwidth / gpu.bandwidth));
    if (!best || distance < least) best = other, least = distance;
  }
  if (best) return *best;
  throw InputError(
      {.file = timings + "/" + gpu.name,
       .message = fmt::format("there are not all timings of \"{}\" here, and no GPU of its SM architecture "
                              "({}) has them to be transferred",
                              gpu.name, gpu.architecture.empty() ? "not stated" : gpu.architecture),
       .suggestion = "run this in the folder that holds calib/, or give --timings"});
}

}  // namespace

Json fit_gpu(const catalog::Gpu& gpu, const std::string& timings, const std::string& from) {
  const Tables tables{timings + "/" + gpu.name};
  Json elsewhere;
  if (!complete(tables)) {
    const catalog::Gpu source = from.empty() ? nearest_source(gpu, timings) : catalog::load_gpu(from);
    elsewhere = Transfer(source, gpu).gpu(fit_gpu(source, timings));
  }
  Json families;
  for (const FamilyInfo& info : kFamilies) {
    const std::string name(info.name);
    families[name] =
        tables.has(table_of(info.id)) ? fit_one(info, gpu, tables, families) : elsewhere["families"][name];
  }
  Json out;
  out["about"] = "Written by `tideline calibrate fit`; times in microseconds. See calib/README.md.";
  if (tables.has("contention")) {
    for (const char* bound : {"tensor", "streaming"})
      out["contention"][bound] = fit_contention(tables("contention"), bound);
  } else {
    out["contention"] = elsewhere["contention"];
  }
  out["launch_gap"] = tables.has("launch_gap") ? launch_gaps(tables("launch_gap")) : elsewhere["launch_gap"];
  out["host_launch"] =
      tables.has("host_launch") ? host_launch(tables("host_launch")) : elsewhere["host_launch"];
  out["families"] = std::move(families);
  return out;
}

}  // namespace tideline::calib
