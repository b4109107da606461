#include "calib/fit/from_records.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>
#include <set>
#include <string_view>

#include "calib/records/merge.h"
#include "sim/base/error.h"
#include "sim/kernels/shapes.h"

namespace tideline::calib {
namespace {

using namespace kernels;
using Shape = records::Wholes;

const FamilyInfo* family_of(const std::string& name) {
  const auto* found = std::ranges::find(kFamilies, name, &FamilyInfo::name);
  return found == kFamilies.end() ? nullptr : found;
}

// "NVIDIA H100 80GB HBM3" is h100.
bool names(const std::string& device, const std::string& gpu) {
  std::string word;
  for (const char c : device + " ") {
    if (std::isalnum(static_cast<unsigned char>(c))) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else {
      if (word == gpu) return true;
      word.clear();
    }
  }
  return false;
}

// Cards of one name differ: an H100 PCIe has 114 SMs, and a part of a card (MIG) fewer still.
bool is_of(const records::Device& device, const catalog::Gpu& gpu) {
  return names(device.name, gpu.name) && device.sms == gpu.sms && !device.mig.value_or(false);
}

std::string described(const records::Device& device) {
  return fmt::format("\"{}\" with {} SMs{}", device.name, device.sms,
                     device.mig.value_or(false) ? ", a part of a card (MIG)" : "");
}

// What the tables of a family time. Several kernels stream; which one, their op says.
std::optional<std::set<std::string>> region_of(FamilyId id) {
  if (id == FamilyId::kStreaming) return std::nullopt;
  if (id == FamilyId::kMlaDecode || id == FamilyId::kPrefillAttention)
    return std::set<std::string>{"attention core"};
  return std::set<std::string>{"product"};
}

std::set<std::string> included(const records::Record& r) {
  std::set<std::string> region(r.includes.begin(), r.includes.end());
  return region == std::set<std::string>{"mask", "product", "softmax"}
             ? std::set<std::string>{"attention core"}
             : region;
}

bool is_bad(const records::Record& r) {
  return !r.quality.ok.value_or(true) || r.quality.outlier.value_or(false);
}

// A shape that its family's coordinates would take for another; empty: none.
std::string why_not_by_shape(const records::Record& r, FamilyId id) {
  if (id != FamilyId::kPrefillAttention) return "";
  const auto batch = r.shape.find("batch");
  if (batch != r.shape.end() && batch->second != 1)
    return fmt::format("{}: {} prompts in one launch, in the tables one", r.family, batch->second);
  const std::int64_t d_qk = r.shape.at("d_qk"), d_v = r.shape.at("d_v");
  if (d_v != d_qk - 64)
    return fmt::format("{}: d_v {} beside d_qk {}, in the tables 64 less", r.family, d_v, d_qk);
  return "";
}

// Why a record is not a measurement of its family; empty: it is one.
std::string why_not(const records::Record& r, const FamilyInfo* info, const catalog::Gpu& gpu) {
  if (info == nullptr) return fmt::format("{}: no family that is fitted", r.family);
  if (is_bad(r)) return "marked as bad or as an outlier";
  if (r.company.kind == "partly") return "partly beside others: neither alone nor a factor of contention";
  const auto wanted = region_of(info->id);
  if (wanted && included(r) != *wanted)
    return fmt::format("{}: the timed region includes {}, in the tables of this family {}", r.family,
                       fmt::join(included(r), " + "), fmt::join(*wanted, " + "));
  if (r.method.mode == "host") return "timed by the host's clock";
  if (r.method.data == "zeros") return "timed on zeros, which take less power than data";
  if (r.method.l2 == "warm") return fmt::format("{}: operands warm in the L2, in the tables cold", r.family);
  const auto a = r.dtype.find("a");
  if (a != r.dtype.end() && a->second != (info->fp8 ? "e4m3" : "bf16"))
    return fmt::format("{}: operands of {}", r.family, a->second);
  if (r.impl.sms.value_or(gpu.sms) < gpu.sms)
    return fmt::format("{}: given {} of {} SMs", r.family, *r.impl.sms, gpu.sms);
  return why_not_by_shape(r, info->id);
}

Coordinates place(FamilyId id, const Shape& s) {
  const auto real = [&](const char* key) { return static_cast<double>(s.at(key)); };
  switch (id) {
    case FamilyId::kDenseGemm:
      return place_of(DenseGemm{real("m"), s.at("n"), s.at("k")});
    case FamilyId::kBf16Gemm:
      return place_of(Bf16Gemm{real("m"), s.at("n"), s.at("k")});
    case FamilyId::kGroupedMasked:
    case FamilyId::kGroupedContiguous:
      return place_of(GroupedGemm{s.at("groups"), real("rows"), s.at("n"), s.at("k"), false});
    case FamilyId::kBatchedGemm:
      return place_of(BatchedGemm{s.at("batch"), real("m"), s.at("n"), s.at("k")});
    case FamilyId::kMlaDecode:
      return place_of(MlaDecode{real("requests"), real("q_tokens"), real("kv_tokens"), s.at("heads")});
    case FamilyId::kPrefillAttention:
      return place_of(PrefillAttention{0.5 * real("tokens") * real("tokens"), real("tokens"), s.at("heads"),
                                       s.at("d_qk")});
    case FamilyId::kStreaming:
      return place_of(Streaming{Bytes(real("bytes"))});
  }
  return {};
}

std::string label_of(const records::Record& r) {
  const bool streams = r.family == "streaming";  // told apart by what they do, not by who wrote them
  std::string label = streams ? r.op : r.impl.library;
  if (!streams && r.impl.version) label += " v" + r.impl.version->substr(0, r.impl.version->find('.'));
  if (r.method.mode != "published") label += ", " + r.method.mode + ", L2 " + r.method.l2;
  return label;
}

std::string bound_of(const std::string& family) {
  if (family.starts_with("streaming")) return "streaming";
  return family.find("gemm") != family.npos || family.find("attention") != family.npos ? "tensor" : "";
}

// What a record would merge with if it were alone.
std::string key_alone(records::Record r) {
  r.company = {};
  return records::merge_key(r);
}

// Alone and beside an all-to-all, of records that agree in everything else: by what they agree in.
std::map<std::string, ContentionPair> pairs_of(const std::vector<records::Merged>& merged) {
  std::map<std::string, ContentionPair> pairs;
  for (const records::Merged& m : merged) {
    const records::Record& r = m.record;
    const std::string bound = bound_of(r.family);
    const bool alone = r.company.kind == "alone";
    if (bound.empty() || (!alone && !records::beside_all_to_all(r))) continue;
    ContentionPair& pair = pairs[key_alone(r)];
    pair.op = r.op, pair.bound = bound;
    (alone ? pair.alone_us : pair.beside_us) = r.time_us.median;
  }
  std::erase_if(pairs, [](const auto& p) { return p.second.alone_us <= 0.0 || p.second.beside_us <= 0.0; });
  return pairs;
}

// Why a kernel beside others is no factor of contention; empty: it is half of one.
std::string why_no_pair(const records::Record& r, const std::map<std::string, ContentionPair>& pairs) {
  if (!records::beside_all_to_all(r))
    return "beside other kernels than an all-to-all: no factor of contention";
  return pairs.contains(key_alone(r)) ? "" : "beside an all-to-all, but never recorded alone";
}

}  // namespace

FromRecords from_records(const std::vector<records::Record>& all, const catalog::Gpu& gpu) {
  FromRecords out;
  for (const records::Record& r : all)
    if (!is_of(r.device, gpu))
      throw InputError(
          {.file = r.source.origin,
           .message = fmt::format("a record of \"{}\" is of {}, the fit is of \"{}\" with {} SMs", r.op,
                                  described(r.device), gpu.name, gpu.sms),
           .suggestion = "fit each GPU to its own records; times are transferred by --from"});
  const std::vector<records::Merged> merged = records::merge(all);
  const std::map<std::string, ContentionPair> pairs = pairs_of(merged);
  for (const auto& [key, pair] : pairs) out.pairs.push_back(pair);
  for (const records::Record& r : all) {
    const bool beside = r.company.kind == "beside" && !bound_of(r.family).empty() && !is_bad(r);
    const std::string why = beside ? why_no_pair(r, pairs) : why_not(r, family_of(r.family), gpu);
    if (!why.empty()) ++out.left_out[why];
  }
  for (const records::Merged& m : merged) {
    const records::Record& r = m.record;
    const FamilyInfo* info = family_of(r.family);
    if (r.company.kind != "alone" || !why_not(r, info, gpu).empty()) continue;
    const std::string more = m.runs > 1 ? fmt::format(" and {} more", m.runs - 1) : "";
    out.families[info->id].push_back({place(info->id, r.shape), r.source.origin + more, label_of(r),
                                      Seconds(r.time_us.median * 1e-6), r.source.date, r.impl.library});
  }
  return out;
}

}  // namespace tideline::calib
