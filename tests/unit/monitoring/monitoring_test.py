"""The rules and the dashboard in conf/ name metrics and labels that there are, and each rule has its tests. Skipped (77)
without PyYAML.

    monitoring_test.py ROOT
"""

import json
import re
import sys
import unittest
from pathlib import Path

try:
    import yaml
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

ROOT = Path(sys.argv.pop(1)) if len(sys.argv) > 1 else Path(__file__).parents[3]
OF_EVERY_SCRAPE = {"job", "instance"}
NAME = re.compile(r"\b(?:halcyon|process)_[a-z0-9_]+\b")


def metrics():
    """{name: (type, labels)}; docs/metrics.md is held to the program's table by a test of its own."""
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([\w, ]*) \|", (ROOT / "docs/metrics.md").read_text("utf-8"), re.M)
    return {name: (kind, set(labels.replace(",", " ").split())) for name, kind, labels in rows}


def rules():
    groups = yaml.safe_load((ROOT / "conf/prometheus/alerts.yaml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboard():
    return json.loads((ROOT / "conf/grafana/halcyon.json").read_text("utf-8"))


def queries():
    """[(where, PromQL)]"""
    found = [(rule["alert"], rule["expr"]) for rule in rules()]
    for panel in dashboard()["panels"]:
        found += [(panel["title"], target["expr"]) for target in panel.get("targets", [])]
    found += [(v["name"], v["definition"]) for v in dashboard()["templating"]["list"] if "definition" in v]
    return found


def mistakes(query, known):
    """What of a query is nothing that the program shows."""
    found = []
    for name in NAME.findall(query):
        plain = re.sub(r"_(bucket|sum|count)$", "", name)
        histogram = known.get(plain, ("", set()))[0] == "histogram"
        if name not in known and not (plain != name and histogram):
            found.append(f"no metric {name}")
        elif name in known and known[name][0] == "histogram":
            found.append(f"{name} has only _bucket, _sum and _count")
    for name, selector in re.findall(r"\b((?:halcyon|process)_[a-z0-9_]+)\{([^}]*)\}", query):
        plain = name if name in known else re.sub(r"_(bucket|sum|count)$", "", name)
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector):
            if label not in known.get(plain, ("", set()))[1] | OF_EVERY_SCRAPE:
                found.append(f"{name} has no label {label}")
    everything = {"le"} | OF_EVERY_SCRAPE | {label for _, labels in known.values() for label in labels}
    for labels in re.findall(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)", query):
        found += [f"no label {x}" for x in labels.replace(",", " ").split() if x not in everything]
    return found


class Monitoring(unittest.TestCase):
    def test_mistakes_are_found(self):
        known = {"halcyon_a_total": ("counter", {"x"}), "halcyon_h": ("histogram", set())}
        self.assertEqual(mistakes('rate(halcyon_a_total{x="1",job="j"}[5m]) + halcyon_h_sum', known), [])
        for query in ("halcyon_b", "halcyon_a_total_sum", 'halcyon_a_total{y="1"}', "halcyon_h", "sum by (z) (halcyon_a_total)"):
            with self.subTest(query=query):
                self.assertEqual(len(mistakes(query, known)), 1)

    def test_every_metric_and_label_that_is_named_is_there(self):
        known = metrics()
        self.assertGreater(len(known), 60)
        self.assertGreater(len(queries()), 50)
        for where, query in queries():
            with self.subTest(where=where):
                self.assertEqual(mistakes(query, known), [])

    def test_every_rule_says_what_it_means_and_where_to_read_on(self):
        operating = (ROOT / "docs/operating.md").read_text("utf-8").replace("`", "")
        for rule in rules():
            with self.subTest(rule=rule["alert"]):
                said = rule["annotations"]
                self.assertEqual(set(said), {"summary", "description", "runbook"})
                self.assertIn(rule["labels"]["severity"], {"critical", "warning"})
                page, _, place = said["runbook"].partition(": ")
                self.assertEqual(page, "docs/operating.md")
                heading, _, line = place.partition(", ")
                self.assertTrue(f"\n## {heading}\n" in operating and line in operating, said["runbook"])

    def test_every_rule_is_tested_with_figures_that_fire_it_and_some_that_do_not(self):
        tests = yaml.safe_load((ROOT / "conf/prometheus/alerts_test.yaml").read_text("utf-8"))["tests"]
        cases = [case for test in tests for case in test["alert_rule_test"]]
        for rule in rules():
            with self.subTest(rule=rule["alert"]):
                fired = {bool(c["exp_alerts"]) for c in cases if c["alertname"] == rule["alert"]}
                self.assertEqual(fired, {True, False})

    def test_panels_do_not_overlap_and_have_numbers_of_their_own(self):
        taken, numbers = {}, set()
        for panel in dashboard()["panels"]:
            self.assertNotIn(panel["id"], numbers)
            numbers.add(panel["id"])
            at = panel["gridPos"]
            self.assertLessEqual(at["x"] + at["w"], 24)
            for x in range(at["x"], at["x"] + at["w"]):
                for y in range(at["y"], at["y"] + at["h"]):
                    self.assertNotIn((x, y), taken, f"{panel['title']} lies on {taken.get((x, y))}")
                    taken[x, y] = panel["title"]


if __name__ == "__main__":
    unittest.main()
