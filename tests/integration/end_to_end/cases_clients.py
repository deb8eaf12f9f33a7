"""Clients of the HTTP interface, as many as the machine lets it serve."""

import contextlib
import http.client
import pathlib
import resource
import urllib.parse

from cases import case
from expectation import Route

PRODUCTS = Route("products", "products")
SOFT, HARD = 256, 2048
CLIENTS = 400  # more than have a place under SOFT, fewer than under HARD


def limits_of(pid):
    """(soft, hard) of open files."""
    for line in pathlib.Path(f"/proc/{pid}/limits").read_text().splitlines():
        if line.startswith("Max open files"):
            return tuple(int(word) for word in line.split()[3:5])
    raise AssertionError("the system tells no limit of open files")


@case("a low soft limit of open files is raised, and hundreds of clients keep their connections")
def many_clients(w):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert hard == resource.RLIM_INFINITY or hard >= HARD, f"only {hard} files may be open here"
    w.configure([PRODUCTS], http={"listen": "127.0.0.1:0"})
    w.sidecar.open_files = (SOFT, HARD)
    w.run()
    w.eventually(lambda: None if w.sidecar.answers() else "it does not answer")
    port = urllib.parse.urlsplit(w.sidecar.status()["address"]).port
    assert limits_of(w.sidecar.process.pid) == (HARD, HARD)
    assert f"open files: at most {HARD}, raised from {SOFT}" in w.sidecar.log_text()
    with contextlib.ExitStack() as stack:
        clients = []
        for _ in range(CLIENTS):
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            stack.callback(client.close)
            client.connect()
            client.auto_open = 0  # one that was closed to make room for another stays closed
            clients.append(client)
        for _ in range(2):
            for client in clients:
                client.request("GET", "/healthz")
                reply = client.getresponse()
                assert (reply.status, reply.read() != b"") == (200, True)
