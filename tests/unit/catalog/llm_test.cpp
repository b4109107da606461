// Does the shape read from a config.json give the published weights and KV cache, and is doubt refused?
#include "sim/catalog/llm.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "sim/catalog/models.h"

namespace tideline::catalog {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string config_of(const std::string& name) {
  return slurp(find_record("llm", name));
}

// The config of a known model with one piece of its text replaced.
std::string changed(const std::string& name, const std::string& from, const std::string& to) {
  std::string text = config_of(name);
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string mistakes(const std::string& text) {
  try {
    const config::Document document = config::Document::parse(text, "c.json");
    (void)read_hugging_face(document.root(), "x");
    document.finish();
    return "";
  } catch (const InputError& e) {
    return e.what();
  }
}

TEST_CASE("DeepSeek-V3 has the shape of its report") {
  const Llm m = load_llm("deepseek-v3");
  CHECK(m.attention == Attention::kMla);
  CHECK(m.layers == 61);
  CHECK(m.dense_layers == 3);
  CHECK(m.moe_layers() == 58);
  CHECK(m.expert_layers() == 59);
  CHECK(m.hidden == 7168);
  CHECK(m.heads == 128);
  CHECK(m.q_lora == 1536);
  CHECK(m.kv_lora == 512);
  CHECK(m.nope_dim == 128);
  CHECK(m.rope_dim == 64);
  CHECK(m.v_dim == 128);
  CHECK(m.routed_experts == 256);
  CHECK(m.experts_per_token == 8);
  CHECK(m.expert_groups == 8);
  CHECK(m.groups_per_token == 4);
  CHECK(m.shared_experts == 1);
  CHECK(m.expert_width == 2048);
  CHECK(m.dense_width == 18432);
  CHECK(m.vocabulary == 129280);
  CHECK(m.mtp_layers == 1);
  CHECK(m.context_max == 163840);
  CHECK(m.weight_bytes == 1.0);
  CHECK(m.index_topk == 0);
}

TEST_CASE("the KV cache of a token is what the latent takes, layer by layer") {
  CHECK(load_llm("deepseek-v3").kv_per_token().value() == 70272.0);  // 61 x (512 + 64) x 2 B
  CHECK(load_llm("kimi-k2").kv_per_token().value() == 70272.0);
  CHECK(load_llm("deepseek-v3.2").kv_per_token().value() == 78324.0);  // and 61 x (128 + 4) B of index keys
  CHECK(load_llm("qwen3-235b-a22b").kv_per_token().value() == 192512.0);  // 94 x 2 x 4 x 128 x 2 B
  CHECK(load_llm("mixtral-8x7b").kv_per_token().value() == 131072.0);
  CHECK(load_llm("gpt-oss-120b").kv_per_token().value() == 36864.0);  // the 18 layers that see everything
  CHECK(load_llm("gpt-oss-120b").kv_window().value() == 128.0 * 36864.0);
  CHECK(load_llm("deepseek-v3").kv_window().value() == 0.0);
}

TEST_CASE("the shape adds up to the published number of parameters") {
  CHECK(load_llm("deepseek-v3").parameters() == doctest::Approx(671e9).epsilon(0.005));
  CHECK(load_llm("deepseek-r1").parameters() == load_llm("deepseek-v3").parameters());
  CHECK(load_llm("kimi-k2").parameters() == doctest::Approx(1.026e12).epsilon(0.005));
  CHECK(load_llm("qwen3-235b-a22b").parameters() == doctest::Approx(235e9).epsilon(0.005));
  CHECK(load_llm("mixtral-8x7b").parameters() == doctest::Approx(46.7e9).epsilon(0.005));
  CHECK(load_llm("gpt-oss-120b").parameters() == doctest::Approx(116.8e9).epsilon(0.005));
}

TEST_CASE("weights in bytes: an expert, and what every data-parallel GPU holds") {
  const Llm v3 = load_llm("deepseek-v3");
  CHECK(v3.expert_weights().value() == 3.0 * 7168.0 * 2048.0);
  CHECK(v3.resident_weights().value() == doctest::Approx(19.5e9).epsilon(0.005));
  const Llm oss = load_llm("gpt-oss-120b");  // its checkpoint is 65.2 GB: experts in MXFP4, the rest in BF16
  CHECK(oss.weight_bytes == 0.53125);
  CHECK(oss.resident_weight_bytes == 2.0);
  const double experts = oss.expert_weights().value() * 128.0 * 36.0;
  CHECK(experts + oss.resident_weights().value() == doctest::Approx(65.2e9).epsilon(0.005));
}

TEST_CASE("sparse attention keeps its indexer") {
  const Llm m = load_llm("deepseek-v3.2");
  CHECK(m.index_heads == 64);
  CHECK(m.index_dim == 128);
  CHECK(m.index_topk == 2048);
  CHECK(m.parameters() > load_llm("deepseek-v3").parameters());
}

TEST_CASE("a dense model has no experts") {
  const std::string llama = R"({"model_type": "llama", "num_hidden_layers": 32, "hidden_size": 4096,
    "vocab_size": 128256, "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 14336,
    "max_position_embeddings": 131072, "tie_word_embeddings": false, "torch_dtype": "bfloat16",
    "rope_scaling": {"factor": 8.0}, "rope_theta": 500000.0})";
  const config::Document document = config::Document::parse(llama, "c.json");
  const Llm m = read_hugging_face(document.root(), "llama-3.1-8b");
  CHECK_NOTHROW(document.finish());
  CHECK(m.moe_layers() == 0);
  CHECK(m.head_dim == 128);
  CHECK(m.parameters() == doctest::Approx(8.03e9).epsilon(0.005));
  CHECK(m.resident_weights().value() == 2.0 * m.parameters());
  CHECK(m.kv_per_token().value() == 131072.0);
}

