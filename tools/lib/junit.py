"""Passed, failed and skipped of a JUnit file as ctest writes it: `junit.py FILE` prints three numbers."""

import sys
import xml.etree.ElementTree as ElementTree


def verdict(case):
    """A program that could not be started is "notrun" and <skipped> too; only a skip of its own is one."""
    note = case.find("skipped")
    if note is not None and note.get("message", "").startswith("SKIP_"):
        return "skipped"
    return "passed" if case.get("status") == "run" else "failed"


verdicts = [verdict(case) for case in ElementTree.parse(sys.argv[1]).getroot().iter("testcase")]
print(*(verdicts.count(name) for name in ("passed", "failed", "skipped")))
