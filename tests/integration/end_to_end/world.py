"""MongoDB, Qdrant, an embedding service and a sidecar of one case's own, and how to look at all of them."""

import contextlib
import json
import os
import pathlib
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time

import pymongo

from embedding_service import DIMENSIONS, EmbeddingService
from expectation import difference, expected_points
from qdrant import Qdrant
from sidecar import Sidecar

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "devstack_mongo"))
from stack import Stack  # noqa: E402  (a sibling's helper)

PATIENCE = 20


@contextlib.contextmanager
def engine_server(folder):
    """Qdrant's own engine behind a thin server: its URL."""
    ports = pathlib.Path(folder, "engine.json")
    program = str(HERE.parent / "engine" / "engine_server.py")
    process = subprocess.Popen([sys.executable, "-B", program, "--ports-file", str(ports)])
    try:
        deadline = time.monotonic() + 30
        while not ports.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the engine server did not come up")
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.02)
        yield f"http://127.0.0.1:{json.loads(ports.read_text())['qdrant_port']}"
    finally:
        process.terminate()
        process.wait(20)


class World(contextlib.ExitStack):
    """`kind`: development, engine (Qdrant's engine), given (servers named by the environment).

    `kept`: a folder that takes settings, log and state of a case that failed.
    """

    def __init__(self, programs, kind, options=(), embedder="service", kept=None):
        super().__init__()
        self.kept = kept
        self.programs, self.kind, self.options, self.embedder = programs, kind, options, embedder
        self.routes, self.more = [], {}
        self.failed = False  # else the sidecar is stopped in order at the end, which is checked too
        mark = secrets.token_hex(4)
        self.database_name, self.prefix = f"e2e_{mark}", f"e2e_{mark}_"

    def __enter__(self):
        super().__enter__()
        self.folder = tempfile.mkdtemp(prefix="halcyon-e2e-")
        self.callback(self.clear)
        self.stack, key = None, None
        if self.kind == "given":
            self.uri = os.environ["HALCYON_TEST_MONGODB_URI"]
            url, key = os.environ["HALCYON_TEST_QDRANT_URL"], os.environ.get("HALCYON_TEST_QDRANT_API_KEY")
        else:
            own = ["--qdrant-port", "0"] if self.kind == "development" else []
            self.stack = self.enter_context(Stack(self.programs.devstack, *own, *self.options))
            self.uri = self.stack.uri("" if "--standalone" in self.options else "?replicaSet=rs0")
            if self.kind == "engine":
                url = self.enter_context(engine_server(self.folder))
            else:
                url = f"http://127.0.0.1:{self.stack.ports['qdrant_port']}"
        self.qdrant = Qdrant(url, key)
        self.client = pymongo.MongoClient(self.uri, serverSelectionTimeoutMS=5000)
        self.callback(self.client.close)
        self.db = self.client[self.database_name]
        self.service = EmbeddingService()
        self.callback(self.service.close)
        self.sidecar = Sidecar(self.programs.halcyon, self.folder)
        self.push(self.leave)
        return self

    def leave(self, *_):
        try:
            if self.sidecar.running() and not self.failed:
                if self.stack:
                    self.stack.control("DELETE", "/faults")
                self.sidecar.stop()
        finally:
            self.clean()
        return False

    def clear(self):
        if self.failed and self.kept:
            shutil.copytree(self.folder, self.kept, ignore=shutil.ignore_patterns("*.sock"), dirs_exist_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def clean(self):
        if self.sidecar.running():
            self.sidecar.kill()
        if self.kind == "given":
            self.client.drop_database(self.database_name)
            for name in {r.to for r in self.routes}:
                self.qdrant.forget(f"{self.collection(name)}__1")

    def collection(self, name):
        """The name that searchers use, of this case only."""
        return self.prefix + name

    def mongodb_settings(self):
        return {
            "uri": self.uri,
            "await": "100ms",
            "socket_timeout": "3s",
            "connect_timeout": "2s",
            "server_selection_timeout": "1s",
        }

    def embedder_settings(self):
        if self.embedder != "service":
            return {"type": "lexical"}
        return {"type": "openai", "url": self.service.url, "model": "known", "dimensions": DIMENSIONS, "timeout": "5s"}

    def qdrant_settings(self):
        return {"url": self.qdrant.url, "timeout": "2s", **({"api_key": self.qdrant.key} if self.qdrant.key else {})}

    def state_settings(self, vector_cache="0"):
        """Without a cache of vectors, unless a case is about it: it would hide what is embedded twice."""
        return {"path": os.path.join(self.folder, "state"), "vector_cache": vector_cache}

    def configure(self, routes, **more):
        """Writes the settings; `more` replaces whole sections."""
        self.routes, self.more = routes, more
        settings = {
            "mongodb": self.mongodb_settings(),
            "qdrant": self.qdrant_settings(),
            "embedders": {"default": self.embedder_settings()},
            "routes": [r.settings(self.database_name, self.collection(r.to)) for r in routes],
            "state": self.state_settings(),
            "http": {"listen": ""},
            "log": {"level": "debug", "format": "human"},
            **more,
        }
        with open(self.sidecar.config, "w", encoding="utf-8") as file:
            json.dump(settings, file)
        self.settings = settings

    def run(self, routes=None, **more):
        if routes is not None:
            self.configure(routes, **more)
        self.sidecar.start()

    def http_port(self):
        """Where it listens; its settings ask for port 0."""
        found = []

        def listens():
            found[:] = re.findall(r"API at http://127\.0\.0\.1:(\d+)/", self.sidecar.log_text())
            return None if found else "it does not listen"

        self.eventually(listens)
        return int(found[-1])

    def eventually(self, problem, seconds=PATIENCE):
        """Asks again until `problem()` is None."""
        end = time.monotonic() + seconds
        while True:
            said = problem()
            if said is None:
                return
            if time.monotonic() > end:
                raise AssertionError(f"{said}\n  after {seconds} s; the log ends so:\n{self.sidecar.log_end()}")
            self.sidecar.pause()

    def wrong(self, vectors=True):
        """What of any collection is not as MongoDB and the routes say."""
        for name in sorted({r.to for r in self.routes}):
            points = self.qdrant.points(self.collection(name))
            if points is None:
                return f"there is no collection {name}"
            said = difference(
                expected_points(self.routes, self.db, name), points, vectors and self.embedder == "service"
            )
            if said:
                return f"{name}: {said}"
        return None

    def settle(self, seconds=PATIENCE):
        """Both sides agree, and the sidecar says that it is in sync."""
        self.eventually(self.wrong, seconds)
        self.eventually(lambda: None if self.in_sync() else "the sidecar does not say that it is in sync", seconds)
        said = self.wrong()
        assert said is None, said

    def in_sync(self):
        code, out, _ = self.sidecar.command("status", "--json")
        return code == 0 and not json.loads(out).get("stopped") and json.loads(out)["in_sync"]

    def count(self, name="products"):
        points = self.qdrant.points(self.collection(name))
        return None if points is None else len(points)

    def fault(self, **fault):
        self.stack.control("POST", "/faults", fault)

    def writes(self):
        """Requests so far that change points, as the development server counts them."""
        requests = self.stack.control("GET", "/state")["qdrant"]["requests"]
        return sum(
            n
            for name, n in requests.items()
            if not name.startswith(("GET ", "PATCH "))
            and not name.endswith(("/count", "/scroll", "/query", "/exists"))
        )
