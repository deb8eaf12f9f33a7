"""The table of places where the sidecar is killed. None of them is a switch in the program: all are seen from outside."""

import contextlib
import re
import time
from dataclasses import dataclass
from typing import Callable, Optional

import pymongo.errors

from inotify import CREATE, DELETE, MODIFY, MOVED_TO
from triggers import Disk, Embedding, Moment, Wire

BEFORE, AFTER, ANSWERED = "hang", "hang-after", "pass"
EFFECT = {BEFORE: "before its effect", AFTER: "after its effect, no answer", ANSWERED: "answered"}


@dataclass(frozen=True)
class Point:
    name: str
    phase: str  # a method of rounds.Round
    trigger: Callable  # (world, nth, linger) -> Trigger
    least: int = 1  # the n-th time, drawn from here ..
    most: int = 1  # .. to here
    trouble: Optional[Callable] = None  # made when the trigger is armed
    hasty: bool = False  # embedding requests time out soon


def wire(phase, what, server, match, actions, most=1, contains=""):
    def trigger(action):
        return lambda world, nth, linger: Wire(
            world, nth, linger if action != ANSWERED else 0, server, match.replace("{}", f"/collections/{world.collection('products')}__1"), contains, action
        )

    return [Point(f"{phase}: {what}, {EFFECT[a]}", phase, trigger(a), most=most) for a in actions]


def mongodb(phase, what, command, contains, actions, most=1):
    return wire(phase, f"MongoDB's {what}", "mongodb", command, actions, most, contains)


def qdrant(phase, what, match, actions, most=1):
    return wire(phase, f"Qdrant's {what}", "qdrant", match, actions, most)


def embedding(phase, stages, most):
    words = {"asked": "before it is counted", "made": "counted, no answer", "answered": "answered"}
    return [
        Point(f"{phase}: an embedding, {words[s]}", phase, lambda w, n, _, s=s: Embedding(w, n, s), most=most) for s in stages
    ]


def disk(phase, what, mask, name, least=1, most=1):
    return [Point(f"{phase}: {what}", phase, lambda w, n, _: Disk(w, n, mask, re.compile(name)), least, most)]


def moment(phase, what="any moment", milliseconds=400, trouble=None, hasty=False):
    return [Point(f"{phase}: {what}", phase, lambda w, n, _: Moment(w, n / 1000), 1, milliseconds, trouble, hasty)]


def embedder_busy(world):
    world.service.away = (429, {"Retry-After": "1"})


def embedder_slow(world):
    world.service.slow = True


def lost_replies(world):
    world.fault(server="qdrant", match="P", contains="points", action="close-after", probability=0.5, count=0)


def half_answers(world):
    world.fault(server="qdrant", match="PUT", action="wait-timeout", probability=0.5, count=0)


def unavailable(world):
    world.fault(server="qdrant", match="P", contains="points", action="error", status=503, count=0)


def election(world):
    """The workload's own connections are cut too: it goes on with new ones."""
    world.stack.control("POST", "/mongodb/election")
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with contextlib.suppress(pymongo.errors.PyMongoError):
            return world.client.admin.command("ping")
    raise AssertionError("MongoDB does not answer after an election")


STREAM, SCAN, LOOKUP = "$cmd.aggregate", "products", "$in"
UPSERT, REMOVE, PAYLOAD, LOOK_UP = "PUT {}/points?", "POST {}/points/delete", "POST {}/points/batch", "POST {}/points/scroll"
ALL = (BEFORE, AFTER, ANSWERED)
LOG, TABLE = r"^\d+\.log$", r"\.sst$"

