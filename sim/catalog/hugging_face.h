// Inside catalog: the parts of reading a Hugging Face config.json.
#pragma once

#include <string_view>

#include "sim/catalog/llm.h"

namespace tideline::catalog {

// How a family of models names what shapes its feed-forward; an empty name: the family has no such thing.
struct Family {
  std::string_view type, experts, expert_width, dense_width;
  Attention attention = Attention::kGqa;
};

// Each fills its part of `m`, which must know hidden and layers already, and records problems at `root`.
void read_attention(const config::Node& root, const Family& family, Llm& m);
void read_feed_forward(const config::Node& root, const Family& family, Llm& m);

}  // namespace tideline::catalog
