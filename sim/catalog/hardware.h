// GPUs, the nodes they stand in and the fabric between nodes: the records of models/gpu, models/node and
// models/fabric. Every record names its source and date.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/units.h"
#include "sim/catalog/models.h"
#include "sim/config/node.h"

namespace tideline::catalog {

struct Gpu {
  std::string name;
  std::string architecture;      // of its SMs, such as sm_90; empty when its record does not say
  std::int64_t sms = 0;
  Bytes memory;                  // as the driver reports it
  BytesPerSecond bandwidth;      // HBM, on paper
  FlopPerSecond fp8_peak;        // dense, on paper
  FlopPerSecond bf16_peak;
  double sustained = 1.0;        // share of these peaks that it holds under its power limit
  std::string source, as_of;
  std::vector<Assumption> assumed;
};

struct NodeType {
  std::string name;
  Gpu gpu;
  std::int64_t gpus = 8;
  BytesPerSecond nvlink;         // per GPU, one direction, on paper
  BytesPerSecond nic;            // per GPU, one direction (400 Gb/s: 50 GB/s)
  BytesPerSecond pcie;           // between a GPU and its NIC, one direction, on paper
  Seconds nvlink_latency;        // one small message, GPU to GPU through the switch
  BytesPerSecond storage;        // per node, reads of the KV cache from disk storage
  std::string source, as_of;
  std::vector<Assumption> assumed;
};

struct Fabric {
  std::string name;
  Seconds same_leaf_latency, cross_leaf_latency;  // one small message, end to end
  double oversubscription = 1.0;                  // leaf uplinks: 1 is non-blocking
  std::int64_t nodes_per_leaf = 32;
  std::string source, as_of;
  std::vector<Assumption> assumed;
};

// Fails: throws InputError naming the known records, or the mistakes of the record.
Gpu load_gpu(const std::string& name);
NodeType load_node(const std::string& name);
Fabric load_fabric(const std::string& name);

// The record that `key` of a scenario names. An unknown name is a problem at that key, and some known record
// is returned so that reading goes on.
Gpu load_gpu(const config::Node& at, std::string_view key);
NodeType load_node(const config::Node& at, std::string_view key);
Fabric load_fabric(const config::Node& at, std::string_view key);

}  // namespace tideline::catalog
