"""Watches points until they hold what was written: when each did, as a searcher would see it."""

import threading
import time

CHUNK = 250


class Arrivals:
    """A thread with a connection of its own. `expect` from any thread."""

    def __init__(self, qdrant, collection):
        self.qdrant, self.collection = qdrant.another(), collection
        self.lock = threading.Condition()
        self.pending = {}  # point id -> (revision or None for "gone", time of the write)
        self.seconds = []
        self.failure = None
        self.ended = False
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        with self.lock:
            self.ended = True
            self.lock.notify_all()
        self.thread.join()

    def expect(self, point, revision, written=None):
        """`written`: when its write began; without it now."""
        with self.lock:
            self.pending[point] = (revision, written or time.monotonic())
            self.lock.notify_all()

    def left(self):
        with self.lock:
            return len(self.pending)

    def wait(self, seconds, progress=None):
        """True when all arrived in time."""
        deadline = time.monotonic() + seconds
        with self.lock:
            while self.pending and self.failure is None:
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self.lock.wait(min(left, 0.2))
                if progress:
                    progress(len(self.seconds))
        if self.failure:
            raise self.failure
        return True

    def watch(self):
        try:
            while True:
                with self.lock:
                    while not self.pending and not self.ended:
                        self.lock.wait()
                    if self.ended:
                        return
                    wanted = dict(list(self.pending.items())[:CHUNK])
                self.look(wanted)
        except Exception as failure:  # the waiting thread reports it
            with self.lock:
                self.failure = failure
                self.lock.notify_all()

    def look(self, wanted):
        held = self.qdrant.revisions(self.collection, wanted)
        now = time.monotonic()
        with self.lock:
            for point, (revision, written) in wanted.items():
                if held.get(point) == revision and self.pending.get(point) == (revision, written):
                    del self.pending[point]
                    self.seconds.append(now - written)
                elif point in self.pending:
                    self.pending[point] = self.pending.pop(point)  # the others have their turn
            self.lock.notify_all()

    def percentile(self, share):
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")
