#!/usr/bin/env python3
"""Plays the recorded commands of a real MongoDB against halcyon-devstack and compares the replies; then tries, with pymongo, what
no recording holds.

    python -m venv v && v/bin/pip install 'pymongo==4.8.0'
    v/bin/python tests/integration/devstack_mongo/recorded_test.py --devstack build/dev/tools/devstack/halcyon-devstack

Exit 0 when all is as recorded; the last line says how many passed and failed.
"""

import argparse
import pathlib
import sys

from bson import Binary, Int64, json_util
from pymongo import MongoClient
from pymongo.errors import OperationFailure

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import behaviour  # noqa: E402
import compare  # noqa: E402
import scenarios  # noqa: E402
from stack import Report, Stack, Wire, binary_path  # noqa: E402

FIXTURES = pathlib.Path(__file__).parents[2] / "fixtures"
READ = json_util.JSONOptions(json_mode=json_util.JSONMode.CANONICAL, tz_aware=True)

# Rows that stay different, and why.
DIFFERENT = {
    ("typed ids", 34): "$sample is random",
}


def rows_of(name):
    text = (FIXTURES / name).read_text()
    return json_util.loads(text, json_options=READ)["rows"]


class Play:
    """One play of a recording: a session of its own, and another client that writes beside it."""

    def __init__(self, stack, uri_rest="?replicaSet=rs0"):
        self.other = MongoClient(stack.uri(uri_rest))
        self.wire = Wire(stack.address)
        self.names = compare.Names()
        self.time = None

    def mark(self):
        self.other.rec_noise.tick.insert_one({})
        self.time = self.wire.command("admin", {"ping": 1}, session=False)["operationTime"]

    def row(self, row, command=None):
        command = command if command is not None else row["command"]
        sent = self.names.translate({k: v for k, v in command.items() if k not in ("lsid", "$db")}, self.time)
        there = row.get("reply", row.get("failure"))
        cursor = there.get("cursor", {})
        # Nothing comes: no need to wait as long as the recorder did.
        if "maxTimeMS" in sent and cursor.get("nextBatch") == []:
            sent["maxTimeMS"] = 20
        here = self.wire.command(row["db"], sent)
        self.names.learn(there, here)
        return compare.difference(compare.masked(there), compare.masked(here))


def play_replica_set(binary, report):
    scenario, number = None, 0
    with Stack(binary) as stack:
        play = Play(stack)
        scenarios.long_ago(play)
        for row in rows_of("mongodb-4.2.8.json"):
            number = number + 1 if row["scenario"] == scenario else 0
            scenario = row["scenario"]
            name = f"{scenario}, row {number}"
            if setup := scenarios.SETUP.get((scenario, number)):
                setup(play)
            if "seconds" in row or (scenario, number) in DIFFERENT:
                continue
            if scenario == "event over 16 MB":
                if number == 3:
                    report.check(name, behaviour.too_large(play, row["failure"]))
                elif number == 0:
                    report.check(name, large_events(play, row))
                continue
            command = row["command"] or {
                "saslStart": 1,
                "mechanism": "SCRAM-SHA-256",
                "payload": Binary(b"n,,n=nobody,r=abcdefghijkl"),
            }
            if "afterClusterTime" in str(command) or "atClusterTime" in str(command):
                play.mark()
            report.check(name, play.row(row, command))
        play.other.close()
        play.wire.close()


def large_events(play, row):
    """the two events in order; in how many batches they come depends on how fast the journal is"""
    command = play.names.translate(dict(row["command"]), play.time)
    cursor = play.wire.command("rec_b", command)["cursor"]
    events = cursor["firstBatch"]
    while len(events) < 2:
        more = {"getMore": Int64(cursor["id"]), "collection": "large", "maxTimeMS": 5000}
        events += play.wire.command("rec_b", more)["cursor"]["nextBatch"]
    kinds = [(e["operationType"], e["documentKey"], sorted(e)) for e in events]
    fields = ["_id", "clusterTime", "documentKey", "ns", "operationType"]
    want = [("insert", {"_id": 1}, fields), ("update", {"_id": 1}, fields)]
    return None if kinds == want else f"{kinds} instead of {want}"


