"""The servers of one bench, the documents in them, and what runs beside."""

import json
import random
import subprocess
import time
import urllib.request

from pymongo import UpdateOne
from servers import Servers
from subject import LEXICAL, Failed, Peer, Responder, Subject

BATCH = 1000
TEXTS = 4000

# A million events of 1 KB: what is not read yet must not be forgotten.
HISTORY = ("--oplog-bytes", str(4 << 30))


class World:
    """A context manager. `programs`: the build folder; `count`: the size that the benches are scaled by."""

    def __init__(self, programs, folder, count):
        self.programs, self.folder, self.count = programs, folder, count
        self.random = random.Random(20)
        self.words = [
            "".join(self.random.choices("abcdefghijklmnopqrstuvwxyz", k=self.random.randint(2, 10)))
            for _ in range(5000)
        ]
        self.texts = {}
        self.revision = 0
        self.processes = []

    def __enter__(self):
        self.folder.mkdir(parents=True)
        self.servers = Servers(self.programs / "tools/devstack/halcyon-devstack", self.folder, False, HISTORY).__enter__()
        self.database = self.servers.mongo[self.servers.database]
        return self

    def __exit__(self, *error):
        try:
            for process in self.processes:
                process.stop()
        finally:
            self.servers.__exit__(*error)

    def halcyon(self, name, embedder=LEXICAL, **more):
        program = self.programs / "src/app/halcyon"
        self.processes.append(Subject(program, self.folder, self.servers, name, embedder, **more))
        return self.processes[-1]

    def peer(self, name, embedder):
        self.processes.append(Peer(self.folder, self.servers, name, embedder))
        return self.processes[-1]

    def responder(self):
        self.processes.append(Responder(self.programs / "bench/bench_responder", self.folder))
        return self.processes[-1].start()

    def floor(self, *words):
        """What bench/floor.cpp measured."""
        command = [self.programs / "bench/bench_floor", *words]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            raise Failed(f"{' '.join(map(str, command))}: {done.stderr[-400:]}")
        return json.loads(done.stdout)

    def new_text(self, size):
        """Some words are frequent, as in real texts; no two are equal."""
        if size not in self.texts:
            self.texts[size] = [self.words_of(size - 16) for _ in range(TEXTS)]
        self.revision += 1
        return f"{self.random.choice(self.texts[size])} n{self.revision}"

    def words_of(self, size):
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
            "description": self.new_text(size),
            "price": number % 1000 / 10,
            "tags": self.random.sample(self.words[:50], 3),
            "revision": 0,
        }

    def insert(self, name, count, size=400):
        for at in range(0, count, BATCH):
            documents = [self.document(n, size) for n in range(at, min(at + BATCH, count))]
            self.database[name].insert_many(documents, ordered=False)

    def change(self, name, count, size=400):
        """Every document gets another text. Returns a cluster time from before."""
        since = self.database.command("ping")["operationTime"]
        for at in range(0, count, BATCH):
            updates = [
                UpdateOne({"_id": n}, {"$set": {"description": self.new_text(size), "revision": self.revision}})
                for n in range(at, min(at + BATCH, count))
            ]
            self.database[name].bulk_write(updates, ordered=False)
        return since

    def control(self, path):
        urllib.request.urlopen(urllib.request.Request(self.servers.control + path, method="POST"), timeout=60).read()

    def loaded(self, subject, count, size=400):
        """A halcyon that runs and has `count` documents of its source collection in Qdrant."""
        self.insert(subject.name, count, size)
        subject.start()
        subject.in_sync(patience(count), f"loading {subject.name}")
        self.must_hold(subject.name, count)
        return subject

    def must_hold(self, name, count):
        there = self.servers.qdrant.count(name)
        must(there == count, f"{there} of {count} documents are in Qdrant's {name}")

    def burst(self, process, count, begun=lambda: None):
        """All documents change while the process is halted; what it takes from then on: (seconds, its CPU, a time before).

        `begun` is called when it goes on.
        """
        before = process.events()
        process.halt()
        since = self.change(process.name, count)
        cpu, began = process.cpu(), time.monotonic()
        process.go_on()
        begun()
        process.through(before + count, patience(count), f"a burst of {count} changes")
        return time.monotonic() - began, process.cpu() - cpu, since


def patience(count):
    return 120 + count / 50


def must(holds, what):
    if not holds:
        raise Failed(what)
