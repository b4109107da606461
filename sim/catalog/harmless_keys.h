// Keys of a Hugging Face config.json that change neither the weights nor the KV cache nor the work of a
// layer, so that a reader of shapes may pass over them.
#pragma once

#include <string_view>

namespace tideline::catalog {

bool is_harmless_key(std::string_view key);

}  // namespace tideline::catalog
