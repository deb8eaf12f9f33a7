"""Beginning without a settings file: `init`, and one route from flags."""

import contextlib
import json
import os
import pty
import select
import subprocess
import time

from cases import case
from cases_live import PRODUCTS, products
from expectation import Route

PATIENCE = 20


def words(n, start=0):
    return " ".join(f"word{i}" for i in range(start, start + n))


def fill(w):
    """Two collections with text, one without, one that is empty."""
    w.db.products.insert_many(
        [
            {"_id": i, "name": f"product {i}", "description": words(10, i), "price": i, "password": f"hidden {i}"}
            for i in range(20)
        ]
    )
    w.db.articles.insert_many([{"_id": i, "title": f"article {i}", "body": words(700, i)} for i in range(5)])
    w.db.counters.insert_many([{"_id": i, "n": i} for i in range(5)])
    w.db.create_collection("empty")


def halcyon(w, *words, environment=None, code=0):
    """(standard output, standard error), run in the case's folder"""
    done = subprocess.run(
        [w.programs.halcyon, *words],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd=w.folder,
        env={**os.environ, "MONGODB_URI": "", "QDRANT_URL": "", **(environment or {})},
        timeout=60,
    )
    assert done.returncode == code, f"exit {done.returncode}, expected {code}\n{done.stdout}{done.stderr}"
    return done.stdout, done.stderr


def where(w):
    return "--mongodb", w.uri, "--database", w.database_name, "--qdrant", w.qdrant.url


def init(w, *words, **options):
    return halcyon(w, "init", *where(w), *words, **options)


def settings(w, name="halcyon.yaml"):
    with open(os.path.join(w.folder, name), encoding="utf-8") as file:
        return file.read()


def run_what_was_written(w):
    """In the case's folder, wherever the tests run."""
    text = settings(w).replace("./halcyon-state", os.path.join(w.folder, "state"))
    text += '\nhttp: { listen: "" }\n'
    with open(w.sidecar.config, "w", encoding="utf-8") as file:
        file.write(text)
    w.prefix = ""  # collections are named as init named them
    w.run()
    w.settle()


@case("init writes settings that check takes, plan counts alike and run follows", embedder="lexical")
def written_and_run(w):
    fill(w)
    out, err = init(w, "--yes")
    assert "nobody is asked" in err and "halcyon run" in out, out + err
    assert "no route for" in out and ".counters: no text, only n" in out and ".empty: empty" in out, out
    assert "may be secret" in settings(w) and "hidden" not in settings(w) + out, settings(w)
    halcyon(w, "check", "--offline")
    halcyon(w, "check")
    proposed = json.loads(init(w, "--json", "--output", "second.yaml")[0])
    planned = json.loads(halcyon(w, "plan", "--json")[0])
    assert proposed["plan"]["total"] == planned["total"], (proposed["plan"], planned)
    assert {r["to"]: r["chunk"] for r in proposed["routes"]} == {"articles": True, "products": False}, proposed
    w.routes = [Route("products", "products", payload=["name", "description", "price"])]
    run_what_was_written(w)
    w.db.products.insert_one({"_id": "new", "name": "another one", "price": 1})
    w.settle()
    # 700 words in pieces of 220 that share 40.
    w.eventually(lambda: None if len(w.qdrant.points("articles") or []) == 20 else "not 20 pieces of articles")
    info = w.qdrant.call("GET", "/collections/products")[1]["result"]["payload_schema"]
    assert info["price"]["data_type"] == "integer", info


@case("init never writes over a file unasked, and says what to do")
def not_over(w):
    fill(w)
    with open(w.sidecar.config, "w", encoding="utf-8") as file:
        file.write("mine")
    for flag in ("--yes", "--json"):
        _, err = init(w, flag, code=2)
        assert "halcyon.yaml is there already" in err and "--output" in err, err
    assert settings(w) == "mine"
    out, _ = init(w, "--output", "other.yaml")
    assert "halcyon check -c other.yaml" in out and settings(w) == "mine", out
    halcyon(w, "check", "--offline", "-c", "other.yaml")
    _, err = init(w, "--output", "nowhere/other.yaml", code=1)
    assert "nowhere/other.yaml cannot be written" in err, err


@case(
    "init keeps a password out of the file and reads only what the user may",
    options=("--user", "ann:s3cr3t:read@shop", "--user", "root:root:root@admin"),
)
def rights(w):
    root = w.stack.uri("?replicaSet=rs0&authSource=admin", "root:root@")
    with contextlib.closing(type(w.client)(root)) as client:
        client.shop.products.insert_many(products(0, 3))
        client.other.secrets.insert_many(products(0, 3))
    uri = w.stack.uri("?replicaSet=rs0&authSource=shop", "ann:s3cr3t@")
    out, err = halcyon(w, "init", environment={"MONGODB_URI": uri})
    text = settings(w)
    assert "s3cr3t" not in text + out + err, text + out + err
    assert "set MONGODB_URI" in text and "shop.products" in text and "other." not in text, text
    halcyon(w, "check", "--offline")
    _, err = halcyon(w, "init", "--mongodb", uri, "--database", "other", "--output", "o.yaml", code=1)
    assert "s3cr3t" not in err and "no collection with text was found in other" in err, err
    _, err = halcyon(w, "init", "--mongodb", uri.replace("s3cr3t", "wr0ng"), "--output", "o.yaml", code=1)
    assert "password" in err and "wr0ng" not in err, err


