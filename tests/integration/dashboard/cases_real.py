"""What the page and the real program do together: MongoDB, an embedding service and Qdrant are there, and are looked at afterwards."""

from case import REAL, case
from cases_access import enter, refused
from cases_live import cut, mend
from cases_operate import button, dialog
from subject import OPERATOR, VIEWER


# The server answers in turn, so a subscription before it is in force.
PONG = """async () => {
  const {socket} = (await import('/assets/store.js')).telemetry;
  const pong = new Promise((heard) => socket.addEventListener('message', (m) => JSON.parse(m.data).type === 'pong' && heard(true)));
  socket.send(JSON.stringify({type: 'ping'}));
  return pong;
}"""


def products(first, count):
    return [{"_id": i, "name": f"product {i}", "price": i} for i in range(first, first + count)]


def figure(visit, status, number):
    """Until the only collection has so many documents of a status."""
    visit.until("([status, n]) => document.querySelector(`.card .figure.${status} .number`)?.textContent === n", [status, f"{number:,}"])


def loaded(subject, visit, count, route="/"):
    """Documents that are held already, and an operator who looks at a view."""
    subject.world.db.products.insert_many(products(0, count))
    subject.world.settle()
    enter(visit, OPERATOR, route)


def failing(subject, visit, **how):
    """One document among others that fails: `sick` for a while, `poison` for good. Its row in a list of documents is shown."""
    world = subject.world
    for kind, text in how.items():
        setattr(world.service, kind, text)
    world.db.products.insert_many([*products(0, 20), {"_id": "bad", "name": "poison"}])
    enter(visit, OPERATOR)
    figure(visit, "synced", 20)
    figure(visit, "failed", 1)
    visit.page.locator(".card .figure.failed").click()
    row = visit.page.locator("tbody tr")
    row.wait_for()
    assert visit.page.get_by_label("Status").input_value() == "failed" and row.locator("a.id").text_content() == "bad"
    return row


def held(world):
    """What MongoDB holds is what Qdrant holds."""
    world.settle()
    assert world.count() == world.db.products.count_documents({})


@case("documents are counted as they are written, changed and deleted, and nobody reloads the page", tokens=True, on=(REAL,))
def arrive(subject, visit):
    world = subject.world
    enter(visit, OPERATOR)
    visit.shows("In sync", ".verdict .word")
    visit.page.evaluate("window.untouched = true")
    world.db.products.insert_many(products(0, 40))
    figure(visit, "synced", 40)
    world.service.slow = True
    world.db.products.insert_many(products(40, 25))
    visit.shows("25 documents waiting", ".verdict .behind")
    figure(visit, "synced", 40)
    world.service.recover()
    figure(visit, "synced", 65)
    world.db.products.delete_many({"_id": {"$lt": 5}})
    figure(visit, "synced", 60)
    visit.shows("In sync", ".verdict .word")
    visit.shows("nothing waits", ".verdict .behind")
    embedded = visit.page.locator(".fact").filter(has_text="Texts embedded").locator(".value").text_content()
    assert embedded == str(world.service.embedded()), embedded
    held(world)
    visit.go("/log")
    visit.page.locator(".view.log").wait_for()
    visit.until(PONG)
    world.db.products.insert_one({"_id": "one more", "name": "one more"})
    events = visit.page.get_by_role("log", name="Events", exact=True)
    events.get_by_text("embedded and written").wait_for()
    assert set(events.get_by_role("link").all_text_contents()) == {"one more"}
    assert visit.page.evaluate("window.untouched"), "the page was loaded again"


@case("a failed document is shown with its code, tells its story, and is retried once the service is mended", tokens=True, on=(REAL,))
def retried(subject, visit):
    world = subject.world
    row = failing(subject, visit, sick="poison")
    assert row.locator("td.why code").text_content() == "EMBEDDING_UNAVAILABLE"
    assert "HTTP 500" in row.locator("td.why").text_content()
    assert row.locator("[data-part=attempts]").text_content() == "1"
    row.locator("a.id").click()
    visit.page.get_by_role("heading", name="bad", level=1).wait_for()
    visit.shows("failed: attempt 1", ".conclusion")
    visit.shows("EMBEDDING_UNAVAILABLE", ".troubles")
    visit.shows("none: nothing was confirmed yet", ".side")
    visit.shows("holds nothing of it", ".side")
    visit.shows("failed", ".timeline .what")
    world.service.sick = None
    visit.go("/documents?status=failed")
    row.get_by_role("checkbox").check()
    button(visit, "Retry").click()
    visit.shows("1 document tried again", ".toast")
    visit.shows("No document is failed here", ".panel")
    held(world)
    visit.go(f"/documents/explain?namespace={world.db.name}.products&id=bad")
    visit.shows("synced: nothing to do", ".conclusion")
    visit.shows("embedded and written", ".timeline .what")
    assert visit.page.locator(".flag").count() == 0
    visit.go("/")
    figure(visit, "failed", 0)
    figure(visit, "synced", 21)


