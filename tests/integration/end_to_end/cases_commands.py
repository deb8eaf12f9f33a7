"""What operators type, and what they are told."""

import http.client
import json
import os
import socket
import subprocess

import pymongo

from cases import case
from cases_live import PRODUCTS, products
from expectation import Route


def loaded(w, count=50, **more):
    w.db.products.insert_many(products(0, count))
    w.run([PRODUCTS], **more)
    w.settle()


def refused_letter(w):
    """One document that the embedding service refuses."""
    w.service.poison = "poison"
    w.db.products.insert_many([{"_id": "bad", "name": "poison"}, {"_id": "good", "name": "good"}])
    w.eventually(lambda: None if w.sidecar.json("dead-letters", "list")["letters"] else "there is no dead letter")
    (letter,) = w.sidecar.json("dead-letters", "list")["letters"]
    return letter["collection"], letter["namespace"], letter["id"]


@case("a dead letter can be listed, shown, and tried again")
def letter_retried(w):
    loaded(w)
    name = refused_letter(w)
    assert name == (w.collection("products"), f"{w.db.name}.products", '"bad"'), name
    w.eventually(lambda: None if w.count() == 51 else "the good one is not there")
    code, out, _ = w.sidecar.command("dead-letters", "list")
    assert code == 0 and '"bad"' in out and "COLLECTION" in out, out
    code, out, _ = w.sidecar.command("dead-letters", "show", *name)
    assert code == 0 and "poison" in out, out
    assert w.sidecar.json("dead-letters", "show", *name)["attempts"] >= 1
    w.service.poison = None
    code, out, err = w.sidecar.command("dead-letters", "retry", *name)
    assert code == 0, out + err
    w.settle()
    assert w.sidecar.json("dead-letters", "list")["letters"] == []


@case("a dead letter that is dropped stays away until its document changes")
def letter_dropped(w):
    loaded(w)
    name = refused_letter(w)
    assert w.sidecar.json("dead-letters", "drop", *name)["letters"] == 1
    assert w.sidecar.json("dead-letters", "list")["letters"] == []
    assert w.sidecar.command("dead-letters", "drop", *name)[0] == 3
    assert w.sidecar.command("dead-letters", "retry", *name)[0] == 3
    assert w.sidecar.command("dead-letters", "show", *name)[0] == 3
    assert w.sidecar.command("dead-letters", "retry")[0] == 2
    w.db.products.update_one({"_id": "bad"}, {"$set": {"name": "good now"}})
    w.settle()


@case("all dead letters are tried again at once, and those that stay wrong come back")
def letters_all(w):
    w.service.poison = "poison"
    loaded(w)
    w.db.products.insert_many([{"_id": f"bad {i}", "name": f"poison {i}"} for i in range(7)])
    letters = lambda: w.sidecar.status()["collections"][0]["dead_letters"]
    w.eventually(lambda: None if letters() == 7 else f"{letters()} dead letters, expected 7")
    w.service.poison = "poison 3"
    assert w.sidecar.json("dead-letters", "retry", "--all")["letters"] == 7
    w.eventually(lambda: None if letters() == 1 and w.count() == 56 else f"{letters()} dead letters, expected 1")
    assert [x["id"] for x in w.sidecar.json("dead-letters", "list")["letters"]] == ['"bad 3"']
    assert w.sidecar.json("dead-letters", "list", "--collection", "other")["letters"] == []


@case("max_embeddings holds a first load until apply --yes")
def embedding_guard(w):
    w.db.products.insert_many(products(0, 9000))
    w.run([PRODUCTS], guards={"max_embeddings": 500})
    w.eventually(lambda: None if w.sidecar.answers() and w.sidecar.status()["held"] else "nothing is held")
    w.db.products.insert_one({"_id": "live", "name": "the stream goes on"})
    live = lambda: any(p["payload"]["_halcyon"]["id"] == '"live"' for p in w.qdrant.points(w.collection("products")))
    w.eventually(lambda: None if live() else "the stream is held too")
    # The stream's own: the live one, and the change at whose time the stream was opened.
    assert w.service.embedded() <= 500 + 2, f"{w.service.embedded()} texts were embedded unasked"
    code, out, _ = w.sidecar.command("apply")
    assert code == 5 and "max_embeddings" in out, (code, out)
    assert w.sidecar.command("health")[0] == 1
    assert w.sidecar.command("status")[1].count("apply --yes") == 1
    assert w.sidecar.status()["held"] != []
    assert w.sidecar.command("apply", "--yes")[0] == 0
    w.settle(40)
    assert w.sidecar.command("apply")[0] == 0


