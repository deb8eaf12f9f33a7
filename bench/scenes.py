"""What is measured: each function takes its figures by `world.figure` and leaves a halcyon that is in sync, or none."""

import random
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import machine
from pymongo import UpdateOne
from subject import Failed, Subject, calm, collection, writes

BATCH = 1000
STALLED = 200_000


class World:
    def __init__(self, program, folder, servers, documents, figure):
        self.program, self.folder, self.servers, self.count, self.take = program, folder, servers, documents, figure
        self.database = servers.mongo[servers.database]
        self.products = self.database.products
        self.random = random.Random(20)
        self.words = [
            "".join(self.random.choices("abcdefghijklmnopqrstuvwxyz", k=self.random.randint(2, 10)))
            for _ in range(5000)
        ]
        self.subjects = []
        self.subject = self.another("products")
        self.revision = 0
        self.loaded = False

    def another(self, name):
        self.subjects.append(Subject(self.program, self.folder, self.servers, name))
        return self.subjects[-1]

    def close(self):
        for subject in self.subjects:
            subject.stop()

    def figure(self, bench, figure, value, unit):
        self.take(bench, figure, value, unit)

    def text(self, size):
        """Some words are frequent, as in real texts."""
        words, length = [], 0
        while length < size:
            word = self.words[int(self.random.random() ** 3 * len(self.words))]
            words.append(word)
            length += len(word) + 1
        return " ".join(words)

    def document(self, number, size=400):
        return {
            "_id": number,
            "name": f"Product {number}",
            "description": self.text(size),
            "price": number % 1000 / 10,
            "tags": self.random.sample(self.words[:50], 3),
            "revision": 0,
        }

    def insert(self, into, count, size=400):
        """How long MongoDB took."""
        batches = [[self.document(n, size) for n in range(at, min(at + BATCH, count))] for at in range(0, count, BATCH)]
        began = time.monotonic()
        for batch in batches:
            into.insert_many(batch, ordered=False)
        return time.monotonic() - began

    def new_texts(self):
        """Updates of all documents; every text is another one."""
        self.revision += 1
        change = lambda: {"$set": {"description": self.text(400), "revision": self.revision}}
        return [
            [UpdateOne({"_id": n}, change()) for n in range(at, min(at + BATCH, self.count))]
            for at in range(0, self.count, BATCH)
        ]

    def update(self, batches):
        began = time.monotonic()
        for batch in batches:
            self.products.bulk_write(batch, ordered=False)
        return time.monotonic() - began

    def patience(self, count):
        return 120 + count / 50

    def must(self, holds, what):
        if not holds:
            raise Failed(what)

    def control(self, path):
        urllib.request.urlopen(urllib.request.Request(self.servers.control + path, method="POST"), timeout=30).read()

    def loaded_and_running(self):
        if not self.loaded:
            first_load(self, quiet=True)
        if self.subject.process is None or self.subject.process.poll() is not None:
            self.subject.start()
            self.subject.in_sync(self.patience(self.count))

    def loaded_and_stopped(self):
        self.loaded_and_running()
        self.subject.stop()


def speed(world, bench, count, seconds, cpu, peak, what):
    world.figure(bench, f"{what}s a second", count / seconds, "1/s")
    world.figure(bench, f"CPU of halcyon per {what}", cpu / count * 1e6, "us")
    world.figure(bench, "peak memory", peak / 2**20, "MiB")


def first_load(world, quiet=False):
    """Documents that are there already, into a collection that is not: from the start of the process to in sync."""
    subject = world.subject
    world.insert(world.products, world.count)
    subject.start()
    status = subject.in_sync(world.patience(world.count), "the first load")
    seconds = time.monotonic() - subject.began
    there = world.servers.qdrant.count("products")
    world.must(there == world.count, f"{there} of {world.count} documents are in Qdrant")
    if not quiet:
        speed(world, "first-load", world.count, seconds, subject.cpu(), subject.peak(), "document")
        world.figure(
            "first-load",
            "texts in an embedding request",
            status["embedded_texts"] / max(status["embedding_requests"], 1),
            "",
        )
    world.loaded = True


def live(world):
    """Every document changed, as fast as one client can, while halcyon follows: from the first change to in sync."""
    world.loaded_and_running()
    subject, batches = world.subject, world.new_texts()
    before, cpu = subject.status(), subject.cpu()
    machine.forget_peak(subject.process.pid)
    began = time.monotonic()
    writing = world.update(batches)
    # Superseding merges changes of one key, and here every key changes once.
    subject.wait(
        lambda s: s["events"] - before["events"] >= world.count and calm(s), world.patience(world.count), "the burst"
    )
    speed(world, "live", world.count, time.monotonic() - began, subject.cpu() - cpu, subject.peak(), "event")
    world.figure("live", "changes a second that the client made", world.count / writing, "1/s")


