"""The real program from end to end: MongoDB on one side, Qdrant on the other, both compared completely.

    e2e_test.py --halcyon PATH --devstack PATH [--only TEXT] [--list]

Every case runs with the development servers. Those that ask nothing special of them run with Qdrant's own engine too
(PyPI qdrant-edge-py), and with the servers named by HALCYON_TEST_MONGODB_URI and HALCYON_TEST_QDRANT_URL.
"""

import argparse
import collections
import importlib.util
import os
import sys
import time
import traceback

from cases import CASES
from world import World

import cases_cache  # noqa: F401  (cases register themselves)
import cases_clients  # noqa: F401
import cases_commands  # noqa: F401
import cases_documents  # noqa: F401
import cases_faults  # noqa: F401
import cases_healing  # noqa: F401
import cases_init  # noqa: F401
import cases_live  # noqa: F401
import cases_restart  # noqa: F401
import cases_writeback  # noqa: F401
import cases_writers  # noqa: F401

Programs = collections.namedtuple("Programs", "halcyon devstack")


def program(path):
    path = os.path.abspath(path)
    if not os.access(path, os.X_OK):
        raise SystemExit(f"no such program: {path}")
    return path


def kinds():
    """[(kind, why it is skipped or None)]"""
    engine = None if importlib.util.find_spec("qdrant_edge") else "the Python package qdrant-edge-py is not installed"
    named = all(os.environ.get(n) for n in ("HALCYON_TEST_MONGODB_URI", "HALCYON_TEST_QDRANT_URL"))
    given = None if named else "HALCYON_TEST_MONGODB_URI and HALCYON_TEST_QDRANT_URL are not both set"
    return [("development", None), ("engine", engine), ("given", given)]


def run_case(case, kind, programs):
    """None, or what went wrong."""
    try:
        with World(programs, kind, case.options, case.embedder) as world:
            try:
                case.body(world)
            except AssertionError as error:
                world.failed = True
                return "".join(traceback.format_exception(error)[1:])
    except Exception:  # whatever a case raises, it has failed
        return traceback.format_exc()
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--halcyon", required=True)
    parser.add_argument("--devstack", required=True)
    parser.add_argument("--only", default="", help="cases whose sentence (or kind) has this text")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    programs = Programs(program(arguments.halcyon), program(arguments.devstack))
    passed = failed = skipped = 0
    for kind, why_not in kinds():
        cases = [c for c in CASES if c.everywhere or kind == "development"]
        cases = [c for c in cases if arguments.only in f"{kind}: {c.name}"]
        if arguments.list:
            print("\n".join(f"{kind}: {c.name}" for c in cases))
            continue
        if why_not:
            if cases:
                print(f"SKIPPED {len(cases)} cases with {kind} servers: {why_not}", flush=True)
            skipped += len(cases)
            continue
        for case in cases:
            began = time.monotonic()
            wrong = run_case(case, kind, programs)
            passed, failed = passed + (wrong is None), failed + (wrong is not None)
            print(f"{'ok    ' if wrong is None else 'FAILED'} {time.monotonic() - began:5.1f} s  {kind}: {case.name}", flush=True)
            if wrong:
                print("    " + wrong.rstrip().replace("\n", "\n    "), flush=True)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed + skipped else 0


if __name__ == "__main__":
    sys.exit(main())
