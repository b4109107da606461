#!/usr/bin/env python3
"""Does a browser show what the files say? usage: report_test.py TIDELINE SCREENSHOTS

Makes results of every kind on a small day, puts them into a page, opens it from disk in headless Chromium,
looks at it in light, in dark and on paper. Exits 77, which says skipped, where there is no browser or no page
to open.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import chromium

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "scenarios"
SKIPPED = 77
SIZE_MAX = 1_500_000
QUESTION = "Is </script><script>document.title = 'taken'</script> harmless?"
LOAD = ["workload.output_tokens_per_day=3 Gtok", "duration=2 h", "warm_up=1 min", f"question={QUESTION}"]
RESULTS = {
    "run": ["deepseek-2025-02-27.json", *LOAD, 'slo={"ttft": "5 s", "tpot": "60 ms", "share": 0.1}',
            'fleet.schedule=[{"from": "00:00", "prefill_units": 1, "decode_units": 1},'
            ' {"from": "13:00", "prefill_units": 2, "decode_units": 1}]'],
    "plan": ["deepseek-2025-02-27-plan.json", *LOAD, "plan.interval=1 h"],
    "finance": ["deepseek-2025-02-27-finance.json"],
    "layouts": ["deepseek-layouts.json",
                'layouts.decode={"nodes": [9, 18], "redundant_experts": [32], "draft_tokens": [1],'
                ' "overlap": ["two_batch_decode"]}',
                'layouts.prefill={"nodes": [4], "redundant_experts": [32], "tokens_per_gpu": [16384],'
                ' "overlap": ["two_batch_prefill"]}'],
    "step": ["step-decode-profile.json"],
}
SECTIONS = ["published", "bands", "nodes", "timeline", "money", "waterfall", "sensitivity", "latency", "use",
            "layouts", "step-decode"]
FILES = {"result": "result.json", "plan": "plan.json", "finance": "finance.json", "layouts": "layouts.json",
         "step_decode": "step-decode.json"}

# What is asked of the page.
NUMBERS = """[...document.querySelectorAll("[data-at]")].map(
  e => [e.dataset.at, +e.dataset.scale, e.textContent])"""
CHARTS = """[...document.querySelectorAll(".chart")].map(e => ({
  label: e.getAttribute("aria-label"), room: e.clientWidth,
  width: e.querySelector("svg").getBoundingClientRect().width,
  shapes: e.querySelectorAll("path").length, texts: e.querySelectorAll("text").length}))"""
# A machine that is busy may take its time to note it.
FIRST_FRAME = """new Promise(done => {
  const look = () => {
    const frame = performance.getEntriesByName('first-contentful-paint')[0];
    frame ? done(frame.startTime) : setTimeout(look, 20);
  };
  look();
})"""
PARTS = """[...document.querySelectorAll("section")].map(s => [s.id,
  ...["figcaption", ".chart svg", "details table td"].map(part => s.querySelectorAll(part).length)])"""
HEADLINES = """[...document.querySelectorAll("#published details tbody tr")].map(
  row => [...row.children].map(cell => cell.textContent))"""
PAPER = """getComputedStyle(document.body).backgroundColor.match(/\\d+/g).reduce((a, b) => a + +b, 0)"""
WATCH_PRINTING = """addEventListener("beforeprint", () => window.printed = {
  open: document.querySelectorAll("section details[open]").length,
  widths: [...document.querySelectorAll(".chart")].map(
    e => e.querySelector("svg").clientWidth / e.clientWidth)})"""


def tideline(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)


def make(folder, verb):
    """The screen's text."""
    scenario, *settings = RESULTS[verb]
    more = {"plan": ["--trials-only"], "run": ["--quiet"]}.get(verb, [])
    sets = [part for setting in settings for part in ("--set", setting)]
    done = tideline(verb, SCENARIOS / scenario, *sets, "--out", folder, *more)
    assert done.returncode in (0, 3), done.stderr
    return done.stdout


