"""What no recording holds: faults, elections, retries, transactions that meet, newer servers. By pymongo."""

import time

from bson import Int64
from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError
from stack import Stack

DEADLINE = 20  # seconds


def need(condition, what):
    if not condition:
        raise AssertionError(what)


def code_of(action, *arguments, **options):
    try:
        action(*arguments, **options)
    except OperationFailure as error:
        return error.code
    return None


def take(stream, count):
    """that many events, or an assertion at the deadline"""
    events, end = [], time.monotonic() + DEADLINE
    while len(events) < count:
        event = stream.try_next()
        if event is not None:
            events.append(event)
        need(time.monotonic() < end, f"{len(events)} events of {count} came")
    return events


def too_large(play, recorded):
    """the stream with lookup fails at the event over 16 MB; gives what is wrong"""
    stage = {"$changeStream": {"startAtOperationTime": play.time, "fullDocument": "updateLookup"}}
    reply = play.wire.command("rec_b", {"aggregate": "large", "pipeline": [stage], "cursor": {}})
    end = time.monotonic() + DEADLINE
    while reply["ok"] == 1 and reply["cursor"]["id"] and time.monotonic() < end:
        more = {"getMore": Int64(reply["cursor"]["id"]), "collection": "large", "maxTimeMS": 200}
        reply = play.wire.command("rec_b", more)
    got, want = ((r.get("ok"), r.get("code"), r.get("codeName")) for r in (reply, recorded))
    return None if got == want else f"{got} instead of {want}"


def stream_survives_an_election(stack, client):
    c = client.b.election
    with c.watch(max_await_time_ms=100) as stream:
        c.insert_one({"_id": 1})
        take(stream, 1)
        stack.control("POST", "/mongodb/election")
        for i in range(2, 5):
            c.insert_one({"_id": i})
        ids = [e["documentKey"]["_id"] for e in take(stream, 3)]
    need(ids == [2, 3, 4], f"{ids} came after the election")


def write_is_retried_once(stack, client):
    c = client.b.retried
    c.insert_one({"_id": 0})
    stack.control("POST", "/faults", {"server": "mongodb", "match": "insert", "action": "close-after"})
    c.insert_one({"n": 1})
    need(c.count_documents({"n": 1}) == 1, "a retried insert was done twice")
    stack.control("POST", "/faults", {"server": "mongodb", "match": "update", "action": "close-after"})
    c.update_one({"_id": 0}, {"$inc": {"k": 1}})
    need(c.find_one({"_id": 0})["k"] == 1, "a retried update was done twice")


def faults_fire_as_ordered(stack, client):
    order = {"server": "mongodb", "match": "find", "action": "error", "code": 96, "after": 1, "count": 2}
    stack.control("POST", "/faults", order)
    codes = [code_of(client.b.faults.find_one) for _ in range(4)]
    need(codes == [None, 96, 96, None], f"codes {codes}")
    stack.control("POST", "/faults", {"server": "mongodb", "match": "ping", "action": "delay", "ms": 150})
    began = time.monotonic()
    client.admin.command("ping")
    need(time.monotonic() - began >= 0.14, "the reply was not delayed")
    stack.control("POST", "/faults", {"server": "mongodb", "match": "find", "action": "close-before", "count": 0})
    try:
        client.b.faults.find_one()
    except AutoReconnect:
        stack.control("DELETE", "/faults")
    client.b.faults.find_one()
    state = stack.control("GET", "/state")["mongodb"]
    need(state["faults_open"] == 0 and state["faults_fired"] >= 4 and state["requests"]["find"] >= 5, f"{state}")


def down_for_a_while(stack, client):
    stack.control("POST", "/mongodb/down?ms=300")
    end = time.monotonic() + DEADLINE
    while True:
        try:
            client.admin.command("ping")
            return
        except PyMongoError:
            need(time.monotonic() < end, "the server did not come back")


