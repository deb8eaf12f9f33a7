"""`_halcyon` and point ids computed a second time, from the document alone: src/core/key.cpp, src/render, src/base/digest.cpp."""

import hashlib
import json
import re
import struct
import uuid

import bson
import xxhash
from bson import Int64

SPACE = uuid.UUID("fd4ab134-e3bc-45fd-bc93-1c9bdfadfe8b")
VERSION = re.compile("[0-9a-f]{8}(-[0-9a-f]{8}){3}")


def point_id(collection, namespace, document_id, chunk):
    """Of ids that are whole numbers or texts."""
    own = bson.encode({"_id": Int64(document_id) if isinstance(document_id, int) else document_id})
    name = SPACE.bytes
    for part in (b"mongodb", collection.encode(), *(n.encode() for n in namespace.split(".", 1)), own):
        name += struct.pack(">I", len(part)) + part
    digest = hashlib.sha1(name + struct.pack(">I", chunk)).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))


def sized(text):
    encoded = text.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def text_digest(fingerprint, text):
    high, low = int(fingerprint[:16], 16), int(fingerprint[16:], 16)
    return xxhash.xxh3_128_hexdigest(struct.pack("<QQ", high, low) + sized(text))


def payload_digest(payload):
    compact = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return xxhash.xxh3_128_hexdigest(sized("") + sized(compact))


class Provenance:
    """One world's collection: the fingerprint is taken from the first point of a route and must be that of all its others."""

    def __init__(self, collection):
        self.collection, self.fingerprints = collection, {}

    def text(self, route, document, said):
        """The digests and the version of a chunk that belongs to this text of the document; else None."""
        if said["chunks"] != len(route.points(document)) or said["text"] != text_digest(said["fp"], route.whole_text(document)):
            return None
        return said["text"], said["payload"], said["version"], said["fp"]

    def wrong(self, point, route, namespace, document, until):
        """What a point says of itself and should not; `until`: the deployment's time, (seconds, increment)."""
        said = point["payload"]["_halcyon"]
        known = self.fingerprints.setdefault(namespace, said["fp"])
        pieces = route.points(document)
        expected = {
            "source": "mongodb",
            "ns": namespace,
            "db": namespace.split(".", 1)[0],
            "key": point_id(self.collection, namespace, document["_id"], 0),
            "chunks": len(pieces),
            "text": text_digest(known, route.whole_text(document)),
            "payload": payload_digest(pieces[0][1]),
            "fp": known,
        }
        found = {name: said.get(name) for name in expected}
        if found != expected:
            return f"_halcyon of {document['_id']}: {found}, expected {expected}"
        if point["id"] != point_id(self.collection, namespace, document["_id"], said["chunk"]):
            return f"chunk {said['chunk']} of {document['_id']} has the id {point['id']}"
        if not VERSION.fullmatch(said["version"]):
            return f"version {said['version']} of {document['_id']}"
        epoch, seconds, increment, _ = (int(part, 16) for part in said["version"].split("-"))
        if epoch < 1 or (seconds, increment) > until:
            return f"version {said['version']} of {document['_id']} is later than {until}"
        return None
