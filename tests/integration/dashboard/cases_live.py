"""What is shown is of now, and says so when it is not."""

from case import case

NUMBER = "(selector) => { const n = document.querySelector(selector); return n && /[1-9]/.test(n.textContent); }"


@case("numbers move by themselves, and the charts are drawn")
def live(subject, visit):
    visit.open()
    visit.until(NUMBER, ".flow .rate")
    before = visit.page.locator(".chart .now").first.text_content()
    written = visit.page.locator(".verdict .behind").text_content()
    visit.until("(before) => document.querySelector('.chart .now').textContent !== before", before)
    visit.until("(before) => document.querySelector('.verdict .behind').textContent !== before", written)
    visit.until(
        """() => [...document.querySelectorAll('canvas')].every((c) => {
          const {data} = c.getContext('2d').getImageData(0, 0, c.width, c.height);
          return data.some((v, i) => i % 4 === 3 && v > 0);
        })"""
    )
    labels = visit.page.locator("canvas").evaluate_all("(all) => all.map((c) => c.getAttribute('aria-label'))")
    assert len(labels) == 4 and all("the last" in label and "now" in label for label in labels), labels


@case("the verdict is one word, and what is wrong leads to where it is mended", mood="guarded")
def wrong(subject, visit):
    visit.open()
    visit.shows("Needs you", ".verdict .word")
    visit.shows("asks", ".note.red")
    visit.shows("reviews paused", ".flow .stage.amber")
    visit.shows("Settings: shop.products", ".note.blue")
    visit.page.get_by_role("link", name="Show dead letters").click()
    visit.page.get_by_role("heading", name="Dead letters", level=1).wait_for()


@case("all is well: calm, green, and nothing to do", mood="calm")
def calm(subject, visit):
    visit.open()
    visit.shows("In sync", ".verdict .word")
    visit.shows("nothing waits", ".verdict .behind")
    assert visit.page.locator(".note.red, .note.amber").count() == 0
    assert visit.page.locator(".card .state.green").count() == visit.page.locator(".card").count() > 0


@case("the flow shows one collection when asked, with what it waits for")
def one_collection(subject, visit):
    visit.open()
    visit.shows("reviews", ".card h3")
    visit.page.get_by_label("Collection that flow and charts show").select_option("reviews")
    visit.shows("no space left", ".stuck")
    visit.shows("reviews paused", ".flow .stage.red")
    visit.page.get_by_label("Collection that flow and charts show").select_option("articles")
    visit.page.locator(".stuck").wait_for(state="hidden")
    assert visit.page.locator(".flow .stage.red, .flow .stage.amber").count() == 0


def cut(subject, visit):
    """The connection is cut, and the page says that what it shows is old."""
    visit.expected = (*visit.expected, "ERR_", "WebSocket", "Failed to load")
    subject.wire.cut()
    visit.shows("Stale", ".connection")
    visit.until("() => /since [2-9] s/.test(document.querySelector('.connection').textContent)")
    assert "saturate" in visit.page.locator("main").evaluate("(n) => getComputedStyle(n).filter")
    visit.shows("– /s", ".flow .rate")


def mend(subject, visit):
    """It can be made again, and the page does so by itself."""
    subject.wire.mend()
    visit.until("() => document.documentElement.dataset.connection === 'live'", seconds=25)
    visit.until("() => document.querySelector('.verdict').dataset.state !== 'unknown'")
    assert visit.page.locator("main").evaluate("(n) => getComputedStyle(n).filter") == "none"


@case("a cut connection shows as stale, and comes back by itself")
def stale(subject, visit):
    visit.open()
    visit.shows("Live", ".connection")
    cut(subject, visit)
    visit.shows("No answer", ".verdict .word")
    mend(subject, visit)
    visit.until(NUMBER, ".flow .rate")


@case("what is typed and chosen stays while the page moves")
def steady(subject, visit):
    visit.open("/jobs?collection=products")
    bound = visit.page.get_by_label("At most waiting")
    bound.fill("6000")
    handle = bound.element_handle()
    for _ in range(2):
        behind = visit.page.locator(".verdict .behind").text_content()
        visit.until("(before) => document.querySelector('.verdict .behind').textContent !== before", behind)
    assert handle.evaluate("(n) => n.isConnected && n === document.activeElement && n.value") == "6000"
    assert visit.page.get_by_label("Collection").input_value() == "products"


@case("the theme goes round from the system's to light, dark and back, and is kept")
def theme(subject, visit):
    visit.open()
    page = lambda: visit.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    light = page()
    button = visit.page.locator(".theme")
    assert button.get_attribute("aria-label") == "Theme: auto"
    button.click()
    assert page() == light
    button.click()
    assert button.get_attribute("aria-label") == "Theme: dark" and page() != light
    dark = page()
    visit.page.reload()
    visit.shows("Live", ".connection")
    assert page() == dark
    button.click()
    assert button.get_attribute("aria-label") == "Theme: auto" and page() == light


@case("text of the server is text, whatever it looks like")
def no_markup(subject, visit):
    evil = "<img src=x onerror=alert(1)>"
    with subject.mock.lock:
        subject.mock.world.collections["reviews"]["reason"] = evil
        next(d for d in subject.mock.world.documents if d["status"] == "failed").update(error=evil)
    visit.open()
    visit.shows(evil, ".note")
    visit.shows(evil, ".card .reason")
    visit.go("/documents?status=failed")
    visit.shows(evil, "td.why")
    visit.page.locator("tbody tr").filter(has_text=evil).locator("a.id").first.click()
    visit.shows(evil, ".troubles")
    visit.go("/log")
    visit.shows("What the program says")
    with subject.mock.lock:
        subject.mock.world.say("error", "pipeline", evil)
    visit.shows(evil, ".tail .message")
    assert visit.page.locator("main img").count() == 0


@case("a message that is missing, or a patch of something unknown, leads to a new connection")
def gap(subject, visit):
    another = """async () => {
      const {telemetry} = await import('/assets/store.js');
      window.before ??= telemetry.socket;
      return telemetry.live && telemetry.socket !== window.before;
    }"""
    visit.open()
    visit.shows("Live", ".connection")
    visit.until(f"async () => !(await ({another})())")
    for connection in list(subject.mock.connections):
        connection.seq += 1
    visit.until(another)
    visit.page.evaluate("async () => { const {telemetry} = await import('/assets/store.js'); window.before = telemetry.socket; delete telemetry.topics.pipeline; }")
    visit.until(another)
    visit.until(NUMBER, ".flow .rate")


@case("a server that is replaced begins its figures anew")
def replaced(subject, visit):
    visit.open()
    visit.until(NUMBER, ".flow .rate")
    with subject.mock.lock:
        subject.mock.world.total = 5.0
        subject.mock.world.began += 100
    visit.until(
        """async () => {
          const {store, series} = await import('/assets/store.js');
          const rates = series('events').map((p) => p.y);
          if (rates.some((y) => y !== null && y < 0)) throw new Error('a negative rate');
          return store.history.length > 2 && store.history.every((p) => p.events < 100000);
        }"""
    )
