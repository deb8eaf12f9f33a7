"""What Qdrant should hold for what MongoDB holds: a second, small implementation of routes, and the comparison."""

import json
import math
import re
from dataclasses import dataclass, field
from typing import Callable, Optional

from bson import json_util

from embedding_service import vector_of


def id_text(value):
    """An `_id` as `_halcyon.id` has it, but for blanks and the order of names."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and float(value).is_integer():
        found = {"$numberLong": str(int(value))}
    else:
        found = json.loads(json_util.dumps(value, json_options=json_util.CANONICAL_JSON_OPTIONS))
    return json.dumps(found, sort_keys=True)


@dataclass
class Route:
    source: str  # the collection's name in the world's database
    to: str
    text: list = field(default_factory=lambda: ["name", "description"])
    payload: Optional[list] = field(default_factory=lambda: ["name", "price"])  # None: the whole document
    filter: Optional[dict] = None
    keeps: Callable = lambda document: True  # the filter, said in Python
    chunk: Optional[tuple] = None  # size, overlap
    on_drop: str = "remove"

    def settings(self, database, to):
        out = {"from": f"{database}.{self.source}", "to": to, "text": self.text}
        if self.payload is not None:
            out["payload"] = self.payload
        if self.filter is not None:
            out["filter"] = self.filter
        if self.chunk:
            out["chunk"] = {"by": "words", "size": self.chunk[0], "overlap": self.chunk[1]}
        if self.on_drop != "remove":
            out["on_drop"] = self.on_drop
        return out

    def chunks(self, text):
        if not self.chunk:
            return [text]
        size, overlap = self.chunk
        words, out, start = list(re.finditer(r"\S+", text)), [], 0
        while True:
            piece = words[start : start + size]
            out.append(text[piece[0].start() : piece[-1].end()])
            if start + size >= len(words):
                return out
            start += size - overlap

    def whole_text(self, document):
        return "\n".join(str(document[f]) for f in self.text if f in document)

    def points(self, document):
        """[(text, payload)]"""
        text = self.whole_text(document)
        if not self.keeps(document) or not text.strip():
            return []
        # The whole document is without its _id and without the status that halcyon writes into it.
        fields = [f for f in document if f not in ("_id", "syncMetadata")] if self.payload is None else self.payload
        payload = {f: payload_value(document[f]) for f in fields if f in document}
        return [(chunk, payload) for chunk in self.chunks(text)]


def payload_value(value):
    return None if isinstance(value, float) and not math.isfinite(value) else value


def expected_points(routes, database, to):
    """{(namespace, id, chunk): (text, payload, chunks)} of one collection."""
    out = {}
    for route in routes:
        if route.to == to:
            out.update(route_points(route, f"{database.name}.{route.source}", database[route.source].find()))
    return out


def route_points(route, namespace, documents):
    out = {}
    for document in documents:
        points = route.points(document)
        for chunk, (text, payload) in enumerate(points):
            out[(namespace, id_text(document["_id"]), chunk)] = (text, payload, len(points))
    return out


def difference(expected, points, vectors=True):
    """What is wrong with all points of a collection; None: nothing."""
    found, by_id = {}, {}
    for point in points:
        ours = point["payload"].get("_halcyon")
        if not ours:
            return f"a point without _halcyon: {point['id']}"
        key = (ours["ns"], json.dumps(json.loads(ours["id"]), sort_keys=True), ours["chunk"])
        if key in found:
            return f"{key} has two points: {found[key]['id']} and {point['id']}"
        found[key], by_id[point["id"]] = point, key
    if len(by_id) != len(found):
        return "a point's id occurs twice"
    missing, orphans = expected.keys() - found.keys(), found.keys() - expected.keys()
    if missing or orphans:
        return f"{len(missing)} missing {sorted(missing)[:3]}, {len(orphans)} too many {sorted(orphans)[:3]}"
    for key, (text, payload, chunks) in expected.items():
        point = found[key]
        held = {name: value for name, value in point["payload"].items() if name != "_halcyon"}
        if held != payload:
            return f"{key}: payload {held}, expected {payload}"
        if point["payload"]["_halcyon"]["chunks"] != chunks:
            return f"{key}: says {point['payload']['_halcyon']['chunks']} chunks, expected {chunks}"
        if vectors and any(abs(a - b) > 1e-5 for a, b in zip(point["vector"], vector_of(text), strict=True)):
            return f"{key}: not the vector of {text[:60]!r}"
    return None
