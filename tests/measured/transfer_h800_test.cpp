// Do times carried over from other GPUs and tools land on those of H800, and ours for H20 on H20's? Rows are
// compared only where the same region was timed; what each table holds beyond that stands beside it.
#include <map>
#include <tuple>
#include <vector>

#include "calib/fit/fit_gpu.h"
#include "calib/fit/table.h"
#include "calib/fit/transfer.h"
#include "sim/kernels/kernel_model.h"
#include "tests/doctest.h"
#include "tests/measured/reference_table.h"

namespace tideline::calib {
namespace {

using namespace kernels;

constexpr double kL2 = 50e6;  // bytes, H100 and H800
const Lane kAlone{132, false};

// Of a time measured on `system` (h100 or h200), what H800 would take.
double on_h800(const std::string& system, double seconds, Bytes bytes) {
  const catalog::Gpu h800 = catalog::load_gpu("h800"), from = catalog::load_gpu(system);
  return seconds * bandwidth_step(bytes, Seconds(seconds), from.bandwidth, h800.bandwidth);
}

double quantisation(const KernelModel& h800, double m, double k) {
  return h800.time(Streaming{Bytes(m * k * (2.0 + 1.0 + 4.0 / 128.0))}, kAlone).time.value();
}

// SGLang's rows hold the quantisation of their input, which is taken off as our own kernel's time. Weights
// that fit into L2 stay warm from one repetition to the next, so that few rows on them are not comparable.
Errors dense(const KernelModel& h800, const std::vector<Row>& rows, const std::string& system) {
  Errors errors;
  for (const Row& r : rows) {
    if (r.at("system") != system || r.at("framework") != "SGLang") continue;
    const DenseGemm q{number(r, "m"), std::llround(number(r, "n")), std::llround(number(r, "k"))};
    if (static_cast<double>(q.n * q.k) < kL2 && q.m < 1024) continue;
    const double here = on_h800(system, number(r, "latency") * 1e-3, work_of(q).bytes);
    errors.add(here - quantisation(h800, q.m, static_cast<double>(q.k)), h800.time(q, kAlone).time.value());
  }
  return errors;
}

// Gate-up, activation with quantisation, down; masked, uniform routing.
Errors experts(const KernelModel& h800, const std::vector<Row>& rows, const std::string& system) {
  Errors errors;
  for (const Row& r : rows) {
    if (r.at("system") != system || r.at("distribution") != "uniform") continue;
    const auto groups = std::llround(256.0 / number(r, "moe_ep_size"));
    const double on_gpu = number(r, "num_tokens") * 8.0 / number(r, "moe_ep_size");
    const GroupedGemm up{groups, on_gpu, 4096, 7168, true}, down{groups, on_gpu, 7168, 2048, true};
    const double act = h800.time(Streaming{Bytes(on_gpu * (2.0 * 4096 + 2048))}, kAlone).time.value();
    const double here = on_h800(system, number(r, "latency") * 1e-3, work_of(up).bytes + work_of(down).bytes);
    errors.add(here, h800.time(up, kAlone).time.value() + act + h800.time(down, kAlone).time.value());
  }
  return errors;
}

Errors absorption(const KernelModel& h800, const std::vector<Row>& rows, const std::string& system) {
  Errors errors;
  for (const Row& r : rows) {
    if (r.at("system") != system || r.at("bmm_dtype") != "bfloat16") continue;
    const BatchedGemm q{128, number(r, "num_tokens"), 512, 128};
    errors.add(on_h800(system, number(r, "latency") * 1e-3, work_of(q).bytes),
               h800.time(q, kAlone).time.value());
  }
  return errors;
}

TEST_CASE("H100 and H200 tables carried over to H800 beside the model of H800") {
  const KernelModel h800 = KernelModel::load(catalog::load_gpu("h800"));
  const auto gemm = reference_table("h100_h200_gemm_fp8block.csv");
  const auto moe = reference_table("h100_h200_wideep_moe_generation.csv");
  const auto bmm = reference_table("h100_h200_mla_bmm.csv");
  if (gemm.empty() || moe.empty() || bmm.empty()) return;
  Errors::print_head("carried over to H800, against its own model");
  for (const std::string system : {"h100", "h200"}) {
    const Errors d = dense(h800, gemm, system), e = experts(h800, moe, system),
                 b = absorption(h800, bmm, system);
    d.print(system + ": FP8 GEMM, quantisation taken off, weights cold");
    e.print(system + ": experts, decode, another DeepGEMM");
    b.print(system + ": absorption, BF16");
    INFO(system);
    CHECK(d.median() < 0.12);  // the goal was 6 % mean: calib/README.md says why not
    CHECK(e.median() < 0.15);
    CHECK(b.median() < 0.13);
  }
}

TEST_CASE(
    "H800's FP8 products carried over to H20 beside H20's own: a fifth slow for few rows, a twentieth for "
    "many") {
  const std::string timings = std::string(TIDELINE_SOURCE) + "/calib/timings";
  const catalog::Gpu h800 = catalog::load_gpu("h800"), h20 = catalog::load_gpu("h20");
  const FamilyInfo& info = kFamilies[static_cast<std::size_t>(FamilyId::kDenseGemm)];
  const auto there = Transfer(h800, h20).family(
      info, fit_gpu(h800, {.timings = timings}).fitted["families"]["dense_gemm_fp8"]);
  const Table own = Table::load(timings + "/h20/dense_gemm.csv");
  std::map<std::tuple<double, double, double>, double> measured;
  for (std::size_t i = 0; i < own.rows(); ++i)
    measured[{own.number(i, "n"), own.number(i, "k"), own.number(i, "m")}] = own.number(i, "time_us");
  Errors few, many;
  std::size_t inside = 0;
  const auto& s = there["samples"];
  for (std::size_t i = 0; i < s["a"].size(); ++i) {
    const auto found = measured.find({s["a"][i], s["b"][i], s["x"][i]});
    if (found == measured.end()) continue;
    const double predicted = s["time_us"][i], x = s["x"][i];
    (x < 512 ? few : many).add(predicted, found->second);
    inside += std::abs(std::log(predicted / found->second)) < 1.645 * s["sigma"][i].get<double>();
  }
  Errors::print_head("H800 carried over to H20, against H20's own table");
  few.print("FP8 GEMM, fewer than 512 rows");
  many.print("FP8 GEMM, 512 rows and more");
  const double coverage = static_cast<double>(inside) / static_cast<double>(few.count() + many.count());
  fmt::print("  inside the 90 % interval of the transfer: {:.0f} %\n", 100.0 * coverage);
  CHECK(few.median() < 0.19);
  CHECK(many.median() < 0.05);
  CHECK(coverage > 0.85);
}

}  // namespace
}  // namespace tideline::calib
