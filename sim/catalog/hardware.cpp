#include "sim/catalog/hardware.h"

namespace tideline::catalog {
namespace {

using config::Document;
using config::Node;

// Bounds of an assumption in the unit of the value: counts and plain numbers, else a quantity.
double bound(const Node& bounds, std::string_view what, std::string_view key) {
  if (what == "memory") return bounds.quantity<Bytes>(key).value();
  if (what == "fp8_peak" || what == "bf16_peak") return bounds.quantity<FlopPerSecond>(key).value();
  if (what.ends_with("_latency")) return bounds.quantity<Seconds>(key).value();
  if (what == "bandwidth" || what == "nvlink" || what == "nic" || what == "pcie" || what == "storage")
    return bounds.quantity<BytesPerSecond>(key).value();
  return bounds.number(key);
}

template <class Record>
void read_common(const Node& node, const std::string& name, Record& record) {
  record.name = name;
  const Origin origin = read_origin(node);
  record.source = origin.source;
  record.as_of = origin.as_of;
  record.assumed = read_assumed(node, bound);
}

}  // namespace

Gpu load_gpu(const std::string& name) {
  const Document document = load_record(find_record("gpu", name));
  const Node node = document.root();
  Gpu gpu;
  gpu.architecture = node.text("architecture", "");
  gpu.sms = node.positive("sms");
  gpu.memory = node.quantity<Bytes>("memory");
  gpu.bandwidth = node.quantity<BytesPerSecond>("bandwidth");
  gpu.fp8_peak = node.quantity<FlopPerSecond>("fp8_peak");
  gpu.bf16_peak = node.quantity<FlopPerSecond>("bf16_peak");
  gpu.sustained = node.fraction("sustained", 1.0);
  read_common(node, name, gpu);
  document.finish();
  return gpu;
}

NodeType load_node(const std::string& name) {
  const Document document = load_record(find_record("node", name));
  const Node node = document.root();
  NodeType type;
  type.gpu = load_gpu(node, "gpu");
  type.gpus = node.positive("gpus");
  type.nvlink = node.quantity<BytesPerSecond>("nvlink");
  type.nic = node.quantity<BytesPerSecond>("nic");
  type.pcie = node.quantity<BytesPerSecond>("pcie");
  type.nvlink_latency = node.quantity<Seconds>("nvlink_latency");
  type.storage = node.quantity<BytesPerSecond>("storage");
  read_common(node, name, type);
  document.finish();
  return type;
}

Fabric load_fabric(const std::string& name) {
  const Document document = load_record(find_record("fabric", name));
  const Node node = document.root();
  Fabric fabric;
  fabric.same_leaf_latency = node.quantity<Seconds>("same_leaf_latency");
  fabric.cross_leaf_latency = node.quantity<Seconds>("cross_leaf_latency");
  fabric.oversubscription = node.number("oversubscription");
  if (fabric.oversubscription < 1.0) node.problem("oversubscription", "wants a number of 1 or more");
  fabric.nodes_per_leaf = node.positive("nodes_per_leaf");
  read_common(node, name, fabric);
  document.finish();
  return fabric;
}

Gpu load_gpu(const Node& at, std::string_view key) {
  return load_gpu(read_name(at, key, "gpu"));
}
NodeType load_node(const Node& at, std::string_view key) {
  return load_node(read_name(at, key, "node"));
}
Fabric load_fabric(const Node& at, std::string_view key) {
  return load_fabric(read_name(at, key, "fabric"));
}

}  // namespace tideline::catalog
