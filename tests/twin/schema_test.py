#!/usr/bin/env python3
"""Do the schema and the readers agree: is what the program takes valid, and what it refuses not?

usage: schema_test.py TIDELINE
exit 77: not tried, because jsonschema is not here (Debian: python3-jsonschema)
"""
import copy
import json
import pathlib
import re
import subprocess
import sys
import unittest

try:
    import jsonschema
except ImportError as missing:
    print(f"not tried: {missing} (Debian: python3-jsonschema)")
    sys.exit(77)

PROGRAM = sys.argv.pop()
ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "scenarios").glob("*.json"))
# In a study units stand as in its scenario, of which its schema knows nothing.
SCENARIOS = [file for file in FILES if "base" not in json.loads(file.read_text())]
FLAGSHIP = ROOT / "scenarios" / "deepseek-2025-02-27.json"
QUANTITY = re.compile(r"^[0-9.]+ ?(ns|us|ms|s|min|h|d|y|[kMGT]?tok(/s)?|[kMGT]?B(/s)?|Gb/s|"
                      r"USD(/k?[a-zA-Z]+)?|k?W|req/s)$")
# Below these keys stand names of the file's own.
NAMED = {("money", "classes"), ("slo", "classes"), ("layouts", "node"), ("axes",), ("pools",)}

# What the shipped scenarios leave out, as --set: each line has to be sound, and is shown with its defaults.
MORE = [
    ["prefill.scaling.kind=reactive", "prefill.scaling.target=0.7", "prefill.scaling.units_max=40",
     "decode.failures.node_mtbf=1000 h", "decode.failures.spares=2", "decode.start_up=3 min",
     'prefill.failures.outages=[{"at": "13:00", "unit": 0, "down": "10 min"}]', "decode.leaving=drain",
     'decode.maintenance=[{"at": "2025-02-28T03:10", "unit": 1, "down": "1 h"}]'],
    ["slo.ttft=5 s", 'slo.classes={"all": {"tpot": "60 ms"}}', "slo.share=0.95", "fleet.transfer=layer_wise",
     "fleet.storage=shared_nics", "decode.admission=prompt_only", "decode.watermark=0.02",
     "uncertainty.load.low=0.9", "uncertainty.load.high=1.1"],
    ["decode.exchange=counted", "decode.nvlink_in_node=true", "decode.network.oversubscription=2",
     'decode.network.degraded=[{"rail": 1, "share": 0.5}, {"gpu": 3, "share": 0.5}]',
     'decode.expert_load={"kind": "given", "balancedness": 0.8}'],
    ["money.gpu_rate=null", 'money.owned={"capex_per_node": "280000 USD", "life": "5 y", "pue": 1.3,'
     ' "cost_of_capital": 0.08, "power_per_node": "10 kW", "energy_price": "0.08 USD/kWh"}',
     "money.freed_value=0.5 USD/h", 'money.classes={"all": {"free_share": 0.2}}',
     'money.mix=[{"price_book": "deepseek-v3-2025-02-usd", "share": 0.4}]'],
    ['workload.classes=[{"name": "all", "input_tokens": {"constant": 100}, "cached_fraction": 0.5,'
     ' "output_tokens": {"quantiles": {"probabilities": [0, 1], "values": [1, 9]}},'
     ' "draft_acceptance": 0.8}]',
     "workload.output_tokens_per_day=null", "workload.requests_per_day=1000000"],
]