TEST_CASE("every known model can be read and says where it comes from") {
  for (const std::string& name : known_names("llm")) {
    const Llm m = load_llm(name);
    CHECK(m.name == name);
    CHECK(m.source.starts_with("https://huggingface.co/"));
    CHECK(m.as_of.size() == 10);
  }
}

TEST_CASE("a key that may shape the model is refused, never read as zero") {
  CHECK(mistakes(changed("deepseek-v3", "\"n_routed_experts\"", "\"n_routed_expert\"")) ==
        "c.json:1:1: error: key \"n_routed_experts\" is missing: wants a whole number of 1 or more\n"
        "  at /n_routed_experts\n"
        "c.json:26:3: error: unknown key \"n_routed_expert\": it may shape the model, and nothing is known "
        "of it\n"
        "  at /n_routed_expert\n"
        "  did you mean \"n_routed_experts\"?\n");
  CHECK(mistakes(changed("mixtral-8x7b", "\"use_cache\"", "\"cross_attention_every\"")) ==
        "c.json:27:5: error: unknown key \"cross_attention_every\": it may shape the model, and nothing is "
        "known of "
        "it\n"
        "  at /cross_attention_every\n"
        "  if it changes neither weights nor KV cache, add it to sim/catalog/harmless_keys.cpp\n");
  CHECK(mistakes(changed("mixtral-8x7b", "\"num_key_value_heads\": 8", "\"num_key_value_heads\": 0")) ==
        "c.json:17:28: error: wants a whole number of 1 or more, found the number 0\n"
        "  at /num_key_value_heads\n");
}

TEST_CASE("a harmless key may be missing, and keys about rope may be new") {
  CHECK(mistakes(changed("deepseek-v3", "\"rope_theta\"", "\"rope_parameters\"")) == "");
}

