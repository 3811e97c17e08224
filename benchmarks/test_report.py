"""The report's arithmetic, by hand: `python -m unittest discover benchmarks`."""

import json
import tempfile
import unittest
from pathlib import Path

from measuring.taken import Taken
from report import of_accuracy, of_speed
from reporting.promises import Promise
from reporting.results import Results, exponent

MACHINE = {
    "cores": 2,
    "memory_bytes": 8_000_000_000,
    "processor": "a processor",
    "system": "Linux",
    "threads": 2,
    "earlycall": "earlycall 1",
    "commit": "abc",
    "python": "Python 3",
    "libraries": {"duckdb": "2"},
}


def night(stage, people, seconds):
    figures = {"wall_seconds": seconds, "cpu_seconds": 2 * seconds, "peak_memory_bytes": 1_500_000_000}
    parts = [{"part": "settling"} | figures]
    return {"stage": stage, "people": people, "rows": 10 * people, "parts": parts} | figures


def results(*stages):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "machine.json").write_text(json.dumps(MACHINE))
        for one in stages:
            (folder / f"{one['people']}-{one['stage']}.json").write_text(json.dumps(one))
        return Results(folder)


class Arithmetic(unittest.TestCase):
    def test_ten_times_the_people_in_ten_times_the_time_is_1_and_in_a_hundred_times_2(self):
        self.assertAlmostEqual(exponent(1000, 3.0, 10_000, 30.0), 1)
        self.assertAlmostEqual(exponent(1000, 3.0, 10_000, 300.0), 2)

    def test_a_ratio_needs_both_sides(self):
        measured = results(night("first", 1000, 8.0), night("full floor", 1000, 4.0))
        self.assertEqual(measured.ratio(1000, "first", "full floor"), 2)
        self.assertIsNone(measured.ratio(1000, "duckdb", "normal"))

    def test_of_stages_measured_in_turn_the_median_ratio_counts(self):
        first = night("first", 1000, 8.0) | {"beneath": "full floor", "ratios": {"wall_seconds": [2.5, 9.0, 3.0]}}
        measured = results(first, night("full floor", 1000, 4.0))
        self.assertEqual(measured.ratio(1000, "first", "full floor"), 3.0)

    def test_of_sizes_that_took_turns_the_median_exponent_counts(self):
        small = night("first", 1000, 1.0) | {"rounds": [{"wall_seconds": s} for s in (1.0, 2.0, 1.0)]}
        large = night("first", 10_000, 10.0) | {"rounds": [{"wall_seconds": s} for s in (10.0, 20.0, 100.0)]}
        self.assertAlmostEqual(results(small, large).exponent("first", 1000, 10_000, "wall_seconds"), 1)

    def test_a_take_is_divided_by_the_mean_of_its_neighbours(self):
        taken = Taken(None, 1000)
        for stage, wall in [("floor", 2.0), ("night", 9.0), ("floor", 4.0), ("other", 1.0), ("night", 5.0), ("floor", 6.0)]:
            taken.take(stage, lambda: {"wall_seconds": wall, "cpu_seconds": 2 * wall})
        self.assertEqual(taken.told("night", "floor")["ratios"], {"wall_seconds": [3.0, 1.0], "cpu_seconds": [3.0, 1.0]})
        self.assertEqual(taken.told("floor", None)["wall_seconds"], 4.0)

    def test_what_failed_or_was_skipped_has_no_figures(self):
        failed = {"stage": "first", "people": 1000, "failed": "no memory"}
        self.assertIsNone(results(failed).stage(1000, "first"))
        self.assertIn("FAILED", of_speed(results(failed)))
        self.assertIn("no memory", of_speed(results(failed)))


class Verdicts(unittest.TestCase):
    def verdict(self, measured, is_high=False):
        reach, try_for = (2, 5) if is_high else (4, 2.5)
        return Promise("a ratio", reach, try_for, measured, is_high=is_high).verdict()

    def test_less_is_better(self):
        self.assertEqual([self.verdict(x) for x in (2.5, 4, 4.1)], ["what we tried for", "reached", "**missed**"])

    def test_more_is_better(self):
        found = [self.verdict(x, is_high=True) for x in (5, 2, 1.9)]
        self.assertEqual(found, ["what we tried for", "reached", "**missed**"])

    def test_what_was_not_measured_is_neither(self):
        self.assertEqual(self.verdict(None), "not measured")


