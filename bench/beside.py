"""What watching costs: clients that ask and are told beside the pipeline, scrapes, and clients that only take room."""

import http.client
import json
import os
import re
import statistics
import subprocess
import threading
import time
from pathlib import Path

from end_to_end import Spent, service
from servers import with_parent
from stage import must, patience
from subject import Failed

MB = 1e6
ROUNDS = 3
WATCHERS = 200  # of each kind
SLOW = 10_000


class Clients:
    """bench/clients.cpp, as a context manager; `seen` is what it said at its end."""

    def __init__(self, world, port, status=0, telemetry=0, slow=0):
        self.command = [world.programs / "bench/bench_clients", port, status, telemetry, slow]
        self.seen = None

    def __enter__(self):
        command = with_parent(list(map(str, self.command)), False)
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if "connected" not in self.process.stdout.readline():
            raise Failed("bench_clients could not connect; what it said stands above")
        return self

    def __exit__(self, *error):
        self.process.stdin.close()
        self.seen = json.loads(self.process.stdout.readline() or "{}")
        self.process.wait(30)
        self.process.stdout.close()


class Asking:
    """One client that asks for `path` again and again, and how long each answer took, in ms."""

    def __init__(self, port, path, every):
        self.port, self.path, self.every = port, path, every
        self.took, self.failed, self.over = [], 0, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        while not self.over.wait(self.every):
            began = time.monotonic()
            # A kept connection may have been closed meanwhile: as clients do, once more with a new one.
            self.failed += not (self.ask() or self.ask())
            self.took.append((time.monotonic() - began) * 1000)
        self.connection.close()

    def ask(self):
        try:
            self.connection.request("GET", self.path)
            return len(self.connection.getresponse().read()) > 0
        except (OSError, http.client.HTTPException):
            self.connection.close()
            return False

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.over.set()
        self.thread.join()


def clients(world, take):
    count = world.count * 2
    responder = world.responder()
    subject = world.loaded(world.halcyon("clients", service(responder), listen="127.0.0.1:0"), count)
    port = port_of(subject)
    alone, watched, rest = Spent(), Spent(), []
    scrapes = {}
    for _ in range(ROUNDS):
        alone.add(count, *burst(world, subject, count)[:2])
        seconds, cpu, seen = burst(world, subject, count, lambda: Clients(world, port, WATCHERS, WATCHERS))
        watched.add(count, seconds, cpu)
        rest.append(seen)
    world.must_hold("clients", count)
    must(all(s["closed"] == 0 for s in rest), f"clients were sent away: {rest}")
    must(all(s["answers"] > 0 for s in rest), f"clients were not answered: {rest}")
    cost = 1 - watched.rate / alone.rate
    take(
        "clients",
        f"{WATCHERS} of /v1/status, {WATCHERS} of telemetry: events",
        watched.rate,
        "1/s",
        f"without: {alone.rate:,.0f}, {cost:.1%} less",
        "at most 5 % less",
        cost <= 0.05,
    )
    take("clients", "CPU of halcyon an event with them", watched.each, "us", f"without: {alone.each:.2f}")
    with Clients(world, port, WATCHERS, WATCHERS) as idle:
        cpu, began = subject.cpu(), time.monotonic()
        time.sleep(5)
        share = (subject.cpu() - cpu) / (time.monotonic() - began)
    take("clients", "CPU of halcyon for them, at rest", share * 100, "%", f"{idle.seen['answers']} answers")
    take("clients", "the slowest answer of /v1/status, at rest", idle.seen["worst_ms"], "ms")

    for when in ("at rest", "in a burst"):
        with Asking(port, "/metrics", 0.02) as scraping:
            if when == "at rest":
                time.sleep(2)
            else:
                burst(world, subject, count)
        must(scraping.failed == 0 and len(scraping.took) > 20, f"{scraping.failed} scrapes failed")
        scrapes[when] = statistics.median(scraping.took)
    take("clients", "a scrape of /metrics, at rest", scrapes["at rest"], "ms", "", "under 5 ms", scrapes["at rest"] < 5)
    take("clients", "a scrape of /metrics, in a burst", scrapes["in a burst"], "ms")
    subject.stop()
    slow(world, take)


def slow(world, take):
    subject = world.halcyon("slow", listen="127.0.0.1:0")
    subject.start()
    subject.in_sync(60, "an empty collection")
    port, files = port_of(subject), open_files(subject)
    with Asking(port, "/healthz", 0.05) as healthy, Clients(world, port, 0, 0, SLOW) as crowd:
        time.sleep(12)  # longer than a head may take
    deadline = time.monotonic() + 30
    while open_files(subject) > files and time.monotonic() < deadline:
        time.sleep(0.05)
    must(open_files(subject) <= files, f"{open_files(subject)} files are open, {files} were before")
    must(healthy.failed == 0, f"{healthy.failed} of {len(healthy.took)} well-behaved requests were not answered")
    peak = subject.peak()
    take("clients", f"{SLOW:,} slow connections: sent away", crowd.seen["closed"], "", "", "all", crowd.seen["closed"] == SLOW)
    take("clients", "peak memory with them", peak / MB, "MB", "", "under 256 MB", peak < 256 * MB)
    take("clients", "the slowest /healthz meanwhile", max(healthy.took), "ms")
    subject.stop()


def burst(world, subject, count, beside=None):
    """As World.burst, with clients from its beginning on: (seconds, CPU of halcyon, what the clients have seen)."""
    before = subject.events()
    subject.halt()
    world.change(subject.name, count)
    cpu, began = subject.cpu(), time.monotonic()
    subject.go_on()
    if not beside:
        subject.through(before + count, patience(count), f"a burst of {count} changes")
        return time.monotonic() - began, subject.cpu() - cpu, None
    with beside() as crowd:
        subject.through(before + count, patience(count), f"a burst of {count} changes beside clients")
        seconds, cpu = time.monotonic() - began, subject.cpu() - cpu
    return seconds, cpu, crowd.seen


def port_of(subject):
    return int(re.search(r"dashboard and API at http://127\.0\.0\.1:(\d+)/", subject.log.read_text())[1])


def open_files(subject):
    return len(os.listdir(Path("/proc") / str(subject.process.pid) / "fd"))