@case("init says why there is nothing to propose, and writes nothing")
def nothing(w):
    w.db.counters.insert_many([{"_id": i, "n": i} for i in range(5)])
    _, err = init(w, code=1)
    assert "no collection with text" in err and ".counters: no text, only n" in err, err
    _, err = halcyon(w, "init", code=2)
    assert "--mongodb is missing" in err, err
    _, err = halcyon(w, "init", "--mongodb", "nonsense", code=2)
    assert err.startswith("--mongodb: "), err
    _, err = halcyon(w, "init", "--mongodb", w.uri, "--qdrant", "http://127.0.0.1:6334", code=2)
    assert err.startswith("--qdrant: ") and "gRPC" in err, err
    _, err = halcyon(w, "init", "--mongodb", w.uri, "--qdrant", "http://ann:s3cr3t@q:6333", code=2)
    assert err.startswith("--qdrant: ") and "credentials" in err and "s3cr3t" not in err, err
    w.stack.control("POST", "/mongodb/down?ms=600000")
    _, err = init(w, code=4)
    assert "no MongoDB answers on 127.0.0.1" in err and "start it" in err, err
    assert not os.path.exists(w.sidecar.config)


@case("init tells a stand-alone server's owner how to make a replica set", options=("--standalone",))
def standalone(w):
    _, err = init(w, code=1)
    assert "rs.initiate()" in err and "--replSet" in err, err


@case("a collection that cannot be read is named with its reason, the others get their routes")
def one_unreadable(w):
    fill(w)
    w.fault(server="mongodb", match="count", contains="articles", action="error", code=50, message="took too long")
    out, _ = init(w)
    assert ".articles" in out and "took too long" in out and ".products -> products" in out, out


def at_terminal(w, lines, *words):
    """(exit code, all that was shown), typed line by line, each when a question stands there"""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [w.programs.halcyon, "init", *where(w), *words],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=w.folder,
    )
    os.close(slave)
    shown, answered, end, left = "", 0, time.monotonic() + PATIENCE, list(lines)
    while time.monotonic() < end:
        if select.select([master], [], [], 0.1)[0]:
            try:
                shown += os.read(master, 65536).decode(errors="replace")
            except OSError:  # the other side is closed
                break
        if left and shown.endswith(": ") and "Enter: " in shown[answered:]:
            answered = len(shown)
            os.write(master, (left.pop(0) + "\n").encode())
    os.close(master)
    return process.wait(PATIENCE), shown


@case("on a terminal init asks what to keep, what to search, and whether to write over a file", embedder="lexical")
def asked(w):
    fill(w)
    with open(w.sidecar.config, "w", encoding="utf-8") as file:
        file.write("mine")
    code, shown = at_terminal(w, ["n"])
    assert code == 2 and "Write over it?" in shown and settings(w) == "mine", shown
    code, shown = at_terminal(w, ["y", "7", "2", "nmae", "name"])
    # The table is sorted by name: articles, products. Only products has strings to choose among.
    assert code == 0, shown
    assert '"7" is none of 1 to 2' in shown, shown
    assert "text: [name" in settings(w) and "articles (not chosen)" in settings(w), settings(w)
    halcyon(w, "check", "--offline")


FLAGS = ("--text", "name,description", "--payload", "name,price")


@case("one route is served from flags alone, without a settings file", embedder="lexical")
def flags(w):
    w.db.products.insert_many(products(0, 30))
    w.configure([PRODUCTS])  # for the commands that ask the sidecar, which find it by its state
    route = ("--mongodb", w.uri, "--qdrant", w.qdrant.url, "--from", f"{w.database_name}.products")
    route += (*FLAGS, "--to", w.collection("products"), "--state", os.path.join(w.folder, "state"), "--listen", "127.0.0.1:0")
    out, err = halcyon(w, "check", *route)
    assert "1 routes into 1 collections" in out and "from flags, without a settings file" in err, out + err
    planned = json.loads(halcyon(w, "plan", "--json", *route)[0])
    assert planned["total"]["embed"] == 30, planned
    w.sidecar.start(*route)
    w.settle()
    w.db.products.update_one({"_id": 3}, {"$set": {"name": "renamed"}})
    w.settle()


@case("flags that are wrong are named, and never mixed with a settings file")
def wrong_flags(w):
    w.configure([PRODUCTS])
    _, err = halcyon(w, "run", "--from", "shop.products", "-c", w.sidecar.config, code=2)
    assert "exclude each other" in err, err
    _, err = halcyon(w, "plan", "--from", "products", "--text", "name", "--qdrant", "http://127.0.0.1:6334", code=2)
    assert "--from: routes[0].from: " in err and "--qdrant: qdrant.url: " in err and "2 mistakes" in err, err
    # The folder has a halcyon.yaml: flags alone count.
    out, err = halcyon(w, "check", "--offline", "--from", "shop.things", "--text", "{{name}}")
    assert "shop.things -> things" in err and "state in " in err, err
