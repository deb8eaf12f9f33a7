"""One writer to a collection: a second halcyon with another state folder waits, takes over, or refuses."""

import contextlib
import json
import os
import time

from cases import case
from cases_live import PRODUCTS, products
from sidecar import Sidecar

LEASE = 1.5


@contextlib.contextmanager
def second(w, **qdrant):
    """The same settings, with a state folder of its own, as a rolling deployment starts it."""
    folder = os.path.join(w.folder, "second")
    os.makedirs(folder, exist_ok=True)
    other = Sidecar(w.programs.halcyon, folder)
    settings = {**w.settings, "state": {**w.settings["state"], "path": os.path.join(folder, "state")}}
    settings["qdrant"] = {**settings["qdrant"], **qdrant}
    with open(other.config, "w", encoding="utf-8") as file:
        json.dump(settings, file)
    other.start()
    try:
        yield other
    finally:
        if other.running():
            other.kill()


def begin(w):
    w.db.products.insert_many(products(0, 50))
    w.run([PRODUCTS], qdrant={**w.qdrant_settings(), "writer_lease": f"{LEASE}s"})
    w.settle()
    # The second one's stream begins at this change, not at an insert, whose event brings the document of that time along.
    w.db.products.update_one({"_id": 0}, {"$set": {"price": -1}})
    w.settle()


def reason(sidecar):
    code, out, _ = sidecar.command("status", "--json")
    if code != 0 or json.loads(out).get("stopped"):
        return None
    return json.loads(out)["collections"][0]["reason"]


def waits(w, other):
    w.eventually(lambda: None if "another halcyon" in (reason(other) or "") else f"it does not wait: {reason(other)}")


def hand_over(w, other):
    w.sidecar.process, other.process = other.process, None
    w.sidecar.config, w.sidecar.log = other.config, other.log


@case("a second halcyon waits while the first one writes, and goes on where it stopped", everywhere=True)
def waits_for_the_first(w):
    begin(w)
    with second(w) as other:
        waits(w, other)
        code, out, _ = other.command("health", "--json")
        assert code != 0 and "another halcyon" in out, (code, out)
        # It waits as long as the first one lives, which is not disturbed.
        until = time.monotonic() + 2.5 * LEASE
        turn = 0
        while time.monotonic() < until:
            w.db.products.update_one({"_id": turn % 50}, {"$set": {"name": f"turn {turn}"}})
            w.settle()
            turn += 1
        waits(w, other)
        embedded = w.service.embedded()
        began = time.monotonic()
        w.sidecar.stop()
        w.eventually(lambda: None if reason(other) == "" else f"it does not take over: {reason(other)}")
        assert "which stopped" in other.log_text()
        assert time.monotonic() - began < 15
        hand_over(w, other)
        w.settle()
        assert w.service.embedded() == embedded, "what the first one had embedded was embedded again"
        w.db.products.insert_one({"_id": "after", "name": "after"})
        w.settle()


@case("after a kill -9 a second halcyon takes over when the lease has ended, and what the first wrote is known")
def takes_over(w):
    begin(w)
    with second(w) as other:
        waits(w, other)
        embedded = w.service.embedded()
        w.sidecar.kill()
        w.db.products.delete_one({"_id": 1})
        w.eventually(lambda: None if reason(other) == "" else f"it does not take over: {reason(other)}")
        assert "which shows no life" in other.log_text()
        hand_over(w, other)
        w.settle()
        assert w.service.embedded() == embedded, "what the first one had embedded was embedded again"


@case("a halcyon whose place was taken stops writing and says so")
def place_is_taken(w):
    begin(w)
    # As one that claimed it at the same moment would leave it, and no clock is asked when that was.
    mark = {"writer": "f" * 32, "run": "e" * 32, "since": "then", "beat": 1, "lease_ms": 1, "released": False}
    physical = w.collection("products") + "__1"
    w.qdrant.call("PATCH", f"/collections/{physical}", {"metadata": {"halcyon_writer": mark}})
    w.eventually(lambda: None if "another halcyon (state ffffffff" in (reason(w.sidecar) or "") else "it goes on")
    w.db.products.insert_one({"_id": "meanwhile", "name": "meanwhile"})
    # Nobody counts that mark up: it is taken over, everything is compared, and what came meanwhile is written.
    w.settle()


@case("told to refuse, a second halcyon ends with 1 and says what to do")
def refuses(w):
    begin(w)
    with second(w, on_other_writer="refuse") as other:
        assert other.ended() == 1
        said = other.log_text()
        assert "is written by another halcyon" in said and "qdrant.on_other_writer: wait" in said, said
    w.db.products.insert_one({"_id": "still", "name": "still here"})
    w.settle()
