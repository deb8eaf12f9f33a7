"""What an operator does: each change is asked for where it should be, sent as agreed, and seen afterwards."""

from case import case


def sent(subject, path):
    with subject.mock.lock:
        return [body for method, p, _, body in subject.mock.requests if method != "GET" and p == path]


def button(visit, name, where=None):
    return (where or visit.page).get_by_role("button", name=name, exact=True)


def dialog(visit):
    found = visit.page.get_by_role("dialog")
    found.wait_for()
    return found


@case("a failed document is retried from the list")
def retry(subject, visit):
    visit.open("/documents?status=failed")
    rows = visit.page.locator("tbody tr")
    rows.first.wait_for()
    assert visit.page.get_by_label("Status").input_value() == "failed"
    many, own = rows.count(), rows.first.locator("a.id").text_content()
    assert button(visit, "Retry").is_disabled()
    rows.first.get_by_role("checkbox").check()
    visit.shows("1 chosen", ".choice")
    button(visit, "Retry").click()
    visit.shows("1 document tried again", ".toast")
    visit.until("(many) => document.querySelectorAll('tbody tr').length === many", many - 1)
    assert own not in visit.page.locator("tbody a.id").all_text_contents()
    assert sent(subject, "/v1/documents/retry") == [{"documents": [{"collection": "products", "namespace": "shop.products", "id": f'"{own}"'}]}]
    visit.shows("None chosen", ".choice")


@case("force and reset are said, and a page is chosen at once")
def force(subject, visit):
    visit.open("/documents?status=failed")
    visit.page.locator("tbody tr").nth(2).wait_for()
    rows = visit.page.locator("tbody tr").count()
    visit.page.get_by_label("Choose all of this page").check()
    visit.shows(f"{rows} chosen", ".choice")
    visit.page.locator("tbody").get_by_role("checkbox").first.uncheck()
    button(visit, "Retry with force").click()
    visit.shows("embedded and written again", ".toast")
    visit.page.locator("tbody").get_by_role("checkbox").first.check()
    button(visit, "Reset attempts").click()
    visit.shows("begun anew", ".toast")
    first, second = sent(subject, "/v1/documents/retry")
    assert first["force"] is True and len(first["documents"]) == rows - 1
    assert second["reset"] is True and len(second["documents"]) == 1
    visit.shows("No document is failed here", ".panel")


@case("all that failed, all that are pending, and the worker: asked, and for the collection that is shown")
def many(subject, visit):
    visit.open("/documents?collection=products")
    visit.page.locator("tbody tr").first.wait_for()
    button(visit, "Retry all failed").click()
    button(visit, "Leave it", dialog(visit)).click()
    assert sent(subject, "/v1/documents/retry") == []
    button(visit, "Retry all failed").click()
    assert "In the collection products" in dialog(visit).text_content()
    button(visit, "Go on").click()
    visit.shows("tried again", ".toast")
    visit.page.get_by_label("Collection").select_option("")
    button(visit, "Sync all pending").click()
    button(visit, "Go on", dialog(visit)).click()
    visit.shows("tried now", ".toast")
    button(visit, "Run the retry worker").click()
    visit.shows("in 3 collections", ".toast")
    assert sent(subject, "/v1/documents/retry") == [{"status": "failed", "collection": "products"}, {"status": "pending"}]
    assert sent(subject, "/v1/worker/run") == [{}]


@case("lists are paged there and back, and the filter is part of the address")
def paging(subject, visit):
    visit.open("/documents")
    visit.shows("1 to 50", ".where")
    first = visit.page.locator("tbody a.id").first.text_content()
    assert button(visit, "Newer").is_disabled()
    button(visit, "Older").click()
    visit.shows("51 to 100", ".where")
    button(visit, "Older").click()
    visit.shows("101 to", ".where")
    assert button(visit, "Older").is_disabled()
    button(visit, "Newer").click()
    button(visit, "Newer").click()
    visit.shows("1 to 50", ".where")
    assert visit.page.locator("tbody a.id").first.text_content() == first
    visit.page.get_by_label("Namespace", exact=True).select_option("shop.reviews")
    visit.page.get_by_label("Status").select_option("stale")
    visit.until("() => [...document.querySelectorAll('td.status')].every((n) => n.textContent === 'stale')")
    assert visit.page.url.endswith("#/documents?status=stale&namespace=shop.reviews")
    visit.page.reload()
    visit.until("() => document.querySelectorAll('td.status').length > 3 && [...document.querySelectorAll('td.status')].every((n) => n.textContent === 'stale')")
    visit.until("() => [...document.querySelectorAll('select')].some((n) => n.value === 'shop.reviews')")


