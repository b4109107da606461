#include "sim/kernels/kernel_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/error.h"
#include "sim/config/node.h"
#include "sim/kernels/sources.h"

namespace tideline::kernels {

// Slow-down of a kernel while an all-to-all runs on the other SMs, by what bounds the kernel.
struct Contention {
  double factor = 1.0, sigma = 0.0;  // sigma: of ln(factor), from kernel to kernel
};

struct KernelModel::Fitted {
  catalog::Gpu gpu;
  Contention tensor, streaming;
  Seconds gap_eager, gap_graph;
  KernelModel::GapRange gap_range_eager, gap_range_graph;
  HostLaunch host;
  std::vector<Family> families;               // in the order of FamilyId
  std::vector<Sources> sources;               // of each family
  std::vector<std::string> transferred_from;  // of each family; empty where this GPU was measured
  std::vector<double> sigma, sigma_transfer;  // of each family: what its kernels are off by together
};

namespace {

std::string fitted_folder() {
  return catalog::models_folder() + "/../calib/fitted";
}

std::string fitted_gpus() {
  std::string names;
  for (const std::string& name : catalog::known_names("gpu"))
    if (std::filesystem::exists(fmt::format("{}/{}.json", fitted_folder(), name)))
      names += (names.empty() ? "" : ", ") + name;
  return names;
}

std::string fitted_file(const catalog::Gpu& gpu) {
  return fmt::format("{}/{}.json", fitted_folder(), gpu.name);
}

std::string no_model(const catalog::Gpu& gpu) {
  return fmt::format("there are no fitted kernel times for the GPU \"{}\"", gpu.name);
}

// `wanted` in words, of what a number may be. The stand-in is 1.
template <class Fits>
double judged(const config::Node& node, std::string_view key, double number, std::string_view wanted,
              Fits fits) {
  if (fits(number)) return number;
  node.problem(key, fmt::format("wants {}, found {}", wanted, number));
  return 1.0;
}

double above_zero(const config::Node& node, std::string_view key) {
  return judged(node, key, node.number(key), "a number above 0", [](double n) { return n > 0.0; });
}

double zero_or_more(const config::Node& node, std::string_view key) {
  return judged(node, key, node.number(key), "a number of 0 or more", [](double n) { return n >= 0.0; });
}

// A column of numbers above 0, small enough for a product of them to be counted.
std::vector<double> read_column(const config::Node& samples, std::string_view key, bool whole) {
  const double most = whole ? 1e8 : 1e12;
  const std::string wanted =
      whole ? "a whole number of 1 to 100 million" : "a number above 0 and at most 1e12";
  std::vector<double> out;
  for (const config::Node& element : samples.list(key))
    out.push_back(judged(element, "", element.as_number(), wanted,
                         [&](double n) { return n > 0.0 && n <= most && (!whole || n == std::floor(n)); }));
  return out;
}

Backbone read_backbone(const config::Node& node, const catalog::Gpu& gpu, bool fp8) {
  const config::Node b = node.object("backbone");
  TileCost tiles;
  if (b.has("tiles")) {
    const config::Node t = b.object("tiles");
    tiles = {zero_or_more(t, "two_scales"), zero_or_more(t, "one_group"),
             Seconds(zero_or_more(t, "wave_us") * 1e-6)};
  }
  return {.peak = fp8 ? gpu.fp8_peak : gpu.bf16_peak,
          .bandwidth = gpu.bandwidth,
          .t0 = Seconds(zero_or_more(b, "t0_us") * 1e-6),
          .ec = above_zero(b, "ec"),
          .em = above_zero(b, "em"),
          .p = above_zero(b, "p"),
          .t1 = Seconds(zero_or_more(b, "t1_us") * 1e-6),
          .tiles = tiles,
          .sms = static_cast<int>(gpu.sms)};
}

std::vector<Sample> read_samples(const config::Node& node) {
  const config::Node s = node.object("samples");
  const auto a = read_column(s, "a", true), b = read_column(s, "b", true),
             multiplicity = read_column(s, "s", false), x = read_column(s, "x", false),
             time = read_column(s, "time_us", false),
             sigma = s.has("sigma") ? s.numbers("sigma") : std::vector<double>(time.size(), 0.0);
  if (sigma.size() != a.size() || b.size() != a.size() || multiplicity.size() != a.size() ||
      x.size() != a.size() || time.size() != a.size()) {
    s.problem("", "the columns of samples differ in length");
    return {};
  }
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < a.size(); ++i)
    samples.push_back(
        {{static_cast<std::int64_t>(a[i]), static_cast<std::int64_t>(b[i]), multiplicity[i], x[i]},
         Seconds(time[i] * 1e-6),
         sigma[i]});
  return samples;
}

Family read_family(const config::Node& node, const FamilyInfo& info, const catalog::Gpu& gpu) {
  for (const std::string_view remark : {"backbone_assumed", "errors"}) node.ignore(remark);
  const config::Node sigma = node.object("sigma");
  return {
      read_backbone(node, gpu, info.fp8),
      info.work_of,
      read_samples(node),
      {.known = sigma.number("known"), .unknown = sigma.number("unknown"), .beyond = sigma.number("beyond")}};
}

}  // namespace

