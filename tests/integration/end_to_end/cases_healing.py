"""What was lost is found again: large events, lost history, other histories. Only what differs is embedded."""

from cases import case
from cases_live import PRODUCTS, products
from expectation import Route


def letters_and_owed(w):
    row = w.sidecar.status()["collections"][0]
    return row["dead_letters"], row["owed"]


@case("a document of 16 MB with a long _id is updated, although no event can carry it", options=("--server-version", "7.0.12"))
def really_large(w):
    # The _id stands in the event three times: in the document, as the key, and in the token.
    large = "k" * 6000
    w.db.products.insert_many(products(0, 20))
    w.run([PRODUCTS])
    w.settle()
    w.db.products.insert_one({"_id": large, "name": "large", "pad": "x" * (15 << 20)})
    w.db.products.insert_one({"_id": "between", "name": "between"})
    w.settle()
    w.db.products.update_one({"_id": large}, {"$set": {"name": "larger", "pad": "y" * ((16 << 20) - 6200)}})
    w.db.products.insert_one({"_id": "behind", "name": "behind"})
    w.settle()
    assert "the server is asked to split" in w.sidecar.log_text()
    assert "by key" in w.sidecar.log_text()
    assert letters_and_owed(w) == (0, 0)
    assert w.sidecar.status()["rescans"] == 0
    w.sidecar.stop()
    embedded = w.service.embedded()
    w.run()
    w.settle()
    assert w.service.embedded() == embedded


@case("large events come in fragments, and a cut between two of them loses nothing", options=("--server-version", "7.0.12", "--event-bytes", "4000"))
def fragments(w):
    # The name is in the event and not in its token: so there are sizes at which only the whole is too large.
    routes = [Route("articles" + "n" * 150, "products")]
    source = w.db[routes[0].source]
    source.insert_many(products(0, 20))
    w.run(routes)
    w.settle()
    for turn in range(3):
        for i in range(20):
            source.replace_one({"_id": i}, {"name": f"turn {turn}", "pad": "x" * (3000 + 40 * i)})
            if turn and i % 7 == 3:
                w.stack.control("POST", "/mongodb/cut")
    source.insert_one({"_id": "behind", "name": "behind"})
    w.settle(40)
    metrics = w.client.admin.command("serverStatus")["metrics"]["changeStreams"]
    assert metrics["largeEventsSplit"] > 5, metrics
    w.sidecar.kill()
    source.update_many({"_id": {"$type": "number"}}, {"$set": {"name": "after the kill"}})
    embedded = w.service.embedded()
    w.run()
    w.settle(40)
    assert w.service.embedded() - embedded <= 20
    assert letters_and_owed(w) == (0, 0)


@case("an event of which not even the key can be had is found by comparing everything", options=("--event-bytes", "4000"))
def unsendable(w):
    w.db.products.insert_many(products(0, 50))
    w.run([PRODUCTS])
    w.settle()
    embedded = w.service.embedded()
    w.db.products.insert_one({"_id": "k" * 2000, "name": "its key fills an event"})
    w.db.products.delete_one({"_id": 7})
    w.settle(40)
    assert w.sidecar.status()["rescans"] >= 1
    assert w.service.embedded() - embedded == 1


@case("how long the position will last is told, and what is missing to know it", options=("--oplog-bytes", "200000"))
def history_left(w):
    w.fault(server="mongodb", match="find", contains="oplog.rs", action="error", code=13, codeName="Unauthorized", count=0)
    w.db.products.insert_many(products(0, 20))
    w.run([PRODUCTS])
    w.settle()
    history = w.sidecar.status()["history"]
    assert history["left_s"] is None and not history["low"], history
    assert "grant it the role `read` on local" in history["unknown"], history
    assert w.sidecar.command("health")[0] == 0
    assert "history: unknown: the MongoDB user may not" in w.sidecar.command("status")[1]
    assert w.sidecar.log_text().count("how long the position will last is unknown") == 1
    w.sidecar.stop()
    w.stack.control("DELETE", "/faults")
    # As full as it gets: it reaches back for seconds.
    w.db.other.insert_many([{"pad": "x" * 1000} for _ in range(300)])
    w.run()
    w.settle()
    history = w.sidecar.status()["history"]
    assert history["left_s"] < 3600 and history["low"], history
    code, out, _ = w.sidecar.command("health")
    assert code == 1 and "history: " in out and "history_warning (6 h 0 min)" in out, out
    assert "which is too little" in w.sidecar.command("status")[1]
    assert "replSetResizeOplog" in w.sidecar.log_text()
    w.sidecar.stop()
    w.run([PRODUCTS], mongodb={**w.mongodb_settings(), "history_warning": "0s"})
    w.settle()
    assert w.sidecar.command("health")[0] == 0


