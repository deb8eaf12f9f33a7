"""The dashboard in a real browser (Chromium): against a mock server, or against a halcyon that runs.

    dashboard_test.py [--pictures FOLDER] [--only TEXT] [--list]
    dashboard_test.py --url http://127.0.0.1:8686     only the cases that look and change nothing; no tokens configured

A breach of the content security policy, an error or warning on the console and a request to anywhere else fail any case.
"""

import argparse
import contextlib
import sys
import time
import traceback

import cases_access  # noqa: F401  (cases register themselves)
import cases_access_for_all  # noqa: F401
import cases_live  # noqa: F401
import cases_modules  # noqa: F401
import cases_operate  # noqa: F401
from browser import Visit, browser
from case import CASES
from subject import MockSubject


class Running(contextlib.nullcontext):
    """A halcyon that somebody else started."""

    def __init__(self, url):
        super().__init__(self)
        self.url = url.rstrip("/")


def run_case(case, subject, running):
    """None, or what went wrong."""
    try:
        with subject, Visit(running, subject.url, case.size, case.scheme) as visit:
            case.body(subject, visit)
    except Exception:  # whatever a case raises, it has failed
        return traceback.format_exc()
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="a halcyon that runs")
    parser.add_argument("--pictures", help="a folder for a picture of every view")
    parser.add_argument("--only", default="", help="cases whose sentence has this text")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    cases = [c for c in CASES if arguments.only in c.name and (c.everywhere or not arguments.url)]
    if arguments.list:
        print("\n".join(c.name for c in cases))
        return 0
    passed = failed = 0
    with browser() as running:
        for case in cases:
            subject = Running(arguments.url) if arguments.url else MockSubject(case.tokens, case.mood)
            subject.pictures = arguments.pictures
            began = time.monotonic()
            wrong = run_case(case, subject, running)
            passed, failed = passed + (wrong is None), failed + (wrong is not None)
            print(f"{'ok    ' if wrong is None else 'FAILED'} {time.monotonic() - began:5.1f} s  {case.name}", flush=True)
            if wrong:
                print("    " + wrong.rstrip().replace("\n", "\n    "), flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
