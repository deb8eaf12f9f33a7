#!/usr/bin/env python3
"""Qdrant's engine behind engine_server.py: recorded requests, Qdrant's own client, and a restart.

    build/venv/bin/python tests/integration/engine/engine_test.py

Needs `qdrant-edge-py`, `qdrant-client` and `uvicorn` (PyPI) in the Python that runs it. Prints "N passed, N failed";
exit 1 when one failed.
"""

import contextlib
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "devstack_qdrant"))

import client_cases  # noqa: E402
from devstack import Http  # noqa: E402
from recording import difference, replay  # noqa: E402

KEY = "key-of-the-test"
# Numbers that are this layer's, not the engine's.
MASKED = {"time", "operation_id", "version", "segments_count", "indexed_vectors_count"}
# Cases of the client that need what only a whole server has.
LACKING = {client_cases.creates_and_describes, client_cases.refuses_what_it_lacks}


def accepted(name, there, here):
    """The difference that counts: replies where both accept, else the status only."""
    if there["status"] == here["status"] == 200:
        return difference(there["reply"], here["reply"], MASKED)
    return (
        None
        if there["status"] == here["status"]
        else f"status {there['status']} there, {here['status']} here: {here['reply']}"
    )


def excused(row):
    """Where this server differs in more than a refusal's text; docs/testing.md gives the reasons."""
    _, path, body = row["request"]
    unknown_field = '"nonsense"' in json.dumps(body)
    no_vectors = path == "/collections/rec_bad" and body == {}
    return row["scenario"] == "strict mode" or unknown_field or no_vectors or path.endswith("/points/search")


@contextlib.contextmanager
def started(folder):
    ports = pathlib.Path(folder, "ports.json")
    ports.unlink(missing_ok=True)
    command = [sys.executable, str(HERE / "engine_server.py"), "--ports-file", str(ports), "--api-key", KEY]
    process = subprocess.Popen([*command, "--path", str(pathlib.Path(folder, "data"))])
    try:
        deadline = time.monotonic() + 30
        while not ports.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("engine_server.py did not come up")
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
        yield process, json.loads(ports.read_text())
    finally:
        process.kill()  # without a farewell: what was answered must have been stored
        process.wait(20)


def survives(folder):
    """what was waited for is there after a kill and a restart: points, payloads, indexes, aliases, metadata"""
    with started(folder) as (_, ports):
        qdrant = client_cases.fresh(ports, KEY, "lasting", metadata={"owner": "halcyon"})
        qdrant.create_payload_index("lasting", "n", "integer")
        create = {"create_alias": {"collection_name": "lasting", "alias_name": "lasting_alias"}}
        Http(ports["qdrant_port"], KEY).ok("POST", "/collections/aliases", {"actions": [create]})
        point = {"id": 1, "vector": [1, 0, 0, 0], "payload": {"n": 1}}
        Http(ports["qdrant_port"], KEY).ok("PUT", "/collections/lasting_alias/points?wait=true", {"points": [point]})
    with started(folder) as (_, ports):
        http = Http(ports["qdrant_port"], KEY)
        back = http.ok(
            "POST", "/collections/lasting_alias/points", {"ids": [1], "with_payload": True, "with_vector": True}
        )
        assert back["result"] == [point], back
        info = http.ok("GET", "/collections/lasting")["result"]
        assert info["config"]["metadata"] == {"owner": "halcyon"} and info["payload_schema"]["n"]["points"] == 1, info


def main():
    passed = failed = 0

    def note(name, problem):
        nonlocal passed, failed
        passed, failed = passed + (problem is None), failed + (problem is not None)
        if problem is not None:
            print(f"FAILED {name}\n    {problem}")

    def attempt(name, case, *arguments):
        try:
            case(*arguments)
            note(name, None)
        except Exception:  # a case that fails must not hide the others
            note(name, traceback.format_exc(limit=-3))

    with tempfile.TemporaryDirectory() as folder:
        with started(folder) as (_, ports):
            for row, name, there, here in replay(Http(ports["qdrant_port"], KEY)):
                if not excused(row):
                    note(name, accepted(name, there, here))
            for case in client_cases.CASES:
                if case not in LACKING:
                    attempt(case.__doc__, case, ports, KEY)
        attempt(survives.__doc__, survives, folder)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