void KernelModel::require(const config::Node& at, std::string_view key, const catalog::Gpu& gpu) {
  if (!gpu.name.empty() && !std::filesystem::exists(fitted_file(gpu)))
    at.problem(key, no_model(gpu), "fitted: " + fitted_gpus());
}

KernelModel KernelModel::load(const catalog::Gpu& gpu) {
  return load(gpu, fitted_file(gpu));
}

KernelModel KernelModel::load(const catalog::Gpu& gpu, const std::string& file) {
  if (!std::filesystem::exists(file))
    throw InputError({.file = file, .message = no_model(gpu), .suggestion = "fitted: " + fitted_gpus()});
  const config::Document document = config::Document::load(file);
  const config::Node root = document.root();
  root.ignore("about");
  auto fitted = std::make_shared<Fitted>();
  fitted->gpu = gpu;
  const config::Node contention = root.object("contention");
  const config::Node tensor = contention.object("tensor"), streaming = contention.object("streaming");
  fitted->tensor = {tensor.number("factor"), tensor.number("sigma")};
  fitted->streaming = {streaming.number("factor"), streaming.number("sigma")};
  const config::Node gap = root.object("launch_gap");
  const config::Node eager = gap.object("eager"), graph = gap.object("graph");
  fitted->gap_eager = Seconds(eager.number("us") * 1e-6);
  fitted->gap_graph = Seconds(graph.number("us") * 1e-6);
  const auto range = [](const config::Node& of) {
    return GapRange{of.number("low") / of.number("us"), of.number("high") / of.number("us")};
  };
  fitted->gap_range_eager = range(eager);
  fitted->gap_range_graph = range(graph);
  const config::Node host = root.object("host_launch");
  const config::Node pace = host.object("pace"), latency = host.object("latency");
  fitted->host = {Seconds(pace.number("us") * 1e-6), Seconds(latency.number("us") * 1e-6)};
  for (const config::Node& remarks : {tensor, streaming, eager, graph, pace, latency}) remarks.ignore_rest();
  const config::Node families = root.object("families");
  for (const FamilyInfo& info : kFamilies) {
    const config::Node family = families.object(info.name);
    fitted->families.push_back(read_family(family, info, gpu));
    fitted->sources.push_back(Sources::read(family));
    fitted->transferred_from.push_back(family.text("transferred_from", ""));
    const config::Node sigma = family.object("sigma");
    fitted->sigma.push_back(sigma.number("family"));
    fitted->sigma_transfer.push_back(sigma.number("transfer", 0.0));
    sigma.ignore_rest();
  }
  document.finish();
  return KernelModel(std::move(fitted));
}

Answer KernelModel::time(FamilyId id, const Coordinates& at, const Work& work, Lane lane) const {
  const double share = static_cast<double>(lane.sms) / static_cast<double>(fitted_->gpu.sms);
  Answer answer = family(id).time(at, work, share);
  if (lane.beside_communication) {
    const Contention& slowed = id == FamilyId::kStreaming ? fitted_->streaming : fitted_->tensor;
    answer.time *= slowed.factor;
    answer.sigma = std::hypot(answer.sigma, slowed.sigma);
  }
  answer.sigma = std::hypot(answer.sigma, fitted_->sigma[static_cast<std::size_t>(id)]);
  if (!transferred_from(id).empty())
    answer.provenance = std::max(answer.provenance, Provenance::kTransferred);
  return answer;
}

Answer KernelModel::time(const GqaDecode& q, Lane lane) const {
  Answer answer = time(Streaming{q.cache}, lane);
  answer.provenance = Provenance::kAssumed;
  answer.sigma = std::hypot(answer.sigma, family(FamilyId::kMlaDecode).error().unknown);
  return answer;
}

std::vector<std::string> KernelModel::sources(FamilyId id, const Coordinates& at) const {
  std::vector<std::string> out = fitted_->sources[static_cast<std::size_t>(id)].of(family(id).stands_on(at));
  if (const std::string& from = transferred_from(id); !from.empty())
    for (std::string& source : out) source += ", on " + from;
  return out;
}

const std::string& KernelModel::transferred_from(FamilyId id) const {
  return fitted_->transferred_from[static_cast<std::size_t>(id)];
}

double KernelModel::sigma_family(FamilyId id) const {
  const auto i = static_cast<std::size_t>(id);
  return std::hypot(fitted_->sigma[i], fitted_->sigma_transfer[i]);
}

Seconds KernelModel::launch_gap(Launch launch) const {
  return launch == Launch::kEager ? fitted_->gap_eager : fitted_->gap_graph;
}

KernelModel::GapRange KernelModel::launch_gap_range(Launch launch) const {
  return launch == Launch::kEager ? fitted_->gap_range_eager : fitted_->gap_range_graph;
}

HostLaunch KernelModel::host_launch() const {
  return fitted_->host;
}

const catalog::Gpu& KernelModel::gpu() const {
  return fitted_->gpu;
}

const Family& KernelModel::family(FamilyId id) const {
  return fitted_->families[static_cast<std::size_t>(id)];
}

}  // namespace tideline::kernels
