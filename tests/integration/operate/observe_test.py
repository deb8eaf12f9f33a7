"""Metrics and telemetry of the real program, on development servers.

    observe_test.py --halcyon PATH --devstack PATH [--promtool PATH] [--only TEXT]
"""

import argparse
import base64
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

from websockets.exceptions import ConnectionClosed, InvalidStatus

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "end_to_end"))
from cases import CASES, case  # noqa: E402  (siblings' helpers)
from cases_live import PRODUCTS, products  # noqa: E402
from e2e_test import Programs, run_case  # noqa: E402
from telemetry_client import Client, SilentClient, without_nulls  # noqa: E402

del CASES[:]  # those of the end-to-end tests

VIEWER, OPERATOR = "viewer-0123456789abcdef", "operator-0123456789abcdef"
TOKENS = [{"name": "eye", "role": "viewer", "token": VIEWER}, {"name": "ops", "role": "operator", "token": OPERATOR}]
ASKED = {"promtool": None}


def started(w, tokens=(), **more):
    """Runs with an address of its own: its port."""
    w.run([PRODUCTS], http={"listen": "127.0.0.1:0", **({"tokens": list(tokens)} if tokens else {})}, **more)
    return w.http_port()


def url(port):
    return f"ws://127.0.0.1:{port}/v1/telemetry"


def get(port, path, token=None):
    """(status, headers, body)"""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, reply.headers, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def refused(port, **options):
    """The status and problem of a connection that is not taken."""
    try:
        Client(url(port), **options)
    except InvalidStatus as error:
        return error.response.status_code, json.loads(error.response.body)
    raise AssertionError("it was taken")


def figures(text):
    """{series: value}"""
    return {m[0]: float(m[1]) for m in re.findall(r"^([a-z_]+(?:\{.*\})?) (\S+)$", text, re.M)}