def catch_up(world):
    """Every document changed while halcyon was stopped: from the start of the process to in sync."""
    world.loaded_and_stopped()
    subject = world.subject
    world.update(world.new_texts())
    subject.start()
    status = subject.wait(lambda s: s["events"] >= world.count and calm(s), world.patience(world.count), "catching up")
    seconds = time.monotonic() - subject.began
    speed(world, "catch-up", world.count, seconds, subject.cpu(), subject.peak(), "event")
    world.figure("catch-up", "commits", status["commits"], "")


def restart(world):
    """Nothing changed while it was stopped."""
    world.loaded_and_stopped()
    subject = world.subject
    subject.start()
    status = subject.in_sync(world.patience(world.count), "the restart")
    world.figure("restart", "start to in sync", time.monotonic() - subject.began, "s")
    world.figure("restart", "CPU of halcyon", subject.cpu(), "s")
    world.figure("restart", "embeddings", status["embedded_texts"], "")
    world.figure("restart", "writes to Qdrant", writes(status), "")
    world.must(status["embedded_texts"] == 0 and writes(status) == 0, "a restart without changes embedded or wrote")


def lost_position(world):
    """The history of changes was lost while it was stopped: every document is read and compared, none had changed."""
    world.loaded_and_stopped()
    subject = world.subject
    world.control("/mongodb/lose-history")
    subject.start()
    status = subject.wait(lambda s: s["rescans"] > 0 and calm(s), world.patience(world.count), "comparing")
    seconds = time.monotonic() - subject.began
    speed(world, "lost-position", world.count, seconds, subject.cpu(), subject.peak(), "document")
    world.figure("lost-position", "embeddings", status["embedded_texts"], "")
    world.figure("lost-position", "writes to Qdrant", writes(status), "")
    world.must(status["embedded_texts"] == 0 and writes(status) == 0, "unchanged documents were embedded or written")


def latency(world, samples=300, gap=0.03):
    """One change at a time: from MongoDB's answer to the first read from Qdrant that shows it."""
    world.loaded_and_running()
    qdrant, took = world.servers.qdrant, []
    page = qdrant.ask(
        "POST", "/collections/products/points/scroll", {"limit": samples, "with_payload": True, "with_vector": False}
    )
    for point in page["points"]:
        world.revision += 1
        number = int(point["payload"]["name"].split()[1])
        world.products.update_one(
            {"_id": number}, {"$set": {"description": world.text(400), "revision": world.revision}}
        )
        began = time.monotonic()
        wanted = {"ids": [point["id"]], "with_payload": ["revision"], "with_vector": False}
        while qdrant.ask("POST", "/collections/products/points", wanted)[0]["payload"]["revision"] != world.revision:
            if time.monotonic() - began > 30:
                raise Failed("a change was not searchable within 30 s")
            time.sleep(0.0005)
        took.append(time.monotonic() - began)
        time.sleep(gap)
    took.sort()
    for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99)):
        world.figure(
            "latency", f"commit to searchable, {name}", took[min(int(share * len(took)), len(took) - 1)] * 1000, "ms"
        )


def stalled(world):
    """Qdrant is away while 200,000 documents of 1 KB come: memory until all events are taken.

    The way back is not measured: owed work asks by key, and the development server answers that by comparing every point.
    """
    world.subject.stop()
    subject = world.another("stalled")
    subject.start()
    subject.in_sync(60, "an empty collection")
    machine.forget_peak(subject.process.pid)
    world.figure("stalled", "memory before", machine.peak_bytes(subject.process.pid) / 2**20, "MiB")
    world.control("/qdrant/down?ms=3600000")
    cpu, began = subject.cpu(), time.monotonic()
    with ThreadPoolExecutor(1) as inserting:
        done = inserting.submit(world.insert, world.database.stalled, STALLED, 950)
        subject.wait(lambda s: s["events"] >= STALLED, 400, "taking the events")
        done.result()
    world.figure("stalled", "events taken a second", STALLED / (time.monotonic() - began), "1/s")
    world.figure("stalled", "CPU of halcyon per event", (subject.cpu() - cpu) / STALLED * 1e6, "us")
    world.figure("stalled", "peak memory", subject.peak() / 2**20, "MiB")
    owed = collection(subject.status()).get("owed", 0)
    world.figure("stalled", "owed", owed, "")
    world.control("/qdrant/down?ms=1")
    subject.stop()


SCENES = {
    "first-load": first_load,
    "live": live,
    "catch-up": catch_up,
    "restart": restart,
    "lost-position": lost_position,
    "latency": latency,
    "stalled": stalled,
}
