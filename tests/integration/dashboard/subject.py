"""What the cases run against: something that serves the dashboard, and the ways to trouble it."""

import contextlib
import pathlib
import select
import socket
import sys
import threading

from mock import Mock
from mock_world import MockWorld

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "end_to_end"))
from expectation import Route  # noqa: E402  (a sibling's helpers)
from world import World  # noqa: E402

OPERATOR, VIEWER = "token-of-the-operator", "token-of-the-wall"
PRODUCTS = Route("products", "products")


class Wire:
    """A TCP proxy in front of a server, so that connections can be cut whoever the server is."""

    def __init__(self, port):
        self.target, self.whole = port, True
        self.pairs, self.lock = set(), threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(near,), daemon=True).start()

    def carry(self, near):
        if not self.whole:
            near.close()
            return
        with contextlib.suppress(OSError), near, socket.create_connection(("127.0.0.1", self.target)) as far:
            pair = (near, far)
            with self.lock:
                self.pairs.add(pair)
            try:
                while True:
                    for source in select.select(pair, [], [])[0]:
                        data = source.recv(65536)
                        if not data:
                            return
                        (far if source is near else near).sendall(data)
            finally:
                with self.lock:
                    self.pairs.discard(pair)

    def cut(self):
        """Every connection ends, new ones are refused until `mend`."""
        self.whole = False
        with self.lock:
            for pair in list(self.pairs):
                for end in pair:
                    with contextlib.suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)

    def mend(self):
        self.whole = True

    def close(self):
        self.listener.close()
        self.cut()


class Subject(contextlib.ExitStack):
    """A context: `url` serves the dashboard, and `wire` stands before it.

    `tokens`: whether tokens are configured; then OPERATOR and VIEWER are those of the two roles.
    """

    def __init__(self, tokens=False):
        super().__init__()
        self.tokens = tokens

    def __enter__(self):
        with contextlib.ExitStack() as started:
            started.push(super().__enter__())
            self.wire = Wire(self.serve())
            self.callback(self.wire.close)
            started.pop_all()
        self.url = f"http://127.0.0.1:{self.wire.port}"
        return self

    def serve(self):
        """Starts the server; its port."""
        raise NotImplementedError


class MockSubject(Subject):
    """`mood`: busy (failed documents, dead letters, a collection whose breaker is open), calm (all in sync, no traffic) or
    guarded (a guard asks).
    """

    def __init__(self, tokens, mood):
        super().__init__(tokens)
        self.mood = mood

    def serve(self):
        tokens = {OPERATOR: ("operator", "ops"), VIEWER: ("viewer", "wall")} if self.tokens else {}
        self.mock = self.enter_context(Mock(tokens, world=MockWorld(self.mood, lively=self.mood != "calm")))
        return self.mock.port


class RealSubject(Subject):
    """The real program between development servers and an embedding service, all of them `world`; it has one route, PRODUCTS.

    What failed stays so until somebody tries it again. In the end the program must stop in order, and its log has no token.
    """

    def __init__(self, programs, tokens):
        super().__init__(tokens)
        self.programs = programs

    def serve(self):
        self.world = self.enter_context(World(self.programs, "development"))
        self.push(self.ended)
        roles = [
            {"name": "ops", "role": "operator", "token": OPERATOR},
            {"name": "wall", "role": "viewer", "token": VIEWER},
        ]
        http = {"listen": "127.0.0.1:0", **({"tokens": roles} if self.tokens else {})}
        # Longer than any page needs to show that answers are held back.
        embedders = {"default": {**self.world.embedder_settings(), "timeout": "1m"}}
        self.world.run([PRODUCTS], http=http, embedders=embedders, retry={"backoff": {"initial": "1h", "cap": "1h"}})
        self.world.settle()  # the first comparison is over: what cases write comes by the stream
        return self.world.http_port()

    def ended(self, kind, error, trace):
        log = self.world.sidecar.log_text()
        if error:
            self.world.failed = True
            error.add_note(f"the program's log ends so:\n{self.world.sidecar.log_end()}")
        else:
            assert OPERATOR not in log and VIEWER not in log, "a token stands in the log"