def transactions_commit_abort_and_conflict(stack, client):
    c = client.b.txn
    c.insert_many([{"_id": 1, "v": 0}, {"_id": 2, "v": 0}])
    with c.watch(max_await_time_ms=100) as stream:
        with client.start_session() as session:
            with session.start_transaction():
                c.update_one({"_id": 1}, {"$set": {"v": 1}}, session=session)
                c.insert_one({"_id": 3}, session=session)
                need(c.find_one({"_id": 1}, session=session)["v"] == 1, "a transaction sees what it wrote")
                need(c.find_one({"_id": 1})["v"] == 0, "others don't")
            events = take(stream, 2)
            need(events[0]["clusterTime"] == events[1]["clusterTime"], "one cluster time for both")
            need(events[0]["lsid"]["id"] == session.session_id["id"], "events carry the session")
            need(events[0]["_id"]["_data"] < events[1]["_id"]["_data"], "tokens are in order")
            session.start_transaction()
            c.update_one({"_id": 1}, {"$set": {"v": 9}}, session=session)
            session.abort_transaction()
            need(c.find_one({"_id": 1})["v"] == 1, "an aborted transaction leaves nothing")
            session.start_transaction()
            c.update_one({"_id": 2}, {"$set": {"v": 5}}, session=session)
            c.update_one({"_id": 2}, {"$set": {"v": 6}})
            try:
                session.commit_transaction()
            except OperationFailure as error:
                need(error.code == 112 and error.has_error_label("TransientTransactionError"), f"{error.details}")
            else:
                raise AssertionError("two wrote the same document, and both committed")
        need(c.find_one({"_id": 2})["v"] == 6, "the write outside stays")
        need(take(stream, 1)[0]["documentKey"] == {"_id": 2}, "only what was committed is seen")


def resume_after_each_event(stack, client):
    c = client.b.each
    start = client.admin.command("ping")["operationTime"]
    c.insert_many([{"_id": i} for i in range(5)])
    with c.watch(start_at_operation_time=start, max_await_time_ms=50) as stream:
        events = take(stream, 5)
    for i, event in enumerate(events[:-1]):
        with c.watch(resume_after=event["_id"], max_await_time_ms=50) as stream:
            need(take(stream, 1)[0]["_id"] == events[i + 1]["_id"], f"after event {i} comes event {i + 1}")


def idle_streams_move_on(stack, client):
    with client.b.quiet.watch(max_await_time_ms=50) as stream:
        stream.try_next()
        first = stream.resume_token
        client.b.loud.insert_one({})
        end = time.monotonic() + DEADLINE
        while stream.resume_token == first:
            stream.try_next()
            need(time.monotonic() < end, "the position of an idle stream stood still")
        token = stream.resume_token
    client.b.quiet.insert_one({"_id": "later"})
    with client.b.quiet.watch(resume_after=token, max_await_time_ms=50) as stream:
        need(take(stream, 1)[0]["documentKey"] == {"_id": "later"}, "an idle token resumes")


def ranges_cover_everything(stack, client):
    c = client.b.ranges
    ids = [1, "a", Int64(7), 2.5, True, None]
    c.insert_many([{"_id": i} for i in ids])
    cut = "a"
    low = [d["_id"] for d in c.find().hint([("_id", 1)]).max([("_id", cut)])]
    high = [d["_id"] for d in c.find().hint([("_id", 1)]).min([("_id", cut)])]
    need(low == [None, 1, 2.5, 7] and high == ["a", True], f"{low} and {high}")


