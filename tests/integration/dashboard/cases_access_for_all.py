"""With a keyboard, with a screen reader, on a phone, in light and dark."""

import pathlib
import re

from browser import SIZES, Visit
from case import case

VIEWS = {
    "overview": "/",
    "documents": "/documents",
    "explain": "/documents/explain?namespace=shop.products&id=%22e148%22",
    "jobs": "/jobs?collection=products",
    "dead-letters": "/dead-letters",
    "log": "/log",
    "settings": "/settings",
}
# What tells that a view has all that it waits for.
FILLED = {
    "overview": ".card .figure",
    "documents": "tbody tr",
    "explain": ".conclusion, .story-box .empty",
    "jobs": ".job, .job-list .empty",
    "dead-letters": "tbody tr, .panel .empty",
    "log": ".tail-box",
    "settings": "tbody tr",
}


def shown(visit, view):
    visit.go(VIEWS[view])
    visit.page.locator(f".view.{view}").wait_for()
    visit.page.locator(FILLED[view]).first.wait_for()


def no_faults(visit, what):
    faults = visit.axe()
    assert not faults, f"{what}:\n" + "\n".join(faults)


@case("axe finds nothing serious in any view, in light and in dark, on a desk and on a phone", everywhere=True)
def axe(subject, visit):
    for size in ("desktop", "phone"):
        for scheme in ("light", "dark"):
            with Visit(visit.context.browser, subject.url, size, scheme) as own:
                own.open()
                own.shows("Live", ".connection")
                for view in VIEWS:
                    shown(own, view)
                    no_faults(own, f"{view}, {size}, {scheme}")


@case("axe finds nothing serious in questions, messages, a dry run, a viewer's page and the form for a token", tokens=True, mood="guarded")
def axe_parts(subject, visit):
    from cases_access import sign_in
    from subject import OPERATOR, VIEWER

    for scheme, collection in (("light", "products"), ("dark", "articles")):
        with Visit(visit.context.browser, subject.url, "desktop", scheme) as own:
            own.expected = ("401",)
            own.open()
            own.page.get_by_label("Token").wait_for()
            no_faults(own, f"the form, {scheme}")
            sign_in(own, VIEWER)
            own.shows("Live", ".connection")
            own.page.get_by_role("button", name="Let it go on").wait_for()
            no_faults(own, f"a viewer's page, {scheme}")
            own.page.get_by_role("button", name="Sign out").click()
            sign_in(own, OPERATOR)
            own.page.get_by_role("button", name="Let it go on").click()
            no_faults(own, f"a question, {scheme}")
            own.page.keyboard.press("Escape")
            own.go(f"/jobs?collection={collection}")
            own.page.get_by_role("button", name="See what it costs").click()
            own.page.get_by_role("button", name="Start for real").wait_for()
            no_faults(own, f"a dry run, {scheme}")
            own.page.get_by_role("button", name="Start for real").click()
            own.shows("The backfill runs", ".toast")
            no_faults(own, f"a message, {scheme}")


@case("no view is wider than a phone, nor hides anything at its side", size="phone", everywhere=True)
def phone(subject, visit):
    visit.open()
    visit.shows("Live", ".connection")
    for view in VIEWS:
        shown(visit, view)
        wide, what = visit.overflow()
        assert wide <= 0, f"{view} is {wide} px too wide: {what}"
        small = visit.page.locator("main button:visible").evaluate_all("(all) => all.filter((n) => n.getBoundingClientRect().height < 24).map((n) => n.textContent)")
        assert not small, f"{view}: too small to be touched: {small}"


def focus(visit):
    """What has the focus, as role and name."""
    return visit.page.evaluate(
        "() => { const n = document.activeElement; return `${n.tagName} ${(n.getAttribute('aria-label') ?? n.textContent ?? '').trim().slice(0, 60)}`; }"
    )


