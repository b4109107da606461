#include "calib/fit/from_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "calib/fit/why_not.h"
#include "calib/records/merge.h"
#include "sim/base/error.h"
#include "sim/kernels/shapes.h"

namespace tideline::calib {
namespace {

using namespace kernels;

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

// No all-to-all makes a kernel twice as quick, or 100 times as slow.
bool is_factor(const ContentionPair& pair) {
  const double factor = pair.beside_us / pair.alone_us;
  return factor >= 0.5 && factor <= 100.0;
}

// Why a kernel beside others is no factor of contention; empty: it is half of one.
std::string why_no_pair(const records::Record& r, const std::map<std::string, ContentionPair>& pairs) {
  if (!records::beside_all_to_all(r))
    return "beside other kernels than an all-to-all, or beside them too: no factor of contention";
  const auto pair = pairs.find(key_alone(r));
  if (pair == pairs.end()) return "beside an all-to-all, but never recorded alone";
  return is_factor(pair->second) ? ""
                                 : "beside an all-to-all, in less than half or more than 100 times its time "
                                   "alone: one of them in another unit?";
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
  std::vector<records::Record> possible, measurements;
  for (const records::Record& r : all) {
    const FamilyInfo* info = family_of(r.family);
    if (why_not_by_time(r, info, gpu).empty()) possible.push_back(r);
    if (r.company.kind == "alone" && why_not(r, info, gpu).empty()) measurements.push_back(r);
  }
  const std::map<std::string, ContentionPair> pairs = pairs_of(records::merge(possible));
  for (const auto& [key, pair] : pairs)
    if (is_factor(pair)) out.pairs.push_back(pair);
  for (const records::Record& r : all) {
    const FamilyInfo* info = family_of(r.family);
    const bool beside = r.company.kind == "beside" && !bound_of(r.family).empty() && !is_bad(r);
    std::string why = beside ? why_not_by_time(r, info, gpu) : why_not(r, info, gpu);
    if (beside && why.empty()) why = why_no_pair(r, pairs);
    if (!why.empty()) ++out.left_out[why];
  }
  for (const records::Merged& m : records::merge(measurements)) {
    const records::Record& r = m.record;
    const FamilyId id = family_of(r.family)->id;
    const std::string more = m.runs > 1 ? fmt::format(" and {} more", m.runs - 1) : "";
    out.families[id].push_back({place_of(r, id), r.source.origin + more, label_of(r),
                                Seconds(r.time_us.median * 1e-6), r.source.date, r.impl.library});
  }
  return out;
}

}  // namespace tideline::calib
