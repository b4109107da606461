#!/usr/bin/env python3
"""Does a new user get there with one file: an own model, own prices, an own trace, an own GPU rate?

Each is written into an empty folder as the pages say, is accepted, moves the answer the way it must, and
explains its mistakes.

usage: new_user_test.py TIDELINE
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from small_day import FLAGSHIP

PROGRAM = str(pathlib.Path(sys.argv.pop()).resolve())
MODELS = FLAGSHIP.parents[1] / "models"

# A mixture of experts that is not in models/: field names of Hugging Face's config.json, sizes of its own.
MOE = {
    "architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3", "torch_dtype": "bfloat16",
    "hidden_size": 5120, "intermediate_size": 12288, "moe_intermediate_size": 1536, "num_hidden_layers": 40,
    "first_k_dense_replace": 2, "moe_layer_freq": 1, "n_routed_experts": 128, "n_shared_experts": 1,
    "num_experts_per_tok": 6, "n_group": 4, "topk_group": 2, "scoring_func": "sigmoid",
    "topk_method": "noaux_tc", "norm_topk_prob": True, "routed_scaling_factor": 2.5,
    "num_attention_heads": 64, "num_key_value_heads": 64, "q_lora_rank": 1536, "kv_lora_rank": 512,
    "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "vocab_size": 100000,
    "max_position_embeddings": 65536, "num_nextn_predict_layers": 1, "rms_norm_eps": 1e-6,
    "rope_theta": 10000, "hidden_act": "silu", "tie_word_embeddings": False, "bos_token_id": 0,
    "quantization_config": {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128],
                            "activation_scheme": "dynamic"},
    "eos_token_id": 1, "transformers_version": "4.46.0", "use_cache": True,
}
BASE = {
    "extends": str(FLAGSHIP), "question": "What would our service do?", "published": None,
    "duration": "3 min", "warm_up": "1 min", "workload": {"output_tokens_per_day": "3 Gtok"},
    "fleet": {"schedule": [{"from": "00:00", "prefill_units": 1, "decode_units": 1}]},
}
NO_DRAWN_LOAD = dict.fromkeys(("classes", "hourly_profile", "between_hours", "output_tokens_per_day"))


class NewUser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.here = pathlib.Path(cls.folder.name)
        cls.write("service.json", BASE)
        cls.before = cls.run_("service.json")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def write(cls, name, what):
        file = cls.here / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(what if isinstance(what, str) else json.dumps(what, indent=2))

    @classmethod
    def tideline(cls, *arguments):
        return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, cwd=cls.here)

    @classmethod
    def run_(cls, file, *more):
        done = cls.tideline("run", file, "--quiet", "--format", "json", *more)
        assert done.returncode == 0, done.stderr + done.stdout[-500:]
        return json.loads(done.stdout)

    def refused(self, file, *words):
        done = self.tideline("run", file, "--quiet")
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def service(self, name, **keys):
        self.write(name, BASE | keys)
        return name

    # A GPU rate.

    def test_a_gpu_rate_scales_the_cost_and_nothing_else(self):
        dearer = self.run_(self.service("rate.json", money={"gpu_rate": "3 USD/h"}))["summary"]
        before = self.before["summary"]
        self.assertAlmostEqual(dearer["cost_usd"], 1.5 * before["cost_usd"], places=5)
        self.assertEqual(dearer["revenue_usd"], before["revenue_usd"])
        self.assertEqual(dearer["output_speed_tok_s_user"], before["output_speed_tok_s_user"])
        self.assertLess(dearer["gross_margin"], before["gross_margin"])

    def test_a_gpu_rate_without_its_unit_is_explained(self):
        self.refused(self.service("rate-bare.json", money={"gpu_rate": 3}), "rate-bare.json:",
                     "/money/gpu_rate", "without a unit", "USD/h")

    # Prices.

    def prices(self, name, **changes):
        book = json.loads((MODELS / "price" / "deepseek-r1-list-2025-02-usd.json").read_text())
        book |= {"source": "our price list", "as_of": "2025-03-01"} | changes
        self.write(name, {key: value for key, value in book.items() if value is not None})
        return book

    def test_own_prices_are_a_file_beside_the_scenario(self):
        book = self.prices("prices.json")
        doubled = {meter: f"{2 * float(price.split()[0]):g} USD/Mtok"
                   for meter, price in book["list"].items()}
        self.prices("prices.json", list=doubled, windows=None)
        after = self.run_(self.service("priced.json", money={"price_book": "prices.json"}))
        after, before = after["summary"], self.before["summary"]
        self.assertAlmostEqual(after["revenue_usd"], 2 * before["revenue_usd"], places=4)
        self.assertEqual(after["cost_usd"], before["cost_usd"])

    def test_a_finished_run_is_priced_anew_at_own_prices(self):
        self.run_("service.json", "--out", "day")
        self.prices("half.json", list={"input_hit": "0.07 USD/Mtok", "input_miss": "0.275 USD/Mtok",
                                       "output": "1.095 USD/Mtok"})
        done = self.tideline("finance", "day/result.json", "--set", "money.price_book=./half.json",
                             "--format", "json")
        figures = json.loads(done.stdout)["cases"][0]["figures"]
        self.assertAlmostEqual(figures["revenue_usd"], self.before["summary"]["revenue_usd"] / 2, places=4)

    def test_mistakes_in_own_prices_are_explained_where_they_are(self):
        self.refused(self.service("priced-1.json", money={"price_book": "price.json"}), "priced-1.json:",
                     "there is no file price.json", "relative to the file it stands in")
        self.prices("prices-2.json", list={"input_hit": "0.14 USD", "input_miss": "0.55 USD/Mtok",
                                           "output": 2.19})
        self.refused(self.service("priced-2.json", money={"price_book": "prices-2.json"}), "prices-2.json:",
                     "/list/input_hit", "/list/output", "wants a price such as")
        self.prices("prices-3.json", source=None)
        self.refused(self.service("priced-3.json", money={"price_book": "prices-3.json"}), "prices-3.json:",
                     "/source")

    # A model.

    def model(self, name, **changes):
        config = MOE | changes
        self.write(f"{name}/config.json", {k: value for k, value in config.items() if value is not None})
        return f"{name}/config.json"

    def test_another_moe_is_its_config_json_and_a_smaller_one_is_faster(self):
        after = self.run_(self.service("moe.json", model=self.model("our-moe"),
                                       decode={"nodes": 8, "redundant_experts": 0},
                                       prefill={"redundant_experts": 0}))
        half = self.run_(self.service("moe-half.json", model=self.model("our-half", num_hidden_layers=20),
                                      decode={"nodes": 8, "redundant_experts": 0},
                                      prefill={"redundant_experts": 0}))
        self.assertEqual(after["service"]["model"], "our-moe")
        speeds = [run["summary"]["output_speed_tok_s_user"] for run in (self.before, after, half)]
        self.assertEqual(speeds, sorted(speeds))
        self.assertLess(half["summary"]["ttft_s"]["mean"], after["summary"]["ttft_s"]["mean"])

    def test_mistakes_in_a_model_are_explained_where_they_are(self):
        self.refused(self.service("moe-1.json", model="our-mo/config.json"),
                     "there is no file our-mo/config.json")
        self.refused(self.service("moe-2.json", model=self.model("no-experts", n_routed_experts=None)),
                     "no-experts/config.json", "n_routed_experts")
        self.refused(self.service("moe-3.json", model=self.model("odd-experts", n_routed_experts=120)),
                     "/decode", "120 experts", "divide")
        self.refused(self.service("moe-4.json", model=self.model("strange", n_quantum_experts=3)),
                     "strange/config.json", "n_quantum_experts")

    # A trace.

    def trace(self, name, each_second, seconds=240):
        lines = ["TIMESTAMP,ContextTokens,GeneratedTokens"]
        for second in range(seconds):
            for k in range(each_second):
                at = f"2025-03-03 10:{second // 60:02}:{second % 60:02}.{k * 1000 // each_second:03}"
                lines.append(f"{at},{500 + 41 * ((second + k) % 60)},{100 + 13 * ((7 * second + k) % 40)}")
        self.write(name, "\n".join(lines) + "\n")
        return lines[1:]

    def traced(self, name, trace, **more):
        return self.service(name, warm_up="0 s", duration="4 min",
                            workload=NO_DRAWN_LOAD | {"trace": {"file": trace, **more}})

    def test_an_own_trace_is_answered_line_by_line_and_more_of_it_is_slower(self):
        lines = self.trace("requests.csv", 5)
        once = self.run_(self.traced("traced.json", "requests.csv"))["summary"]
        self.assertEqual(once["requests"], len(lines))
        self.assertEqual(once["output_tokens"], sum(int(line.split(",")[2]) for line in lines))
        twice = self.run_(self.traced("traced-2.json", "requests.csv", rate=8, loop=True))["summary"]
        self.assertGreater(twice["ttft_s"]["mean"], once["ttft_s"]["mean"])
        self.assertLess(twice["output_speed_tok_s_user"], once["output_speed_tok_s_user"])

    def test_mistakes_in_a_trace_are_explained_where_they_are(self):
        lines = self.trace("broken.csv", 1, seconds=3)
        lines = ["TIMESTAMP,ContextTokens,GeneratedTokens", *lines, "2025-03-03 10:00:09"]
        self.write("broken.csv", "\n".join(lines))
        self.refused(self.traced("traced-3.json", "broken.csv"), "broken.csv:5:",
                     "a row of 1 fields under 3 columns")
        self.refused(self.traced("traced-4.json", "request.csv"), "request.csv")
        # The load that it comes instead of has to go.
        self.trace("good.csv", 1, seconds=3)
        self.refused(self.service("traced-5.json", workload={"trace": {"file": "good.csv"}}), "classes")


if __name__ == "__main__":
    unittest.main()
