"""A progress bar with rate and time left; where nobody looks on, a line now and then."""

import shutil
import sys
import time

WIDTH = 24


def clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class Bar:
    """`with Bar("reading", 1000, "documents") as bar: bar.at(10)`; the last figure stays on the screen."""

    def __init__(self, title, total, unit):
        self.title, self.total, self.unit = title, max(total, 1), unit
        self.started = time.monotonic()
        self.done, self.drawn, self.every = 0, 0.0, 0.2 if sys.stdout.isatty() else 15.0

    def __enter__(self):
        self.drawn = time.monotonic() if not sys.stdout.isatty() else 0.0
        return self

    def line(self):
        elapsed = time.monotonic() - self.started
        rate = self.done / elapsed if elapsed > 0 else 0
        filled = min(WIDTH, self.done * WIDTH // self.total)
        left = f", about {clock((self.total - self.done) / rate)} left" if rate and self.done < self.total else ""
        bar = "#" * filled + "." * (WIDTH - filled)
        return f"  {self.title}  [{bar}] {self.done:,} of {self.total:,} {self.unit}, {rate:,.0f}/s{left}"

    def at(self, done):
        self.done = done
        now = time.monotonic()
        if now - self.drawn < self.every:
            return
        self.drawn = now
        self.draw()

    def draw(self):
        if sys.stdout.isatty():
            print("\r\033[K" + self.line()[: shutil.get_terminal_size().columns - 1], end="", flush=True)
        else:
            print(self.line(), flush=True)

    def __exit__(self, failed, *_):
        self.draw()
        if sys.stdout.isatty():
            print()