def tideline(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def below(value, path=()):
    """Every value under this one, with its path."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        # Of a long list the first are enough.
        if key < 2 if isinstance(key, int) else not key.startswith("_"):
            yield (*path, key), item
            yield from below(item, (*path, key))


def holder(document, path):
    for step in path[:-1]:
        document = document[step]
    return document


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schema = json.loads(tideline("schema"))
        cls.validator = jsonschema.Draft202012Validator(cls.schema)

    def mistakes(self, document):
        return [f"/{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}"
                for e in self.validator.iter_errors(document)]

    def test_it_is_itself_a_schema(self):
        jsonschema.Draft202012Validator.check_schema(self.schema)

    def test_every_shipped_scenario_and_study_is_valid(self):
        self.assertGreater(len(SCENARIOS), 10)
        self.assertGreater(len(FILES), len(SCENARIOS))
        for file in FILES:
            self.assertEqual(self.mistakes(json.loads(file.read_text())), [], file.name)

    def test_every_one_is_valid_with_all_its_defaults_written_in(self):
        for file in FILES:
            self.assertEqual(self.mistakes(json.loads(tideline("show", file))), [], file.name)

    def test_what_no_shipped_scenario_uses_is_valid_too(self):
        for settings in MORE:
            sets = [part for one in settings for part in ("--set", one)]
            self.assertEqual(self.mistakes(json.loads(tideline("show", FLAGSHIP, *sets))), [], settings)

    def test_studies_of_every_design_are_valid_and_their_mistakes_are_not(self):
        study = {"question": "?", "base": "a.json", "metrics": ["gross_margin"]}
        load = {"from": "1 Gtok", "to": "9 Gtok"}
        for more in ({}, {"axes": {"a.b": [1, "2 s", None, {"c": []}]}, "design": "list", "set": ["d=1"]},
                     {"axes": {"a": load | {"count": 3, "scale": "log"}}, "seeds": [1, 2], "replications": 3},
                     {"axes": {"a": {"from": 0, "to": 1, "whole": True}}, "design": "sobol", "points": 9},
                     {"axes": {"a": load}, "design": "latin_hypercube", "points": 9, "draw_seed": 2}):
            self.assertEqual(self.mistakes(study | more), [], more)
        for more in ({"axes": {"a": 1}}, {"axes": {"a": load | {"count": 0}}}, {"points": "9"},
                     {"axes": {"a": load | {"step": 1}}}, {"design": "random"}, {"seeds": [-1]},
                     {"metrics": "gross_margin"}):
            self.assertNotEqual(self.mistakes(study | more), [], more)

    def test_a_misspelt_key_is_not_valid_wherever_it_stands(self):
        tried = 0
        for file in FILES:
            document = json.loads(file.read_text())
            for path, _ in below(document):
                if isinstance(path[-1], int) or path[:-1] in NAMED:
                    continue
                broken = copy.deepcopy(document)
                at = holder(broken, path)
                at[path[-1] + "x"] = at.pop(path[-1])
                self.assertFalse(self.validator.is_valid(broken), f"{file.name}: {path}")
                tried += 1
        self.assertGreater(tried, 300)

    def test_a_wrong_unit_a_missing_unit_and_a_text_for_a_number_are_not_valid(self):
        tried = 0
        for file in SCENARIOS:
            document = json.loads(tideline("show", file))
            for path, value in below(document):
                if isinstance(value, str) and QUANTITY.match(value):
                    wrong = [value + "x", float(re.match("[0-9.]+", value)[0]), "1 parsec"]
                elif isinstance(value, (int, float)) and not isinstance(value, bool):
                    wrong = [f"{value} parsec", True]
                else:
                    continue
                for other in wrong:
                    broken = copy.deepcopy(document)
                    holder(broken, path)[path[-1]] = other
                    self.assertFalse(self.validator.is_valid(broken), f"{file.name}: {path}: {other}")
                    tried += 1
        self.assertGreater(tried, 500)

    def test_names_that_do_not_exist_are_not_valid_and_paths_of_own_files_are(self):
        def with_(**keys):
            return json.loads(FLAGSHIP.read_text()) | keys
        money = json.loads(FLAGSHIP.read_text())["money"]
        self.assertNotEqual(self.mistakes(with_(model="deepseek-v33")), [])
        self.assertEqual(self.mistakes(with_(model="my/config.json")), [])
        self.assertEqual(self.mistakes(with_(money=money | {"price_book": "my-prices.json"})), [])
        self.assertNotEqual(self.mistakes(with_(money=money | {"price_book": "deepseek"})), [])
        self.assertNotEqual(self.mistakes(with_(node="h900-8")), [])

    def test_the_editors_own_key_is_taken_by_the_program_and_by_the_schema(self):
        document = json.loads(FLAGSHIP.read_text()) | {"$schema": "tideline.schema.json"}
        self.assertEqual(self.mistakes(document), [])
        self.assertIn("sound", tideline("check", FLAGSHIP, "--set", "$schema=tideline.schema.json"))

    def test_mistakes_that_the_program_refuses_alone_are_not_valid_either(self):
        for name in ("misspelt_key", "bare_number_for_unit", "negative_rate", "tokens_in_bytes",
                     "published_unknown", "trace_format_unknown", "unknown_gpu", "unknown_model",
                     "unknown_policy"):
            document = json.loads((ROOT / "tests" / "broken" / f"{name}.json").read_text())
            self.assertNotEqual(self.mistakes(document), [], name)

    def test_defaults_are_told_where_there_is_one(self):
        decode = self.schema["$defs"]["day"]["properties"]["decode"]["properties"]
        self.assertEqual(decode["balancer"]["default"], "least_loaded")
        self.assertEqual(decode["host_gap"]["default"], "1 ms")


if __name__ == "__main__":
    unittest.main()