def play_standalone(binary, report):
    with Stack(binary, "--standalone") as stack:
        play = Play(stack, "?directConnection=true")
        for number, row in enumerate(rows_of("mongodb-4.2.8-standalone.json")):
            report.check(f"stand-alone, row {number}", play.row(row))
        play.other.close()
        play.wire.close()


def play_history_lost(binary, report):
    with Stack(binary, "--oplog-bytes", "2000000") as stack:
        play = Play(stack)
        stranger = Wire(stack.address)
        rows = rows_of("mongodb-4.2.8-history-lost.json")
        for number, row in enumerate(rows):
            if number == 1:
                play.other.rec_h.a.insert_one({"_id": 0})
            if number == 2:
                play.time = play.wire.command("admin", {"ping": 1})["operationTime"]
                opened = stranger.command("rec_h", {"aggregate": "a", "pipeline": [{"$changeStream": {}}], "cursor": {}})
                play.names.cursors[rows[5]["command"]["getMore"]] = opened["cursor"]["id"]
                for _ in range(6):
                    play.other.rec_h.fill.insert_one({"s": "x" * 500_000})
            report.check(f"history lost, row {number}", play.row(row))
        for wire in (play.wire, stranger):
            wire.close()
        play.other.close()


def play_authorization(binary, report):
    users = ("--user", "limited:secret:read@shop", "--user", "admin:secret:root@admin")
    with Stack(binary, *users) as stack:
        admin = MongoClient(stack.uri(user="admin:secret@"))
        admin.shop.products.insert_one({"_id": 0})
        limited = MongoClient(stack.uri("?replicaSet=rs0&authMechanism=SCRAM-SHA-256", user="limited:secret@"))
        nobody = MongoClient(stack.uri())
        for number, row in enumerate(rows_of("mongodb-4.2.8-authorization.json")):
            name = f"authorization, row {number}"
            if "raised" in row:
                wrong = MongoClient(stack.uri(user="limited:wrong@"))
                here = outcome(wrong, {"db": "admin", "command": {"ping": 1}})
                there = row["details"]
                wrong.close()
            elif not row["command"]:
                continue  # the conversation of SCRAM, which the recorder does not show
            else:
                here = outcome(nobody if number in (14, 15, 16, 18) else limited, row)
                there = row.get("reply", row.get("failure"))
            for reply in (here, there):  # a driver adds fields to what the server quotes
                if "not authorized" in reply.get("errmsg", ""):
                    reply["errmsg"] = reply["errmsg"].split("{")[0]
            report.check(name, compare.difference(compare.masked(there), compare.masked(here)))
        for client in (admin, limited, nobody):
            client.close()


def outcome(client, row):
    command = {k: v for k, v in row["command"].items() if k not in ("lsid", "$db", "$readPreference")}
    try:
        return dict(client[row["db"]].command(command))
    except OperationFailure as error:
        return dict(error.details)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devstack", required=True, help="the program")
    parser.add_argument("--only", help="of: recorded, standalone, history, authorization, behaviour")
    arguments = parser.parse_args()
    binary = binary_path(arguments.devstack)
    report = Report()
    parts = {
        "recorded": play_replica_set,
        "standalone": play_standalone,
        "history": play_history_lost,
        "authorization": play_authorization,
        "behaviour": behaviour.play,
    }
    for name, part in parts.items():
        if arguments.only in (None, name):
            before = report.passed, report.failed
            part(binary, report)
            print(f"{name}: {report.passed - before[0]} passed, {report.failed - before[1]} failed", flush=True)
    for (scenario, number), why in DIFFERENT.items():
        print(f"not compared: {scenario}, row {number}: {why}")
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
