"""Starts the development servers and speaks plain HTTP with them. Standard library only."""

import contextlib
import http.client
import json
import pathlib
import subprocess
import tempfile
import time


class Http:
    """One request a connection; the reply is (status, content type, parsed JSON or text)."""

    def __init__(self, port, key=None):
        self.port, self.key = port, key

    def call(self, method, path, body=None, raw=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        head = {"Content-Type": "application/json", **({"api-key": self.key} if self.key else {}), **(headers or {})}
        data = raw if raw is not None else (None if body is None else json.dumps(body).encode())
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.request(method, path, data, head)  # a server may answer and close before it has read all
        reply = connection.getresponse()
        text = reply.read().decode()
        connection.close()
        try:
            return reply.status, reply.headers.get("Content-Type"), json.loads(text)
        except ValueError:
            return reply.status, reply.headers.get("Content-Type"), {"text": text}

    def ok(self, method, path, body=None):
        status, _, reply = self.call(method, path, body)
        assert status == 200, (method, path, status, reply)
        return reply


@contextlib.contextmanager
def started(binary, key):
    """Yields {"qdrant_port": port, "control_port": port, ..}; stops the process at the end."""
    with tempfile.TemporaryDirectory() as folder:
        ports = pathlib.Path(folder, "ports.json")
        flags = ["--qdrant-port", "0", "--control-port", "0", "--qdrant-api-key", key]
        process = subprocess.Popen([binary, *flags, "--ports-file", str(ports)])
        try:
            deadline = time.monotonic() + 20
            while not ports.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{binary} did not come up")
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.02)
            yield json.loads(ports.read_text())
        finally:
            process.terminate()
            process.wait(20)