POINTS = [
    # The first load: nothing is there yet on either side, nor on disk.
    *disk("load", "a file of a new state appears", CREATE, "", 1, 12),
    *disk("load", "the new state's first MANIFEST", CREATE, "^MANIFEST"),
    *disk("load", "the new state's CURRENT", MOVED_TO, "^CURRENT$"),
    *disk("load", "a write to the state's log", MODIFY, LOG, 1, 30),
    *mongodb("load", "opening of the stream", "aggregate", "$changeStream", (BEFORE, ANSWERED)),
    *mongodb("load", "first reply to a scan", "find", SCAN, (AFTER, ANSWERED)),
    *mongodb("load", "further reply to a scan", "getMore", SCAN, (AFTER, ANSWERED), 2),
    *qdrant("load", "new collection", "PUT {}?", ALL),
    *qdrant("load", "index of keys", "PUT {}/index", (AFTER, ANSWERED)),
    *qdrant("load", "alias", "POST /collections/aliases", ALL),
    *qdrant("load", "count", "POST {}/points/count", (ANSWERED,)),
    *qdrant("load", "upsert", UPSERT, ALL, 4),
    *embedding("load", ("asked", "made", "answered"), 8),
    *moment("load"),
    # Changes of every kind.
    *mongodb("stream", "events", "getMore", STREAM, (AFTER, ANSWERED), 12),
    *qdrant("stream", "upsert", UPSERT, ALL, 6),
    *qdrant("stream", "removal", REMOVE, ALL, 4),
    *qdrant("stream", "payloads", PAYLOAD, ALL, 4),
    *embedding("stream", ("asked", "made", "answered"), 8),
    *disk("stream", "a write to the state's log", MODIFY, LOG, 1, 20),
    *moment("stream", milliseconds=250),
    *moment("stream", "the embedder says 429", trouble=embedder_busy),
    *moment("stream", "the embedder times out", milliseconds=1200, trouble=embedder_slow, hasty=True),
    *moment("stream", "Qdrant's replies get lost", trouble=lost_replies),
    *moment("stream", "Qdrant says wait_timeout", trouble=half_answers),
    *moment("stream", "Qdrant says 503", trouble=unavailable),
    *moment("stream", "an election", trouble=election),
    # The start after a kill.
    *mongodb("recover", "opening of the stream", "aggregate", "$changeStream", (AFTER, ANSWERED)),
    *mongodb("recover", "events", "getMore", STREAM, (ANSWERED,), 3),
    *qdrant("recover", "look-up", LOOK_UP, (BEFORE, ANSWERED), 2),
    *qdrant("recover", "upsert", UPSERT, ALL, 2),
    *embedding("recover", ("made",), 3),
    *disk("recover", "the state's MANIFEST is written", MODIFY, "^MANIFEST", 1, 4),
    *disk("recover", "a table of the state appears", CREATE, TABLE),
    *disk("recover", "a table of the state is written", MODIFY, TABLE),
    *disk("recover", "the state's new log", CREATE, LOG),
    *disk("recover", "the state's old log goes", DELETE, LOG),
    *disk("recover", "a write to the state's log", MODIFY, LOG, 1, 8),
    *moment("recover", milliseconds=250),
    # History was lost: everything is compared and swept.
    *mongodb("history", "look-up of a sweep", "find", LOOKUP, (BEFORE, ANSWERED)),
    *qdrant("history", "removal by a sweep", REMOVE, ALL),
    *disk("history", "a write to the state's log", MODIFY, LOG, 1, 12),
    *moment("history"),
    # A collection is dropped, replaced or renamed.
    *qdrant("death", "removal", REMOVE, ALL, 2),
    *disk("death", "a write to the state's log", MODIFY, LOG, 1, 15),
    *moment("death", milliseconds=200),
    # The state folder is lost.
    *qdrant("rebuild", "page of points", LOOK_UP, (BEFORE, ANSWERED)),
    *disk("rebuild", "a write to the state's log", MODIFY, LOG, 1, 12),
    *moment("rebuild"),
    # An orderly stop.
    *disk("stop", "a write to the state's log", MODIFY, LOG),
    *moment("stop", milliseconds=60),
]
