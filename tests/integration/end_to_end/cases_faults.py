"""What is away comes back without help; what is wrong delays only itself."""

import math

import pymongo.errors

from cases import case
from cases_live import PRODUCTS, products


def loaded(w, count=100, **more):
    w.db.products.insert_many(products(0, count))
    w.run([PRODUCTS], **more)
    w.settle()


@case("Qdrant is away for a while: the sidecar waits and goes on by itself")
def qdrant_down(w):
    loaded(w)
    w.stack.control("POST", "/qdrant/down?ms=1500")
    w.db.products.insert_many(products(500, 100))
    w.db.products.delete_many({"_id": {"$lt": 10}})
    w.eventually(lambda: None if any(c["paused"] for c in w.sidecar.status()["collections"]) else "it is not paused")
    code, out, _ = w.sidecar.command("health")
    assert (code, "products" in out) == (1, True), out
    w.eventually(lambda: None if w.in_sync() else "not in sync", 40)
    w.settle()
    assert w.sidecar.command("health")[0] == 0


@case("Qdrant is away at the start: the sidecar waits for it")
def qdrant_down_at_start(w):
    w.db.products.insert_many(products(0, 50))
    w.stack.control("POST", "/qdrant/down?ms=1500")
    w.run([PRODUCTS])
    w.eventually(lambda: None if w.sidecar.answers() else "it does not answer")
    w.eventually(lambda: None if w.in_sync() else "not in sync", 40)
    w.settle()


@case("MongoDB is away for a while: the sidecar waits and goes on by itself")
def mongodb_down(w):
    loaded(w)
    w.db.products.insert_many(products(500, 100))
    w.stack.control("POST", "/mongodb/down?ms=2500")
    w.eventually(lambda: None if not w.sidecar.status()["streaming"] else "it does not notice")
    assert w.sidecar.status()["trouble"] != ""
    w.eventually(lambda: None if w.in_sync() else "not in sync", 40)
    w.db.products.update_many({}, {"$set": {"price": 1}})
    w.settle()


@case("MongoDB is away at the start: the sidecar waits for it")
def mongodb_down_at_start(w):
    w.db.products.insert_many(products(0, 50))
    w.stack.control("POST", "/mongodb/down?ms=2500")
    w.run([PRODUCTS])
    w.eventually(lambda: None if w.sidecar.answers() else "it does not answer")
    w.eventually(lambda: None if w.in_sync() else "not in sync", 40)
    w.settle()


@case("an election and cut connections lose nothing")
def election(w):
    loaded(w)
    for turn in range(3):
        w.db.products.insert_many(products(1000 * (turn + 1), 200))
        w.stack.control("POST", ["/mongodb/election", "/mongodb/cut", "/mongodb/election"][turn])
        w.eventually(lambda: None if can_write(w) else "MongoDB takes no writes")
    w.settle(40)


def can_write(w):
    try:
        w.db.products.update_one({"_id": 0}, {"$inc": {"price": 1}})
    except pymongo.errors.PyMongoError:
        return False
    return True


@case("a first load survives cut connections on both sides")
def cut_in_load(w):
    w.db.products.insert_many(products(0, 5000))
    w.fault(server="mongodb", match="getMore", action="close-after", count=3, after=2)
    w.fault(server="qdrant", match="PUT", action="close-after", count=3, after=3)
    w.fault(server="qdrant", match="PUT", action="close-before", count=3, after=8)
    w.run([PRODUCTS])
    w.eventually(lambda: None if w.sidecar.answers() and w.in_sync() else "not in sync", 60)
    w.settle(60)


@case("answers that say less than completed are not believed")
def not_completed(w):
    loaded(w)
    w.fault(server="qdrant", match="PUT", action="wait-timeout", ms=300, count=1)
    w.db.products.insert_many(products(500, 20))
    w.settle(40)
    w.fault(server="qdrant", match="PUT", action="acknowledged", ms=300, count=1)
    w.db.products.update_many({"_id": {"$lt": 20}}, {"$set": {"name": "acknowledged"}})
    w.settle(40)
    w.fault(server="qdrant", match="PUT", action="late", ms=500, count=1)
    w.db.products.update_many({"_id": {"$lt": 20}}, {"$set": {"name": "late"}})
    w.settle(40)


