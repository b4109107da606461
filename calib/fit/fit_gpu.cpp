#include "calib/fit/fit_gpu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "calib/fit/backbone_json.h"
#include "calib/fit/errors.h"
#include "calib/fit/fit_backbone.h"
#include "calib/fit/fit_family.h"
#include "calib/fit/from_records.h"
#include "calib/fit/measurements.h"
#include "calib/fit/merge.h"
#include "calib/fit/table.h"
#include "calib/fit/transfer.h"
#include "calib/records/read.h"
#include "sim/base/error.h"
#include "sim/kernels/shapes.h"

namespace tideline::calib {
namespace {

using Json = nlohmann::ordered_json;
using namespace kernels;

// "DeepGEMM v2" of a table is DeepGEMM.
std::string library_of(const std::string& row) {
  const std::size_t version = row.rfind(" v");
  const bool numbered = version != row.npos && version + 2 < row.size() &&
                        row.find_first_not_of("0123456789.", version + 2) == row.npos;
  return numbered ? row.substr(0, version) : row;
}

// Every row of a table whose shape `shape_of(table, row)` gives; none to leave it out.
template <class ShapeOf>
std::vector<Record> read_rows(const Table& t, ShapeOf shape_of) {
  std::vector<Record> records;
  for (std::size_t row = 0; row < t.rows(); ++row)
    if (const auto shape = shape_of(row))
      records.push_back({place_of(*shape), t.text(row, "source"), t.text(row, "library"),
                         Seconds(t.positive(row, "time_us") * 1e-6), t.text(row, "date"),
                         library_of(t.text(row, "library"))});
  return records;
}

[[noreturn]] void lacks(const Table& t, const std::string& what) {
  throw InputError({.file = t.file(), .message = "this table lacks " + what});
}

template <class Gemm>
std::vector<Record> read_gemm(const Table& t) {
  return read_rows(t, [&](std::size_t r) -> std::optional<Gemm> {
    return Gemm{t.positive(r, "m"), t.whole(r, "n"), t.whole(r, "k")};
  });
}

std::vector<Record> read_grouped(const Table& t, bool masked) {
  return read_rows(t, [&](std::size_t r) -> std::optional<GroupedGemm> {
    if ((t.text(r, "layout") == "masked") != masked) return std::nullopt;
    // The bench makes whole rows of 0.7 to 1.3 of those expected: of one expected row, about half the experts
    // get none, and which share of the weights was read is not known.
    if (t.positive(r, "rows") < 2.0) return std::nullopt;
    const std::int64_t groups = t.whole(r, "groups");
    return GroupedGemm{groups, static_cast<double>(groups) * t.positive(r, "rows"), t.whole(r, "n"),
                       t.whole(r, "k"), masked};
  });
}

std::vector<Record> read_batched(const Table& t) {
  return read_rows(t, [&](std::size_t r) -> std::optional<BatchedGemm> {
    return BatchedGemm{t.whole(r, "batch"), t.positive(r, "m"), t.whole(r, "n"), t.whole(r, "k")};
  });
}

std::vector<Record> read_mla_decode(const Table& t) {
  return read_rows(t, [&](std::size_t r) -> std::optional<MlaDecode> {
    if (t.whole(r, "q_tokens") != 1) return std::nullopt;  // their cache is read once: another kernel
    return MlaDecode{t.positive(r, "requests"), t.positive(r, "q_tokens"), t.positive(r, "kv_tokens"),
                     t.whole(r, "heads")};
  });
}

std::vector<Record> read_mla_prefill(const Table& t) {
  return read_rows(t, [&](std::size_t r) -> std::optional<PrefillAttention> {
    return PrefillAttention::prompt(t.positive(r, "tokens"), t.whole(r, "heads"), t.whole(r, "d_qk"));
  });
}

std::optional<Ceiling> read_ceiling(const Table& t) {
  return Ceiling{FlopPerSecond(t.positive(0, "tflop_s") * 1e12), BytesPerSecond(t.positive(0, "gb_s") * 1e9),
                 fmt::format("{}, {}", t.text(0, "source"), t.text(0, "date"))};
}

std::vector<Record> read_streaming(const Table& t) {
  std::vector<Record> records;
  for (std::size_t row = 0; row < t.rows(); ++row)
    records.push_back({place_of(Streaming{Bytes(t.positive(row, "bytes"))}), t.text(row, "source"),
                       t.text(row, "op"), Seconds(t.positive(row, "time_us") * 1e-6), t.text(row, "date")});
  return records;
}

// The kernels of this family are different ones; none is looked up by its bytes. Only the backbone counts.
Json fit_streaming(const FamilyInfo& info, const catalog::Gpu& gpu, const std::vector<Record>& records) {
  Json out = fit_family(info, gpu, records);
  for (Json& column : out["samples"]) column.clear();
  const double spread = out["errors"]["backbone"]["mean"].get<double>();
  for (const char* kind : {"known", "unknown", "beyond"}) out["sigma"][kind] = spread;
  for (const char* kind : {"points", "shapes_held_out", "slices_held_out", "inside", "unknown", "beyond"})
    out["errors"][kind] = Errors().json();
  for (Json& share : out["errors"]["coverage"]) share = 0.0;
  return out;
}

// Of a few places alone, how the family behaves elsewhere is that of the FP8 products, of another peak. Their
// tiles are DeepGEMM's: the backbone is fitted to the same products without them.
Json fit_bf16(const FamilyInfo& info, const catalog::Gpu& gpu, const std::vector<Record>& records,
              const Json& dense) {
  if (places(records) >= kPlacesMin) return fit_family(info, gpu, records);
  const Json& s = dense["samples"];
  std::vector<Observation> products;
  for (std::size_t i = 0; i < s["a"].size(); ++i)
    products.push_back(
        {work_of(DenseGemm{s["x"][i], s["a"][i], s["b"][i]}), Seconds(s["time_us"][i].get<double>() * 1e-6)});
  Backbone untiled = backbone_on(kFamilies[static_cast<std::size_t>(FamilyId::kDenseGemm)], gpu);
  untiled.sms = 0;
  Backbone assumed = fit_backbone(untiled, products);
  assumed.peak = gpu.bf16_peak;
  Json out = fit_family(info, records, assumed);
  out["backbone_assumed"] = "the shares of peak and bandwidth of dense_gemm_fp8, range +-20 %";
  return out;
}

// One factor for all kernels of a kind, the median; its spread, by the median too, is what a kernel may
// differ from it by: single kernels of a few microseconds are far off by the clock alone.
constexpr double kMadToSigma = 1.4826;
Json fit_contention(const Table& table, const std::vector<ContentionPair>& pairs, std::string_view bound) {
  std::vector<double> ratios;
  for (const ContentionPair& p : pairs)
    if (p.bound == bound) ratios.push_back(p.beside_us / p.alone_us);
  if (ratios.empty()) lacks(table, fmt::format("a row with the bound \"{}\"", bound));
  const double factor = median(ratios);
  std::vector<double> off;
  for (const double r : ratios) off.push_back(std::abs(std::log(r / factor)));
  const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
  return {{"factor", rounded(factor)},
          {"sigma", rounded(kMadToSigma * median(off))},
          {"low", rounded(*low)},
          {"high", rounded(*high)},
          {"pairs", ratios.size()}};
}

std::vector<ContentionPair> read_contention(const Table& t) {
  std::vector<ContentionPair> pairs;
  for (std::size_t row = 0; row < t.rows(); ++row)
    pairs.push_back(
        {t.text(row, "op"), t.text(row, "bound"), t.positive(row, "alone_us"), t.positive(row, "beside_us")});
  return pairs;
}

Json launch_gaps(const Table& t) {
  Json out;
  for (std::size_t row = 0; row < t.rows(); ++row)
    out[t.text(row, "launch")] = {{"us", t.positive(row, "median_us")},
                                  {"low", t.number(row, "low_us")},
                                  {"high", t.positive(row, "high_us")},
                                  {"source", t.text(row, "source")}};
  for (const char* launch : {"eager", "graph"})
    if (!out.contains(launch)) lacks(t, fmt::format("a row of the launch \"{}\"", launch));
  return out;
}

// What the host does between two launches anywhere, and how long a launch takes to an empty stream.
Json host_launch(const Table& t) {
  Json out;
  const std::array rows{std::array{"pace", "interval", "everywhere"},
                        std::array{"latency", "start", "empty stream"}};
  for (std::size_t row = 0; row < t.rows(); ++row)
    for (const auto& [name, what, where] : rows)
      if (t.text(row, "what") == what && t.text(row, "where") == where)
        out[name] = {{"us", t.positive(row, "median")},
                     {"low", t.number(row, "p10")},
                     {"high", t.positive(row, "p90")},
                     {"source", t.text(row, "source")}};
  for (const auto& [name, what, where] : rows)
    if (!out.contains(name)) lacks(t, fmt::format("the row of \"{}\", \"{}\"", what, where));
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

// The first table that a whole GPU has and this one lacks; empty: it has them all.
std::string missing(const Tables& tables) {
  std::vector<std::string_view> wanted{"contention", "launch_gap", "host_launch"};
  for (const FamilyInfo& info : kFamilies) wanted.push_back(table_of(info.id));
  const auto found =
      std::ranges::find_if_not(wanted, [&](std::string_view name) { return tables.has(name); });
  return found == wanted.end() ? "" : tables.file(*found);
}

std::vector<Record> read_family(FamilyId id, const Table& table) {
  switch (id) {
    case FamilyId::kDenseGemm:
      return read_gemm<DenseGemm>(table);
    case FamilyId::kBf16Gemm:
      return read_gemm<Bf16Gemm>(table);
    case FamilyId::kGroupedMasked:
    case FamilyId::kGroupedContiguous:
      return read_grouped(table, id == FamilyId::kGroupedMasked);
    case FamilyId::kBatchedGemm:
      return read_batched(table);
    case FamilyId::kMlaDecode:
      return read_mla_decode(table);
    case FamilyId::kPrefillAttention:
      return read_mla_prefill(table);
    case FamilyId::kStreaming:
      return read_streaming(table);
  }
  return {};
}

// The rows of a family's table; none where it has none.
std::vector<Record> rows_of(const FamilyInfo& info, const Tables& tables) {
  if (!tables.has(table_of(info.id))) return {};
  const Table table = tables(table_of(info.id));
  std::vector<Record> rows = read_family(info.id, table);
  if (rows.empty()) lacks(table, fmt::format("a row to fit {} to", info.name));
  return rows;
}

// A ceiling belongs to the kernel of the tables.
Json fit_one(const FamilyInfo& info, const catalog::Gpu& gpu, const Tables& tables,
             const Measurements& measured, const Json& families) {
  if (info.id == FamilyId::kBf16Gemm) return fit_bf16(info, gpu, measured.all, families["dense_gemm_fp8"]);
  if (info.id == FamilyId::kStreaming) return fit_streaming(info, gpu, measured.all);
  if (info.id == FamilyId::kMlaDecode && tables.has("mla_decode_ceiling") && !measured.records_alone)
    return fit_family(info, gpu, measured.all, read_ceiling(tables("mla_decode_ceiling")));
  return fit_family(info, gpu, measured.all);
}

FromRecords read_all_records(const catalog::Gpu& gpu, const FitSources& sources) {
  std::vector<std::string> files;
  const std::filesystem::path folder = sources.timings + "/" + gpu.name;
  if (std::filesystem::is_directory(folder))
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      if (entry.path().extension() == ".jsonl") files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  files.insert(files.end(), sources.records.begin(), sources.records.end());
  std::vector<records::Record> all;
  for (const std::string& file : files)
    for (records::Record& r : records::read_records(file)) all.push_back(std::move(r));
  return from_records(all, gpu);
}

// The GPU of the same architecture with all tables that is nearest in peak and bandwidth.
catalog::Gpu nearest_source(const catalog::Gpu& gpu, const std::string& timings) {
  std::optional<catalog::Gpu> best;
  double least = 0.0;
  for (const std::string& name : catalog::known_names("gpu")) {
    if (name == gpu.name || !missing({timings + "/" + name}).empty()) continue;
    const catalog::Gpu other = catalog::load_gpu(name);
    if (other.architecture.empty() || other.architecture != gpu.architecture) continue;
    const double distance = std::abs(std::log(other.fp8_peak / gpu.fp8_peak)) +
                            std::abs(std::log(other.bandwidth / gpu.bandwidth));
    if (!best || distance < least) best = other, least = distance;
  }
  if (best) return *best;
  throw InputError(
      {.file = missing({timings + "/" + gpu.name}),
       .message =
           fmt::format("missing: there are not all timings of \"{}\" here, and no GPU of its SM architecture "
                       "({}) has them to be transferred",
                       gpu.name, gpu.architecture.empty() ? "not stated" : gpu.architecture),
       .suggestion = "run this in the folder that holds calib/, or give --timings"});
}

}  // namespace

FittedGpu fit_gpu(const catalog::Gpu& gpu, const FitSources& sources) {
  const Tables tables{sources.timings + "/" + gpu.name};
  const FromRecords records = read_all_records(gpu, sources);
  FittedGpu out;
  out.left_out = records.left_out;
  Json elsewhere;
  if (!missing(tables).empty()) {
    const catalog::Gpu source =
        sources.from.empty() ? nearest_source(gpu, sources.timings) : catalog::load_gpu(sources.from);
    elsewhere = Transfer(source, gpu).gpu(fit_gpu(source, {.timings = sources.timings}).fitted);
  }
  Json& fitted = out.fitted;
  fitted["about"] = "Written by `tideline calibrate fit`; times in microseconds. See calib/README.md.";
  if (tables.has("contention")) {
    const Table table = tables("contention");
    std::vector<ContentionPair> pairs = read_contention(table);
    pairs.insert(pairs.end(), records.pairs.begin(), records.pairs.end());
    if (!records.pairs.empty()) out.used["contention"] = static_cast<int>(records.pairs.size());
    for (const char* bound : {"tensor", "streaming"})
      fitted["contention"][bound] = fit_contention(table, pairs, bound);
  } else {
    fitted["contention"] = elsewhere["contention"];
    if (!records.pairs.empty())
      out.left_out["contention: pairs, of a GPU without a table of it: taken over as it is"] =
          static_cast<int>(records.pairs.size());
  }
  fitted["launch_gap"] =
      tables.has("launch_gap") ? launch_gaps(tables("launch_gap")) : elsewhere["launch_gap"];
  fitted["host_launch"] =
      tables.has("host_launch") ? host_launch(tables("host_launch")) : elsewhere["host_launch"];
  Json& families = fitted["families"];
  for (const FamilyInfo& info : kFamilies) {
    const std::string name(info.name);
    const Measurements measured =
        measurements(info, rows_of(info, tables), records, sources.prefer_records, out.left_out);
    if (measured.records > 0) out.used[name] = measured.records;
    families[name] =
        measured.all.empty() ? elsewhere["families"][name] : fit_one(info, gpu, tables, measured, families);
  }
  return out;
}

std::string fitted_text(const Json& fitted, const std::string& file) {
  const Json flat = fitted.flatten();
  for (const auto& [pointer, value] : flat.items())
    if (value.is_number_float() && !std::isfinite(value.get<double>()))
      throw InputError(
          {.file = file,
           .pointer = pointer,
           .message = "the fit came to no finite number here, and is not written",
           .suggestion = "look for times and shapes far from all others among its measurements"});
  return fitted.dump(2) + "\n";
}

}  // namespace tideline::calib
