"""Who may see and do what."""

from case import MOCK, REAL, case
from subject import OPERATOR, VIEWER


def sign_in(visit, token):
    visit.page.get_by_label("Token").fill(token)
    visit.page.get_by_role("button", name="Sign in").click()


def enter(visit, token, route="/"):
    """Opens a view as somebody who has a token."""
    visit.expected = (*visit.expected, "401")
    visit.open(route)
    sign_in(visit, token)
    visit.shows("Live", ".connection")


def refused(visit, name):
    """A button is there, says who may press it, and does nothing."""
    button = visit.page.get_by_role("button", name=name, exact=True)
    button.wait_for()
    assert button.get_attribute("aria-disabled") == "true", f"{name} is not disabled"
    for told in ("title", "aria-description"):
        assert "only an operator" in (button.get_attribute(told) or ""), f"{name}: no {told}"
    button.focus()
    visit.page.keyboard.press("Enter")


@case("without tokens nobody is asked for one", on=(MOCK, REAL), everywhere=True)
def no_tokens(subject, visit):
    visit.open()
    visit.shows("Live", ".connection")
    assert visit.page.get_by_role("button", name="Sign out").is_hidden()
    visit.shows("operator", ".role")


@case("a wrong token is told, a right one enters, and no address ever has it", tokens=True, on=(MOCK, REAL))
def login(subject, visit):
    visit.expected = ("401",)
    addresses = []
    visit.page.on("request", lambda r: addresses.append(r.url))
    visit.page.on("websocket", lambda w: addresses.append(w.url))
    visit.open("/jobs")
    token = visit.page.get_by_label("Token")
    token.wait_for()
    assert token.evaluate("(n) => n === document.activeElement"), "the field for the token has no focus"
    assert token.get_attribute("type") == "password"
    sign_in(visit, "token-of-nobody")
    visit.shows("not known", "[role=alert]")
    assert token.get_attribute("aria-invalid") == "true"
    sign_in(visit, OPERATOR)
    visit.shows("Live", ".connection")
    visit.shows("ops · operator", ".role")
    visit.shows("Start a backfill", "main")
    assert visit.page.evaluate("sessionStorage.getItem('halcyon.token')") == OPERATOR
    visit.page.reload()
    visit.shows("Live", ".connection")
    visit.page.get_by_role("button", name="Sign out").click()
    token.wait_for()
    assert visit.page.evaluate("sessionStorage.length") == 0
    assert visit.page.evaluate("JSON.stringify(localStorage)").find(OPERATOR) < 0
    assert len(addresses) > 20 and not [a for a in addresses if "token-of" in a or "token." in a], addresses


@case("a viewer sees why an operator's buttons do nothing", tokens=True, mood="guarded")
def viewer(subject, visit):
    changes = []
    visit.page.on("request", lambda r: r.method != "GET" and changes.append(r.url))
    enter(visit, VIEWER)
    visit.shows("wall · viewer", ".role")
    for route, names in (
        ("/", ["Let it go on", "Pause products"]),
        ("/documents", ["Retry all failed", "Run the retry worker"]),
        ("/jobs", ["See what it costs"]),
        ("/dead-letters", ["Retry all"]),
        ("/log", ["Set the level of the process"]),
    ):
        visit.go(route)
        for name in names:
            refused(visit, name)
    visit.shows("only an operator", ".toast")
    assert visit.page.locator("dialog").count() == 0
    assert not changes, changes


@case("a token that is taken back leads to the form again", tokens=True)
def taken_back(subject, visit):
    visit.expected = ("WebSocket",)
    enter(visit, OPERATOR)
    subject.mock.tokens.clear()
    subject.mock.tokens["another"] = ("operator", "ops")
    subject.wire.cut()
    subject.wire.mend()
    visit.page.get_by_label("Token").wait_for()
    assert visit.page.locator(".tabs").is_hidden()
