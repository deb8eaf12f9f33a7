"""How single documents stand, and what is done for them."""

import json
import os

from cases import case
from cases_commands import ControlSocket, loaded
from cases_live import PRODUCTS, products
from expectation import Route


def listed(w, *words):
    return w.sidecar.json("documents", *words)["documents"]


@case("documents are listed by their status, a failed one is tried again, and the same from the folder")
def documents_by_status(w):
    w.service.poison = "poison"
    loaded(w, 20)
    namespace, collection = f"{w.db.name}.products", w.collection("products")
    w.db.products.insert_many([{"_id": "bad", "name": "poison"}, {"_id": "good", "name": "good"}])
    w.eventually(lambda: None if listed(w, "--status", "failed") else "none has failed")
    (row,) = listed(w, "--status", "failed")
    assert (row["namespace"], row["collection"], row["id"]) == (namespace, collection, '"bad"'), row
    assert row["code"] == "EMBEDDING_REJECTED" and "this input is refused" in row["error"], row
    w.eventually(lambda: None if len(listed(w, "--status", "synced")) == 21 else "not 21 synced")
    assert listed(w)[0]["id"] in ('"bad"', '"good"')  # the latest change first
    assert listed(w, "--namespace", "no.such") == [] and listed(w, "--collection", "other") == []
    counts = w.sidecar.status()["collections"][0]
    assert (counts["synced"], counts["failed"], counts["pending"], counts["stale"]) == (21, 1, 0, 0), counts
    code, out, _ = w.sidecar.command("documents")
    assert code == 0 and "EMBEDDING_REJECTED" in out and "never" in out, out
    # Pages: every document once.
    seen, more = [], []
    while True:
        page = w.sidecar.json("documents", "--limit", "8", *more)
        seen += [r["id"] for r in page["documents"]]
        if "next" not in page:
            break
        assert len(page["documents"]) == 8
        more = ["--from", page["next"]]
    assert len(seen) == len(set(seen)) == 22, seen
    code, out, _ = w.sidecar.command("dead-letters", "export")
    assert code == 0 and [json.loads(line)["id"] for line in out.splitlines()] == ['"bad"'], out
    running = w.sidecar.json("documents")
    w.sidecar.stop()
    code, out, err = w.sidecar.command("documents", "--json")
    assert code == 0 and json.loads(out) == running and "no sidecar runs; read from " in err, err
    assert len(w.sidecar.command("dead-letters", "export")[1].splitlines()) == 1
    assert w.sidecar.command("retry", "--failed")[0] == 4
    w.run()
    w.eventually(lambda: None if w.in_sync() else "not in sync")
    assert w.sidecar.command("retry", namespace, "nobody")[0] == 3
    assert w.sidecar.command("retry", "no.such", "bad")[0] == 3
    assert w.sidecar.command("retry", namespace)[0] == 2
    w.service.poison = None
    code, out, err = w.sidecar.command("retry", namespace, "bad", "0")
    assert code == 0 and out.startswith("2 are read again"), out + err
    w.settle()
    assert listed(w, "--status", "failed") == []
    # Nothing differs: a retry writes nothing, unless it is forced.
    writes = w.writes()
    versions = lambda: {r["id"]: r["vector_version"] for r in listed(w) if "3" in r["id"]}  # noqa: E731
    before = versions()
    assert w.sidecar.json("retry", namespace, "3")["retried"] == 1
    w.eventually(lambda: None if w.in_sync() else "not in sync")
    assert w.writes() == writes and versions() == before
    assert w.sidecar.json("retry", namespace, "3", "--force", "--collection", collection)["retried"] == 1
    w.eventually(lambda: None if w.writes() > writes and w.in_sync() else "it is not written again")
    w.settle()


