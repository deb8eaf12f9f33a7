"""What is measured: a halcyon, asked over its control socket (a command for each question would cost the cores it runs on),
and the peer. Both can be halted while changes are made, so that all of them are there when it goes on."""

import http.client
import json
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import machine
from servers import with_parent

LEXICAL = "{ type: lexical, dimensions: 384 }"
SETTINGS = """\
mongodb: {{ uri: "{mongodb}" }}
qdrant: {{ url: "{qdrant}" }}
embedders:
  default: {embedder}
routes:
  - from: {database}.{name}
    to: {name}
    text: [name, description]
    payload: [name, price, tags, revision]
guards: {{ max_embeddings: 0 }}
http: {{ listen: "{listen}" }}
state: {{ path: "{state}", vector_cache: {cache} }}
memory: {memory}
"""


class Failed(Exception):
    """A figure could not be taken, or what must hold did not."""


class OverSocket(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("halcyon", timeout=20)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Process:
    """One process, its CPU and its memory."""

    def __init__(self, log):
        self.log, self.process = log, None

    def spawn(self, command, **more):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                with_parent(list(map(str, command)), False),
                stdin=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
                **{"stdout": log, **more},
            )
        self.began = time.monotonic()

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def must_run(self):
        if not self.alive():
            raise Failed(f"{self.log.stem} ended with {self.process.returncode}: see {self.log}")

    def halt(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def cpu(self):
        return machine.cpu_seconds(self.process.pid)

    def peak(self):
        return machine.peak_bytes(self.process.pid)

    def stop(self):
        if not self.alive():
            return
        self.go_on()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failed(f"{self.log.stem} was still there 60 s after SIGTERM: see {self.log}") from None


class Subject(Process):
    """One settings file and one state folder; `start` and `stop` are lives of it. `name`: source and target collection."""

    def __init__(self, program, folder, servers, name, embedder=LEXICAL, memory="256MiB", cache="0", listen=""):
        super().__init__(folder / f"{name}.log")
        self.program, self.name = program, name
        self.state, self.settings = folder / f"{name}.state", folder / f"{name}.yaml"
        self.settings.write_text(
            SETTINGS.format(
                mongodb=servers.mongodb_uri,
                qdrant=servers.qdrant_url,
                name=name,
                database=servers.database,
                embedder=embedder,
                state=self.state,
                memory=memory,
                listen=listen,
                cache=cache,
            )
        )

    def start(self):
        self.spawn([self.program, "-c", self.settings, "run"])

    def status(self):
        """None while it does not answer."""
        self.must_run()
        connection = OverSocket(self.state / "control.sock")
        try:
            connection.request("GET", "/v1/status")
            return json.loads(connection.getresponse().read())
        except (FileNotFoundError, ConnectionError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def wait(self, until, seconds, what, every=0.03):
        """The first status for which `until` holds."""
        deadline = time.monotonic() + seconds
        while True:
            status = self.status()
            if status and until(status):
                return status
            if status and status["held"]:
                raise Failed(f"{what}: a guard holds it: {status['held']}")
            if time.monotonic() > deadline:
                raise Failed(f"{what}: not within {seconds:.0f} s: {json.dumps(status)[:900]}")
            time.sleep(every)

    def in_sync(self, seconds, what="in sync"):
        return self.wait(calm, seconds, what)

    def events(self):
        return self.status()["events"]

    def through(self, events, seconds, what):
        """Until it has taken so many events, and is done with them."""
        return self.wait(lambda s: s["events"] >= events and calm(s), seconds, what)

    def stop(self):
        was = self.alive()
        super().stop()
        if was and self.process.returncode != 0:
            raise Failed(f"halcyon ended with {self.process.returncode}: see {self.log}")

    def state_bytes(self):
        return sum(f.stat().st_size for f in self.state.rglob("*") if f.is_file())


class Peer(Process):
    def __init__(self, folder, servers, name, embedder):
        super().__init__(folder / f"{name}.log")
        self.name, self.seen = name, 0
        self.command = [sys.executable, "-B", Path(__file__).with_name("peer.py"), "--mongodb", servers.mongodb_uri]
        self.command += ["--namespace", f"{servers.database}.{name}", "--qdrant", servers.qdrant_url]
        self.command += ["--collection", name, "--position", folder / f"{name}.position"]
        self.command += ["--embedder", embedder]

    def start(self):
        self.spawn(self.command, stdout=subprocess.PIPE)
        self.through(0, 60, "the peer's start")

    def events(self):
        return self.seen

    def through(self, events, seconds, what):
        deadline = time.monotonic() + seconds
        while True:
            if select.select([self.process.stdout], [], [], max(deadline - time.monotonic(), 0))[0]:
                line = self.process.stdout.readline()
                if not line:
                    self.process.wait(10)
                    self.must_run()
                self.seen = int(line)
                if self.seen >= events:
                    return
            elif time.monotonic() > deadline:
                raise Failed(f"{what}: the peer was not through within {seconds:.0f} s: {self.seen} of {events}")

    def stop(self):
        super().stop()
        if self.process and self.process.stdout:
            self.process.stdout.close()


class Responder(Process):
    """The embedding service that costs next to nothing."""

    def __init__(self, program, folder):
        super().__init__(folder / "responder.log")
        self.program = program

    def start(self):
        self.spawn([self.program, 384], stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        self.process.stdout.close()
        if not line:
            raise Failed(f"{self.program} did not start: see {self.log}")
        self.url = f"http://127.0.0.1:{json.loads(line)['port']}"
        return self


def calm(status):
    return status["in_sync"] and status["under_way"] == 0


def collection(status):
    return status["collections"][0]


def writes(status):
    row = collection(status)
    return row["upserted"] + row["payloads"] + row["removed"]
