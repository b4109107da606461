#!/usr/bin/env python3
"""What do `tideline finance` and `tideline compare` say of a run, and do their files agree?

usage: finance_test.py TIDELINE
"""
import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from small_day import FLAGSHIP, small_day
from xlsx import Workbook

PROGRAM = sys.argv.pop()
STUDY = str(FLAGSHIP.parent / "deepseek-2025-02-27-finance.json")
V3_LIST = {"D": 0.07, "E": 0.27, "F": 1.1}  # models/price/deepseek-v3-list-2025-02-usd.json


def tideline(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)
    assert done.returncode in (0, 3), done.stderr  # 3: saturated, or an SLO that does not hold
    return done.stdout


def figures(*arguments):
    return json.loads(tideline("finance", *arguments, "--format", "json"))["cases"][0]["figures"]


class Finance(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.out = pathlib.Path(cls.folder.name)
        tideline("run", *small_day(), "--quiet", "--out", str(cls.out / "a"))
        tideline("run", *small_day("money.gpu_rate=3 USD/h", "workload.output_tokens_per_day=2 Gtok"),
                 "--quiet", "--out", str(cls.out / "b"))
        tideline("finance", STUDY, "--out", str(cls.out / "study"))
        cls.study = json.loads((cls.out / "study" / "finance.json").read_text())
        cls.book = Workbook(cls.out / "study" / "finance.xlsx")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def lines(self, name):
        return list(csv.DictReader((self.out / "study" / name).read_text().splitlines()))

    def near(self, a, b, places=4):
        self.assertAlmostEqual(a, b, places=places)

    # The names of cases, and what is published of them, are of the file.

    def test_a_case_that_set_changes_is_named_so_and_held_to_nothing_that_was_published(self):
        answer = json.loads(tideline("finance", STUDY, "--format", "json", "--set", "money.gpu_rate=3 USD/h"))
        self.assertEqual([c["name"] for c in answer["cases"]],
                         [c["name"] + ", as set" for c in self.study["cases"]])
        self.assertTrue(any("published" in c for c in self.study["cases"]))
        self.assertFalse(any(c.get("published") for c in answer["cases"]))
        # A case that sets the same itself is what it was.
        book = "money.price_book=deepseek-v3-list-2025-02-usd"
        answer = json.loads(tideline("finance", STUDY, "--format", "json", "--set", book))
        for was, now in zip(self.study["cases"], answer["cases"]):
            own = any(s.startswith("money.price_book=") for s in was["set"])
            self.assertEqual(now["name"], was["name"] + ("" if own else ", as set"))
            self.assertEqual(now["figures"] == was["figures"], own)
        run = str(self.out / "a" / "result.json")
        self.assertIn("\n  the run, as set ", tideline("finance", run, "--set", "money.gpu_rate=3 USD/h"))
        self.assertNotIn("as set", tideline("finance", run, "--set", "question=What if?"))

    # What freed nodes cost stands where the rest does.

    def test_a_run_tells_what_freed_nodes_cost_beside_those_that_it_held(self):
        setting = ("money.commitment=round_the_clock", "money.committed_nodes=40")
        screen = tideline("run", *small_day(*setting), "--quiet", "--out", str(self.out / "committed"))
        hour, = json.loads((self.out / "committed" / "result.json").read_text())["hours"]
        freed = hour["cost_usd"]["freed"]
        self.near(freed, (40 - 22) * 16 * 3 / 60, 2)
        self.near(hour["cost_usd"]["total"], sum(hour["cost_usd"][x] for x in ("prefill", "decode", "freed")))
        self.assertIn(f" + freed nodes ${freed:.2f}; ", screen)
        hour, = json.loads((self.out / "a" / "result.json").read_text())["hours"]
        self.assertEqual(hour["cost_usd"]["freed"], 0)

    # A finished run is priced without simulating it again.

    def test_a_finished_run_has_the_figures_that_it_had(self):
        summary = json.loads((self.out / "a" / "result.json").read_text())["summary"]
        again = figures(str(self.out / "a" / "result.json"))
        for key in ("revenue_usd", "cost_usd", "gross_margin", "cost_profit_ratio", "nodes_mean",
                    "nodes_peak", "cost_per_million_input_miss_usd", "cost_per_million_output_usd"):
            self.assertEqual(again[key], summary[key], key)

    def test_other_money_gives_what_a_run_with_it_would_have_given(self):
        rate = "money.gpu_rate=3.1 USD/h", "money.price_book=deepseek-v3-2025-02-usd", "money.free_share=0.25"
        tideline("run", *small_day(*rate), "--quiet", "--out", str(self.out / "c"))
        summary = json.loads((self.out / "c" / "result.json").read_text())["summary"]
        repriced = figures(str(self.out / "a" / "result.json"), *(x for r in rate for x in ("--set", r)))
        for key in ("revenue_usd", "cost_usd", "gross_margin"):
            self.assertEqual(repriced[key], summary[key], key)

    # Text, JSON, CSV and workbook show the same numbers.

    def test_the_cases_are_the_same_in_text_json_csv_and_the_workbook(self):
        text = tideline("finance", STUDY)
        rows = {(r["case"], r["key"]): r for r in self.lines("cases.csv")}
        for number, case in enumerate(self.study["cases"]):
            line = next(li for li in text.splitlines() if li.startswith("  " + case["name"]))
            for key in ("revenue_usd", "cost_usd", "profit_usd"):
                self.assertIn(f"{case['figures'][key]:,.2f}", line)
            self.assertIn(f"{case['figures']['gross_margin'] * 100:.1f} %", line)
            for row, (key, value) in enumerate(case["figures"].items(), start=2):
                self.assertEqual(float(rows[case["name"], key]["value"]), value, key)
                self.near(self.book.cached["Cases", "CDEFGH"[number] + str(row)], value, 9)
            for key, value in case.get("published", {}).items():
                self.assertEqual(float(rows[case["name"], key]["published"]), value)

    def test_the_hours_are_the_same_in_json_csv_and_the_workbook_and_add_up(self):
        hours = self.study["statement"]["hours"]
        rows = self.lines("profit-and-loss.csv")
        self.assertEqual(len(rows), 24)
        for n, (hour, row) in enumerate(zip(hours, rows)):
            self.near(float(row["revenue_usd"]), hour["revenue_usd"]["total"], 6)
            self.near(float(row["cost_usd"]), hour["cost_usd"]["total"], 6)
            self.near(self.book.cached["P&L by hour", f"I{n + 2}"], hour["revenue_usd"]["total"], 6)
            self.near(self.book.cached["P&L by hour", f"N{n + 2}"], hour["profit_usd"], 6)
        self.near(sum(float(r["profit_usd"]) for r in rows), self.study["statement"]["profit_usd"])

    def test_the_lines_of_focus_add_up_to_the_cost(self):
        rows = self.lines("focus.csv")
        self.near(sum(float(r["BilledCost"]) for r in rows), self.study["cases"][0]["figures"]["cost_usd"])
        self.assertEqual(rows[0]["ChargePeriodStart"], "2025-02-27T04:00:00Z")
        self.assertEqual(rows[-1]["ChargePeriodEnd"], rows[0]["BillingPeriodEnd"])
        self.assertEqual({r["ChargeCategory"] for r in rows}, {"Usage"})
        for r in rows:
            self.near(float(r["ConsumedQuantity"]) * float(r["ListUnitPrice"]), float(r["ListCost"]))
            self.assertEqual(r["ListUnitPrice"], "16")  # eight GPUs at 2 USD an hour, in every line

    # The workbook is alive.

    def test_every_formula_has_the_value_that_it_computes(self):
        computed = self.book.values()
        self.assertGreater(len(computed), 24 * 10)
        for at, value in computed.items():
            self.near(value, self.book.cached[at], 3)

    def test_an_edited_price_or_rate_gives_what_the_program_gives(self):
        book = Workbook(self.out / "study" / "finance.xlsx")
        first = book.find("Assumptions", "Class") + 1
        for column, price in V3_LIST.items():
            book.edit("Assumptions", f"{column}{first}", price)
        book.edit("Assumptions", f"C{book.find('Assumptions', 'Lease')}", 3.0)
        wanted = figures(STUDY, "--set", "money.gpu_rate=3 USD/h",
                         "--set", "money.price_book=deepseek-v3-list-2025-02-usd")
        computed = book.values()
        for row, (key, value) in enumerate(wanted.items(), start=2):
            if ("Cases", f"B{row}") in computed:
                self.near(computed["Cases", f"B{row}"], value, 3)

    def test_windows_free_shares_mixes_and_freed_nodes_are_in_the_formulas(self):
        settings = ["money.price_book=deepseek-r1-2025-02-cny", "money.usd_per_currency=0.1379",
                    "money.commitment=round_the_clock", "money.freed_value=0.4 USD/h", "money.free_share=0.3",
                    'volumes.classes=[{"name": "app", "share": 0.7}, {"name": "api", "share": 0.3}]',
                    'money.mix=[{"price_book": "deepseek-v3-2025-02-usd", "share": 0.4}]',
                    'money.classes={"api": {"free_share": 0}}']
        # Books in one currency and in dollars stand side by side.
        sets = [part for setting in settings for part in ("--set", setting)]
        tideline("finance", STUDY, "--out", str(self.out / "odd"), *sets)
        book = Workbook(self.out / "odd" / "finance.xlsx")
        statement = json.loads((self.out / "odd" / "finance.json").read_text())["statement"]
        self.assertEqual(len(statement["by_model"]), 2)
        self.assertGreater(statement["forgone_usd"]["total"], 0)
        for at, value in book.values().items():
            self.near(value, book.cached[at], 2)

    # What a run leaves open.

    def test_a_saturated_run_has_amounts_and_no_ratios_and_says_so(self):
        ratios = ("gross_margin", "cost_profit_ratio", "cost_per_million_output_usd", "break_even_load",
                  "break_even_gpu_rate_usd_h")
        screen = tideline("run", *small_day("workload.output_tokens_per_day=40 Gtok", "published=null"),
                          "--quiet", "--out", str(self.out / "saturated"))
        self.assertIn("saturated: the fleet is too small for the load", screen)
        self.assertRegex(screen, r"cost-profit ratio +- ")
        self.assertIn("revenue is of the requests of the window that were answered, also after it, ", screen)
        result = str(self.out / "saturated" / "result.json")
        run = json.loads(pathlib.Path(result).read_text())
        self.assertTrue(run["ledger"]["saturated"])
        self.assertIsNone(run["summary"]["cost_profit_ratio"])
        text = tideline("finance", result, "--out", str(self.out / "saturated"))
        self.assertIn("saturated: the nodes were too few for these tokens", text)
        self.assertNotIn("%", text)
        answer = json.loads((self.out / "saturated" / "finance.json").read_text())
        self.assertTrue(answer["saturated"])
        self.assertEqual({answer["cases"][0]["figures"][key] for key in ratios}, {None})
        self.assertIsNone(answer["statement"]["hours"][0]["cost_profit_ratio"])
        self.assertNotIn("sensitivity", answer)
        self.assertGreater(answer["cases"][0]["figures"]["revenue_usd"], 0)
        book = Workbook(self.out / "saturated" / "finance.xlsx")
        row = book.find("Cases", "cost-profit ratio")
        self.assertEqual([book.cached["Cases", f"{c}{row}"] for c in "BC"], ["none", "none"])
        self.assertNotIn(("Cases", f"B{row}"), book.formulas)
        whole = str(self.out / "a" / "result.json")
        self.assertFalse(json.loads(tideline("finance", whole, "--format", "json"))["saturated"])
        compared = tideline("compare", whole, result)
        self.assertIn("\nB was saturated: its nodes were too few.", compared)
        self.assertNotIn("cost-profit ratio", compared)
        compared = json.loads(tideline("compare", whole, result, "--format", "json"))
        self.assertEqual(compared["saturated"], {"a": False, "b": True})
        self.assertIn("profit_usd", compared["money"])
        self.assertNotIn("gross_margin", compared["money"])
        table = tideline("compare", whole, result, "--format", "csv")
        self.assertIn("service,saturated,false,true,\n", table)

    def test_a_queue_that_is_worked_off_within_the_window_leaves_its_ratios(self):
        schedule = ('[{"from": "12:00", "prefill_units": 1, "decode_units": 2}, '
                    '{"from": "13:00", "prefill_units": 4, "decode_units": 2}]')
        out = self.out / "worked_off"
        screen = tideline("run", *small_day("workload.output_tokens_per_day=10 Gtok", "published=null",
                                            "duration=2 h", f"fleet.schedule={schedule}"),
                          "--quiet", "--out", str(out))
        self.assertIn("saturated: the fleet is too small for the load", screen)
        self.assertNotIn("no ratios", screen)
        run = json.loads((out / "result.json").read_text())
        self.assertTrue(run["summary"]["saturated"])
        self.assertFalse(run["ledger"]["saturated"])
        self.assertGreater(run["summary"]["cost_profit_ratio"], 0)

    def test_there_is_no_margin_of_nothing_and_no_ratio_to_nothing(self):
        for setting, none, other, text in (
                ("money.free_share=1", "gross_margin", "cost_profit_ratio",
                 "cost-profit ratio -100 %, no gross margin"),
                ("money.gpu_rate=0 USD/h", "cost_profit_ratio", "gross_margin",
                 "no cost-profit ratio, gross margin 100.0 %")):
            out = str(self.out / none)
            self.assertIn(text, tideline("run", *small_day(setting), "--quiet", "--out", out))
            summary = json.loads((self.out / none / "result.json").read_text())
            self.assertIsNone(summary["summary"][none])
            self.assertNotIn(none, summary["bands"]["figures"])
            result = str(self.out / none / "result.json")
            self.assertRegex(tideline("finance", result), r"\n  the run .* - ")
            ranges = '{"load": {"low": 0.5, "high": 1, "assumed": "half of it"}}'
            answer = json.loads(tideline("finance", result, "--format", "json", "--out", out, "--set",
                                         f'money.uncertainty={{"ranges": {ranges}}}'))
            figures_of = answer["cases"][0]["figures"]
            self.assertIsNone(figures_of[none])
            self.assertIsNotNone(figures_of[other])
            self.assertIsNone(answer["statement"]["hours"][0][none])
            self.assertIsNone(answer["sensitivity"]["bands"][none])
            self.assertIn(f",{none},,", (self.out / none / "cases.csv").read_text())
            book = Workbook(self.out / none / "finance.xlsx")
            row = book.find("Cases", none.replace("_p", "-p").replace("_", " "))
            self.assertEqual(book.values()["Cases", f"B{row}"], "none")
            self.assertEqual([book.cached["Cases", f"{c}{row}"] for c in "BC"], ["none", "none"])

    # A result stands alone.

    def test_a_run_with_a_price_book_of_ones_own_is_priced_from_any_folder(self):
        mine = self.out / "mine"
        mine.mkdir()
        book = FLAGSHIP.parents[1] / "models" / "price" / "deepseek-v3-2025-02-usd.json"
        (mine / "prices.json").write_text(book.read_text())
        (mine / "service.json").write_text(json.dumps(
            {"extends": str(FLAGSHIP), "money": {"price_book": "./prices.json"}}))
        tideline("run", str(mine / "service.json"), *small_day()[1:], "--quiet", "--out", str(mine / "day"))
        result = str(mine / "day" / "result.json")
        kept = json.loads(pathlib.Path(result).read_text())["scenario"]["money"]["price_book"]
        self.assertEqual(kept, str(mine / "prices.json"))
        named = str(self.out / "v3")
        tideline("run", *small_day("money.price_book=deepseek-v3-2025-02-usd"), "--quiet", "--out", named)
        self.assertEqual(figures(result), figures(named + "/result.json"))
        self.assertIn("the same inputs", tideline("compare", result, result))

    def test_the_money_of_a_pool_may_name_a_class_of_another(self):
        settings = ["duration=3 min", "warm_up=1 min", "workload.output_tokens_per_day=2 Gtok",
                    'money.classes={"api": {"free_share": 0.2}}']
        tideline("run", str(FLAGSHIP.parent / "deepseek-r1-and-v3.json"), "--quiet",
                 "--out", str(self.out / "pools"), *(part for s in settings for part in ("--set", s)))
        pool = str(self.out / "pools" / "r1" / "result.json")
        self.assertEqual(figures(pool)["forgone_usd"], 0.0)
        self.assertGreater(figures(str(self.out / "pools" / "v3" / "result.json"))["forgone_usd"], 0.0)
        done = subprocess.run([PROGRAM, "finance", pool, "--set", 'money.classes={"aip": {}}'],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn('no class of requests is called "aip": there are r1_chat, v3_chat, api', done.stderr)
        self.assertIn('did you mean "api"?', done.stderr)

    # Two runs side by side.

    def test_a_comparison_names_what_differs_and_its_bridge_adds_up(self):
        a, b = (str(self.out / x / "result.json") for x in "ab")
        compared = json.loads(tideline("compare", a, b, "--format", "json"))
        self.assertEqual(set(compared["inputs"]), {"money.gpu_rate", "workload.output_tokens_per_day"})
        self.assertEqual(compared["inputs"]["money.gpu_rate"], {"a": "2 USD/h", "b": "3 USD/h"})
        bridge = compared["bridge"]
        self.near(bridge["from_usd"] + sum(bridge["effects_usd"].values()), bridge["to_usd"], 6)
        self.assertLess(bridge["effects_usd"]["rates"], 0)
        # Fewer tokens on the same nodes: each takes more node-hours, and those that are not served cost none.
        self.assertLess(bridge["effects_usd"]["efficiency"], 0)
        self.assertNotEqual(bridge["effects_usd"]["volume"], 0)
        self.near(bridge["effects_usd"]["capacity"], 0.0)
        self.assertIn("ttft_s.p50", compared["service"])
        text = tideline("compare", a, b)
        self.assertIn("money.gpu_rate", text)
        self.assertIn(f"{bridge['to_usd']:,.2f}", text)
        self.assertIn("the same inputs", tideline("compare", a, a))


if __name__ == "__main__":
    unittest.main()
