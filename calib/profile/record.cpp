#include "calib/profile/record.h"

#include <map>
#include <nlohmann/json.hpp>

#include "calib/profile/timing.h"
#include "calib/records/write.h"

namespace tideline::profile {
namespace {

using Json = nlohmann::ordered_json;

// Families of this program in the words of calib/records. Experts: groups of rows without padding.
const std::map<std::string, std::string> kRecordFamily{{"launch", "launch"},
                                                       {"copy", "copy"},
                                                       {"dense_gemm", "dense_gemm_fp8"},
                                                       {"dense_gemm_lent", "dense_gemm_fp8"},
                                                       {"batched_gemm", "batched_gemm_bf16"},
                                                       {"bf16_gemm", "gemm_bf16"},
                                                       {"layer", "streaming"},
                                                       {"mla_prefill", "prefill_attention_bf16"},
                                                       {"grouped_gemm", "grouped_gemm_fp8_contiguous"}};

}  // namespace

const std::string kSentinel = "sentinel";

std::string dotted_version(std::int64_t number) {
  return std::to_string(number / 10000) + "." + std::to_string(number / 100 % 100) + "." +
         std::to_string(number % 100);
}

records::Record start_record(const RunFacts& run, const Point& point, const std::string& mode) {
  records::Record r;
  r.family = kRecordFamily.at(point.family);
  r.op = point.op;
  for (const Dimension& d : point.shape) r.shape[d.name] = d.value;
  if (r.family == "streaming") r.shape["bytes"] = static_cast<std::int64_t>(point.bytes);
  r.device = run.device;
  if (point.sms > 0) r.impl.sms = point.sms;
  r.method.mode = mode;
  r.method.l2 = mode == "cold" ? "cold" : mode == "graph" ? "rotated" : "warm";
  r.method.data = "random";
  if (point.flop > 0) r.work.flop = point.flop;
  if (point.bytes > 0) r.work.bytes = point.bytes;
  r.source.origin = "tideline-profile " + run.git;
  r.source.date = run.run.utc.value_or("").substr(0, 10);
  r.run = run.run;
  r.libraries = {{"timing", std::to_string(kTimingVersion)}, {"nvcc", run.nvcc}, {"git", run.git}};
  if (run.cublaslt > 0) r.libraries["cublaslt"] = dotted_version(run.cublaslt);
  if (run.cudnn > 0) r.libraries["cudnn"] = dotted_version(run.cudnn);
  return r;
}

records::Times to_times(const Statistics& us) {
  return {.n = us.n,
          .median = us.median,
          .min = us.min,
          .p10 = us.p10,
          .p90 = us.p90,
          .max = us.max,
          .mean = us.mean,
          .sd = us.sd,
          .mad = us.mad};
}

std::string key_of_line(const std::string& line) {
  const Json r = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  try {
    if (r.contains("state") && r.at("state").value("sentinel", false)) return kSentinel;
    const Json& libraries = r.at("libraries");
    const std::string family = r.at("family");
    // A copy is the same whichever cuBLASLt is loaded beside it.
    const char* library = family.find("gemm") != std::string::npos        ? "cublaslt"
                          : family.find("attention") != std::string::npos ? "cudnn"
                                                                          : "";
    return Json{r.at("op"),
                r.value("shape", Json::object()),
                r.at("impl").value("sms", 0),
                r.at("method").at("mode"),
                libraries.at("timing"),
                r.at("device").at("uuid_hash"),
                libraries.value(library, "")}
        .dump();
  } catch (const Json::exception&) {
    return "";
  }
}

std::string key_of(const RunFacts& run, const Point& point, const std::string& mode) {
  return key_of_line(records::to_line(start_record(run, point, mode)));
}

}  // namespace tideline::profile
