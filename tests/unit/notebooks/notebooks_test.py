#!/usr/bin/env python3
"""The module that the notebooks use: does it draw and tabulate what it is given, and pass on what is refused?

usage: notebooks_test.py TIDELINE
"""
import os
import pathlib
import sys
import unittest
import xml.etree.ElementTree as ElementTree

os.environ["TIDELINE"] = str(pathlib.Path(sys.argv.pop()).resolve())
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "notebooks"))
from charts import Chart, decades, round_ticks  # noqa: E402
from tideline import FLAGSHIP, Refused, Table, answer, ask  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"


def drawn(chart):
    return ElementTree.fromstring(chart._repr_svg_())


class Charts(unittest.TestCase):
    def test_ticks_are_round_and_reach_around_the_values(self):
        for low, high in ((0, 7), (-3.2, 8.9), (1e6, 1.2e6), (0.001, 0.0017), (5, 5), (0, 0)):
            ticks = round_ticks(low, high)
            self.assertLessEqual(ticks[0], low)
            self.assertGreaterEqual(ticks[-1], high)
            self.assertGreaterEqual(len(ticks), 2)
            self.assertLessEqual(len(ticks), 10)
        self.assertEqual(round_ticks(0, 7), [0, 1, 2, 3, 4, 5, 6, 7])
        self.assertEqual(decades(3, 40000), [1, 10, 100, 1000, 10000, 100000])
        self.assertEqual(decades(0.6, 16), [0.5, 1, 2, 5, 10, 20])

    def test_axes_have_their_names_and_every_mark_its_tooltip(self):
        chart = Chart("a < b", "time, s", "speed, tok/s")
        svg = drawn(chart.dots([1, 2], [3, 4], "one").line([1, 2], [4, 3], "two"))
        words = [t.text for t in svg.iter(SVG + "text")]
        for word in ("a < b", "time, s", "speed, tok/s", "one", "two"):
            self.assertIn(word, words)
        self.assertEqual([t.text for t in svg.iter(SVG + "title")], ["a < b", "one: 1, 3", "one: 2, 4"])

    def test_more_is_drawn_higher_and_inside_the_frame(self):
        svg = drawn(Chart("t", "x", "y", log_x=True).dots([1, 10, 1000], [0.5, 2, 7], "d"))
        dots = [(float(c.get("cx")), float(c.get("cy"))) for c in svg.iter(SVG + "circle")]
        self.assertEqual(dots, sorted(dots, key=lambda d: (d[0], -d[1])))
        self.assertTrue(all(70 <= x <= 704 and 52 <= y <= 284 for x, y in dots), dots)
        # A decade is as wide as any other.
        self.assertAlmostEqual((dots[2][0] - dots[1][0]) / (dots[1][0] - dots[0][0]), 2, places=1)

    def test_a_bar_is_as_high_as_its_value(self):
        svg = drawn(Chart("t", "x", "y", names=["a", "b"]).bars([0, 1], [2, 4], "n"))
        low, high = [float(r.get("height")) for r in svg.iter(SVG + "rect") if r.get("fill-opacity")]
        self.assertAlmostEqual(high, 2 * low, places=0)


class Tables(unittest.TestCase):
    def test_numbers_stand_on_the_right_words_on_the_left_and_nothing_is_empty(self):
        table = Table({"name": "{}", "USD": "{:,.2f}"}, [["a", 1234.5], ["bcd", None]])
        self.assertEqual(repr(table), "name       USD\na     1,234.50\nbcd")
        self.assertIn('<td style="text-align:right">1,234.50</td>', table._repr_html_())

    def test_a_row_that_does_not_fit_its_head_is_a_mistake(self):
        with self.assertRaises(ValueError):
            Table({"a": "{}"}, [[1, 2]])


class Program(unittest.TestCase):
    def test_what_the_program_refuses_is_raised_in_its_own_words(self):
        with self.assertRaisesRegex(Refused, 'did you mean "prefill"'):
            ask("check", FLAGSHIP, settings={"prefil.nodes": 4})

    def test_answers_have_attributes_and_say_which_there_are(self):
        step = answer("step", FLAGSHIP.parent / "step-decode-profile.json")
        self.assertEqual(step.summary.step_ms, step["summary"]["step_ms"])
        with self.assertRaisesRegex(AttributeError, "there are step_ms, "):
            step.summary.nonsense


if __name__ == "__main__":
    unittest.main()