@case("max_delete_share holds a sweep until apply --yes")
def delete_guard(w):
    loaded(w, 600)
    w.sidecar.stop()
    w.db.products.delete_many({"_id": {"$gte": 200}})
    w.stack.control("POST", "/mongodb/lose-history")
    w.run()
    w.eventually(lambda: None if w.sidecar.answers() and w.sidecar.status()["held"] else "nothing is held")
    assert w.count() == 600, "points were removed before somebody agreed"
    assert w.sidecar.command("apply")[0] == 5
    assert w.sidecar.command("apply", "--yes")[0] == 0
    w.settle()


@case("wrong settings end with 2 and all their mistakes, each with its place")
def wrong_settings(w):
    w.configure([PRODUCTS])
    with open(w.sidecar.config, "w", encoding="utf-8") as file:
        file.write(
            "mongodb: { uri: 'http://example.org' }\nqdrant: { url: 'http://127.0.0.1:6334' }\n"
            "embedders: { default: { type: lexicl } }\nroutes: [{ from: shop, to: products, txt: [name] }]\n"
        )
    for words in (("run",), ("check", "--offline"), ("status",), ("plan",)):
        code, out, err = w.sidecar.command(*words)
        assert (code, out) == (2, ""), (words, code, out, err)
        for part in (":1:", ":2:", ":3:", ":4:", "gRPC", "lexical", "did you mean", "mistakes; nothing was started"):
            assert part in err, f"{part!r} is not in:\n{err}"
        assert "WARNING" not in err, err
    code, _, err = w.sidecar.command("no-such-command")
    assert code == 2, err


@case("a second process on the same state folder is refused, and the first is not disturbed")
def second_process(w):
    loaded(w)
    code, _, err = w.sidecar.command("run")
    assert code == 1 and "in use by process" in err, err
    w.db.products.insert_one({"_id": "x", "name": "still there"})
    w.settle()


@case("a server without a replica set is told how to become one", options=("--standalone",))
def standalone(w):
    w.configure([PRODUCTS])
    code, _, err = w.sidecar.command("run")
    assert code == 1 and "rs.initiate()" in err and "--replSet" in err, err
    code, out, _ = w.sidecar.command("check")
    assert code == 1 and "rs.initiate()" in out, out


@case("check says what is there, changes nothing, and finds what would go wrong")
def check(w):
    w.db.products.insert_many(products(0, 5))
    w.configure([PRODUCTS, Route("missing", "products")])
    said = w.sidecar.json("check")
    assert said["ok"] and {f["level"] for f in said["findings"]} <= {"ok", "note"}, said
    assert any(f["subject"].endswith(".missing") and "does not exist" in f["text"] for f in said["findings"]), said
    assert w.qdrant.collections() == set(), "check made something"
    code, out, _ = w.sidecar.command("check")
    assert code == 0 and "version 4.2.8" in out and "8 dimensions" in out, out
    w.run()
    w.settle()
    points = [f for f in w.sidecar.json("check")["findings"] if f["subject"] == "qdrant " + w.collection("products")]
    assert "5 points" in points[0]["text"], points
    w.sidecar.stop()
    w.configure([PRODUCTS], embedders={"default": {"type": "lexical", "dimensions": 64}})
    said = w.sidecar.json("check", code=1)
    assert [f["subject"] for f in said["findings"] if f["level"] == "problem"] == ["qdrant " + w.collection("products")]
    w.stack.control("POST", "/qdrant/down?ms=600000")
    said = w.sidecar.json("check", code=4)
    assert [f["subject"] for f in said["findings"] if f["level"] == "unreachable"] == ["qdrant"], said
    assert w.sidecar.command("check", "--offline")[0] == 0


@case("check says which rights are missing", options=("--user", "weak:secret-word:read@elsewhere", "--user", "root:root:root@admin"))
def check_rights(w):
    w.configure([PRODUCTS])
    uri = w.stack.uri("?replicaSet=rs0&authSource=admin", "weak:secret-word@")
    w.configure([PRODUCTS], mongodb={"uri": uri, "server_selection_timeout": "1s"})
    code, out, err = w.sidecar.command("check")
    assert code == 1 and "role read" in out, out
    assert "secret-word" not in out + err
    w.configure([PRODUCTS], mongodb={"uri": uri.replace("secret-word", "wrong-word"), "server_selection_timeout": "1s"})
    code, out, err = w.sidecar.command("check")
    assert code == 1 and "password" in out, out
    assert "wrong-word" not in out + err