@case("the story of a document begins with its conclusion, and shows where the sides differ")
def story(subject, visit):
    visit.open("/documents?status=failed")
    link = visit.page.locator("tbody a.id").first
    link.wait_for()
    own = link.text_content()
    link.click()
    visit.page.get_by_role("heading", name=own, level=1).wait_for()
    visit.shows("failed: attempt", ".conclusion")
    assert visit.page.locator(".side h3").all_text_contents() == ["Source", "Should", "Receipt", "Qdrant"]
    assert visit.page.locator(".flag").count() > 0
    assert visit.page.locator(".timeline li").count() > 0
    visit.page.get_by_text("The text that is embedded").click()
    visit.shows("<i>softly</i>", "pre")
    button(visit, "Retry").first.click()
    visit.shows("synced: nothing to do", ".conclusion")
    assert visit.page.locator(".flag").count() == 0


@case("any document is asked for by its _id, also one that nobody knows")
def lookup(subject, visit):
    visit.open("/documents")
    visit.until("() => document.querySelectorAll('.lookup option').length > 1")
    visit.page.get_by_label("Namespace of the document").select_option("shop.articles")
    visit.page.get_by_label("_id of the document").fill("nobody & co")
    button(visit, "Explain").click()
    visit.page.get_by_role("heading", name="nobody & co", level=1).wait_for()
    visit.shows("MongoDB does not hold it", ".conclusion")
    visit.shows("holds no such document", ".side")


@case("a backfill tells its cost before it is started, and then how far it is")
def backfill(subject, visit):
    visit.open()
    visit.page.get_by_role("link", name="Backfill products").click()
    visit.page.get_by_label("At most waiting").fill("6543")
    assert visit.page.get_by_label("Collection").input_value() == "products"
    button(visit, "See what it costs").click()
    visit.shows("Nothing is written", ".trial")
    start = button(visit, "Start for real")
    start.wait_for()
    visit.shows("410,055", ".trial")
    body = {"type": "backfill", "mode": "incremental", "collection": "products", "max_pending": 6543}
    assert sent(subject, "/v1/jobs") == [{**body, "dry_run": True}]
    start.click()
    visit.shows("The backfill runs", ".toast")
    assert sent(subject, "/v1/jobs")[1] == {**body, "dry_run": False}
    job = visit.page.get_by_role("article", name="Backfill of products", exact=True).first
    visit.shows("running", ".job .state")
    visit.until("() => { const p = document.querySelector('.job progress'); return p && p.value > 0 && p.value < 1; }")
    visit.shows("left", ".job .line")
    visit.shows("1", ".tabs .badge")
    visit.until("() => document.querySelector('.job .state').textContent === 'done'", seconds=20)
    assert "1,400" in job.text_content()


@case("another question makes a dry run void, and what runs already is told")
def twice(subject, visit):
    visit.expected = ("409",)
    visit.open("/jobs?collection=articles")
    for _ in range(2):
        button(visit, "See what it costs").click()
        button(visit, "Start for real").wait_for()
        visit.page.get_by_label("Mode").select_option("full")
        assert button(visit, "Start for real").count() == 0
        button(visit, "See what it costs").click()
        button(visit, "Start for real").click()
        visit.page.locator(".toast").first.wait_for()
    visit.shows("it runs already", ".toast.bad")
    visit.shows("does the same", ".toast.bad")


@case("a job is paused, goes on, and is cancelled after a question")
def job(subject, visit):
    visit.open("/jobs?collection=articles")
    button(visit, "See what it costs").click()
    button(visit, "Start for real").click()
    of = visit.page.get_by_role("article", name="Backfill of articles", exact=True)
    button(visit, "Pause Backfill of articles").click()
    visit.until("() => document.querySelector('.job .state').textContent === 'paused'")
    button(visit, "Resume Backfill of articles").click()
    visit.until("() => document.querySelector('.job .state').textContent === 'running'")
    button(visit, "Cancel Backfill of articles").click()
    button(visit, "Leave it", dialog(visit)).click()
    assert of.locator(".state").text_content() != "cancelled"
    button(visit, "Cancel Backfill of articles").click()
    button(visit, "Cancel the job", dialog(visit)).click()
    visit.until("() => document.querySelector('.job .state').textContent === 'cancelled'")


