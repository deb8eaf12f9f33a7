"""Stops of every kind lose nothing and cost nothing."""

import shutil
import signal
import time

from cases import case
from cases_live import PRODUCTS, products
from expectation import Route


def restarted(w):
    """Starts again; a document more proves that the sidecar is through with what it does at start."""
    w.run()
    w.eventually(lambda: None if w.in_sync() else "not in sync")
    w.db.products.insert_one({"_id": f"marker {time.monotonic_ns()}", "name": "marker"})
    w.settle()


@case("a restart over unchanged documents embeds nothing and writes nothing", everywhere=True)
def unchanged(w):
    w.db.products.insert_many(products(0, 300))
    w.run([PRODUCTS])
    w.settle()
    w.sidecar.stop()
    embedded, writes = w.service.embedded(), w.writes() if w.kind == "development" else None
    w.run()
    w.eventually(lambda: None if w.in_sync() else "not in sync")
    status = w.sidecar.status()
    assert status["embedded_texts"] == 0, status
    assert status["collections"][0]["upserted"] == 0, status
    assert w.service.embedded() == embedded
    if writes is not None:
        assert w.writes() == writes, "points were written"
    w.settle()


@case("what changes while the sidecar is stopped arrives when it starts, and nothing else is embedded", everywhere=True)
def while_stopped(w):
    w.db.products.insert_many(products(0, 100))
    w.run([PRODUCTS])
    w.settle()
    w.sidecar.stop()
    embedded = w.service.embedded()
    w.db.products.update_many({"_id": {"$lt": 10}}, {"$set": {"name": "while stopped"}})
    w.db.products.delete_many({"_id": {"$gte": 90}})
    w.db.products.insert_many(products(200, 10))
    w.run()
    w.settle()
    assert w.count() == 100
    assert w.service.embedded() - embedded <= 20


@case("SIGTERM in the middle of a first load stops in order within seconds, and the next start goes on", everywhere=True)
def stop_in_load(w):
    w.db.products.insert_many(products(0, 4000))
    w.run([PRODUCTS])
    w.eventually(lambda: None if (w.count() or 0) > 0 else "nothing is there yet")
    began = time.monotonic()
    w.sidecar.stop()
    assert time.monotonic() - began < 10
    w.run()
    w.settle()


@case("kill -9 in the middle of a burst converges", everywhere=True)
def killed(w):
    w.db.products.insert_many(products(0, 200))
    w.run([PRODUCTS, Route("articles", "products", chunk=(5, 1))])
    w.settle()
    for turn in range(4):
        w.db.products.insert_many(products(1000 * (turn + 1), 400))
        w.db.articles.insert_many([{"_id": turn * 50 + i, "name": "word " * 20} for i in range(50)])
        w.db.products.update_many({"_id": {"$lt": 100}}, {"$set": {"name": f"turn {turn}"}})
        w.db.products.delete_many({"_id": {"$gte": 100 + 20 * turn, "$lt": 120 + 20 * turn}})
        w.db.articles.update_many({"_id": turn * 50}, {"$set": {"name": "short"}})
        before = w.service.embedded()
        w.eventually(lambda: None if w.service.embedded() > before else "nothing happens")  # noqa: B023  (called at once)
        w.sidecar.kill()
        w.run()
    w.settle()


@case("a lost state folder is rebuilt from Qdrant without embedding", everywhere=True)
def lost_state(w):
    w.db.products.insert_many(products(0, 300))
    w.run([PRODUCTS])
    w.settle()
    w.sidecar.stop()
    shutil.rmtree(w.settings["state"]["path"])
    embedded = w.service.embedded()
    w.db.products.update_one({"_id": 1}, {"$set": {"name": "changed meanwhile"}})
    w.db.products.delete_one({"_id": 2})
    w.run()
    w.settle()
    assert w.service.embedded() - embedded <= 1
    w.sidecar.stop()
    restarted(w)
    assert w.service.embedded() - embedded <= 2


