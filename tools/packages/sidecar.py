"""halcyon as its users have it: a settings file and a program with commands."""

import json
import os
import signal
import subprocess
import time

from compare import PAYLOAD
from servers import with_parent

SETTINGS = """\
# Written by tools/quickstart.
mongodb: {{ uri: "{mongodb}" }}
qdrant: {{ url: "{qdrant}", api_key: "${{QDRANT_API_KEY:-}}" }}
embedders:
  default: {{ type: lexical, dimensions: 384 }}
collections:
  {collection}:
    payload_indexes: {{ section: keyword, tags: keyword, installed_size: integer }}
routes:
  - from: {database}.packages
    to: {collection}
    text: [name, summary, description]
    payload: [{payload}]
  - from: {database}.extras
    to: {collection}
    text: [name, summary, description]
    payload: [{payload}]
state: {{ path: "{state}" }}
http: {{ listen: "127.0.0.1:0" }}
"""


class Failed(Exception):
    """Something that had to be did not come about; the text says what and where to look."""


class Sidecar:
    def __init__(self, program, folder, servers, stays):
        self.program, self.folder, self.stays = program, folder, stays
        self.settings, self.log = folder / "halcyon.yaml", folder / "halcyon.log"
        text = SETTINGS.format(
            database=servers.database,
            collection=servers.collection,
            payload=", ".join(PAYLOAD),
            state=folder / "state",
            # Addresses of others may hold a password: that stays in the environment.
            mongodb=servers.mongodb_uri if servers.own else "${MONGODB_URI}",
            qdrant=servers.qdrant_url if servers.own else "${QDRANT_URL}",
        )
        self.settings.write_text(text)
        self.environment = os.environ | {"QDRANT_API_KEY": servers.api_key}
        self.process = None

    def command(self, *words, timeout=120, accept=(0,)):
        """Standard output of `halcyon WORDS`."""
        command = [str(self.program), "-c", str(self.settings), *words]
        done = subprocess.run(
            command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if done.returncode not in accept:
            raise Failed(
                f"`halcyon {' '.join(words)}` ended with {done.returncode}: {(done.stderr or done.stdout).strip()[-600:]}"
            )
        return done.stdout

    def start(self):
        command = with_parent([str(self.program), "-c", str(self.settings), "run"], self.stays)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def status(self):
        """None while it does not answer."""
        if self.process.poll() is not None:
            raise Failed(f"halcyon ended with {self.process.returncode}: see {self.log}")
        status = json.loads(self.command("status", "--json", accept=(0, 1, 4)) or "{}")
        return status if "in_sync" in status and not status.get("stopped") else None

    def wait(self, what, until, seconds, progress=None):
        """The first status for which `until` holds."""
        deadline = time.monotonic() + seconds
        while True:
            status = self.status()
            if status and progress:
                progress(status)
            if status and until(status):
                return status
            if status and status["held"]:
                raise Failed(f"{what}: a guard holds it: {status['held']}")
            if time.monotonic() > deadline:
                raise Failed(f"{what}: not within {seconds:.0f} s; the last status was {json.dumps(status)[:800]}")
            time.sleep(0.1)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds=30):
        """Its exit code after SIGTERM."""
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else 0
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed(f"halcyon was still there {seconds} s after SIGTERM: see {self.log}") from None


def writes(status):
    """Operations that this life of halcyon sent to Qdrant's collections."""
    return sum(c["upserted"] + c["payloads"] + c["removed"] for c in status["collections"])


def calm(status):
    return status["in_sync"] and status["under_way"] == 0