def tab_to(visit, expected, most=60, key="Tab"):
    for _ in range(most):
        visit.page.keyboard.press(key)
        if re.fullmatch(expected, focus(visit)):
            return
    raise AssertionError(f"{most} times {key} does not lead to {expected}; the focus is on {focus(visit)}")


@case("everything is done with the keyboard alone, and the focus is always seen")
def keyboard(subject, visit):
    visit.open()
    visit.shows("articles", ".card h3")
    visit.page.keyboard.press("Tab")
    assert "Skip to content" in focus(visit)
    assert visit.page.locator("#skip").bounding_box()["y"] >= 0, "the link is not seen while it has the focus"
    visit.page.keyboard.press("Enter")
    assert focus(visit).startswith("MAIN")
    visit.page.keyboard.press("Shift+Tab")
    tab_to(visit, "A Documents", key="Shift+Tab")
    ring = visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring == "solid", f"no ring: {ring}"
    visit.page.keyboard.press("Enter")
    visit.page.get_by_role("heading", name="Documents", level=1).wait_for()
    assert focus(visit) == "H1 Documents", "the focus is not on the new view's heading"
    assert visit.page.title() == "Documents – halcyon"
    visit.page.locator("tbody tr").first.wait_for()
    tab_to(visit, "INPUT Choose all of this page")
    tab_to(visit, "INPUT Choose .*")
    visit.page.keyboard.press("Space")
    visit.shows("1 chosen", ".choice")
    tab_to(visit, "BUTTON Retry", key="Shift+Tab")
    visit.page.keyboard.press("Enter")
    visit.shows("tried again", ".toast")
    visit.go("/dead-letters")
    visit.page.locator("tbody tr").first.wait_for()
    assert focus(visit) == "H1 Dead letters"
    tab_to(visit, "BUTTON Drop .*")
    before = focus(visit)
    visit.page.keyboard.press("Enter")
    visit.page.get_by_role("dialog").wait_for()
    assert focus(visit) == "BUTTON Leave it"
    for _ in range(4):  # the question keeps the focus
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')"), focus(visit)
    visit.page.keyboard.press("Escape")
    visit.page.get_by_role("dialog").wait_for(state="detached")
    assert focus(visit) == before, f"the focus went to {focus(visit)}"
    tab_to(visit, "BUTTON Drop .*")
    visit.page.keyboard.press("Enter")
    tab_to(visit, "BUTTON Drop it")
    visit.page.keyboard.press("Enter")
    visit.shows("is dropped", ".toast")


@case("the page has landmarks, one heading of the first level, and tells the verdict once", everywhere=True)
def landmarks(subject, visit):
    visit.open()
    visit.shows("Live", ".connection")
    for role in ("banner", "main", "navigation"):
        assert visit.page.get_by_role(role).count() == 1, role
    for view in VIEWS:
        shown(visit, view)
        assert visit.page.locator("h1").count() == 1, view
        assert visit.page.locator(".tabs [aria-current=page]").count() == 1, view
    told = visit.page.locator(".verdict [aria-live=polite]").text_content()
    assert told.startswith(visit.page.locator(".verdict .word").text_content()), told


@case("nothing moves for those who asked for that", everywhere=True)
def still(subject, visit):
    visit.open()
    visit.shows("Live", ".connection")
    moving = visit.page.evaluate("document.getAnimations().length")
    assert moving == 0, f"{moving} animations run"


@case("every view, in light and dark, on a phone, a desk and a wide screen, is kept as a picture", everywhere=True)
def pictures(subject, visit):
    if not subject.pictures:
        return
    folder = pathlib.Path(subject.pictures)
    folder.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        for scheme in ("light", "dark"):
            with Visit(visit.context.browser, subject.url, size, scheme) as own:
                own.open()
                own.shows("Live", ".connection")
                own.until("() => /[1-9]/.test(document.querySelector('.flow .rate').textContent)")
                for view in VIEWS:
                    shown(own, view)
                    own.page.screenshot(path=folder / f"{view}-{size}-{scheme}.png", full_page=size != "wide")
