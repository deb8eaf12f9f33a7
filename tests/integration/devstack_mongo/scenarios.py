"""What was done between the recorded rows: the recording has the commands of one client only, others wrote beside it.

SETUP maps (scenario, number of the row in it) to what has to be done before that row is played.
"""

import datetime
import threading
import uuid

from bson import Binary, Decimal128, Int64, MaxKey, MinKey, ObjectId, Timestamp
from pymongo.errors import PyMongoError

IDS = [
    MinKey(), None, -1.5, 0, 1, Int64(2), 2.5, Decimal128("3.5"), Int64(2**62), "", "a", "ä", {"a": 1}, {"b": [1]},
    Binary(b"\x01\x02", 0), Binary(uuid.UUID(int=5).bytes, 4), ObjectId("%024x" % 1), ObjectId("%024x" % 2), False, True,
    datetime.datetime(2020, 1, 1), Timestamp(5, 6), MaxKey(),
]  # fmt: skip


def refused(write, *arguments):
    """a write that the server has to refuse"""
    try:
        write(*arguments)
    except PyMongoError:
        return
    raise AssertionError(f"{write} {arguments} was not refused")


def many(play):
    play.other.rec_a.many.insert_many([{"_id": i, "pad": "x" * 50} for i in range(25)])


def changes(play):
    if "docs" in play.other.rec_b.list_collection_names():
        play.other.rec_b.docs.drop()
    play.mark()
    c = play.other.rec_b.docs
    c.insert_one({"_id": 1, "a": 1, "s": {"t": [1, 2, 3]}})
    c.update_one({"_id": 1}, {"$set": {"a": 2, "s.t.1": 9}, "$unset": {"s.u": ""}})
    c.update_one({"_id": 1}, {"$unset": {"a": ""}})
    c.update_one({"_id": 1}, {"$push": {"s.t": 4}})
    c.update_one({"_id": 1}, {"$set": {"s": {"t": []}}})
    c.replace_one({"_id": 1}, {"b": 1})
    c.replace_one({"_id": 1}, {"b": 1})
    c.update_one({"_id": 1}, {"$set": {"b": 1}})
    c.update_one({"_id": 2}, {"$set": {"u": 1}}, upsert=True)
    c.find_one_and_update({"_id": 2}, {"$inc": {"u": 1}})
    c.find_one_and_replace({"_id": 2}, {"w": 1})
    c.find_one_and_delete({"_id": 2})
    refused(c.insert_one, {"_id": 1})
    c.delete_one({"_id": 1})


def gone(play):
    c = play.other.rec_b.live
    c.insert_one({"_id": 1})
    play.mark()
    c.update_one({"_id": 1}, {"$set": {"x": 1}})
    c.delete_one({"_id": 1})


def every_id(play):
    play.mark()
    for value in IDS:
        play.other.rec_b.ids.insert_one({"_id": value})


def database_level(play):
    play.mark()
    other = play.other
    other.rec_c.one.insert_one({"_id": 1})
    other.rec_c.two.insert_one({"_id": 1})
    other.rec_d.far.insert_one({"_id": 1})
    other.rec_c.one.create_index("k")
    other.rec_c.one.rename("uno")
    other.rec_c.uno.insert_one({"_id": 2})
    other.rec_c.uno.rename("two", dropTarget=True)
    other.rec_c.two.drop()
    other.rec_c.three.insert_one({"_id": 1})
    other.drop_database("rec_c")


def numeric(play):
    play.mark()
    c = play.other.rec_b.numeric
    c.insert_one({"_id": 5, "v": 1})
    refused(c.insert_one, {"_id": Int64(5)})
    c.replace_one({"_id": 5}, {"_id": Int64(5), "v": 2})
    c.replace_one({"_id": 5}, {"_id": 5.0, "v": 3})
    c.update_one({"_id": Decimal128("5")}, {"$set": {"v": 4}})
    c.delete_one({"_id": Int64(5)})


def out(play):
    db = play.other.rec_b
    db.before.insert_many([{"_id": i} for i in range(3)])
    db.into.insert_one({"_id": "old"})
    play.mark()
    list(db.before.aggregate([{"$out": "into"}]))
    list(db.before.aggregate([{"$merge": {"into": "merged"}}]))
    db.into.insert_one({"_id": "after"})


def resume(play):
    play.mark()
    play.other.rec_b.resume.insert_many([{"_id": i} for i in range(6)])


def touch_idle(play):
    play.other.rec_b.idle.insert_one({})


def wake_idle(play):
    threading.Timer(0.2, lambda: play.other.rec_b.idle.insert_one({"_id": "woke"})).start()


def kill_idle(play):
    play.wire.command("rec_b", {"killCursors": "idle", "cursors": [Int64(c) for c in play.names.cursors.values() if c]})


def transaction(play):
    play.other.rec_b.txn.insert_one({"_id": 0})
    play.mark()


def large(play):
    play.mark()
    c = play.other.rec_b.large
    c.insert_one({"_id": 1, "a": "x" * (9 << 20)})
    c.update_one({"_id": 1}, {"$set": {"b": "y" * (6 << 20), "a": "z" * (9 << 20)}})


BAD = "bad tokens and stages"
RESUME = "resume, startAfter, invalidate"
SETUP = {
    ("cursors", 0): many,
    ("cursors", 10): lambda play: play.other.rec_a.many.drop(),
    ("stream of a collection, fullDocument None", 0): changes,
    ("stream of a collection, fullDocument updateLookup", 0): changes,
    ("lookup of a document that is gone", 0): gone,
    ("stream of every type of id", 0): every_id,
    ("database and deployment level, rename, drop, dropDatabase, invalidate", 0): database_level,
    ("ids that compare equal", 0): numeric,
    ("$out and $merge into a watched collection", 0): out,
    (RESUME, 0): resume,
    (RESUME, 20): lambda play: play.other.rec_b.resume.drop(),
    (RESUME, 23): lambda play: play.other.rec_b.resume.insert_one({"_id": "again"}),
    **{(BAD, row): touch_idle for row in (29, 30, 31, 32, 33, 34, 36)},
    ("idle", 2): lambda play: play.other.rec_b.noise.insert_one({}),
    ("idle", 3): wake_idle,
    ("idle", 5): kill_idle,
    ("transaction", 0): transaction,
    ("event over 16 MB", 0): large,
}


def long_ago(play):
    """events of an earlier life of rec_b.idle, which streams that start at the beginning of time see"""
    for _ in range(3):
        play.other.rec_b.idle.insert_one({})
    play.other.drop_database("rec_b")