@case("a scrape is what Prometheus takes, and says what status says")
def scrape(w):
    w.db.products.insert_many(products(0, 50))
    port = started(w, TOKENS)
    w.settle()
    assert get(port, "/metrics")[0] == 401 and get(port, "/metrics", "wrong-0123456789abcdef")[0] == 401
    status, headers, text = get(port, "/metrics", VIEWER)
    assert (status, headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    found, said = figures(text), w.sidecar.status()
    row, name = said["collections"][0], w.collection("products")
    assert found[f'halcyon_points_upserted_total{{collection="{name}"}}'] == row["upserted"] == 50
    assert found[f'halcyon_documents{{collection="{name}",status="synced"}}'] == 50
    assert found["halcyon_in_sync"] == found["halcyon_streaming"] == found["halcyon_ready"] == 1
    assert found["halcyon_embedding_texts_total"] == said["embedded_texts"]
    assert found['halcyon_stage_duration_seconds_count{stage="write"}'] > 0
    assert abs(found["process_start_time_seconds"] - time.time()) < 120 and found["process_open_fds"] > 5
    assert "halcyon_vector_cache_hits_total" not in text and w.uri not in text and VIEWER not in text
    if ASKED["promtool"] is None:
        print("SKIPPED: promtool check metrics, since --promtool is not given")
        return
    checked = subprocess.run([ASKED["promtool"], "check", "metrics"], input=text, text=True, capture_output=True, timeout=60)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@case("lag that is not known has no series, and a closed stream is seen")
def away(w):
    port = started(w)
    w.settle()
    assert "halcyon_lag_seconds " in get(port, "/metrics")[2]
    w.stack.control("POST", "/mongodb/down?ms=600000")
    w.eventually(lambda: None if "\nhalcyon_streaming 0\n" in get(port, "/metrics")[2] else "the stream seems open")
    found = figures(get(port, "/metrics")[2])
    assert found['halcyon_readiness_reasons{code="stream_closed"}'] == 1 and found["halcyon_ready"] == 0


@case("what a client makes of snapshots and deltas is what status says")
def followed(w):
    w.db.products.insert_many(products(0, 20))
    port = started(w)
    with Client(url(port)) as client:
        hello = client.take()
        assert (hello["type"], hello["protocol"], hello["role"]) == ("hello", 1, "operator"), hello
        client.subscribe("pipeline", "collections", "jobs", "fanout", hz=10)
        w.settle()
        w.db.products.update_many({"_id": {"$lt": 10}}, {"$set": {"name": "renamed"}})
        w.db.products.delete_one({"_id": 3})
        w.settle()
        # Figures that grow by themselves are left out.
        moving = ("lag_ms", "memory", "history", "commits", "now", "collections", "routes", "held", "changes", "epoch")

        def same():
            status = w.sidecar.status()
            while client.take()["type"] != "tick":
                pass
            pipeline = without_nulls({k: v for k, v in status.items() if k not in moving})
            if {k: v for k, v in client.state["pipeline"].items() if k not in moving} != pipeline:
                return f"pipeline differs: {client.state['pipeline']} {pipeline}"
            rows = {c["name"]: c for c in status["collections"]}
            if client.state["collections"] != rows:
                return f"collections differ: {client.state['collections']} {rows}"
            routes = {f"{r['from']} -> {r['to']}": r for r in status["routes"]}
            return None if client.state["pipeline"]["routes"] == routes else "routes differ"

        w.eventually(same)
        assert client.state["jobs"] == {} and client.state["fanout"] == {"targets": {}}
        kinds = {m["type"] for m in client.messages}
        assert kinds == {"hello", "snapshot", "delta", "tick"}, kinds


@case("who says nothing is told pipeline, collections and jobs")
def silent(w):
    port = started(w)
    with Client(url(port)) as client:
        client.until(lambda _: "jobs" in client.state)
        assert set(client.state) == {"pipeline", "collections", "jobs"}


@case("a subscription replaces the one before; filters restrict events and log")
def filtered(w):
    w.service.poison = "poison"
    port = started(w)
    w.settle()
    with Client(url(port)) as client, Client(url(port)) as every:
        client.subscribe("events", "log", hz=10, events={"what": ["failed", "buried"]}, log={"level": "warn"})
        every.subscribe("events", hz=10)
        client.told("tick")
        every.told("tick")
        w.db.products.insert_many([{"_id": "bad", "name": "poison"}, *products(0, 300)])
        buried = client.until(lambda m: m["type"] == "events" and m["data"])["data"]
        assert {e["id"] for e in buried} == {'"bad"'}, buried
        assert {e["namespace"] for e in buried} == {f"{w.db.name}.products"}
        seen = collections.Counter()

        def written(message):
            if message["type"] == "events":
                seen.update(e["what"] for e in message["data"])
                seen["skipped"] += message["skipped"]
            return seen["embedded_and_written"] > 0 and sum(seen.values()) >= 600

        every.until(written)
        assert all(m["level"] in ("warn", "error") for x in client.messages if x["type"] == "log" for m in x["data"])
        client.subscribe("events", hz=10, events={"collection": "elsewhere"})
        client.say(type="ping", id="subscribed")
        client.told("pong")
        before = len(client.messages)
        w.db.products.insert_many(products(1000, 20))
        every.until(lambda m: m["type"] == "events" and m["data"])
        client.told("tick")
        assert not any(m.get("data") for m in client.messages[before:]), client.messages[before:]
        client.say(type="subscribe", topics=["nothing"])
        assert client.told("error")["problem"]["field"] == "topics"


@case("only tokens that are known are let in, by header or by subprotocol, and no foreign page is")
def guarded(w):
    port = started(w, TOKENS)
    bearer = lambda token: {"additional_headers": {"Authorization": f"Bearer {token}"}}
    assert refused(port)[0] == 401 and refused(port, **bearer("wrong-0123456789abcdef"))[0] == 401
    status, problem = refused(port, origin="https://elsewhere.example", **bearer(VIEWER))
    assert (status, problem["field"]) == (403, "Origin"), problem
    with Client(url(port), **bearer(VIEWER)) as client:
        assert client.take()["role"] == "viewer" and client.socket.subprotocol is None
    encoded = base64.urlsafe_b64encode(OPERATOR.encode()).decode().rstrip("=")
    with Client(url(port), subprotocols=["halcyon.v1", f"token.{encoded}"]) as client:
        assert client.take()["role"] == "operator" and client.socket.subprotocol == "halcyon.v1"
    assert refused(port, subprotocols=["halcyon.v1", "token.d3Jvbmc"])[0] == 401
    assert get(port, "/v1/telemetry", VIEWER)[0] == 426
    with Client(unix=os.path.join(w.settings["state"]["path"], "control.sock")) as client:
        assert client.take()["role"] == "operator"


@case("pings of both kinds are answered, messages are compressed, binary is refused, a stop says so")
def conversation(w):
    port = started(w)
    with Client(url(port)) as client:
        client.subscribe("pipeline", "collections")
        client.told("snapshot")
        assert client.socket.ping().wait(10), "no pong of the protocol's own"
        client.say(type="ping", id={"a": [1, None]})
        assert client.told("pong")["id"] == {"a": [1, None]}
        assert "permessage-deflate" in client.socket.response.headers["Sec-WebSocket-Extensions"]
        with Client(url(port), compression=None) as other:
            assert "Sec-WebSocket-Extensions" not in other.socket.response.headers
            other.told("hello")
            other.socket.send(b"binary")
            try:
                while True:
                    other.take()
            except ConnectionClosed as closed:
                assert closed.rcvd.code == 1003, closed
        w.sidecar.stop()
        try:
            while True:
                client.take()
        except ConnectionClosed as closed:
            assert closed.rcvd.code == 1001, closed


@case("a client that takes nothing is sent away after half a minute; another one and the flow go on")
def slow(w):
    port = started(w)
    # Long ids make events that fill the system's buffers, which are some megabytes, in a few seconds.
    w.db.products.insert_many([{"_id": f"{i} {'x' * 900}", "name": "new"} for i in range(100)])
    w.settle()
    everything = {"topics": ["pipeline", "collections", "events", "log"], "hz": 10, "log": {"level": "debug"}}
    with Client(url(port)) as other:
        other.subscribe("collections", hz=10)
        silent = SilentClient(port, **everything)
        before = w.sidecar.status()["collections"][0]["upserted"]
        began, revision = time.monotonic(), 0
        while "too slow" not in w.sidecar.log_text() and time.monotonic() - began < 60:
            revision += 1
            w.db.products.update_many({}, {"$set": {"name": f"revision {revision}"}})
            other.take()
        took = time.monotonic() - began
        assert 25 < took < 60, f"sent away after {took:.0f} s"
        assert silent.close_code() == 1013
        w.settle()
        upserted = w.sidecar.status()["collections"][0]["upserted"]
        assert upserted > before + 100
        name = w.collection("products")
        other.until(lambda _: other.state["collections"][name]["upserted"] >= upserted)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--halcyon", required=True)
    parser.add_argument("--devstack", required=True)
    parser.add_argument("--promtool")
    parser.add_argument("--only", default="", help="cases whose sentence has this text")
    arguments = parser.parse_args()
    ASKED["promtool"] = arguments.promtool
    programs = Programs(os.path.abspath(arguments.halcyon), os.path.abspath(arguments.devstack))
    passed = failed = 0
    for each in [c for c in CASES if arguments.only in c.name]:
        began = time.monotonic()
        wrong = run_case(each, "development", programs)
        passed, failed = passed + (wrong is None), failed + (wrong is not None)
        print(f"{'ok    ' if wrong is None else 'FAILED'} {time.monotonic() - began:5.1f} s  {each.name}", flush=True)
        if wrong:
            print("    " + wrong.rstrip().replace("\n", "\n    "), flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
