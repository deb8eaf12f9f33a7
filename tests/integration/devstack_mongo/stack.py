"""A halcyon-devstack of one's own, a bare connection to it, and its control port."""

import json
import os
import select
import signal
import socket
import struct
import subprocess
import urllib.request
import uuid

import bson
from bson import Binary
from bson.codec_options import CodecOptions

RAW = CodecOptions(tz_aware=True)


class Stack:
    """The server as a child process; a context manager that stops it and checks that it went in order."""

    def __init__(self, binary, *options):
        self.command = [binary, "--mongodb-port", "0", "--control-port", "0", "--die-with-parent", *options]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        ready, _, _ = select.select([self.process.stdout], [], [], 20)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            self.process.kill()
            raise RuntimeError("halcyon-devstack did not start")
        self.ports = json.loads(line)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=20)
        self.process.stdout.close()
        if code != 0:
            raise RuntimeError(f"halcyon-devstack ended with {code}")

    @property
    def address(self):
        return "127.0.0.1", self.ports["mongodb_port"]

    def uri(self, rest="?replicaSet=rs0", user=""):
        return f"mongodb://{user}127.0.0.1:{self.ports['mongodb_port']}/{rest}"

    def control(self, method, path, body=None):
        url = f"http://127.0.0.1:{self.ports['control_port']}{path}"
        data = json.dumps(body).encode() if body is not None else (b"" if method == "POST" else None)
        request = urllib.request.Request(url, data=data, method=method)
        with urllib.request.urlopen(request, timeout=20) as reply:
            return json.loads(reply.read())


class Wire:
    """Commands as they are, nothing added but $db and (unless told not to) a session."""

    def __init__(self, address, lsid=None):
        self.socket = socket.create_connection(address, timeout=30)
        self.lsid = lsid or Binary(uuid.uuid4().bytes, 4)
        self.counter = 0

    def command(self, db, command, session=True):
        message = dict(command)
        if session:
            message["lsid"] = {"id": self.lsid}
        message["$db"] = db
        body = struct.pack("<IB", 0, 0) + bson.encode(message)
        self.counter += 1
        self.socket.sendall(struct.pack("<iiii", 16 + len(body), self.counter, 0, 2013) + body)
        size, _, answers, _ = struct.unpack("<iiii", self._read(16))
        if answers != self.counter:
            raise RuntimeError("an answer to something else")
        return bson.decode(self._read(size - 16)[5:], RAW)

    def _read(self, count):
        parts = []
        while count > 0:
            part = self.socket.recv(min(count, 1 << 20))
            if not part:
                raise ConnectionError("the server closed the connection")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def close(self):
        self.socket.close()


class Report:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, name, problem=None):
        """problem: None, or what is wrong"""
        if problem is None:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED  {name}\n    {problem}", flush=True)

    def run(self, name, body, *arguments):
        try:
            body(*arguments)
        except Exception as error:  # a test that raises has failed, whatever it raised
            self.check(name, f"{type(error).__name__}: {error}")
        else:
            self.check(name)


def binary_path(path):
    path = os.path.abspath(path)
    if not os.access(path, os.X_OK):
        raise SystemExit(f"no such program: {path}")
    return path
