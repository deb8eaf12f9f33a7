"""What is in MongoDB is in Qdrant, however it got there."""

import datetime
import uuid

from bson import Binary, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp

from cases import case
from expectation import Route

PRODUCTS = Route("products", "products")


def products(first, count, **more):
    return [{"_id": i, "name": f"product {i}", "description": f"number {i}", "price": i, **more} for i in range(first, first + count)]


@case("a first load brings every document with its payload and its vector", everywhere=True)
def first_load(w):
    w.db.products.insert_many(products(0, 300))
    w.db.products.insert_many([{"_id": "ü", "name": "Grüße 😀", "price": 1.5}, {"_id": "no text", "price": 2}])
    w.run([PRODUCTS])
    w.settle()
    assert w.count() == 301
    assert w.service.requests < 60, f"{w.service.requests} requests for 301 texts are no batches"


@case("inserts, edits and deletes arrive; an edit of the payload alone embeds nothing", everywhere=True)
def live(w):
    w.db.products.insert_many(products(0, 20))
    w.run([PRODUCTS])
    w.settle()
    w.db.products.insert_many(products(100, 20))
    w.db.products.update_one({"_id": 3}, {"$set": {"name": "renamed"}})
    w.db.products.replace_one({"_id": 4}, {"name": "replaced", "price": 44})
    w.db.products.delete_one({"_id": 5})
    w.settle()
    embedded = w.service.embedded()
    w.db.products.update_many({}, {"$set": {"price": 7}})
    w.db.products.update_one({"_id": 6}, {"$unset": {"price": ""}})
    w.db.products.update_one({"_id": 7}, {"$set": {"elsewhere": 1}})
    w.settle()
    assert w.service.embedded() == embedded, "a change of the payload was embedded"
    assert w.sidecar.status()["collections"][0]["payloads"] >= 39


@case("a document that is deleted and inserted again has its last state", everywhere=True)
def again(w):
    w.run([PRODUCTS])
    for i in range(30):
        w.db.products.insert_one({"_id": 1, "name": f"round {i}"})
        if i % 3 != 2:
            w.db.products.delete_one({"_id": 1})
        else:
            w.db.products.replace_one({"_id": 1}, {"name": f"end {i}"})
            w.db.products.delete_one({"_id": 1})
    w.db.products.insert_one({"_id": 1, "name": "last"})
    w.settle()
    assert w.count() == 1


@case("a document that leaves the filter is removed, and comes back when it returns", everywhere=True)
def filtered(w):
    route = Route("products", "products", filter={"status": "active"}, keeps=lambda d: d.get("status") == "active")
    w.db.products.insert_many(products(0, 20, status="active") + products(20, 20, status="draft"))
    w.run([route])
    w.settle()
    assert w.count() == 20
    w.db.products.update_many({"_id": {"$lt": 10}}, {"$set": {"status": "draft"}})
    w.settle()
    assert w.count() == 10
    w.db.products.update_many({}, {"$set": {"status": "active"}})
    w.settle()
    assert w.count() == 40


@case("a text that shrinks leaves no chunk behind, one without words no point", everywhere=True)
def chunks(w):
    route = Route("products", "products", chunk=(10, 2))
    long = " ".join(f"word{i}" for i in range(200))
    w.db.products.insert_many([{"_id": i, "name": f"title{i}", "description": long} for i in range(5)])
    w.run([route])
    w.settle()
    assert w.count() > 100
    w.db.products.update_many({"_id": {"$lt": 3}}, {"$set": {"description": "short now"}})
    w.db.products.update_one({"_id": 3}, {"$set": {"name": " ", "description": ""}})
    w.settle()
    w.db.products.update_one({"_id": 0}, {"$set": {"description": long}})
    w.settle()
    w.db.products.delete_many({})
    w.settle()
    assert w.count() == 0


@case("a dropped collection leaves nothing, and is kept in step when it is made again", everywhere=True)
def dropped(w):
    w.db.products.insert_many(products(0, 200))
    w.db.articles.insert_many(products(0, 5))
    w.run([PRODUCTS, Route("articles", "products")])
    w.settle()
    w.db.products.drop()
    w.settle()
    assert w.count() == 5
    w.db.products.insert_many(products(50, 10))
    w.settle()
    w.client.drop_database(w.db.name)
    w.settle()
    assert w.count() == 0


@case("a drop leaves the points where on_drop says keep")
def kept(w):
    w.db.products.insert_many(products(0, 20))
    w.run([Route("products", "products", on_drop="keep")])
    w.settle()
    w.db.products.drop()
    w.db.products.insert_one({"_id": "after", "name": "after"})
    w.eventually(lambda: None if w.count() == 21 else f"{w.count()} points, expected 21")