@case("requests for documents say which part of them is wrong")
def documents_requests(w):
    loaded(w, 3)
    control = ControlSocket(os.path.join(w.settings["state"]["path"], "control.sock"))
    namespace = f"{w.db.name}.products"
    retry = "/v1/documents/retry"
    document = {"namespace": namespace, "id": "1"}
    for method, target, body, status, field in (
        ("GET", "/v1/documents?status=fine", None, 400, "status"),
        ("GET", "/v1/documents?namespace=x", None, 400, "namespace"),
        ("GET", "/v1/documents?limit=1001", None, 400, "limit"),
        ("GET", "/v1/documents?from=nonsense", None, 400, None),
        ("POST", retry, "no JSON", 400, None),
        ("POST", retry, {}, 400, "documents"),
        ("POST", retry, {"documents": []}, 400, "documents"),
        ("POST", retry, {"documents": [document] * 1001}, 400, "documents"),
        ("POST", retry, {"documents": [document], "status": "failed"}, 400, "documents"),
        ("POST", retry, {"documents": [document, 5]}, 400, "documents[1]"),
        ("POST", retry, {"documents": [{"id": "1"}]}, 400, "documents[0].namespace"),
        ("POST", retry, {"documents": [{**document, "id": 1}]}, 400, "documents[0].id"),
        ("POST", retry, {"documents": [{**document, "more": 1}]}, 400, "documents[0].more"),
        ("POST", retry, {"documents": [{**document, "namespace": "no.such"}]}, 404, "documents[0].namespace"),
        ("POST", retry, {"documents": [{**document, "collection": "other"}]}, 404, "documents[0].collection"),
        ("POST", retry, {"documents": [{**document, "id": "nobody"}]}, 404, "id"),
        ("POST", retry, {"documents": [document], "force": 1}, 400, "force"),
        ("POST", retry, {"status": "synced"}, 400, "status"),
        ("POST", retry, {"status": "failed", "collection": "other"}, 404, "collection"),
        ("POST", "/v1/worker/run", {"collection": "other"}, 404, "collection"),
        ("POST", "/v1/worker/run", {"more": 1}, 400, "more"),
        ("GET", "/v1/explain?id=1", None, 400, "namespace"),
        ("GET", f"/v1/explain?namespace={namespace}", None, 400, "id"),
    ):
        got, reply = control.ask(method, target, body)
        assert got == status, (method, target, body, got, reply)
        assert field is None or reply.get("field") == field, (target, body, reply)
    assert control.ask("POST", retry, {"documents": [document] * 1000}) == (200, {"retried": 1})
    assert control.ask("POST", retry, {"status": "failed", "reset": True}) == (200, {"retried": 0})
    assert control.ask("POST", "/v1/worker/run") == (200, {"collections": 1})
    control.close()


def told(w, namespace, name, code=0):
    return w.sidecar.json("explain", namespace, name, code=code)


