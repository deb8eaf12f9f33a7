"""What kills the sidecar, each at its moment. Armed before the moment can come; told by `hit`.

A trigger waits in a thread of its own and kills from there, whatever the workload is doing meanwhile.
"""

import contextlib
import os
import signal
import threading

from inotify import Inotify


class Trigger:
    def __init__(self, world):
        self.world = world
        self.hit, self.over = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.wait, daemon=True)

    def __enter__(self):
        self.arm()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.disarm()

    def arm(self):
        pass

    def disarm(self):
        pass

    def shoot(self):
        self.hit.set()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.world.sidecar.process.pid, signal.SIGKILL)


class Wire(Trigger):
    """A request to one of the development servers, the n-th that matches: see `name` in tools/devstack/README.md.

    `linger` seconds later, in which all but this request goes on.
    """

    def __init__(self, world, nth, linger, server, match, contains, action):
        super().__init__(world)
        self.linger = linger
        self.fault = {"server": server, "match": match, "contains": contains, "action": action}
        self.fault |= {"after": nth - 1, "name": "crash"}

    def arm(self):
        self.world.fault(**self.fault)

    def wait(self):
        while not self.over.is_set():
            if self.world.stack.control("GET", "/fired?ms=200")["fired"]:
                self.over.wait(self.linger)
                return self.shoot()

    def disarm(self):
        self.world.stack.control("DELETE", "/faults")


class Embedding(Trigger):
    """A request to the embedding service, the n-th that comes this far."""

    def __init__(self, world, nth, stage):
        super().__init__(world)
        self.left, self.stage, self.lock = nth, stage, threading.Lock()

    def arm(self):
        self.world.service.watch = self.watch

    def watch(self, stage):
        with self.lock:
            self.left -= stage == self.stage
            if self.left == 0 and not self.hit.is_set():
                self.shoot()

    def wait(self):
        self.over.wait()

    def disarm(self):
        self.world.service.watch = lambda stage: None


class Disk(Trigger):
    """Something that happens to a file of the state, the n-th time."""

    def __init__(self, world, nth, mask, name):
        super().__init__(world)
        self.left, self.mask, self.name = nth, mask, name

    def arm(self):
        folder = os.path.join(self.world.state, "db")
        os.makedirs(folder, exist_ok=True)
        self.inotify = Inotify(folder)

    def wait(self):
        while not self.over.is_set():
            for mask, name in self.inotify.events(0.2):
                self.left -= bool(mask & self.mask) and self.name.search(name) is not None
                if self.left == 0:
                    return self.shoot()

    def disarm(self):
        self.inotify.close()


class Moment(Trigger):
    """So many seconds after it was armed, whatever happens."""

    def __init__(self, world, seconds):
        super().__init__(world)
        self.seconds = seconds

    def wait(self):
        if not self.over.wait(self.seconds):
            self.shoot()
