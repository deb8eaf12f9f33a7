"""The faults that tests of halcyon put between it and this server."""

import http.client
import json
import select
import time

from devstack import Http


class Place:
    def __init__(self, ports, key):
        self.qdrant, self.control = Http(ports["qdrant_port"], key), Http(ports["control_port"])
        self.control.ok("DELETE", "/faults")
        self.qdrant.call("DELETE", "/collections/faulty")
        self.qdrant.ok("PUT", "/collections/faulty", {"vectors": {"size": 2, "distance": "Dot"}})

    def fault(self, **fault):
        self.control.ok("POST", "/faults", {"server": "qdrant", "match": "PUT /collections/faulty/points", **fault})

    def put(self, *ids):
        body = {"points": [{"id": i, "vector": [1, 2]} for i in ids]}
        return self.qdrant.call("PUT", "/collections/faulty/points?wait=true", body)

    def put_broken(self, *ids):
        try:
            self.put(*ids)
        except (http.client.HTTPException, OSError):
            return
        raise AssertionError("the connection should have been closed")

    def ids(self):
        return [p["id"] for p in self.control.ok("GET", "/qdrant/collections/faulty/points")["points"]]

    def comes(self, ids):
        deadline = time.monotonic() + 10
        while self.ids() != ids:
            assert time.monotonic() < deadline, (self.ids(), ids)


def closes(ports, key):
    """a connection is closed before a write took effect, after it, or long before it does"""
    place = Place(ports, key)
    place.fault(action="close-before")
    place.put_broken(1)
    assert place.ids() == []
    place.fault(action="close-after")
    place.put_broken(2)
    assert place.ids() == [2]
    place.fault(action="late", ms=300)
    place.put_broken(3)
    assert place.ids() == [2]
    place.comes([2, 3])


def late_overtakes(ports, key):
    """a late write undoes a newer one, as a lost request in a queue does"""
    place = Place(ports, key)
    place.fault(action="late", ms=300)
    place.put_broken(1)
    place.put(1)
    place.qdrant.ok("POST", "/collections/faulty/points/delete?wait=true", {"points": [1]})
    assert place.ids() == []
    place.comes([1])


def answers_early(ports, key):
    """a write is answered `acknowledged` or `wait_timeout` with HTTP 200 and takes effect later"""
    for action, status in (("acknowledged", "acknowledged"), ("wait-timeout", "wait_timeout")):
        place = Place(ports, key)
        place.fault(action=action, ms=300)
        code, _, reply = place.put(1)
        assert code == 200 and reply["result"]["status"] == status, reply
        assert place.ids() == []
        place.comes([1])
        assert place.put(2)[2]["result"]["status"] == "completed"


def rejects_one(ports, key):
    """one point is refused wherever it comes, the others pass"""
    place = Place(ports, key)
    place.fault(action="error", status=400, message="Wrong input: no", contains='"id": 13,', count=0)
    assert place.put(12, 13, 14)[0] == 400 and place.put(13)[0] == 400
    assert place.put(12)[0] == 200 and place.put(14)[0] == 200 and place.ids() == [12, 14]


def limits_the_rate(ports, key):
    """429 comes with Retry-After"""
    place = Place(ports, key)
    place.fault(action="error", status=429, headers={"Retry-After": "3"})
    connection = http.client.HTTPConnection("127.0.0.1", ports["qdrant_port"], timeout=20)
    connection.request("PUT", "/collections/faulty/points", b"{}", {"api-key": key})
    reply = connection.getresponse()
    assert reply.status == 429 and reply.headers["Retry-After"] == "3", reply.status
    reply.read()
    assert place.put(1)[0] == 200


def forgets(ports, key):
    """a collection vanishes behind its users' backs"""
    place = Place(ports, key)
    assert place.control.ok("DELETE", "/qdrant/collections/faulty") == {"forgotten": True}
    assert place.put(1)[0] == 404


def goes_down(ports, key):
    """the server refuses connections for a while, and loses nothing by it"""
    place = Place(ports, key)
    place.put(1)
    place.control.ok("POST", "/qdrant/down?ms=300")
    place.put_broken(2)
    deadline = time.monotonic() + 10
    while True:
        try:
            assert place.put(3)[0] == 200
            break
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
    assert place.ids() == [1, 3]


def stops(ports, key):
    """a fault with a name tells when a request stands before its effect, behind it, or behind its answer"""
    place = Place(ports, key)
    for i, (action, ids, answered) in enumerate((("hang", [], False), ("hang-after", [1], False), ("pass", [1, 2], True))):
        place.fault(action=action, name=action)
        connection = http.client.HTTPConnection("127.0.0.1", ports["qdrant_port"], timeout=20)
        body = json.dumps({"points": [{"id": i, "vector": [1, 2]}]})
        connection.request("PUT", "/collections/faulty/points?wait=true", body, {"api-key": key})
        assert place.control.ok("GET", "/fired?ms=10000") == {"fired": [action]}
        assert place.ids() == ids, (action, place.ids())
        assert bool(select.select([connection.sock], [], [], 0)[0]) == answered, action
        connection.close()
    assert place.control.ok("GET", "/fired?ms=1") == {"fired": []}


CASES = [stops, closes, late_overtakes, answers_early, rejects_one, limits_the_rate, forgets, goes_down]