@case("a collection that is renamed over a routed one replaces it", everywhere=True)
def renamed(w):
    w.db.products.insert_many(products(0, 60))
    w.run([PRODUCTS])
    w.settle()
    w.db.fresh.insert_many(products(40, 60, extra=True))
    w.db.fresh.update_many({}, {"$set": {"name": "fresh"}})
    w.db.fresh.rename("products", dropTarget=True)
    w.settle()
    assert w.count() == 60
    w.db.products.rename("old")
    w.settle()
    assert w.count() == 0
    w.db.products.insert_one({"_id": 1, "name": "new"})
    w.settle()


@case("a transaction that touches a key twice ends in its last state", everywhere=True)
def transaction(w):
    w.db.products.insert_many(products(0, 3))
    w.run([PRODUCTS])
    w.settle()
    with w.client.start_session() as session:
        with session.start_transaction():
            w.db.products.insert_one({"_id": "t", "name": "first"}, session=session)
            w.db.products.update_one({"_id": "t"}, {"$set": {"name": "second"}}, session=session)
            w.db.products.delete_one({"_id": 0}, session=session)
            w.db.products.insert_one({"_id": 0, "name": "came back"}, session=session)
            w.db.products.update_one({"_id": 1}, {"$set": {"name": "gone soon"}}, session=session)
            w.db.products.delete_one({"_id": 1}, session=session)
        with session.start_transaction():
            w.db.products.insert_one({"_id": "never", "name": "never"}, session=session)
            session.abort_transaction()
    w.settle()
    assert w.count() == 3


IDS = [
    5,
    "5",
    "",
    5.5,
    -1,
    True,
    False,
    None,
    Int64(2**60),
    Decimal128("1.25"),
    ObjectId("5f0000000000000000000001"),
    "5f0000000000000000000001",
    Binary(b"abc", 0),
    Binary(uuid.UUID(int=7).bytes, 4),
    datetime.datetime(2024, 2, 29, 12, 0, 0, 123000, tzinfo=datetime.timezone.utc),
    Timestamp(7, 1),
    {"a": 1, "b": "x"},
    {"b": "x", "a": 1},
    MinKey(),
    MaxKey(),
    "ключ 鍵 \"quoted\" \\ \n",
]


@case("every type of _id has a point of its own, from the scan and from the stream", everywhere=True)
def every_id(w):
    # Numbers inside are canonical too, and Regex is refused as an _id by MongoDB itself.
    assert not any(isinstance(i, Regex) for i in IDS)
    half = IDS[::2]
    w.db.products.insert_many([{"_id": i, "name": f"scanned {n}"} for n, i in enumerate(half)])
    w.run([Route("products", "products")])
    w.eventually(lambda: None if w.count() == len(half) else f"{w.count()} of {len(half)}")
    w.db.products.insert_many([{"_id": i, "name": f"streamed {n}"} for n, i in enumerate(IDS[1::2])])
    w.eventually(lambda: None if w.count() == len(IDS) else f"{w.count()} of {len(IDS)}")
    points = w.qdrant.points(w.collection("products"))
    names = sorted(p["payload"]["name"] for p in points)
    assert names == sorted(d["name"] for d in w.db.products.find()), names
    assert len({p["payload"]["_halcyon"]["id"] for p in points}) == len(IDS)
    assert len({p["payload"]["_halcyon"]["key"] for p in points}) == len(IDS)
    w.db.products.update_many({}, {"$set": {"name": "edited"}})
    w.eventually(
        lambda: None
        if [p["payload"]["name"] for p in w.qdrant.points(w.collection("products"))] == ["edited"] * len(IDS)
        else "edits are missing"
    )
    w.db.products.delete_many({})
    w.eventually(lambda: None if w.count() == 0 else f"{w.count()} are left")


@case("one namespace fills two collections, and two namespaces fill one", everywhere=True)
def edges(w):
    routes = [
        PRODUCTS,
        Route("products", "cheap", text=["name"], payload=["price"], filter={"price": {"$lt": 10}}, keeps=lambda d: d.get("price", 99) < 10),
        Route("articles", "products", text=["title"], payload=["title"]),
    ]
    w.db.products.insert_many(products(0, 30))
    w.db.articles.insert_many([{"_id": i, "title": f"article {i}"} for i in range(30)])
    w.run(routes)
    w.settle()
    assert (w.count("products"), w.count("cheap")) == (60, 10)
    w.db.products.update_many({}, {"$inc": {"price": 5}})
    w.db.articles.delete_many({"_id": {"$gte": 10}})
    w.settle()
    assert (w.count("products"), w.count("cheap")) == (40, 5)