@case("explain tells the whole story: held, left out, failed, unknown, stopped")
def explained(w):
    w.service.poison = "poison"
    active = Route("products", "products", filter={"status": "active"}, keeps=lambda d: d.get("status") == "active")
    w.db.products.insert_many(products(0, 5, status="active"))
    w.db.products.insert_one({"_id": "draft", "name": "draft", "status": "draft"})
    w.run([active])
    w.settle()
    namespace = f"{w.db.name}.products"
    w.db.products.update_one({"_id": 3}, {"$set": {"name": "renamed"}})
    w.db.products.insert_one({"_id": "bad", "name": "poison", "status": "active"})
    w.eventually(lambda: None if listed(w, "--status", "failed") else "none has failed")
    w.eventually(lambda: None if w.in_sync() else "not in sync")

    story = told(w, namespace, "3")
    (c,) = story["collections"]
    assert (c["state"], c["conclusion"]) == ("synced", "synced: nothing to do"), c
    assert story["source"]["found"] and story["stream"]["open"], story
    assert c["should"]["text"].startswith("renamed") and c["route"]["passes"] is True, c
    digests = [(part["text_digest"], part["payload_digest"], part["chunks"]) for part in (c["should"], c["stored"], c["held"])]
    assert digests[0] == digests[1] == digests[2], digests
    assert [e["what"] for e in story["events"]][-2:] == ["changed in MongoDB", "embedded and written"], story["events"]
    code, out, _ = w.sidecar.command("explain", namespace, "3")
    assert code == 0 and "synced: nothing to do" in out and "embedded and written" in out, out

    (c,) = told(w, namespace, "draft")["collections"]
    assert c["state"] == "not_wanted" and "the filter" in c["conclusion"] and "leaves it out" in c["conclusion"], c
    assert c["held"] == {"chunks": 0} and c["should"] is None, c

    (c,) = told(w, namespace, "bad")["collections"]
    assert c["state"] == "dead_letter" and "EMBEDDING_REJECTED" in c["conclusion"], c
    assert f"halcyon retry {namespace}" in c["conclusion"], c

    assert "no route leads from no.such" in told(w, "no.such", "3", code=3)["conclusion"]
    (c,) = told(w, namespace, "nobody", code=3)["collections"]
    assert c["state"] == "gone", c

    # A point that somebody removed: the receipt alone would not know.
    point = next(p["id"] for p in w.qdrant.points(w.collection("products")) if p["payload"]["_halcyon"]["id"].find('"1"') > 0)
    w.qdrant.call("POST", f"/collections/{w.collection('products')}/points/delete?wait=true", {"points": [point]})
    (c,) = told(w, namespace, "1")["collections"]
    assert c["state"] == "differs" and "Qdrant holds nothing of it, though" in c["conclusion"], c
    assert w.sidecar.json("retry", namespace, "1")["retried"] == 1
    w.eventually(lambda: None if told(w, namespace, "1")["collections"][0]["state"] == "synced" else "it is not mended")

    w.sidecar.stop()
    code, _, err = w.sidecar.command("explain", namespace, "3")
    assert code == 4 and "halcyon run" in err, err


@case("clients of earlier systems see counts, the retry worker and syncMetadata, and retry a document by its id alone")
def earlier_clients(w):
    w.db.products.insert_many(products(0, 20))
    w.run([PRODUCTS], retry={"interval": "300ms", "attempts": 1000, "backoff": {"initial": "200ms", "cap": "300ms"}})
    w.settle()
    control = ControlSocket(os.path.join(w.settings["state"]["path"], "control.sock"))
    collection = w.collection("products")
    counts = {"synced": 20, "pending": 0, "stale": 0, "failed": 0}
    code, status = control.ask("GET", "/api/sync/status")
    assert code == 200 and status["total"] == 20 and status["perCollection"] == {collection: counts}, status
    assert status["worker"]["running"] and not status["worker"]["processing"], status
    w.service.sick = "sickening"
    w.db.products.insert_one({"_id": "sick", "name": "sickening"})
    others = []

    def cycle(what):
        # Only what others get done tells the text from an outage.
        others.append(w.db.products.insert_one({"_id": f"other {len(others)}", "name": "other"}))
        worker = control.ask("GET", "/api/sync/status")[1]["worker"]
        stats = worker["lastCycleStats"] or {}
        return None if worker["lastRunAt"] and stats[what] == stats["processed"] == 1 else f"no cycle: {worker}"

    w.eventually(lambda: cycle("failed"))
    code, page = control.ask("GET", "/api/sync/documents?status=failed")
    (row,) = page["documents"]
    entry = row["syncMetadata"]["collections"][collection]
    assert (row["id"], page["total"], row["syncMetadata"]["overallStatus"]) == ('"sick"', 1, "failed"), page
    assert entry["errorCode"] == "EMBEDDING_UNAVAILABLE" and entry["retryCount"] >= 1, entry
    w.service.sick = None
    w.eventually(lambda: cycle("successful"))
    w.settle()
    code, done = control.ask("POST", "/api/sync/documents/sick/retry", {"force": True})
    assert code == 200 and done["retried"] == 1 and done["notFound"] == [], done
    code, done = control.ask("POST", "/api/sync/batch", {"ids": ["1", "nobody"]})
    assert code == 200 and done["retried"] == 1 and done["notFound"] == ['"nobody"'], done
    assert control.ask("POST", "/api/sync/reset/nobody")[0] == 404
    w.settle()
