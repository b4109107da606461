#include "calib/fit/why_not.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <vector>

#include "calib/fit/backbone_json.h"
#include "calib/records/read.h"

namespace tideline::calib {
namespace {

using namespace kernels;

// So much of all bytes may a result add that is wider than BF16: at the router gate 3 %, at the head more.
constexpr double kResultMargin = 0.05;
// A time is from this share of the roofline, and this time, to this often the roofline and a launch.
constexpr double kRooflineShare = 0.5, kTimes = 100.0;
constexpr Seconds kLeast{0.5e-6}, kLaunch{10e-6};

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

// Operands of a kernel, by their names; a kernel that streams may be of any type but in its first.
std::string why_not_by_type(const records::Record& r, const FamilyInfo& info) {
  const std::vector<std::string> operands = info.id == FamilyId::kStreaming
                                                ? std::vector<std::string>{"a"}
                                                : std::vector<std::string>{"a", "b", "q", "k", "v", "kv"};
  for (const std::string& operand : operands) {
    const auto type = r.dtype.find(operand);
    if (type != r.dtype.end() && type->second != (info.fp8 ? "e4m3" : "bf16"))
      return fmt::format("{}: operands of {}", r.family, type->second);
  }
  return "";
}

// What a shape may say beside what its family is measured by.
std::vector<std::string_view> also_said(FamilyId id) {
  if (id == FamilyId::kBf16Gemm) return {"bytes_out"};
  if (id == FamilyId::kMlaDecode) return {"d_qk", "d_v"};
  if (id == FamilyId::kPrefillAttention) return {"batch"};
  return {};
}

std::int64_t value_or(const records::Wholes& shape, const char* key, std::int64_t otherwise) {
  const auto found = shape.find(key);
  return found == shape.end() ? otherwise : found->second;
}

// Of another kernel than those that the coordinates of the family tell apart; empty: of one of them.
std::string why_not_by_kernel(const records::Record& r, FamilyId id) {
  const records::Wholes& s = r.shape;
  switch (id) {
    case FamilyId::kGroupedMasked:
    case FamilyId::kGroupedContiguous:
      if (s.at("rows") < s.at("groups"))
        return fmt::format("{}: fewer rows than groups, so that some weights are not read", r.family);
      return "";
    case FamilyId::kBatchedGemm:
      if (s.at("n") != 128 && s.at("k") != 128)
        return fmt::format("{}: n {} and k {}, in the tables one of them 128", r.family, s.at("n"),
                           s.at("k"));
      return "";
    case FamilyId::kMlaDecode: {
      if (s.at("q_tokens") != 1)
        return fmt::format("{}: {} query tokens a request, in the tables one", r.family, s.at("q_tokens"));
      const MlaDecode table;
      for (const auto& [key, n] : {std::pair("d_qk", table.d_qk), {"d_v", table.d_v}})
        if (value_or(s, key, n) != n)
          return fmt::format("{}: {} {}, in the tables {}", r.family, key, s.at(key), n);
      return "";
    }
    case FamilyId::kPrefillAttention:
      if (value_or(s, "batch", 1) != 1)
        return fmt::format("{}: {} prompts in one launch, in the tables one", r.family, s.at("batch"));
      if (s.at("d_v") != s.at("d_qk") - 64)
        return fmt::format("{}: d_v {} beside d_qk {}, in the tables 64 less", r.family, s.at("d_v"),
                           s.at("d_qk"));
      return "";
    default:
      return "";
  }
}

bool is_product(FamilyId id) {
  return id != FamilyId::kMlaDecode && id != FamilyId::kPrefillAttention && id != FamilyId::kStreaming;
}

// How much more the result of a product takes than in BF16.
Bytes more_result(const records::Record& r) {
  const auto out = r.dtype.find("out");
  const bool wide = out != r.dtype.end() && (out->second == "fp32" || out->second == "f32");
  const double bytes = static_cast<double>(value_or(r.shape, "bytes_out", wide ? 4 : 2));
  const auto rows =
      r.shape.contains("rows") ? r.shape.at("rows") : value_or(r.shape, "batch", 1) * r.shape.at("m");
  return Bytes((bytes - 2.0) * static_cast<double>(rows) * static_cast<double>(r.shape.at("n")));
}

std::string why_not_by_shape(const records::Record& r, const FamilyInfo& info) {
  const auto measured_by = records::shape_of_family(r.family), also = also_said(info.id);
  if (info.id != FamilyId::kStreaming)
    for (const auto& [key, n] : r.shape)
      if (!std::ranges::count(measured_by, key) && !std::ranges::count(also, key))
        return fmt::format("{}: its shape has \"{}\", which the family is not measured by", r.family, key);
  if (std::string why = why_not_by_kernel(r, info.id); !why.empty()) return why;
  const Bytes at_its_place = info.work_of(place_of(r, info.id)).bytes;
  if (is_product(info.id) && std::abs(more_result(r) / at_its_place) > kResultMargin)
    return fmt::format("{}: a result of another type, in the tables BF16", r.family);
  return "";
}

}  // namespace

const FamilyInfo* family_of(const std::string& name) {
  const auto* found = std::ranges::find(kFamilies, name, &FamilyInfo::name);
  return found == kFamilies.end() ? nullptr : found;
}

bool is_bad(const records::Record& r) {
  return !r.quality.ok.value_or(true) || r.quality.outlier.value_or(false);
}

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
  if (std::string why = why_not_by_type(r, *info); !why.empty()) return why;
  if (r.impl.sms.value_or(gpu.sms) < gpu.sms)
    return fmt::format("{}: given {} of {} SMs", r.family, *r.impl.sms, gpu.sms);
  if (std::string why = why_not_by_shape(r, *info); !why.empty()) return why;
  return why_not_by_time(r, info, gpu);
}