@case(
    "check tries whether statuses may be written, and changes nothing",
    options=("--user", "reader:secret-word:readAnyDatabase@admin", "--user", "root:root:root@admin"),
)
def check_statuses(w):
    root = w.stack.uri("?replicaSet=rs0&authSource=admin", "root:root@")
    source = pymongo.MongoClient(root)[w.db.name].products
    source.insert_many(products(0, 3))
    before = list(source.find())
    on = {"server_selection_timeout": "1s", "status_writeback": {"mode": "on"}}
    w.configure([PRODUCTS], mongodb={"uri": w.stack.uri("?replicaSet=rs0&authSource=admin", "reader:secret-word@"), **on})
    said = w.sidecar.json("check", code=1)
    (finding,) = [f for f in said["findings"] if f["level"] == "problem" and f["subject"].startswith("mongodb")]
    assert finding["subject"] == f"mongodb {w.db.name}.products statuses" and "readWrite" in finding["todo"], finding
    w.configure([PRODUCTS], mongodb={"uri": root, **on})
    assert not [f for f in w.sidecar.json("check")["findings"] if f["subject"].startswith("mongodb") and f["level"] == "problem"]
    assert list(source.find()) == before


@case("plan counts what a run would do, before and after, and changes nothing", everywhere=True)
def plan(w):
    route = Route("products", "products", filter={"price": {"$lt": 40}}, keeps=lambda d: d.get("price", 99) < 40)
    w.db.products.insert_many(products(0, 50))
    w.configure([route], guards={"max_embeddings": 10})
    said = w.sidecar.json("plan")
    total = said["total"]
    wanted = {"documents": 50, "left_out": 10, "embed": 40, "texts": 40, "unchanged": 0, "remove": 0, "refused": 0}
    assert wanted.items() <= total.items(), total
    characters = sum(len(f"product {i}\nnumber {i}") for i in range(40))
    assert (total["characters"], total["tokens"], total["requests"]) == (characters, -(-characters // 4), 1), total
    assert not said["compared"] and any("max_embeddings" in x for x in said["warnings"]), said
    assert w.service.embedded() == 0 and w.count() is None
    w.configure([route])
    w.run()
    w.settle()
    beside = w.sidecar.json("plan")
    assert beside["compared"] and beside["total"]["unchanged"] == 40, beside
    w.sidecar.stop()
    w.db.products.update_one({"_id": 1}, {"$set": {"name": "grün"}})
    w.db.products.update_one({"_id": 2}, {"$set": {"price": 3}})
    w.db.products.update_one({"_id": 3}, {"$set": {"price": 300}})
    w.db.products.delete_one({"_id": 4})
    said = w.sidecar.json("plan")
    wanted = {"documents": 49, "left_out": 11, "embed": 1, "payload_only": 1, "unchanged": 36, "remove": 2, "characters": 13}
    assert said["compared"] and wanted.items() <= said["total"].items(), said
    assert w.service.embedded() == 40 and w.count() == 40
    code, out, _ = w.sidecar.command("plan")
    assert code == 0 and "TO EMBED" in out, out


@case("search finds the nearest documents by words, best first", everywhere=True, embedder="lexical")
def search(w):
    w.db.products.insert_many(
        [
            {"_id": 1, "name": "red apple", "description": "a sweet fruit", "price": 1},
            {"_id": 2, "name": "green pear", "description": "a juicy fruit", "price": 2},
            {"_id": 3, "name": "hammer", "description": "for nails\nand walls", "price": 3},
        ]
    )
    w.configure([PRODUCTS])
    code, _, err = w.sidecar.command("search", w.collection("products"), "apple")
    assert code == 3 and "halcyon run" in err, err
    w.run()
    w.settle()
    hits = w.sidecar.json("search", w.collection("products"), "sweet apple", "-n", "2")["hits"]
    assert len(hits) == 2 and hits[0]["payload"] == {"name": "red apple", "price": 1}, hits
    assert hits[0]["score"] > hits[1]["score"] and hits[0]["namespace"] == f"{w.db.name}.products"
    code, out, _ = w.sidecar.command("search", w.collection("products"), "nails")
    assert code == 0 and "hammer" in out.splitlines()[0] and len(out.splitlines()) == 3, out
    code, _, err = w.sidecar.command("search", "nowhere", "nails")
    assert code == 3 and w.collection("products") in err, err
    assert w.sidecar.command("search", w.collection("products"), " ")[0] == 2


@case("a stopped sidecar's folder is read, and where none is that is said")
def stopped(w):
    w.configure([PRODUCTS])
    for words in (("status",), ("dead-letters", "list"), ("health",), ("apply",), ("dead-letters", "retry", "--all")):
        code, _, err = w.sidecar.command(*words)
        assert code == 4 and "halcyon run" in err, (words, code, err)
    loaded(w)
    refused_letter(w)
    w.eventually(lambda: None if w.count() == 51 else "not there")
    job = w.sidecar.json("backfill", "--dry-run", "--wait")
    running = w.sidecar.status()
    w.sidecar.stop()
    code, out, err = w.sidecar.command("status", "--json")
    assert code == 0 and "no sidecar runs; read from " in err, err
    status = w.sidecar.status()
    # What only a process has is not there.
    assert status["stopped"] and status.keys() - {"stopped"} == running.keys() - {"memory", "ready"}
    assert status["collections"][0]["documents"] == 51 and status["collections"][0]["dead_letters"] == 1, status
    assert status["routes"][0]["phase"] == "done"
    assert [x["id"] for x in w.sidecar.json("dead-letters", "list")["letters"]] == ['"bad"']
    assert [(j["id"], j["state"]) for j in w.sidecar.json("jobs")["jobs"]] == [(job["id"], "done")]
    assert job["id"] in w.sidecar.command("jobs")[1]
    assert "stopped" in w.sidecar.command("status")[1]
    # Nothing was changed by reading: the stop is still a clean one.
    w.run()
    w.eventually(lambda: None if w.in_sync() else "not in sync")
    assert "unclean" not in w.sidecar.log_text()


@case("the control socket is for its owner only and goes with the sidecar")
def socket_mode(w):
    loaded(w)
    path = os.path.join(w.settings["state"]["path"], "control.sock")
    assert os.stat(path).st_mode & 0o777 == 0o600
    w.sidecar.kill()
    w.run()
    w.eventually(lambda: None if w.sidecar.answers() else "it does not answer")
    w.sidecar.stop()
    assert not os.path.exists(path)


@case("secrets are in no log line and no message")
def secrets_hidden(w):
    w.configure([PRODUCTS])
    model = {**w.settings["embedders"]["default"], "api_key": "embedder-secret"}
    qdrant = {**w.settings["qdrant"], "api_key": "qdrant-secret"}
    loaded(w, embedders={"default": model}, qdrant=qdrant)
    said = w.sidecar.command("status")[1] + w.sidecar.log_text() + "".join(w.sidecar.command("check")[1:])
    assert "embedder-secret" not in said and "qdrant-secret" not in said


@case("a state folder that cannot be made is an error that says so")
def no_folder(w):
    w.configure([PRODUCTS], state={"path": os.path.join(w.folder, "not", "there")})
    code, _, err = w.sidecar.command("run")
    assert code == 1 and "does not exist" in err, err
    assert not os.path.exists(os.path.join(w.folder, "not"))


@case("help and version need no settings")
def help_and_version(w):
    for words in (["--help"], ["--version"], ["dead-letters", "--help"]):
        done = subprocess.run([w.sidecar.binary, *words], capture_output=True, text=True, timeout=10, cwd=w.folder)
        assert done.returncode == 0 and "halcyon" in (done.stdout + " halcyon" * ("dead-letters" in words)), done
    assert subprocess.run([w.sidecar.binary], capture_output=True, timeout=10, cwd=w.folder).returncode == 2


class ControlSocket(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)

    def ask(self, method, target, body=None):
        self.request(method, target, body if isinstance(body, (str, type(None))) else json.dumps(body))
        reply = self.getresponse()
        return reply.status, json.loads(reply.read())


@case("the control socket says which part of a request it does not understand")
def control_requests(w):
    loaded(w)
    control = ControlSocket(os.path.join(w.settings["state"]["path"], "control.sock"))
    letter = {"collection": "c", "namespace": "a.b", "id": "5"}
    retry = "/v1/dead-letters/retry"
    for method, target, body, status, field in (
        ("GET", "/v1/nothing", None, 404, None),
        ("DELETE", "/v1/status", None, 405, None),
        ("GET", "/v1/dead-letters?limit=0", None, 400, "limit"),
        ("GET", "/v1/dead-letters?limit=x", None, 400, "limit"),
        ("GET", "/v1/dead-letters?from=nonsense", None, 400, None),
        ("POST", retry, "no JSON", 400, None),
        ("POST", retry, {"all": False}, 400, "all"),
        ("POST", retry, {"collection": "c"}, 400, "namespace"),
        ("POST", retry, {**letter, "more": 1}, 400, "more"),
        ("POST", retry, {**letter, "namespace": "none"}, 400, "namespace"),
        ("POST", retry, letter, 404, "id"),
    ):
        got, reply = control.ask(method, target, body)
        assert got == status, (method, target, body, got, reply)
        assert field is None or reply.get("field") == field, (target, body, reply)
        assert reply["title"], reply
    assert control.ask("GET", "/v1/health")[0] == 200
    assert control.ask("GET", "/v1/status")[1]["in_sync"]
    control.close()