def unknown_things_are_refused(stack, client):
    c = client.b.refused
    c.insert_one({"_id": 1, "a": [1]})
    need(code_of(client.b.command, "nonsense") == 59, "a command")
    need(code_of(c.find_one, {"a": {"$near": 1}}) == 2, "an operator of a filter")
    need(code_of(c.update_one, {"_id": 1}, {"$frob": {"a": 1}}) == 9, "a modifier")
    need(code_of(c.aggregate, [{"$frob": {}}]) == 40324, "a stage")
    need(code_of(c.aggregate, [{"$lookup": {}}]) == 115, "a stage that is not there")
    need(code_of(c.aggregate, [{"$project": {"x": {"$frob": 1}}}]) == 168, "an expression")
    need(code_of(client.b.command, {"insert": "c", "documents": [{}], "frob": 1}) == 40415, "a field")
    need(code_of(c.create_index, "k", unique=True) == 67, "an index that would not be kept")


def history_can_be_lost(stack, client):
    c = client.b.lost
    start = client.admin.command("ping")["operationTime"]
    c.insert_one({"_id": 1})
    with c.watch(start_at_operation_time=start, max_await_time_ms=50) as stream:
        token = take(stream, 1)[0]["_id"]
    c.insert_one({"_id": 2})
    stack.control("POST", "/mongodb/lose-history")
    need(code_of(c.watch, resume_after=token) == 136, "a 4.2 server answers 136")


def another_identity(stack, client):
    c = client.b.identity
    c.insert_one({"_id": 1})
    before = client.admin.command("ping")["operationTime"]
    ids = [i["info"]["uuid"] for i in client.b.list_collections(filter={"name": "identity"})]
    stack.control("POST", "/mongodb/new-identity?back_seconds=600")
    with MongoClient(stack.uri()) as fresh:
        after = fresh.admin.command("ping")["operationTime"]
        need(after.time < before.time - 500, f"time went from {before} to {after}")
        need([i["info"]["uuid"] for i in fresh.b.list_collections(filter={"name": "identity"})] != ids, "uuids changed")
        need(fresh.b.identity.count_documents({}) == 1, "documents stay")


def newer_server(stack, client):
    need(client.admin.command("hello")["maxWireVersion"] == 21, "hello of a 7.0 server")
    c = client.b.newer
    start = client.admin.command("ping")["operationTime"]
    c.insert_one({"_id": 1, "a": "x" * (9 << 20)})
    c.update_one({"_id": 1}, {"$set": {"b": "y" * (6 << 20), "a": "z" * (9 << 20)}})
    with c.watch(
        [{"$changeStreamSplitLargeEvent": {}}], "updateLookup", start_at_operation_time=start, max_await_time_ms=100
    ) as stream:
        events = take(stream, 3)
    parts = [e.get("splitEvent") for e in events]
    need(parts == [None, {"fragment": 1, "of": 2}, {"fragment": 2, "of": 2}], f"{parts}")
    fields = {k for e in events[1:] for k in e}
    need({"fullDocument", "updateDescription", "ns", "documentKey"} <= fields, f"{fields}")
    with c.watch(
        [{"$changeStreamSplitLargeEvent": {}}], "updateLookup", resume_after=events[1]["_id"], max_await_time_ms=100
    ) as stream:
        need(take(stream, 1)[0]["splitEvent"]["fragment"] == 2, "resumed between fragments")
    token = events[0]["_id"]
    stack.control("POST", "/mongodb/lose-history")
    need(code_of(c.watch, resume_after=token) == 286, "a 7.0 server answers 286")


TESTS = [
    stream_survives_an_election,
    write_is_retried_once,
    faults_fire_as_ordered,
    down_for_a_while,
    transactions_commit_abort_and_conflict,
    resume_after_each_event,
    idle_streams_move_on,
    ranges_cover_everything,
    unknown_things_are_refused,
    history_can_be_lost,
    another_identity,
]


def play(binary, report):
    for test in TESTS:
        with Stack(binary) as stack, MongoClient(stack.uri(), serverSelectionTimeoutMS=10000) as client:
            report.run(test.__name__.replace("_", " "), test, stack, client)
    with Stack(binary, "--server-version", "7.0.0") as stack, MongoClient(stack.uri()) as client:
        report.run("newer server", newer_server, stack, client)