TEST_CASE("shapes that do not fit together, or that nobody here knows, are refused") {
  CHECK(mistakes(
            changed("deepseek-v3", "\"model_type\": \"deepseek_v3\"", "\"model_type\": \"deepseek_v4\"")) ==
        "c.json:22:17: error: unknown name \"deepseek_v4\": wants one of deepseek_v3, deepseek_v32, kimi_k2, "
        "qwen3_moe, mixtral, gpt_oss, llama, qwen3\n"
        "  at /model_type\n"
        "  did you mean \"deepseek_v3\"?\n");
  CHECK(mistakes(changed("deepseek-v3", "\"moe_layer_freq\": 1", "\"moe_layer_freq\": 2")) ==
        "c.json:24:21: error: wants 1, found 2: other layouts of layers are not read\n"
        "  at /moe_layer_freq\n");
  CHECK(mistakes(changed("deepseek-v3", "\"n_group\": 8", "\"n_group\": 7")) ==
        "c.json:25:14: error: 256 experts cannot stand in 7 even groups\n"
        "  at /n_group\n");
  CHECK(mistakes(changed("deepseek-v3", "\"topk_group\": 4", "\"topk_group\": 9")) ==
        "c.json:60:17: error: 9 of 8 groups\n"
        "  at /topk_group\n");
  CHECK(mistakes(changed("deepseek-v3", "\"num_hidden_layers\": 61", "\"num_hidden_layers\": 1000000000")) ==
        "c.json:31:24: error: 1000000000 layers; at most 1024\n"
        "  at /num_hidden_layers\n");
  CHECK(mistakes(changed("deepseek-v3", "\"n_routed_experts\": 256", "\"n_routed_experts\": 1000000000")) ==
        "c.json:26:23: error: 1000000000 experts of a layer; at most 8192\n"
        "  at /n_routed_experts\n");
  CHECK(mistakes(changed("mixtral-8x7b", "\"num_key_value_heads\": 8", "\"num_key_value_heads\": 7")) ==
        "c.json:17:28: error: 32 heads cannot share 7 KV heads evenly\n"
        "  at /num_key_value_heads\n");
  CHECK(mistakes(changed("qwen3-235b-a22b", "\"mlp_only_layers\": []", "\"mlp_only_layers\": [0, 2]")) ==
        "c.json:17:22: error: wants the first layers in order: dense layers elsewhere are not read\n"
        "  at /mlp_only_layers\n");
  CHECK(mistakes(changed("gpt-oss-120b", "\"sliding_attention\"", "\"linear_attention\"")) ==
        "c.json:16:5: error: unknown type \"linear_attention\": wants full_attention or sliding_attention\n"
        "  at /layer_types/0\n");
  CHECK(mistakes(changed("gpt-oss-120b", "\"quant_method\": \"mxfp4\"", "\"quant_method\": \"awq\"")) ==
        "c.json:69:21: error: unknown name \"awq\": wants one of fp8, mxfp4\n"
        "  at /quantization_config/quant_method\n");
}

TEST_CASE("the configs are copies of the published ones") {
  const fs::path reference = fs::path(TIDELINE_SOURCE_DIR) / "../shared/reference/models";
  if (!fs::exists(reference)) {
    MESSAGE("skipped: the reference configs are not beside the sources");
    return;
  }
  const std::pair<const char*, const char*> copies[] = {
      {"deepseek-v3", "deepseek-ai--DeepSeek-V3"},     {"deepseek-r1", "deepseek-ai--DeepSeek-R1"},
      {"deepseek-v3.2", "deepseek-ai--DeepSeek-V3.2"}, {"kimi-k2", "moonshotai--Kimi-K2-Instruct"},
      {"qwen3-235b-a22b", "Qwen--Qwen3-235B-A22B"},    {"mixtral-8x7b", "mistralai--Mixtral-8x7B-v0.1"},
      {"gpt-oss-120b", "openai--gpt-oss-120b"}};
  for (const auto& [name, file] : copies) {
    std::string published = slurp(reference / (std::string(file) + ".json"));
    if (!published.ends_with('\n')) published += '\n';
    CHECK(config_of(name) == published);
  }
}

}  // namespace
}  // namespace tideline::catalog
