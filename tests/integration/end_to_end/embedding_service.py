"""An embedding service with OpenAI's API whose vectors can be known beforehand. Standard library only."""

import hashlib
import http.server
import json
import math
import threading

DIMENSIONS = 8


def vector_of(text):
    """Of length one, so that Qdrant's normalisation for Cosine leaves it as it is."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    numbers = [int.from_bytes(digest[4 * i : 4 * i + 4], "big") / 2**31 - 1 for i in range(DIMENSIONS)]
    length = math.sqrt(sum(n * n for n in numbers))
    return [n / length for n in numbers]


class QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Callers that are killed cut their connections: that is no news."""


class EmbeddingService:
    """Counts what it is asked; `poison` texts are refused with 400, `sick` ones break it (500), `away` answers everything so.

    `watch(stage)` is called on a request's own thread: "asked" before anything, "made" when the vectors are counted and not
    sent, "answered" when they are. `slow` holds answers back until `recover`.
    """

    def __init__(self):
        self.lock = threading.Lock()
        self.texts = []
        self.requests = 0
        self.poison = None
        self.sick = None
        self.away = None  # (status, headers)
        self.watch = lambda stage: None
        self.slow = False
        self.recovered = threading.Event()
        self.by_key = {}
        self.server = QuietServer(("127.0.0.1", 0), self._handler())
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    def embedded(self):
        with self.lock:
            return len(self.texts)

    def texts_of(self, key):
        """What was embedded for those who showed this key."""
        with self.lock:
            return list(self.by_key.get(f"Bearer {key}", ()))

    def recover(self):
        """Answers as ever, those that were held back too."""
        self.away, self.slow = None, False
        self.recovered.set()
        self.recovered = threading.Event()

    def close(self):
        self.recover()
        self.server.shutdown()
        self.server.server_close()

    def answer(self, texts, key=None):
        with self.lock:
            self.requests += 1
            if self.away:
                return self.away[0], {"error": {"message": "away"}}, self.away[1]
            if self.poison and any(self.poison in text for text in texts):
                return 400, {"error": {"message": "this input is refused", "type": "invalid_request_error"}}, {}
            if self.sick and any(self.sick in text for text in texts):
                return 500, {"error": {"message": "internal error"}}, {}
            self.texts += texts
            self.by_key.setdefault(key, []).extend(texts)
        data = [{"index": i, "embedding": vector_of(text)} for i, text in enumerate(texts)]
        return 200, {"object": "list", "data": data}, {}

    def _handler(service):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                service.watch("asked")
                status, reply, headers = service.answer(asked["input"], self.headers["Authorization"])
                body = json.dumps(reply).encode()
                service.watch("made")
                if service.slow:
                    service.recovered.wait(30)
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                service.watch("answered")

            def log_message(self, *_):
                pass

        return Handler