@case("a dead letter calls for a person, is read, and goes when it is tried again after the service was mended", tokens=True, on=(REAL,))
def letter(subject, visit):
    world = subject.world
    row = failing(subject, visit, poison="poison")
    assert row.locator("td.why code").text_content() == "EMBEDDING_REJECTED"
    assert row.locator("[data-part=next]").text_content() == "never: dead letter"
    visit.shows("Needs you", ".verdict .word")
    visit.shows("1", ".tabs .badge")
    visit.go("/")
    visit.shows("1 dead letter", ".note.red")
    visit.page.get_by_role("link", name="Show dead letters").click()
    of = f"bad in {world.collection('products')}"
    button(visit, f"Payload of {of}").click()
    assert '"poison"' in dialog(visit).locator("pre").text_content()
    button(visit, "Close").click()
    world.service.poison = None
    button(visit, f"Retry {of}").click()
    visit.shows("bad tried again", ".toast")
    visit.shows("No dead letters", ".panel")
    visit.until("() => [...document.querySelectorAll('.tabs .badge')].every((n) => n.hidden)")
    visit.shows("In sync", ".verdict .word")
    held(world)


@case("a backfill tells its cost and writes nothing, then runs, shows how far it is, and ends", tokens=True, on=(REAL,))
def backfill(subject, visit):
    world, many = subject.world, 3000
    name = world.collection("products")
    loaded(subject, visit, many, f"/jobs?collection={name}")
    embedded, writes = world.service.embedded(), world.writes()
    visit.page.get_by_label("Mode").select_option("full")
    visit.page.get_by_label("At most waiting").fill("1000")
    button(visit, "See what it costs").click()
    visit.shows(f"{many:,} texts to embed", ".trial")
    assert (world.service.embedded(), world.writes()) == (embedded, writes), "a dry run did something"


    def hold(stage):
        """After some requests that were answered."""
        world.service.slow = world.service.slow or (stage == "made" and world.service.embedded() > embedded + many // 10)

    world.service.watch = hold
    button(visit, "Start for real").click()
    visit.shows("The backfill runs", ".toast")
    job = visit.page.get_by_role("article", name=f"Backfill of {name}", exact=True)
    far = "() => { const p = document.querySelector('.job progress'); return p && p.value > 0 && p.value < 1; }"
    visit.until(far)
    job.get_by_text("running", exact=True).wait_for()
    job.get_by_text("Waits:").wait_for()
    visit.shows("1", ".tabs .badge")
    world.service.watch = lambda stage: None
    world.service.recover()
    job.get_by_text("done", exact=True).wait_for()
    figures = job.locator(".cost").inner_text().split()
    assert figures == ["embedded", f"{many:,}", "written", f"{many:,}", "unchanged", "0", "removed", "0"], figures
    assert world.service.embedded() == embedded + many
    held(world)


@case("a cut connection shows as stale, comes back by itself, and brings what happened meanwhile", tokens=True, on=(REAL,))
def away(subject, visit):
    world = subject.world
    loaded(subject, visit, 10)
    figure(visit, "synced", 10)
    cut(subject, visit)
    world.db.products.insert_many(products(10, 15))
    world.settle()
    figure(visit, "synced", 10)
    mend(subject, visit)
    figure(visit, "synced", 25)


@case("an operator pauses a collection, nothing is written there, and resumes it; a viewer can do neither", tokens=True, on=(REAL,))
def pause(subject, visit):
    world = subject.world
    name = world.collection("products")
    loaded(subject, visit, 10)
    button(visit, f"Pause {name}").click()
    button(visit, "Pause", dialog(visit)).click()
    visit.shows(f"Paused: {name}", ".toast")
    visit.shows("paused by an operator", ".card .state.amber")
    visit.shows("Waiting", ".verdict .word")
    world.db.products.insert_many(products(10, 15))
    visit.shows("15 documents waiting", ".verdict .behind")
    assert world.count() == 10
    button(visit, "Sign out").click()
    enter(visit, VIEWER)
    changes = []
    visit.page.on("request", lambda r: r.method != "GET" and changes.append(r.url))
    refused(visit, f"Resume {name}")
    visit.shows("only an operator", ".toast")
    assert not changes, changes
    visit.expected = (*visit.expected, "403")
    status = visit.page.evaluate("async (path) => (await import('/assets/api.js')).post(path).catch((e) => e.status)", f"v1/collections/{name}/resume")
    assert status == 403, f"a viewer who asks by himself gets {status}"
    assert world.count() == 10
    button(visit, "Sign out").click()
    enter(visit, OPERATOR)
    button(visit, f"Resume {name}").click()
    visit.shows(f"Resumed: {name}", ".toast")
    figure(visit, "synced", 25)
    visit.shows("In sync", ".verdict .word")
    held(world)
