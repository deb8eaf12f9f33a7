"""A browser that reports everything a page should not do: errors, warnings, breaches of the policy, requests elsewhere."""

import contextlib
import os
import pathlib
import shutil
import time

import axe_playwright_python
from playwright.sync_api import sync_playwright

AXE = pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--force-color-profile=srgb",
]  # fmt: skip
SIZES = {"desktop": (1440, 900), "wide": (1920, 1080), "phone": (360, 740)}
WATCH = """
window.breaches = [];
document.addEventListener('securitypolicyviolation', (e) => window.breaches.push(`${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber} ${e.sample}`));
"""


def chromium():
    for name in (os.environ.get("HALCYON_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        found = name and shutil.which(name)
        if found:
            return found
    raise SystemExit("no Chromium: apt-get install chromium, or name one in HALCYON_CHROMIUM")


@contextlib.contextmanager
def browser():
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=FLAGS, headless=True)
        try:
            yield running
        finally:
            running.close()


class Visit:
    """One page in a context of its own; `close` asserts that it did nothing wrong."""

    def __init__(self, running, url, size="desktop", scheme="light", reduced=True):
        width, height = SIZES[size]
        self.url, self.wrong, self.foreign = url, [], []
        self.expected = ()  # texts of console errors that belong to what a case does
        self.context = running.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce" if reduced else "no-preference",
            has_touch=size == "phone",
        )  # fmt: skip
        self.context.set_default_timeout(10_000)
        self.context.add_init_script(WATCH)
        self.page = self.context.new_page()
        self.page.on("console", self.console)
        self.page.on("pageerror", lambda e: self.wrong.append(f"page error: {e}"))
        self.page.on("request", self.request)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.check()
        finally:
            self.context.close()

    def console(self, message):
        if message.type in ("error", "warning") and not any(t in message.text for t in self.expected):
            self.wrong.append(f"console {message.type}: {message.text}")

    def request(self, request):
        if not request.url.startswith((self.url, self.url.replace("http", "ws", 1), "data:")):
            self.foreign.append(request.url)

    def check(self):
        breaches = self.page.evaluate("window.breaches ?? []")
        assert not breaches, f"the content security policy was breached: {breaches}"
        assert not self.foreign, f"requests elsewhere: {self.foreign}"
        assert not self.wrong, "\n".join(self.wrong)

    def open(self, route="/"):
        self.page.goto(f"{self.url}/#{route}")

    def go(self, route):
        """To another view of the same page."""
        self.page.evaluate("(route) => { location.hash = route; }", route)

    def shows(self, text, where="body"):
        self.page.locator(where).filter(has_text=text).first.wait_for()

    def until(self, expression, argument=None, seconds=10):
        """Until a function of the page gives something true, or a promise of that: wait_for_function takes any promise for true."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression, argument):
            assert time.monotonic() < end, f"not within {seconds} s: {expression}"
            self.page.wait_for_timeout(50)

    def overflow(self):
        """How many pixels the page is wider than its window, and what sticks out."""
        return self.page.evaluate(
            """() => {
              const wide = document.documentElement.scrollWidth - innerWidth;
              const out = wide > 0 ? [...document.querySelectorAll('main *, header *')].filter((n) => n.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map((n) => n.outerHTML.slice(0, 120)) : [];
              return [wide, out];
            }"""
        )

    def axe(self):
        """Serious and critical faults, as lines."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations)")
        return [
            f"{v['impact']}: {v['id']}: {v['help']}: " + "; ".join(n["html"][:160] + " " + str(n["any"][0]["message"] if n["any"] else "") for n in v["nodes"][:4])
            for v in found
            if v["impact"] in ("serious", "critical")
        ]
