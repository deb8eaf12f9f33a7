"""The dashboard in a real browser (Chromium): against a mock server and the real program, or against a halcyon that runs.

    dashboard_test.py [--halcyon PATH --devstack PATH] [--pictures FOLDER] [--only TEXT] [--list]
    dashboard_test.py --url http://127.0.0.1:8686     only the cases that look and change nothing; no tokens configured

The mock server has what is rare or late in reality, and tells what it was sent; the real program, on development servers,
shows that page and program understand each other. Without the programs its cases are skipped.

A breach of the content security policy, an error or warning on the console and a request to anywhere else fail any case.
"""

import argparse
import contextlib
import os
import sys
import time
import traceback

import cases_access  # noqa: F401  (cases register themselves)
import cases_access_for_all  # noqa: F401
import cases_live  # noqa: F401
import cases_modules  # noqa: F401
import cases_operate  # noqa: F401
import cases_real  # noqa: F401
from browser import Visit, browser
from case import CASES, MOCK, REAL
from subject import MockSubject, RealSubject


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


def subjects(arguments):
    """[(kind, what makes the subject of a case, or None if it is not there)]"""
    if arguments.url:
        return [("running", lambda case: Running(arguments.url))]
    real = arguments.halcyon and arguments.devstack
    return [
        (MOCK, lambda case: MockSubject(case.tokens, case.mood)),
        (REAL, (lambda case: RealSubject(arguments, case.tokens)) if real else None),
    ]


def program(path):
    path = os.path.abspath(path)
    if not os.access(path, os.X_OK):
        raise argparse.ArgumentTypeError(f"no such program: {path}")
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--halcyon", type=program, help="the real program")
    parser.add_argument("--devstack", type=program, help="the development servers that it works with")
    parser.add_argument("--url", help="a halcyon that runs")
    parser.add_argument("--pictures", help="a folder for a picture of every view")
    parser.add_argument("--only", default="", help="cases whose sentence (or kind) has this text")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    passed = failed = skipped = 0
    with contextlib.ExitStack() as stack:
        running = None
        for kind, make in subjects(arguments):
            cases = [c for c in CASES if (c.everywhere if arguments.url else kind in c.on)]
            cases = [c for c in cases if arguments.only in f"{kind}: {c.name}"]
            if arguments.list:
                print("\n".join(f"{kind}: {c.name}" for c in cases))
                continue
            if not make:
                if cases:
                    print(f"SKIPPED {len(cases)} cases with the real program: --halcyon and --devstack are not given", flush=True)
                skipped += len(cases)
                continue
            running = running or stack.enter_context(browser())
            for case in cases:
                subject = make(case)
                subject.pictures = arguments.pictures
                began = time.monotonic()
                wrong = run_case(case, subject, running)
                passed, failed = passed + (wrong is None), failed + (wrong is not None)
                print(f"{'ok    ' if wrong is None else 'FAILED'} {time.monotonic() - began:5.1f} s  {kind}: {case.name}", flush=True)
                if wrong:
                    print("    " + wrong.rstrip().replace("\n", "\n    "), flush=True)
    if not arguments.list:
        print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not (passed or skipped or arguments.list) else 0


if __name__ == "__main__":
    sys.exit(main())
