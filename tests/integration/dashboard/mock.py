"""A halcyon of scripted figures: the HTTP interface and the telemetry that the dashboard speaks to, and its files.

It is as strict as the real one where a page could be wrong: unknown parameters and fields, content types, tokens.
"""

import asyncio
import base64
import contextlib
import json
import pathlib
import threading
import urllib.parse

import uvicorn

from mock_world import MockWorld, Refused

HERE = pathlib.Path(__file__).resolve().parent
FILES = HERE.parents[2] / "src" / "admin" / "dashboard"
CHART = pathlib.Path("/usr/share/javascript/chart.js/chart.min.js")
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
STATE_TOPICS = ("pipeline", "collections", "jobs")


def patch_of(old, new):
    """The JSON merge patch (RFC 7396) that makes `new` of `old`; None if they are equal."""
    patch = {}
    for name in old.keys() | new.keys():
        if name not in new:
            patch[name] = None
        elif name not in old:
            patch[name] = new[name]
        elif isinstance(old[name], dict) and isinstance(new[name], dict):
            inner = patch_of(old[name], new[name])
            if inner is not None:
                patch[name] = inner
        elif old[name] != new[name]:
            patch[name] = new[name]
    return patch or None


def without_nulls(value):
    """As the telemetry tells a state: what is unknown is absent."""
    if isinstance(value, dict):
        return {name: without_nulls(v) for name, v in value.items() if v is not None}
    return [without_nulls(v) for v in value] if isinstance(value, list) else value


