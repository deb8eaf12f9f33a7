"""Plays the recorded requests of a real Qdrant 1.18.3 on another server and compares. Standard library only."""

import json
import pathlib

FIXTURE = pathlib.Path(__file__).parents[2] / "fixtures" / "qdrant-1.18.3.json"


def rows():
    return json.loads(FIXTURE.read_text())["rows"]


def difference(there, here, masked, path=""):
    """The first path where the two differ; None where they are equal."""
    if isinstance(there, dict) and isinstance(here, dict):
        for name in sorted(there.keys() | here.keys()):
            if name in masked:
                continue
            if name not in there or name not in here:
                return f"{path}.{name} only {'there' if name in there else 'here'}"
            if found := difference(there[name], here[name], masked, f"{path}.{name}"):
                return found
        return None
    if isinstance(there, list) and isinstance(here, list):
        if len(there) != len(here):
            return f"{path} has {len(there)} items there, {len(here)} here"
        found = (difference(a, b, masked, f"{path}[{i}]") for i, (a, b) in enumerate(zip(there, here)))
        return next(filter(None, found), None)
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in (there, here))
    if numbers and float in (type(there), type(here)):
        return None if abs(there - here) < 1e-5 else f"{path}: {there} there, {here} here"
    same = type(there) is type(here) and there == here
    return None if same else f"{path}: {there!r} there, {here!r} here"


def large_body(row):
    """The recording holds the first 200 characters of the one body that was too large, and its length in the reply."""
    size = int(row["reply"]["status"]["error"].split("(")[1].split()[0])
    head, tail = row["request"][2].rstrip("y"), '"}}]}'
    return (head + "y" * (size - len(head) - len(tail)) + tail).encode()


def replay(server):
    """Yields (row, its name, recorded answer, answer) per row. The server is a fresh one with an API key."""
    foreign_keys = iter(["wrong"] * 3 + [""] * 3)  # the last GETs of "methods and keys" were sent with these
    for number, row in enumerate(rows()):
        method, path, body = row["request"]
        headers, raw = {}, None
        if row["scenario"] == "methods and keys" and path in ("/collections", "/healthz", "/"):
            headers["api-key"] = next(foreign_keys)
        if isinstance(body, str):
            raw = large_body(row) if row.get("cut") else body.encode()
        status, kind, reply = server.call(method, path, body if raw is None else None, raw, headers)
        there = {"status": row["status"], "type": row["type"], "reply": row["reply"]}
        name = f"{row['scenario']}, row {number}: {method} {path}"
        yield row, name, there, {"status": status, "type": kind, "reply": reply}
        if path == "/collections/rec_bad":  # dropped between the rows, unrecorded
            server.call("DELETE", path)