def healed(w, lose, rescans=True, epoch=False):
    """What happened unseen is found: exactly the texts that differ are embedded, and what was deleted is gone.

    Then more is deleted than the guard lets go, and lost again: that stops, asks, and goes on when told to.
    """
    w.db.products.insert_many(products(0, 300))
    w.run([PRODUCTS])
    w.settle()
    before = w.sidecar.status()
    w.sidecar.stop()
    embedded = w.service.embedded()
    w.db.products.update_many({"_id": {"$lt": 7}}, [{"$set": {"name": {"$concat": ["$name", " changed"]}}}])
    w.db.products.update_many({"_id": {"$gte": 10, "$lt": 20}}, {"$set": {"price": -1}})
    w.db.products.delete_many({"_id": {"$gte": 290}})
    w.db.products.insert_many(products(400, 3))
    lose()
    w.run()
    w.settle()
    assert w.count() == 293
    assert w.service.embedded() - embedded == 10, "seven texts were changed, three are new"
    after = w.sidecar.status()
    assert after["collections"][0]["removed"] == 10, after["collections"]
    assert (after["epoch"] > before["epoch"]) == epoch, (before["epoch"], after["epoch"])
    w.sidecar.stop()
    w.stack.control("DELETE", "/faults")
    w.db.products.delete_many({"_id": {"$gte": 100, "$lt": 290}})
    lose()
    w.run()
    if rescans:
        w.eventually(lambda: None if w.sidecar.answers() and w.sidecar.status()["held"] else "no guard asks")
        assert w.count() == 293, "something was removed before anybody was asked"
        assert "max_delete_share" in w.sidecar.status()["held"][0]["guard"]
        assert w.sidecar.command("apply", "--yes")[0] == 0
    w.settle()
    assert w.count() == 103
    assert w.service.embedded() - embedded == 10


def refuse_tokens(w, code):
    """Every event's token is refused, and so is every time where `code` says that the history is another one."""
    w.fault(server="mongodb", match="aggregate", contains="resumeAfter", action="error", code=code, codeName="Simulated", errorLabels=["NonResumableChangeStreamError"], count=0)


@case("history lost on 4.2 (136) heals: only what differs is embedded, and the guard asks")
def lost_136(w):
    healed(w, lambda: w.stack.control("POST", "/mongodb/lose-history"))


@case("history lost (286) heals: only what differs is embedded, and the guard asks", options=("--server-version", "7.0.12"))
def lost_286(w):
    healed(w, lambda: w.stack.control("POST", "/mongodb/lose-history"))


@case("an event that is not in the history any more (280) heals: only what differs is embedded, and the guard asks")
def lost_280(w):
    healed(w, lambda: refuse_tokens(w, 280))


@case("a token that is not understood (260) costs nothing: the stream goes on from its time")
def lost_260(w):
    healed(w, lambda: refuse_tokens(w, 260), rescans=False)


@case("a restored backup heals: only what differs is embedded, and the guard asks")
def restored(w):
    healed(w, lambda: w.stack.control("POST", "/mongodb/rewind?back_seconds=3600"), epoch=True)


@case("another deployment behind the same address heals: only what differs is embedded, and the guard asks")
def replaced(w):
    healed(w, lambda: w.stack.control("POST", "/mongodb/new-identity?back_seconds=3600"), epoch=True)


@case("a collection that was dropped and made again, and whose drop nobody saw, heals: only what differs is embedded")
def made_again(w):
    def lose():
        held = list(w.db.products.find())
        w.db.products.drop()
        w.db.products.insert_many(held)
        w.stack.control("POST", "/mongodb/lose-history")

    healed(w, lose)


@case("a collection that was dropped and made again while the sidecar was stopped ends equal, and nothing of before is left")
def dropped_unseen(w):
    w.db.products.insert_many(products(0, 300))
    w.run([PRODUCTS])
    w.settle()
    w.sidecar.stop()
    embedded = w.service.embedded()
    w.db.products.drop()
    w.db.products.insert_many(products(200, 150))
    w.run()
    w.settle()
    assert w.count() == 150
    assert 50 <= w.service.embedded() - embedded <= 150