class Mock:
    """Serves in a thread of its own; `world` may be changed by whoever holds `lock`."""

    def __init__(self, tokens=None, port=0, world=None):
        self.tokens = tokens or {}
        self.world = world or MockWorld()
        self.lock = threading.RLock()
        self.requests = []
        self.connections = set()  # of the telemetry, those that are open
        config = uvicorn.Config(self.app, host="127.0.0.1", port=port, log_level="error", lifespan="off", interface="asgi3", ws="websockets-sansio")
        self.server = uvicorn.Server(config)
        self.server.install_signal_handlers = lambda: None
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        pause = threading.Event()
        for _ in range(500):
            if self.server.started:
                break
            pause.wait(0.02)
        assert self.server.started, "the mock server did not come up"
        self.port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_):
        self.server.should_exit = self.server.force_exit = True
        self.thread.join(10)

    # HTTP

    async def app(self, scope, receive, send):
        if scope["type"] == "websocket":
            await self.telemetry(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        status, kind, content = self.reply(scope, body)
        headers = [
            (b"content-type", kind.encode()),
            (b"content-security-policy", CSP.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def reply(self, scope, body):
        path, method = scope["path"], scope["method"]
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        try:
            if not path.startswith("/v1/"):
                return self.file(path)
            query = dict(urllib.parse.parse_qsl(scope["query_string"].decode(), strict_parsing=bool(scope["query_string"])))
            role = self.role(headers.get("authorization", "").removeprefix("Bearer "))
            if method != "GET" and headers.get("content-type") != "application/json":
                raise Refused(415, "content type", "Content-Type must be application/json")
            if method != "GET" and role[0] != "operator":
                raise Refused(403, "not with this role", f"{method} {path} is for operators")
            with self.lock:
                self.requests.append((method, path, query, json.loads(body) if body else None))
                if path == "/v1/whoami":
                    said = {"role": role[0], "name": role[1], "tokens": bool(self.tokens), "version": "0.1.0"}
                    status = 200
                else:
                    status, said = self.world.answer(method, path, query, json.loads(body) if body else {})
            return status, "application/json", json.dumps(said).encode()
        except Refused as r:
            said = {"type": "about:blank", "title": r.title, "status": r.status, "detail": r.detail}
            return r.status, "application/problem+json", json.dumps(said).encode()

    def role(self, token):
        if not self.tokens:
            return ("operator", None)
        if token not in self.tokens:
            raise Refused(401, "who is this", "a token is needed")
        return self.tokens[token]

    def file(self, path):
        file = CHART if path == "/assets/chart.js" else FILES / ("index.html" if path == "/" else path.removeprefix("/assets/"))
        if path != "/" and not path.startswith("/assets/") or not file.is_file():
            return 404, "text/plain", b"not found"
        return 200, f"{TYPES[file.suffix]}; charset=utf-8", file.read_bytes()

    # Telemetry

    async def telemetry(self, scope, receive, send):
        await receive()
        assert not scope["query_string"], "a token in an address"
        token = ""
        for protocol in scope.get("subprotocols", []):
            if protocol.startswith("token."):
                raw = protocol.removeprefix("token.")
                token = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4)).decode()
        try:
            role = self.role(token)
        except Refused:
            await send({"type": "websocket.close", "code": 1008})
            return
        await send({"type": "websocket.accept", "subprotocol": "halcyon.v1"})
        connection = Connection(self, role[0], send)
        self.connections.add(connection)
        writer = asyncio.ensure_future(connection.run())
        try:
            while True:
                message = await receive()
                if message["type"] == "websocket.disconnect":
                    return
                await connection.take(json.loads(message["text"]))
        finally:
            self.connections.discard(connection)
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await writer


class Connection:
    def __init__(self, mock, role, send):
        self.mock, self.role, self.raw_send = mock, role, send
        self.seq = 0
        self.sent = {}
        self.subscription = {"topics": list(STATE_TOPICS), "hz": 1}
        self.wake = asyncio.Event()
        self.events_from = self.log_from = None

    async def send(self, message):
        await self.raw_send({"type": "websocket.send", "text": json.dumps(message)})

    async def numbered(self, message):
        self.seq += 1
        with self.mock.lock:
            at = self.mock.world.now_text()
        await self.send({"type": message.pop("type"), "seq": self.seq, "at": at, **message})

    async def take(self, message):
        if message["type"] == "subscribe":
            self.subscription = message
            self.sent = {}
            self.wake.set()
        elif message["type"] == "ping":
            await self.send({"type": "pong", "id": message.get("id")})

    async def run(self):
        await self.send({"type": "hello", "protocol": 1, "version": "0.1.0", "role": self.role, "topics": [*STATE_TOPICS, "events", "log"]})
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.wake.wait(), 2)
        while True:
            self.wake.clear()
            await self.round()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.wake.wait(), 1 / self.subscription.get("hz", 1))

    async def round(self):
        with self.mock.lock:
            self.mock.world.advance()
            topics = without_nulls(json.loads(json.dumps(self.mock.world.topics())))
            events = self.mock.world.events_since(self.events_from, self.subscription.get("events", {}))
            lines = self.mock.world.log_since(self.log_from, self.subscription.get("log", {}))
            self.events_from, self.log_from = self.mock.world.event_number, self.mock.world.log_number
        wanted = self.subscription["topics"]
        quiet = True
        for topic in [t for t in STATE_TOPICS if t in wanted]:
            if topic not in self.sent:
                await self.numbered({"type": "snapshot", "topic": topic, "data": topics[topic]})
                quiet = False
            else:
                patch = patch_of(self.sent[topic], topics[topic])
                if patch:
                    await self.numbered({"type": "delta", "topic": topic, "data": patch})
                    quiet = False
            self.sent[topic] = topics[topic]
        if "events" in wanted and events:
            await self.numbered({"type": "events", "data": events[-50:], "skipped": max(0, len(events) - 50)})
        if "log" in wanted and lines:
            await self.numbered({"type": "log", "data": lines[-50:], "skipped": max(0, len(lines) - 50)})
        if quiet:
            await self.numbered({"type": "tick"})


if __name__ == "__main__":
    with Mock(port=8687) as running:
        print(running.url, flush=True)
        running.thread.join()