std::string why_not_by_time(const records::Record& r, const FamilyInfo* info, const catalog::Gpu& gpu) {
  if (info == nullptr || !why_not_by_shape(r, *info).empty()) return "";
  const Seconds t(r.time_us.median * 1e-6);
  const Seconds roofline = backbone_on(*info, gpu).roofline(info->work_of(place_of(r, info->id)));
  const Seconds least = std::max(roofline * kRooflineShare, kLeast), most = (roofline + kLaunch) * kTimes;
  if (t >= least && t <= most) return "";
  const auto would_be = [&](double factor) { return t * factor >= least && t * factor <= most; };
  if (t < least)
    return fmt::format("{}: less than half of what its roofline takes, or than 0.5 us: {}", r.family,
                       would_be(1e3)   ? "milliseconds, taken for microseconds?"
                       : would_be(1e6) ? "seconds, taken for microseconds?"
                                       : "of another shape?");
  return fmt::format(
      "{}: more than 100 times what its roofline and 10 us take: {}", r.family,
      would_be(1e-3) ? "nanoseconds, taken for microseconds?" : "of many launches, or of another shape?");
}

Coordinates place_of(const records::Record& r, FamilyId id) {
  const auto whole = [&](const char* key) { return r.shape.at(key); };
  const auto real = [&](const char* key) { return static_cast<double>(r.shape.at(key)); };
  switch (id) {
    case FamilyId::kDenseGemm:
      return kernels::place_of(DenseGemm{real("m"), whole("n"), whole("k")});
    case FamilyId::kBf16Gemm:
      return kernels::place_of(Bf16Gemm{real("m"), whole("n"), whole("k")});
    case FamilyId::kGroupedMasked:
    case FamilyId::kGroupedContiguous:
      return kernels::place_of(GroupedGemm{whole("groups"), real("rows"), whole("n"), whole("k"), false});
    case FamilyId::kBatchedGemm:
      return kernels::place_of(BatchedGemm{whole("batch"), real("m"), whole("n"), whole("k")});
    case FamilyId::kMlaDecode:
      return kernels::place_of(
          MlaDecode{real("requests"), real("q_tokens"), real("kv_tokens"), whole("heads")});
    case FamilyId::kPrefillAttention:
      return kernels::place_of(PrefillAttention::prompt(real("tokens"), whole("heads"), whole("d_qk")));
    case FamilyId::kStreaming:
      return kernels::place_of(Streaming{Bytes(real("bytes"))});
  }
  return {};
}

}  // namespace tideline::calib
