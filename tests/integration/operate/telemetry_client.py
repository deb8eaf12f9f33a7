"""Clients of the telemetry: one that holds every message against the schema, and one that takes nothing."""

import base64
import json
import os
import pathlib
import socket
import struct
import time

import jsonschema
from websockets.sync.client import connect, unix_connect

ROOT = pathlib.Path(__file__).resolve().parents[3]
SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "docs/telemetry.schema.json").read_text("utf-8")))
PATIENCE = 20


def merged(target, patch):
    """RFC 7396, 2."""
    if not isinstance(patch, dict):
        return patch
    out = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            out.pop(name, None)
        else:
            out[name] = merged(out.get(name), value)
    return out


def without_nulls(value):
    if not isinstance(value, dict):
        return value
    return {k: without_nulls(v) for k, v in value.items() if v is not None}


class Client:
    def __init__(self, url=None, unix=None, **options):
        if unix:
            self.socket = unix_connect(unix, "ws://halcyon/v1/telemetry", **options)
        else:
            self.socket = connect(url, **options)
        self.state, self.messages, self.seq = {}, [], 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def say(self, **message):
        self.socket.send(json.dumps(message))

    def subscribe(self, *topics, **more):
        self.say(type="subscribe", topics=topics, **more)

    def take(self, seconds=PATIENCE):
        message = json.loads(self.socket.recv(seconds))
        errors = sorted(SCHEMA.iter_errors(message), key=lambda e: -len(e.path))
        if errors:
            tightest = jsonschema.exceptions.best_match(errors)
            raise AssertionError(f"{tightest.message}\n{json.dumps(message)[:2000]}")
        if "seq" in message:
            self.seq += 1
            assert message["seq"] == self.seq, message
        if message["type"] == "snapshot":
            self.state[message["topic"]] = message["data"]
        elif message["type"] == "delta":
            self.state[message["topic"]] = merged(self.state[message["topic"]], message["data"])
        self.messages.append(message)
        return message

    def until(self, holds, seconds=PATIENCE):
        """Takes messages until `holds(message)`: that message."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            message = self.take(max(0.1, end - time.monotonic()))
            if holds(message):
                return message
        raise AssertionError(f"not told within {seconds} s; the last: {self.messages[-1:]}")

    def told(self, kind, seconds=PATIENCE):
        return self.until(lambda m: m["type"] == kind, seconds)


class SilentClient:
    """Connects, subscribes, and takes nothing: its window is as small as the system lets it be."""

    def __init__(self, port, **subscription):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", port))
        self.socket.settimeout(PATIENCE)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /v1/telemetry HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        self.rest = b""
        while b"\r\n\r\n" not in self.rest:
            self.rest += self.socket.recv(4096)
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 101"), head
        # From 126 bytes on the length has two bytes, and must not have them before.
        text = json.dumps({"type": "subscribe", **subscription}).encode().ljust(126)
        mask = os.urandom(4)
        self.socket.sendall(struct.pack("!BBH", 0x81, 0xFE, len(text)) + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(text)))

    def bytes(self, count):
        while len(self.rest) < count:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError
            self.rest += more
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def frame(self):
        """(opcode, payload)"""
        first, size = self.bytes(2)
        if size == 126:
            (size,) = struct.unpack("!H", self.bytes(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self.bytes(8))
        return first & 0x0F, self.bytes(size)

    def close_code(self):
        """What it was closed with, after it took all there was; None: cut off."""
        try:
            while True:
                opcode, payload = self.frame()
                if opcode == 8:
                    return struct.unpack("!H", payload[:2])[0]
        except (EOFError, ConnectionResetError):
            return None
        finally:
            self.socket.close()