@case("a collection is paused after a question, which shows, and is resumed", mood="calm")
def pause(subject, visit):
    visit.open()
    visit.shows("In sync", ".verdict .word")
    button(visit, "Pause products").click()
    assert "nothing is lost" in dialog(visit).text_content()
    assert button(visit, "Leave it").evaluate("(n) => n === document.activeElement"), "the focus is not on the harmless answer"
    visit.page.keyboard.press("Escape")
    assert button(visit, "Pause products").evaluate("(n) => n === document.activeElement"), "the focus did not come back"
    button(visit, "Pause products").click()
    button(visit, "Pause", dialog(visit)).click()
    visit.shows("Paused: products", ".toast")
    visit.shows("paused by an operator", ".card .state.amber")
    visit.shows("Waiting", ".verdict .word")
    visit.shows("products paused", ".flow .stage.amber")
    button(visit, "Resume products").click()
    visit.shows("Resumed: products", ".toast")
    visit.shows("In sync", ".verdict .word")
    with subject.mock.lock:
        asked = [path for method, path, _, _ in subject.mock.requests if method == "POST"]
    assert asked == ["/v1/collections/products/pause", "/v1/collections/products/resume"], asked


@case("a guard lets go only after its question was read", mood="guarded")
def guard(subject, visit):
    visit.open()
    button(visit, "Let it go on").click()
    assert "212,400 texts" in dialog(visit).text_content()
    button(visit, "Leave it").click()
    assert sent(subject, "/v1/apply") == []
    button(visit, "Let it go on").click()
    button(visit, "Let it go on", dialog(visit)).click()
    visit.shows("The guard let go", ".toast")
    assert sent(subject, "/v1/apply") == [{}]
    visit.until("() => ![...document.querySelectorAll('.note')].some((n) => n.textContent.includes('The guard'))")


@case("dead letters: read, tried again, dropped only after a question that says it cannot be undone")
def letters(subject, visit):
    visit.open("/dead-letters")
    rows = visit.page.locator("tbody tr")
    rows.nth(2).wait_for()
    button(visit, "Payload of b204 in products").click()
    assert "<b>C. Bechstein</b>" in dialog(visit).locator("pre").text_content()
    button(visit, "Close").click()
    button(visit, "Drop b204 in products").click()
    assert "cannot be undone" in dialog(visit).text_content()
    button(visit, "Leave it").click()
    assert sent(subject, "/v1/dead-letters/drop") == [] and rows.count() == 3
    button(visit, "Drop b204 in products").click()
    button(visit, "Drop it", dialog(visit)).click()
    visit.shows("is dropped", ".toast")
    visit.until("() => document.querySelectorAll('tbody tr').length === 2")
    button(visit, "Retry a1977 in products").click()
    visit.until("() => document.querySelectorAll('tbody tr').length === 1")
    button(visit, "Retry all").click()
    button(visit, "Retry all", dialog(visit)).click()
    visit.shows("No dead letters", ".panel")
    assert sent(subject, "/v1/dead-letters/drop") == [{"collection": "products", "namespace": "shop.products", "id": '"b204"'}]
    assert sent(subject, "/v1/dead-letters/retry")[1] == {"all": True}
    visit.until("() => document.querySelector('.verdict .word').textContent !== 'Needs you'")


@case("events are filtered, held and shown again; the level of the log is set")
def log(subject, visit):
    visit.open("/log")
    events = visit.page.get_by_role("log", name="Events", exact=True)
    visit.until("() => document.querySelectorAll('.tail a').length > 2")
    visit.page.get_by_label("What", exact=True).select_option("failed")
    visit.page.get_by_label("Collection").select_option("products")
    button(visit, "Clear").first.click()
    with subject.mock.lock:
        subject.mock.world.event("products", "zz1", "failed")
        subject.mock.world.event("articles", "zz2", "failed")
    visit.shows("zz1", ".tail")
    assert "zz2" not in events.text_content() and "changed" not in events.text_content()
    button(visit, "Hold").first.click()
    with subject.mock.lock:
        subject.mock.world.event("products", "zz3", "failed")
    visit.shows("held, 1 wait", "main")
    assert "zz3" not in events.text_content()
    button(visit, "Go on").click()
    visit.shows("zz3", ".tail")
    visit.page.get_by_label("Written by the process from").select_option("debug")
    button(visit, "Set the level of the process").click()
    visit.shows("from debug on", ".toast")
    visit.page.get_by_label("Shown from").select_option("error")
    with subject.mock.lock:
        subject.mock.world.say("info", "pipeline", "not to be seen")
        subject.mock.world.say("error", "state", "the disk is full")
    visit.shows("the disk is full", ".tail .error")
    assert visit.page.get_by_text("not to be seen").count() == 0


@case("settings are found by name or value, secrets are not there")
def settings(subject, visit):
    visit.open("/settings")
    visit.page.locator("tbody tr").first.wait_for()
    every = visit.page.locator("tbody tr").count()
    visit.page.get_by_label("Find").fill("qdrant")
    visit.until("(n) => document.querySelectorAll('tbody tr').length < n", every)
    assert "qdrant.url" in visit.page.locator("tbody").text_content()
    visit.page.get_by_label("Find").fill("")
    visit.page.get_by_label("only what the file sets").check()
    assert visit.page.locator("tbody tr").count() < every
