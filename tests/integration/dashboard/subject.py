"""What the cases run against: something that serves the dashboard, and the ways to trouble it."""

import contextlib
import select
import socket
import threading

from mock import Mock
from mock_world import MockWorld

OPERATOR, VIEWER = "token-of-ops", "token-of-the-wall"


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
    """A context: `url` serves the dashboard. Cases that need more than looking ask `staged`.

    `tokens`: whether tokens are configured; then OPERATOR and VIEWER are those of the two roles.
    `mood`: busy (failed documents, dead letters, a collection whose breaker is open), calm (all in sync, no traffic) or
    guarded (a guard asks).
    """

    def __init__(self, tokens=False, mood="busy"):
        super().__init__()
        self.tokens, self.mood = tokens, mood

    def __enter__(self):
        super().__enter__()
        port = self.serve()
        self.wire = Wire(port)
        self.callback(self.wire.close)
        self.url = f"http://127.0.0.1:{self.wire.port}"
        return self

    def serve(self):
        """Starts the server; its port."""
        raise NotImplementedError


class MockSubject(Subject):
    def serve(self):
        tokens = {OPERATOR: ("operator", "ops"), VIEWER: ("viewer", "wall")} if self.tokens else {}
        self.mock = self.enter_context(Mock(tokens, world=MockWorld(self.mood, lively=self.mood != "calm")))
        return self.mock.port
