#include "sim/catalog/harmless_keys.h"

#include <algorithm>

namespace tideline::catalog {
namespace {

constexpr std::string_view kKeys[] = {
    // What the file is, and how to load it.
    "architectures",
    "auto_map",
    "ep_size",
    "pretraining_tp",
    "transformers_version",
    "use_cache",
    // Tokens with a meaning of their own.
    "bos_token_id",
    "eos_token_id",
    "pad_token_id",
    // Training.
    "attention_dropout",
    "aux_loss_alpha",
    "initializer_range",
    "output_router_logits",
    "router_aux_loss_coef",
    "seq_aux",
    // Arithmetic inside a layer that moves no shape: activations, norms, scales of gates, biases.
    "attention_bias",
    "hidden_act",
    "mlp_bias",
    "norm_topk_prob",
    "rms_norm_eps",
    "routed_scaling_factor",
    "scoring_func",
    "swiglu_limit",
    "topk_method",
    // Positions: how they are encoded. How many there may be is max_position_embeddings, which is read.
    "initial_context_length",
};
constexpr std::string_view kPrefixes[] = {"rope_"};

}  // namespace

bool is_harmless_key(std::string_view key) {
  return std::ranges::find(kKeys, key) != std::end(kKeys) ||
         std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return key.starts_with(prefix); });
}

}  // namespace tideline::catalog
