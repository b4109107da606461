// One measurement: what ran, on what, how it was timed, and what it took. A file of records is JSON Lines:
// one object a line, keys as visit() names them. C++17 and the standard library alone, so that a CUDA program
// can include this file and write; reading is calib/records/read.h.
//
// 1. A record holds one way of timing (method.mode): cold, graph and CUPTI times of one kernel are three
// records.
// 2. `includes` says everything that ran inside the timed region. Records that differ in it are never merged.
// 3. Rates are computed on reading, never stored: work.flop and work.bytes are facts about the shape.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tideline::records {

using Text = std::optional<std::string>;
using Whole = std::optional<std::int64_t>;  // 0 or more
using Real = std::optional<double>;
using Flag = std::optional<bool>;
using Texts = std::map<std::string, std::string>;
using Wholes = std::map<std::string, std::int64_t>;  // 1 or more

inline constexpr int kSchema = 1;

// The first eight are the families that calib/fit fits (sim/kernels/shapes.cpp); a training trace adds
// kernels that serving never runs, and a trace adds what stands between the kernels.
inline constexpr std::array<std::string_view, 21> kFamilies = {"dense_gemm_fp8",
                                                               "gemm_bf16",
                                                               "grouped_gemm_fp8_masked",
                                                               "grouped_gemm_fp8_contiguous",
                                                               "batched_gemm_bf16",
                                                               "mla_decode_bf16",
                                                               "prefill_attention_bf16",
                                                               "streaming",
                                                               "dense_gemm_fp8_backward",
                                                               "grouped_gemm_fp8_backward",
                                                               "gemm_fp8_weight_gradient",
                                                               "gemm_bf16_backward",
                                                               "attention_backward",
                                                               "streaming_backward",
                                                               "routing",
                                                               "dispatch",
                                                               "combine",
                                                               "exchange_setup",
                                                               "copy",
                                                               "collective",
                                                               "launch"};

// cold, graph: cudaEvents around one launch after a flush of the L2, and the slope over launches in one CUDA
// graph. cupti: the kernel's own time. trace: the same, from a profile of a running program. published: a
// table. host: by the host's clock.
inline constexpr std::array<std::string_view, 6> kModes = {"cold",  "graph",     "cupti",
                                                           "trace", "published", "host"};
inline constexpr std::array<std::string_view, 4> kL2 = {"cold", "rotated", "warm", "unknown"};
inline constexpr std::array<std::string_view, 4> kData = {"random", "zeros", "real", "unknown"};
inline constexpr std::array<std::string_view, 3> kKinds = {"measured", "published", "imported"};
// alone: nothing else ran for 98 % of the time or more; beside: others did, an all-to-all alone unless
// `communication` says less or `compute` more; partly: between the two.
inline constexpr std::array<std::string_view, 3> kCompany = {"alone", "partly", "beside"};
inline constexpr double kAlone = 0.02;  // no share of time with others is as much

struct Device {
  std::string name;  // "NVIDIA H800"
  std::int64_t sms = 0;
  Text compute_capability, driver, cuda, uuid_hash;
  Whole l2_bytes, memory_bytes, bus_bits;
  Real sm_mhz_max, memory_mhz, power_limit_w;
  Flag mig, ecc;
};

struct Impl {
  std::string library;  // "cuBLASLt"; its version apart, because only the major version keeps runs apart
  Text version, kernel, algorithm, tile, cluster;
  Whole split_k;
  Whole sms;  // that the kernel was given or took, 1 or more; absent: all
};

struct Method {
  std::string mode = "cold", l2 = "unknown", data = "unknown";
  Whole warmup, launches_short, launches_long, flush_bytes;
};

struct Times {  // microseconds
  std::int64_t n = 0;
  double median = 0.0;                                   // above 0
  Real min{}, p10{}, p90{}, max{}, mean{}, sd{}, mad{};  // 0 or more
};

struct Work {        // at least: each operand read once, each result written once
  Real flop, bytes;  // 0 or more
};

struct Company {  // what ran on other streams meanwhile
  std::string kind = "alone";
  Real communication, compute;  // mean share of the kernel's time, 0 to 1
};

struct State {
  Real sm_mhz_median, sm_mhz_min, temperature_c, power_w;
  Whole throttle_bits, order;
  Flag sentinel;  // measured again at the end, to see drift
};

struct Quality {
  Flag ok, outlier;
  Real relative_error;  // of the output, against a reference
  Text reason;
};

struct Source {
  std::string kind = "measured", origin;  // a file, an address, a commit
  std::string date;                       // YYYY-MM-DD
  Text licence;
  Real resolution_us;  // of the clock
};

struct Run {
  Text id, utc, host_hash;
};

