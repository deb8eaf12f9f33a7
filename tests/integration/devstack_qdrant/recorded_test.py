#!/usr/bin/env python3
"""The development server against what a real Qdrant answered, and against Qdrant's own client.

    build/venv/bin/python tests/integration/devstack_qdrant/recorded_test.py --devstack build/dev/halcyon-devstack

Needs `qdrant-client` (PyPI) in the Python that runs it. Prints "N passed, N failed"; exit 1 when one failed.
"""

import argparse
import sys
import traceback

import client_cases
import fault_cases
from devstack import Http, started
from recording import difference, replay

KEY = "key-of-the-test"
# What two plays of one server differ in. Operation ids, versions and scores are compared.
MASKED = {"time"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devstack", required=True, help="path of the program halcyon-devstack")
    arguments = parser.parse_args()
    passed = failed = 0

    def note(name, problem):
        nonlocal passed, failed
        if problem is None:
            passed += 1
            return
        failed += 1
        print(f"FAILED {name}\n    {problem}")

    with started(arguments.devstack, KEY) as ports:
        for _, name, there, here in replay(Http(ports["qdrant_port"], KEY)):
            note(name, difference(there, here, MASKED))
        for module, place in ((client_cases, ports), (fault_cases, ports)):
            for case in module.CASES:
                try:
                    case(place, KEY)
                    note(case.__doc__, None)
                except Exception:  # a case that fails must not hide the others
                    note(case.__doc__, traceback.format_exc(limit=-3))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