def at(files, pointer):
    value = files
    for step in pointer.split("/")[1:]:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.folder.name)
        cls.screen = make(folder, "run")
        for verb in ("plan", "finance", "layouts", "step"):
            make(folder, verb)
        done = tideline("report", folder)
        assert done.returncode == 0, done.stderr
        cls.file = folder / "report.html"
        cls.files = {name: json.loads((folder / file).read_text()) for name, file in FILES.items()}
        cls.browsing = chromium.browser()
        cls.page = cls.browsing.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.browsing.__exit__(None, None, None)
        cls.folder.cleanup()

    def setUp(self):
        self.look()

    def look(self, dark=False, width=1200):
        self.page.size(width, 900, dark)
        self.page.open(self.file.as_uri())

    def test_it_is_one_file_that_asks_nobody_for_anything_and_nothing_in_it_goes_wrong(self):
        self.assertLess(self.file.stat().st_size, SIZE_MAX)
        self.assertEqual(self.page.requests(), [self.file.as_uri()])
        self.assertEqual(self.page.complaints(), [])
        policy = self.page.value("document.querySelector('meta[http-equiv=Content-Security-Policy]').content")
        self.assertTrue(policy.startswith("default-src 'none'; script-src 'sha256-"))
        self.assertNotIn("unsafe", policy)
        first = self.page.value(FIRST_FRAME)
        print(f"{self.file.stat().st_size / 1e3:.0f} kB, first frame after {first:.0f} ms", file=sys.stderr)

    def test_what_a_scenario_says_is_shown_and_not_run(self):
        self.assertEqual(self.page.value("document.title"), QUESTION)
        self.assertEqual(self.page.value("document.querySelector('h1').textContent"), QUESTION)

    def test_every_section_has_a_question_a_drawn_chart_with_a_label_and_a_table(self):
        parts = self.page.value(PARTS)
        self.assertEqual([section for section, *_ in parts], SECTIONS)
        for section, *counts in parts:
            self.assertGreater(min(counts), 0, section)
        charts = self.page.value(CHARTS)
        self.assertGreaterEqual(len(charts), len(SECTIONS))
        for chart in charts:
            with self.subTest(chart["label"]):
                self.assertGreater(len(chart["label"]), 20)
                self.assertAlmostEqual(chart["width"], chart["room"], delta=1)
                self.assertGreater(chart["shapes"], 4)
                self.assertGreater(chart["texts"], 4)

    def test_every_number_of_the_tables_is_that_of_the_files(self):
        numbers = self.page.value(NUMBERS)
        self.assertGreater(len(numbers), 200)
        for pointer, scale, text in numbers:
            digits = text.replace(",", "")
            half = 0.5 * 10.0 ** -len(digits.partition(".")[2])
            value = at(self.files, pointer) * scale
            self.assertAlmostEqual(float(digits), value, delta=half * (1 + 1e-9), msg=pointer)

    def test_headlines_and_their_distance_from_what_was_published_are_as_on_the_screen(self):
        rows = self.page.value(HEADLINES)
        lines = [line.split() for line in self.screen.splitlines()]
        self.assertGreater(len(rows), 10)
        for name, *cells in rows:
            words = " ".join([name, cells[0], cells[3], cells[1].replace("–", "-"), cells[2]]).split()
            self.assertIn(words, lines)

    def test_a_folder_without_a_day_shows_what_there_is(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "layouts.json").write_text(json.dumps(self.files["layouts"]))
            out = pathlib.Path(folder) / "made" / "page.html"
            self.assertEqual(tideline("report", folder, "--out", out).returncode, 0)
            self.page.open(out.as_uri())
            self.assertEqual([section for section, *_ in self.page.value(PARTS)], ["layouts"])
            self.assertEqual(self.page.complaints(), [])

    def test_a_dark_screen_gets_dark_paper_and_light_ink(self):
        self.assertGreater(self.page.value(PAPER), 3 * 192)
        self.look(dark=True)
        self.assertLess(self.page.value(PAPER), 3 * 64)
        self.assertEqual(self.page.complaints(), [])

    def test_pointing_at_a_chart_says_what_stands_there_and_hides_nothing(self):
        for section, says in (("nodes", "prefill, provided"), ("use", "KV cache, mean")):
            chart = f"document.querySelector('#{section} .chart')"
            told = f"[{chart}.textContent, {chart}.querySelectorAll('path[fill*=var]:not([d*=A])').length]"
            x, y = self.page.value(f"""(e => {{ e.scrollIntoView(); const box = e.getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2]; }})({chart})""")
            text, shapes = self.page.value(told)
            self.page.point(x, y)
            pointed_text, pointed_shapes = self.page.value(told)
            self.assertGreater(pointed_text.count(says), text.count(says), section)
            self.assertGreaterEqual(pointed_shapes, shapes, section)  # round ones are of what is said
        self.assertEqual(self.page.complaints(), [])

    def test_a_narrow_screen_is_not_scrolled_sideways(self):
        self.look(width=420)
        self.assertLessEqual(self.page.value("document.documentElement.scrollWidth"), 420)

    def test_on_paper_every_table_is_listed_and_every_chart_fits_and_the_screen_is_as_before(self):
        before = self.page.value("document.querySelectorAll('details[open]').length")
        self.page.value(WATCH_PRINTING)
        pdf = self.page.pdf()
        printed = self.page.value("printed")
        self.assertEqual(printed["open"], len(SECTIONS))
        for width in printed["widths"]:
            self.assertAlmostEqual(width, 1, delta=0.01)
        self.assertGreaterEqual(len(re.findall(rb"/Type\s*/Page\b", pdf)), 5)
        self.assertEqual(self.page.value("document.querySelectorAll('details[open]').length"), before)
        self.assertEqual(self.page.complaints(), [])

    def test_screenshots_are_left_for_people_to_look_at(self):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        for name, dark in (("light", False), ("dark", True)):
            self.look(dark)
            picture = self.page.screenshot(whole=True)
            self.assertTrue(picture.startswith(b"\x89PNG"))
            (SCREENSHOTS / f"report-{name}.png").write_bytes(picture)
        (SCREENSHOTS / "report.pdf").write_bytes(self.page.pdf())


def why_skipped():
    if chromium.PROGRAM is None:
        return "there is no chromium here"
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "layouts.json").write_text('{"front": []}')
        said = tideline("report", folder).stderr
    return "the page of reports was not built" if "the page of reports is not here" in said else None


if __name__ == "__main__":
    SCREENSHOTS = pathlib.Path(sys.argv.pop())
    PROGRAM = sys.argv.pop()
    if reason := why_skipped():
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    unittest.main()