struct Record {
  std::int64_t schema = kSchema;
  std::string family, op;  // op: this kernel of the family, in the words of its source
  Wholes shape;            // m, n, k; groups, rows (of all groups together); tokens, heads, d_qk; bytes
  Texts dtype;             // a, b, out, acc, scale_a, scale_b
  Text layout;
  std::vector<std::string> includes;  // "product", "quantise", "activation", "permute"...; in any order
  Device device;
  Impl impl;
  Method method;
  Times time_us;
  Work work;
  Company company;
  State state;
  Quality quality;
  Source source;
  Run run;
  Texts libraries;  // versions of what else was loaded: cublaslt, cudnn, nccl, nvcc, git, os
};

// Names every field once, in the order of the file, for a writer, a reader or a description of the schema:
//   v.field(key, value)            Text, Whole... may be absent; others are required, lists and maps may be
//   empty v.choice(key, value, known)    one of a closed list v.object(key, required, body)  body() visits
//   the fields inside
template <class Fields, class Visitor>
void visit(Fields& r, Visitor& v) {
  v.field("schema", r.schema);
  v.choice("family", r.family, kFamilies);
  v.field("op", r.op);
  v.field("shape", r.shape);
  v.field("dtype", r.dtype);
  v.field("layout", r.layout);
  v.field("includes", r.includes);
  v.object("device", true, [&] {
    v.field("name", r.device.name);
    v.field("sms", r.device.sms);
    v.field("compute_capability", r.device.compute_capability);
    v.field("l2_bytes", r.device.l2_bytes);
    v.field("memory_bytes", r.device.memory_bytes);
    v.field("sm_mhz_max", r.device.sm_mhz_max);
    v.field("memory_mhz", r.device.memory_mhz);
    v.field("bus_bits", r.device.bus_bits);
    v.field("power_limit_w", r.device.power_limit_w);
    v.field("mig", r.device.mig);
    v.field("ecc", r.device.ecc);
    v.field("driver", r.device.driver);
    v.field("cuda", r.device.cuda);
    v.field("uuid_hash", r.device.uuid_hash);
  });
  v.object("impl", true, [&] {
    v.field("library", r.impl.library);
    v.field("version", r.impl.version);
    v.field("kernel", r.impl.kernel);
    v.field("algorithm", r.impl.algorithm);
    v.field("tile", r.impl.tile);
    v.field("cluster", r.impl.cluster);
    v.field("split_k", r.impl.split_k);
    v.field("sms", r.impl.sms);
  });
  v.object("method", true, [&] {
    v.choice("mode", r.method.mode, kModes);
    v.choice("l2", r.method.l2, kL2);
    v.choice("data", r.method.data, kData);
    v.field("warmup", r.method.warmup);
    v.field("launches_short", r.method.launches_short);
    v.field("launches_long", r.method.launches_long);
    v.field("flush_bytes", r.method.flush_bytes);
  });
  v.object("time_us", true, [&] {
    v.field("n", r.time_us.n);
    v.field("min", r.time_us.min);
    v.field("p10", r.time_us.p10);
    v.field("median", r.time_us.median);
    v.field("p90", r.time_us.p90);
    v.field("max", r.time_us.max);
    v.field("mean", r.time_us.mean);
    v.field("sd", r.time_us.sd);
    v.field("mad", r.time_us.mad);
  });
  v.object("work", false, [&] {
    v.field("flop", r.work.flop);
    v.field("bytes", r.work.bytes);
  });
  v.object("company", true, [&] {
    v.choice("kind", r.company.kind, kCompany);
    v.field("communication", r.company.communication);
    v.field("compute", r.company.compute);
  });
  v.object("state", false, [&] {
    v.field("sm_mhz_median", r.state.sm_mhz_median);
    v.field("sm_mhz_min", r.state.sm_mhz_min);
    v.field("temperature_c", r.state.temperature_c);
    v.field("power_w", r.state.power_w);
    v.field("throttle_bits", r.state.throttle_bits);
    v.field("order", r.state.order);
    v.field("sentinel", r.state.sentinel);
  });
  v.object("quality", false, [&] {
    v.field("ok", r.quality.ok);
    v.field("outlier", r.quality.outlier);
    v.field("relative_error", r.quality.relative_error);
    v.field("reason", r.quality.reason);
  });
  v.object("source", true, [&] {
    v.choice("kind", r.source.kind, kKinds);
    v.field("origin", r.source.origin);
    v.field("date", r.source.date);
    v.field("licence", r.source.licence);
    v.field("resolution_us", r.source.resolution_us);
  });
  v.object("run", false, [&] {
    v.field("id", r.run.id);
    v.field("utc", r.run.utc);
    v.field("host_hash", r.run.host_hash);
  });
  v.field("libraries", r.libraries);
}

}  // namespace tideline::records
