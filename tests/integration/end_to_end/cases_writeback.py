"""How a document stands, written into the document itself; and a source that nobody writes to."""

from cases import case
from cases_live import PRODUCTS, products
from expectation import Route

ON = {"status_writeback": {"mode": "on"}}
WRITES = ("insert", "update", "delete", "findAndModify", "create", "createIndexes", "drop", "renameCollection", "aggregate $out")


def commands(w):
    requests = w.stack.control("GET", "/state")["mongodb"]["requests"]
    return {name: requests.get(name, 0) for name in WRITES}


def run_with_writeback(w, routes):
    w.run(routes, mongodb={**w.mongodb_settings(), **ON})


def status_of(w, key, name="products"):
    found = w.db.products.find_one({"_id": key}) or {}
    return found.get("syncMetadata", {}).get("collections", {}).get(w.collection(name), {})


def written(w, keys, name="products", status="synced"):
    missing = [k for k in keys if status_of(w, k, name).get("status") != status]
    return f"{missing[:3]} of {len(missing)} are not {status}" if missing else None


@case("MongoDB is only read, whatever happens, unless status_writeback is on")
def only_read(w):
    w.db.products.insert_many(products(0, 30))
    before = commands(w)
    w.run([PRODUCTS])
    w.settle()
    assert commands(w) == before
    w.service.poison = "poison"
    w.db.products.insert_one({"_id": "bad", "name": "poison"})
    w.db.products.update_one({"_id": 1}, {"$set": {"name": "changed"}})
    w.db.products.delete_one({"_id": 2})
    before = commands(w)
    w.eventually(lambda: None if w.sidecar.json("dead-letters", "list")["letters"] else "there is no dead letter")
    w.stack.control("POST", "/qdrant/down?ms=300")
    w.sidecar.stop()
    w.run()
    w.eventually(lambda: None if w.in_sync() else "not in sync")
    assert commands(w) == before
    assert all("syncMetadata" not in d for d in w.db.products.find())
    assert "status_writeback" not in w.sidecar.status()


@case("status_writeback writes how documents stand beside what is there, once, and embeds nothing for it")
def writeback(w):
    # The whole document is the payload: it must not have its own status in it.
    routes = [Route("products", "products", payload=None), Route("products", "cheap", text=["name"], payload=["price"])]
    w.db.products.insert_many(products(0, 40))
    w.db.products.update_one({"_id": 3}, {"$set": {"syncMetadata": {"mine": {"kept": True}}}})
    w.db.products.update_one({"_id": 4}, {"$set": {"syncMetadata": "in the way"}})
    run_with_writeback(w, routes)
    w.settle()
    w.eventually(lambda: written(w, [i for i in range(40) if i != 4]))
    w.eventually(lambda: written(w, [i for i in range(40) if i != 4], "cheap"))
    document = w.db.products.find_one({"_id": 3})
    assert document["syncMetadata"]["mine"] == {"kept": True}, document
    assert document["syncMetadata"]["overallStatus"] == "synced", document
    entry = status_of(w, 3)
    assert set(entry) == {"status", "lastSyncedAt", "lastSyncAttemptAt", "lastError", "errorCode", "retryCount", "contentHash", "vectorVersion"}, entry
    assert len(entry["contentHash"]) == 32 and entry["lastError"] is None, entry
    # Nothing follows our own writes but events that change nothing.
    embedded, sync = w.service.embedded(), status_of(w, 3)["lastSyncedAt"]
    before = commands(w)
    w.db.products.insert_one({"_id": "behind", "name": "behind"})
    w.settle()
    w.eventually(lambda: written(w, ["behind"]))
    w.eventually(lambda: None if w.sidecar.status()["status_writeback"]["waiting"] == 0 else "some wait")
    assert commands(w)["update"] - before["update"] <= 4, (before, commands(w))
    assert w.service.embedded() - embedded <= 2
    assert status_of(w, 3)["lastSyncedAt"] == sync
    # A change is a new status; a refused document fails, and heals.
    w.db.products.update_one({"_id": 3}, {"$set": {"name": "changed"}})
    w.eventually(lambda: None if status_of(w, 3)["contentHash"] != entry["contentHash"] else "the old status is there")
    w.service.poison = "poison"
    w.db.products.update_one({"_id": 5}, {"$set": {"name": "poison"}})
    w.eventually(lambda: written(w, [5], status="failed"))
    document = w.db.products.find_one({"_id": 5})
    assert document["syncMetadata"]["overallStatus"] == "failed", document
    assert status_of(w, 5)["errorCode"] == "EMBEDDING_REJECTED" and status_of(w, 5)["lastError"], document
    assert status_of(w, 5)["lastSyncedAt"] is not None, document
    # The status is a change of a document that fails: it must not be tried again for that.
    asked, updates = w.service.requests, commands(w)["update"]
    w.db.products.insert_one({"_id": "after", "name": "after"})
    w.eventually(lambda: written(w, ["after"]))
    w.eventually(lambda: None if w.sidecar.status()["status_writeback"]["waiting"] == 0 else "some wait")
    assert w.service.requests - asked <= 2, "one text, for two collections"
    assert commands(w)["update"] - updates <= 3
    w.service.poison = None
    assert w.sidecar.command("dead-letters", "retry", "--all")[0] == 0
    w.eventually(lambda: written(w, [5]))
    assert w.db.products.find_one({"_id": 5})["syncMetadata"]["overallStatus"] == "synced"
    w.settle()
    assert w.db.products.find_one({"_id": 4})["syncMetadata"] == "in the way"
    assert w.sidecar.status()["status_writeback"]["refused"] > 0
    assert "syncMetadata" not in str(w.qdrant.points(w.collection("products")))
    # A restart says nothing again.
    w.sidecar.stop()
    before, embedded = commands(w), w.service.embedded()
    w.run()
    w.eventually(lambda: None if w.in_sync() else "not in sync")
    assert commands(w) == before and w.service.embedded() == embedded


@case("what was in step before status_writeback was switched on gets a status, and a restart writes none again")
def writeback_later(w):
    w.db.products.insert_many(products(0, 700))
    w.run([PRODUCTS])
    w.settle()
    assert all("syncMetadata" not in d for d in w.db.products.find())
    w.sidecar.stop()
    embedded = w.service.embedded()
    run_with_writeback(w, [PRODUCTS])
    w.eventually(lambda: written(w, range(700)))
    w.eventually(lambda: None if not w.sidecar.status()["status_writeback"]["catching_up"] else "it is catching up")
    assert w.service.embedded() == embedded
    w.settle()
    w.sidecar.stop()
    before = commands(w)
    w.run()
    w.eventually(lambda: None if w.in_sync() else "not in sync")
    assert not w.sidecar.status()["status_writeback"]["catching_up"] and commands(w) == before


@case("statuses wait for a MongoDB that takes none, and an orderly stop writes what waits")
def writeback_waits(w):
    w.db.products.insert_many(products(0, 20))
    w.fault(server="mongodb", match="update", contains="syncMetadata", action="error", code=91, codeName="ShutdownInProgress", count=0)
    run_with_writeback(w, [PRODUCTS])
    w.settle()
    w.eventually(lambda: None if w.sidecar.status()["status_writeback"]["trouble"] else "nothing fails")
    assert w.sidecar.status()["status_writeback"]["waiting"] == 20
    assert w.sidecar.command("health")[0] == 0
    w.stack.control("DELETE", "/faults")
    w.sidecar.stop()
    assert written(w, range(20)) is None
