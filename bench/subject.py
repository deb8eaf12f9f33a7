"""The halcyon that is measured, asked over its control socket (a command for each question would cost the cores it runs on)."""

import http.client
import json
import signal
import socket
import subprocess
import time

import machine
from servers import with_parent

SETTINGS = """\
mongodb: {{ uri: "{mongodb}" }}
qdrant: {{ url: "{qdrant}" }}
embedders:
  default: {{ type: lexical, dimensions: 384 }}
routes:
  - from: {database}.{name}
    to: {name}
    text: [name, description]
    payload: [name, price, tags, revision]
guards: {{ max_embeddings: 0 }}
state: {{ path: "{state}" }}
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


class Subject:
    """One settings file and one state folder; `start` and `stop` are lives of it. `name`: source and target collection."""

    def __init__(self, program, folder, servers, name):
        self.program, self.name, self.process = program, name, None
        self.state, self.settings, self.log = folder / f"{name}.state", folder / f"{name}.yaml", folder / f"{name}.log"
        self.settings.write_text(
            SETTINGS.format(
                mongodb=servers.mongodb_uri,
                qdrant=servers.qdrant_url,
                name=name,
                database=servers.database,
                state=self.state,
            )
        )

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                with_parent([str(self.program), "-c", str(self.settings), "run"], False),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.began = time.monotonic()

    def status(self):
        """None while it does not answer."""
        if self.process.poll() is not None:
            raise Failed(f"halcyon ended with {self.process.returncode}: see {self.log}")
        connection = OverSocket(self.state / "control.sock")
        try:
            connection.request("GET", "/v1/status")
            return json.loads(connection.getresponse().read())
        except (FileNotFoundError, ConnectionError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def wait(self, until, seconds, what):
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
            time.sleep(0.05)

    def in_sync(self, seconds, what="in sync"):
        return self.wait(calm, seconds, what)

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failed(f"halcyon was still there 60 s after SIGTERM: see {self.log}") from None
        if code != 0:
            raise Failed(f"halcyon ended with {code}: see {self.log}")

    def cpu(self):
        return machine.cpu_seconds(self.process.pid)

    def peak(self):
        return machine.peak_bytes(self.process.pid)


def calm(status):
    return status["in_sync"] and status["under_way"] == 0


def collection(status):
    return status["collections"][0]


def writes(status):
    row = collection(status)
    return row["upserted"] + row["payloads"] + row["removed"]