class Documents(unittest.TestCase):
    def test_growth_is_told_between_sizes(self):
        told = of_speed(results(night("first", 200_000, 10.0), night("first", 2_040_000, 102.0)))
        line = next(line for line in told.splitlines() if "exponent of the first night, wall" in line)
        self.assertIn("| 1.00 | what we tried for |", line)


class Glass(unittest.TestCase):
    def one(self, auroc, fit, pairs):
        work = {"fit": {"cpu_seconds": fit}, "predict_million": {"cpu_seconds": 1.0}, "pairs": pairs}
        figures = {"auprc": 0.2, "log_loss": 0.3, "calibration_slope": 1.0, "bin_error": 0.005}
        return work | figures | {"auroc": auroc, "bin_error_of_the_perfect_95": 0.008}

    def told(self, name="uci"):
        models = {"ours": self.one(0.675, 20.0, [["b", "a"], ["c", "d"]]), "theirs": self.one(0.674, 200.0, [])}
        found = {"stage": f"glass {name}", "people": None, "rows_each": [7000, 3000], "columns": 9, "libraries": {"x": "1"}}
        less = {"ours": {"difference": 0.001, "low": -0.002, "high": 0.004}}
        return of_accuracy(results(found | {"models": models, "ours": "ours", "rival": "theirs", "auroc_less_rival": less, "pairs": [["a", "b"], ["a", "c"]]}))

    def test_the_model_is_judged_against_its_rival_by_accuracy_and_by_work(self):
        told = self.told()
        self.assertIn("| UCI Diabetes 130: AUROC less InterpretML's | at least -0.002 |  | 0.0010 | reached |", told)
        self.assertIn("| UCI Diabetes 130: fitting / InterpretML's, CPU | at most 0.2 | at most 0.05 | 0.10 | reached |", told)
        self.assertIn("| predicting 1 M rows / InterpretML's, CPU | at most 0.1 |  | 1.000 | **missed** |", told)
        self.assertIn("| ours | +0.0010 | -0.0020 | +0.0040 |", told)

    def test_calibration_is_held_against_the_perfect_and_a_slope_against_1(self):
        told = self.told()
        self.assertIn("| UCI Diabetes 130: error in 20 bins / that of 95 of 100 perfect models | at most 1 |  | 0.62 | reached |", told)
        self.assertIn("| UCI Diabetes 130: calibration slope, distance from 1 | at most 0.05 |  | 0.000 | reached |", told)

    def test_a_pair_is_found_whichever_column_comes_first(self):
        self.assertIn("Of 2 true pairs found: ours 1, theirs 0.", self.told())

    def test_of_data_with_known_truth_no_pair_may_be_missed(self):
        self.assertIn("| data with known truth: true pairs that are not found | at most 0 |  | 1 | **missed** |", self.told("synthetic"))


class Population(unittest.TestCase):
    def test_cells_are_judged_by_their_size(self):
        cell = lambda observed, expected, within: {
            "observed": observed, "expected": expected, "is_large": observed >= 1500, "is_within_chance": within
        }
        figures = {"auroc": 0.7, "auprc": 0.2, "log_loss": 0.3, "calibration_slope": 1.0, "bin_error": 0.005}
        found = {
            "stage": "glass population", "people": None, "rows_each": [200, 100], "columns": 9, "libraries": {"x": "1"},
            "dates": ["2025-05-24", "2025-11-20", "2026-05-24"], "share_of_discrimination": 0.9,
            "models": {
                "ours": figures | {"bin_error_of_the_perfect_95": 0.008},
                "logistic regression": figures | {"auroc": 0.69, "bin_error_of_the_perfect_95": 0.008},
            },
            "error_of_real_risk": 0.002,
            "auroc_less_challenger": {"difference": -0.001, "low": -0.002, "high": 0.001},
            "cells": [cell(1600, 1500.0, False), cell(100, 99.0, True), cell(10, 30.0, False)],
        }
        told = of_accuracy(results(found))
        self.assertIn("farthest from 1 of cells of 1,500 events | at most 0.1 |  | 0.067 | reached |", told)
        self.assertIn("smaller cells outside their 99.9% interval | at most 0 |  | 1 | **missed** |", told)
        self.assertIn("AUROC less LightGBM's: -0.0010 (-0.0020 to +0.0010); less the regression's: +0.0100.", told)
        self.assertIn("1 cells of 1,500 events, the farthest 0.067 from 1; of 2 smaller ones 1 outside", told)


if __name__ == "__main__":
    unittest.main()