@case("a changed route is applied to what is there, and embeds only where the text changes")
def changed_route(w):
    w.db.products.insert_many(products(0, 100))
    w.run([PRODUCTS])
    w.settle()
    w.sidecar.stop()
    embedded = w.service.embedded()
    w.run([Route("products", "products", payload=["price"], filter={"price": {"$lt": 98}}, keeps=lambda d: d["price"] < 98)])
    w.settle()
    assert w.service.embedded() == embedded
    w.sidecar.stop()
    w.run([Route("products", "products", text=["description"], payload=["price"])])
    w.settle()
    assert w.service.embedded() - embedded == 100


@case("what the settings say otherwise is told before and after the start, and orphans go on request only")
def changes_are_told(w):
    articles = Route("articles", "products")
    source, to = f"{w.db.name}.articles", w.collection("products")
    w.db.products.insert_many(products(0, 30))
    w.db.articles.insert_many([{"_id": i, "name": f"article {i}"} for i in range(20)])
    w.run([PRODUCTS, articles])
    w.settle()
    assert w.sidecar.status()["changes"] == []
    w.sidecar.stop()
    # A part of a route.
    w.configure([Route("products", "products", text=["description"]), articles])
    code, out, err = w.sidecar.command("plan")
    assert code == 0 and f"settings: {w.db.name}.products -> {to}: text changed; 30 documents to embed again, about " in out, out + err
    w.run([PRODUCTS, articles])
    w.eventually(lambda: None if w.in_sync() else "not in sync")
    assert w.sidecar.status()["changes"] == []
    w.sidecar.stop()
    # A route that is gone: what it left stays.
    w.run([PRODUCTS])
    w.eventually(lambda: None if w.sidecar.status()["changes"] else "nothing is told")
    (change,) = w.sidecar.status()["changes"]
    assert (change["from"], change["kind"], change["documents"]) == (source, "gone", 20), change
    assert "settings: " + change["says"] in w.sidecar.command("status")[1]
    assert w.count() == 50
    # It comes back: what happened meanwhile is found.
    w.db.articles.update_one({"_id": 1}, {"$set": {"name": "changed while no route led from here"}})
    w.db.articles.delete_one({"_id": 2})
    w.sidecar.stop()
    w.run([PRODUCTS, articles])
    w.settle()
    w.sidecar.stop()
    w.run([PRODUCTS])
    w.eventually(lambda: None if w.sidecar.status()["changes"] else "nothing is told")
    code, out, _ = w.sidecar.command("apply", "--orphans")
    assert code == 5 and "19 documents are orphans" in out and w.count() == 49, out
    code, out, _ = w.sidecar.command("apply", "--orphans", "--yes")
    assert code == 0 and "1 of them" in out, out
    w.settle()
    w.eventually(lambda: "still told" if w.sidecar.status()["changes"] else None)
    assert w.count() == 30
    assert w.sidecar.command("apply", "--orphans", "--yes")[0] == 0


def hung(w, **more):
    """A sidecar with writes under way that Qdrant will not answer."""
    w.db.products.insert_many(products(0, 100))
    w.run([PRODUCTS], **more)
    w.settle()
    w.fault(server="qdrant", match="PUT", action="hang", count=0)
    w.db.products.update_many({}, {"$set": {"name": "never answered"}})
    w.eventually(lambda: None if w.stack.control("GET", "/state")["qdrant"]["faults_fired"] > 0 else "nothing hangs")


@case("a stop waits for no more than drain_timeout, and what was under way is done at the next start")
def stop_while_hung(w):
    hung(w, pipeline={"drain_timeout": "1s"})
    began = time.monotonic()
    w.sidecar.stop()
    assert time.monotonic() - began < 8
    w.stack.control("DELETE", "/faults")
    w.run()
    w.settle(40)


@case("a second signal ends at once, with 1, and nothing is lost")
def second_signal(w):
    hung(w, pipeline={"drain_timeout": "10m"})
    w.sidecar.process.send_signal(signal.SIGTERM)
    w.eventually(lambda: None if "a second signal ends at once" in w.sidecar.log_text() else "it does not stop")
    began = time.monotonic()
    w.sidecar.process.send_signal(signal.SIGINT)
    assert w.sidecar.ended(10) == 1
    assert time.monotonic() - began < 2
    w.stack.control("DELETE", "/faults")
    w.run()
    w.settle(40)
