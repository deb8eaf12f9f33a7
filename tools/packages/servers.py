"""MongoDB and Qdrant to work with: the development servers, or those that the environment names."""

import json
import os
import signal
import subprocess
import time
import uuid

import pymongo
from qdrant import Qdrant

NAME = "halcyon_quickstart"


def with_parent(command, stays):
    """A process that goes when this one does, however this one ends; unless it is to stay."""
    return command if stays else ["setpriv", "--pdeathsig", "TERM", *command]


class Servers:
    """`mongodb_uri`, `qdrant_url`, `database`, `collection`; `mongo` and `qdrant` are clients. A context manager."""

    def __init__(self, devstack, folder, stays, more=()):
        self.devstack, self.folder, self.stays, self.more = devstack, folder, stays, more
        self.process, self.control = None, None
        self.mongodb_uri, self.qdrant_url = os.environ.get("MONGODB_URI", ""), os.environ.get("QDRANT_URL", "")
        self.api_key = os.environ.get("QDRANT_API_KEY", "")
        self.own = not (self.mongodb_uri and self.qdrant_url)
        mark = "" if self.own else "_" + uuid.uuid4().hex[:8]
        self.database, self.collection = NAME + mark, "packages" if self.own else NAME + mark
        self.kept = False

    def __enter__(self):
        try:
            if self.own:
                self.start()
            self.mongo = pymongo.MongoClient(self.mongodb_uri, serverSelectionTimeoutMS=10000)
            self.mongo.admin.command("ping")
            self.qdrant = Qdrant(self.qdrant_url, self.api_key)
            self.qdrant.ask("GET", "/collections")
        except BaseException:
            self.stop()
            raise
        return self

    def start(self):
        ports = self.folder / "ports.json"
        ports.unlink(missing_ok=True)
        command = [
            self.devstack,
            "--mongodb-port",
            "0",
            "--qdrant-port",
            "0",
            "--control-port",
            "0",
            *self.more,
            "--ports-file",
            ports,
        ]
        with open(self.folder / "servers.log", "wb") as log:
            self.process = subprocess.Popen(
                with_parent(list(map(str, command)), self.stays),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + 30
        while not ports.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the development servers did not start: see {self.folder}/servers.log")
            time.sleep(0.02)
        found = json.loads(ports.read_text())
        self.mongodb_uri = f"mongodb://127.0.0.1:{found['mongodb_port']}/?replicaSet=rs0"
        self.qdrant_url, self.api_key = f"http://127.0.0.1:{found['qdrant_port']}", ""
        self.control = f"http://127.0.0.1:{found['control_port']}"

    def clean(self):
        """On servers that are not ours nothing may stay behind."""
        self.mongo.drop_database(self.database)
        self.qdrant.remove(self.collection)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __exit__(self, *_):
        if self.kept:
            return
        try:
            if not self.own:
                self.clean()
        finally:
            self.stop()