@case("Qdrant that asks for patience gets it")
def rate_limited(w):
    loaded(w)
    w.fault(server="qdrant", match="PUT", action="error", status=429, headers={"Retry-After": "1"}, count=2)
    w.fault(server="qdrant", match="PUT", action="error", status=503, count=1)
    w.db.products.insert_many(products(500, 50))
    w.settle(40)
    assert w.sidecar.status()["collections"][0]["dead_letters"] == 0


@case("a collection that is deleted behind the sidecar's back is made again and filled")
def deleted_behind(w):
    loaded(w)
    w.stack.control("DELETE", f"/qdrant/collections/{w.collection('products')}__1")
    w.db.products.update_one({"_id": 1}, {"$set": {"name": "written to what is gone"}})
    w.settle(40)


@case("an embedding service that is away or busy is waited for")
def service_away(w):
    loaded(w)
    for status, headers in ((503, {}), (429, {"Retry-After": "1"}), (500, {})):
        w.service.away = (status, headers)
        before = w.service.requests
        w.db.products.insert_one({"_id": f"while {status}", "name": f"while {status}"})
        w.eventually(lambda: None if w.service.requests > before + 1 else "it is not asked again")  # noqa: B023  (called at once)
        w.service.away = None
        w.settle(40)
    assert w.sidecar.status()["collections"][0]["dead_letters"] == 0


@case("a text that breaks the embedding service delays nobody, is tried again by itself, and heals with the service")
def sick_text(w):
    w.db.products.insert_many(products(0, 20))
    w.run([PRODUCTS], retry={"interval": "100ms", "attempts": 1000, "backoff": {"initial": "200ms", "cap": "500ms"}})
    w.settle()
    w.service.sick = "sickening"
    w.db.products.insert_one({"_id": "sick", "name": "sickening"})
    after = []

    def failed(attempts):
        # Only what others get done tells the text from an outage.
        after.append(w.db.products.insert_one({"_id": f"after {len(after)}", "name": f"after {len(after)}"}).inserted_id)
        rows = w.sidecar.json("documents", "--status", "failed")["documents"]
        return None if rows and rows[0]["attempts"] >= attempts else f"not failed {attempts} times: {rows}"

    w.eventually(lambda: failed(3))
    (row,) = w.sidecar.json("documents", "--status", "failed")["documents"]
    assert (row["id"], row["code"]) == ('"sick"', "EMBEDDING_UNAVAILABLE") and "500" in row["error"], row
    w.eventually(lambda: None if w.count() == 20 + len(after) else "the others wait")
    code, out, _ = w.sidecar.command("explain", row["namespace"], "sick")
    assert code == 0 and "500" in out and "attempt" in out, out
    assert w.sidecar.status()["collections"][0]["dead_letters"] == 0
    w.service.sick = None
    w.settle()
    assert w.sidecar.json("documents", "--status", "failed")["documents"] == []


def nested(depth):
    value = 1
    for _ in range(depth):
        value = {"a": value}
    return value


@case("wrong documents delay nobody: NaN becomes null, what is too large or too deep a dead letter")
def wrong_documents(w):
    loaded(w)
    w.db.products.insert_many(
        [
            {"_id": "nan", "name": "nan", "price": math.nan},
            {"_id": "infinite", "name": "infinite", "price": -math.inf},
            {"_id": "huge", "name": "x" * (9 << 20)},
            {"_id": "deep", "name": "deep", "price": nested(150)},
            {"_id": "fine", "name": "fine"},
        ]
    )
    w.eventually(lambda: None if w.sidecar.status()["collections"][0]["dead_letters"] == 2 else "not two dead letters")
    letters = w.sidecar.json("dead-letters", "list")["letters"]
    assert {letter["id"] for letter in letters} == {'"huge"', '"deep"'}, [letter["id"] for letter in letters]
    assert all(len(letter["payload"]) < 100_000 for letter in letters)
    w.db.products.delete_one({"_id": "huge"})
    w.db.products.update_one({"_id": "deep"}, {"$set": {"price": 1}})
    w.settle()
    assert w.sidecar.json("dead-letters", "list")["letters"] == []
