"""Clients of the HTTP interface beside the pipeline: those that watch, one that scrapes, those that never finish a request."""

import http.client
import json
import os
import resource
import select
import subprocess
import threading
import time
import urllib.parse

import machine
from end_to_end import Spent
from servers import with_parent
from stage import must
from subject import Failed

MB = 1e6
ROUNDS = 3
WATCHING = 200  # of each kind
SLOW, DRIBBLING = 10_000, 1_000  # the latter are among the former
CEILING = 256


class Program:
    """One of the programs in bench/ that are clients; it answers in lines of JSON. A context manager."""

    def __init__(self, world, name, *words):
        command = [world.programs / "bench" / name, *words]
        self.command = with_parent(list(map(str, command)), False)

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def says(self, seconds=30):
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            raise Failed(f"{' '.join(self.command)}: says nothing for {seconds} s")
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"{' '.join(self.command)}: ended; what it said stands above")
        return json.loads(line)

    def told(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()


class Crowd(Program):
    """bench/clients.cpp: `clients` that ask for `path` once a period (ms), and websockets at 1 Hz."""

    def __init__(self, world, port, path, clients, period, websockets=0):
        super().__init__(world, "bench_clients", port, path, clients, period, websockets)

    def __enter__(self):
        super().__enter__()
        self.says()
        return self

    def go(self):
        self.told("go")

    def rest(self):
        self.told("rest")
        return self.says()


def clients(world, take):
    count = world.count * 2  # bursts of some seconds, since telemetry has one round in each
    subject = world.loaded(world.halcyon("clients", listen="127.0.0.1:0"), count)
    port = port_of(subject)
    watched_bursts(world, take, subject, port, count)
    at_rest(world, take, subject, port)
    for when, work in (("at rest", lambda go: quiet(go, 2)), ("in a burst", lambda go: world.burst(subject, count, go))):
        with Crowd(world, port, "/metrics", 1, 20) as scraping:
            work(scraping.go)
            seen = scraping.rest()
        must(seen["answered"] >= min(50, seen["seconds"] * 10), f"too few scrapes: {seen}")
        beside = f"worst of {seen['answered']}: {seen['worst_ms']:.1f}"
        take("clients", f"a scrape of /metrics {when}, p50", seen["p50_ms"], "ms", beside, "under 5 ms", seen["p50_ms"] < 5)
    subject.stop()
    slow(world, take)


def watched_bursts(world, take, subject, port, count):
    """The same burst in turn without and with them. They are there, and told, before it begins; the clients begin to ask with it.

    The two cores are shared with them: what they cost is told by halcyon's CPU, what they take from the machine by their own.
    """
    alone, watched, seen = Spent(), Spent(), []
    for _ in range(ROUNDS):
        alone.add(count, *world.burst(subject, count)[:2])
        with Crowd(world, port, "/v1/status", WATCHING, 1000, WATCHING) as crowd:
            watched.add(count, *world.burst(subject, count, crowd.go)[:2])
            seen.append(crowd.rest())
    world.must_hold(subject.name, count)
    seconds = sum(s["seconds"] for s in seen)
    answered, messages = (sum(s[what] for s in seen) for what in ("answered", "messages"))
    must(answered > 0.8 * WATCHING * seconds - WATCHING, f"{answered} answers in {seconds:.1f} s: {seen}")
    more = watched.each / alone.each - 1
    take(
        "clients",
        "CPU of halcyon an event, 200 + 200 clients",
        watched.each,
        "us",
        f"without: {alone.each:.2f}, {more:+.1%}",
        "at most 5 % more",
        more <= 0.05,
    )
    their_own = sum(s["cpu"] for s in seen) / seconds
    beside = f"without: {alone.rate:,.0f}, {watched.rate / alone.rate - 1:+.1%}; their own CPU {their_own:.1%}"
    take("clients", "events with them", watched.rate, "1/s", beside)
    take("clients", "answers of /v1/status a second", answered / seconds, "1/s", "asked: 200")
    take("clients", "the slowest of them", max(s["worst_ms"] for s in seen), "ms", f"p50 {seen[-1]['p50_ms']:.1f}")
    enough = messages >= 0.8 * WATCHING * seconds
    take("clients", "messages of telemetry a second", messages / seconds, "1/s", "200 websockets", "160, else bursts are too short", enough)


def at_rest(world, take, subject, port, seconds=5):
    """What they cost a halcyon that does nothing else, as a share of one core."""
    before = subject.cpu()
    time.sleep(seconds)
    idle = (subject.cpu() - before) / seconds
    with Crowd(world, port, "/v1/status", WATCHING, 1000, WATCHING) as crowd:
        before, began = subject.cpu(), time.monotonic()
        quiet(crowd.go, seconds)
        busy = (subject.cpu() - before) / (time.monotonic() - began)
        crowd.rest()
    take("clients", "CPU of halcyon for them at rest", (busy - idle) * 100, "%", f"of one core; idle {idle:.2%}")


def quiet(go, seconds):
    go()
    time.sleep(seconds)


class Asking:
    """A client that behaves: /healthz over a connection of its own each time, ten times a second. A context manager."""

    def __init__(self, port):
        self.port, self.took, self.over = port, [], threading.Event()
        self.wrong = []
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.over.wait(0.1):
            began = time.monotonic()
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            try:
                connection.request("GET", "/healthz")
                connection.getresponse().read()
            except (OSError, http.client.HTTPException) as error:
                self.wrong.append(repr(error))
            finally:
                connection.close()
            self.took.append(time.monotonic() - began)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def slow(world, take):
    """As many connections as one process may not have open: halcyon must let go of them, and serve others meanwhile."""
    subject = world.halcyon("slow", listen="127.0.0.1:0", memory=f"{CEILING}MiB")
    subject.start()
    subject.in_sync(60, "an empty collection")
    port, pid = port_of(subject), subject.process.pid
    files, memory, most = open_files(pid), subject.peak(), 0
    machine.forget_peak(pid)
    began = time.monotonic()
    crowds = [Program(world, "bench_slow_clients", port, *part) for part in parts()]
    with Asking(port) as asking:
        for crowd in crowds:
            crowd.__enter__()
        try:
            came = sum(all_came(crowd.says(60)) for crowd in crowds)
            most = open_files(pid)
            gone = [crowd.says(60) for crowd in crowds]
            seconds = time.monotonic() - began
        finally:
            for crowd in crowds:
                crowd.__exit__()
    must(came == SLOW and sum(g["closed"] for g in gone) == SLOW, f"{came} of {SLOW} came, gone are {gone}")
    must(not asking.wrong, f"{len(asking.wrong)} of {len(asking.took)} good requests failed: {asking.wrong[:3]}")
    deadline = time.monotonic() + 30
    while open_files(pid) > files and time.monotonic() < deadline:
        time.sleep(0.05)
    left, peak, worst = open_files(pid), subject.peak(), max(asking.took)
    take("clients", f"{SLOW:,} slow connections: all closed after", seconds, "s", f"{most - files} of them were open at once")
    wanted = f"under {CEILING} MiB"
    take("clients", "peak memory meanwhile", peak / MB, "MB", f"before: {memory / MB:.0f}", wanted, peak < CEILING << 20)
    take("clients", "the slowest /healthz meanwhile", worst * 1000, "ms", f"of {len(asking.took)}", "under 1 s", worst < 1)
    take("clients", "files open afterwards", left, "", f"before: {files}", "as before", left <= files)
    subject.stop()


def parts():
    """[(silent, dribbling)] for as many processes as the hard limit of open files makes necessary."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = SLOW if hard == resource.RLIM_INFINITY else min(SLOW, hard - 64)
    if most < 100:
        raise Failed(f"only {hard} files may be open here (ulimit -Hn): that is no crowd")
    count = -(-SLOW // most)
    if count > 1:
        print(f"  {hard} files may be open (ulimit -Hn): the slow connections come from {count} processes", flush=True)
    share = lambda all_, i: all_ * (i + 1) // count - all_ * i // count
    return [(share(SLOW - DRIBBLING, i), share(DRIBBLING, i)) for i in range(count)]


def all_came(came):
    must(came["failed"] == 0, f"{came['failed']} of the slow connections could not be made: {came}")
    return came["open"]


def port_of(subject):
    return urllib.parse.urlsplit(subject.status()["address"]).port


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))
