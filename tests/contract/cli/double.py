"""A sidecar that says what a test wrote down: the routes of its HTTP interface, over a Unix socket or TCP."""

import http.server
import json
import os
import socketserver
import ssl
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        status, reply, headers = self.server.double.reply(self.command, self.path, dict(self.headers), body)
        data = (reply if isinstance(reply, str) else json.dumps(reply)).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *_):
        pass

    def address_string(self):
        return "peer"


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class TcpServer(http.server.ThreadingHTTPServer):
    daemon_threads = True


class Double:
    """`script`: "METHOD /path" to a reply, a list of replies (the last one stays), or what makes one of (query, body).

    A reply is a value for 200, or (status, value) or (status, value, headers).
    """

    def __init__(self, script, folder=None, certificate=None):
        self.script, self.requests, self.lock = dict(script), [], threading.Lock()
        self.path = os.path.join(folder, "control.sock") if folder else None
        self.server = UnixServer(self.path, Handler) if folder else TcpServer(("127.0.0.1", 0), Handler)
        self.server.double = self
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.scheme = "https"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        if self.path and os.path.exists(self.path):
            os.unlink(self.path)

    def url(self, host="127.0.0.1"):
        return f"{self.scheme}://{host}:{self.server.server_address[1]}"

    def reply(self, method, target, headers, body):
        path, _, query = target.partition("?")
        with self.lock:
            self.requests.append({"request": f"{method} {target}", "headers": headers, "body": body})
            found = self.script.get(f"{method} {path}")
            if isinstance(found, list):
                found = found.pop(0) if len(found) > 1 else found[0]
        if found is None:
            return 404, {"title": "Not Found", "status": 404, "detail": f"no {method} {path}"}, {}
        if callable(found):
            found = found(query, body)
        if not isinstance(found, tuple):
            return 200, found, {}
        return (*found, {}) if len(found) == 2 else found

    def asked(self):
        with self.lock:
            return [r["request"] for r in self.requests]

    def bodies(self):
        with self.lock:
            return [json.loads(r["body"]) for r in self.requests if r["body"]]
