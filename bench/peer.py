"""The peer that halcyon is held against: the loop that one writes in an afternoon, and decently. pymongo's change stream
with look-up, batches of 256 of which each document is the last one, qdrant-client, the resume token in a file after each
batch that Qdrant has confirmed.

    peer.py --mongodb URI --namespace DB.COLLECTION --qdrant URL --collection NAME --position FILE --embedder WHAT

--embedder hashing: pieces of 3 to 5 letters, hashed by scikit-learn, which is the nearest to halcyon's built-in embedder that
is at hand. URL: text-embeddings-inference is asked. free: every text has the same vector, made once, which costs nothing.
Prints how many events it is through with: 0 when it listens, then a line a batch.
"""

import argparse
import http.client
import json
import urllib.parse
import uuid
from pathlib import Path

import pymongo
from bson import json_util
from qdrant_client import QdrantClient, models

BATCH = 256
DIMENSIONS = 384
PAYLOAD = ("name", "price", "tags", "revision")


class Free:
    def __init__(self):
        self.vector = [((n * 7919) % 2000 - 1000) / 11313.7 for n in range(DIMENSIONS)]

    def embed(self, texts):
        return [self.vector] * len(texts)


class Hashing:
    def __init__(self):
        from sklearn.feature_extraction.text import HashingVectorizer

        self.vectorizer = HashingVectorizer(n_features=DIMENSIONS, analyzer="char_wb", ngram_range=(3, 5))

    def embed(self, texts):
        return self.vectorizer.transform(texts).toarray().tolist()


class Service:
    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)

    def embed(self, texts):
        body = json.dumps({"inputs": texts, "truncate": True})
        # What the service in bench/responder.cpp looks for has no blank in it.
        self.connection.request("POST", "/embed", body.replace('"inputs": ', '"inputs":', 1).replace('", "', '","'))
        reply = self.connection.getresponse()
        text = reply.read()
        if reply.status != 200:
            raise RuntimeError(f"the embedder: {reply.status} {text[:200]!r}")
        return json.loads(text)


class Pipeline:
    def __init__(self, options):
        database, collection = options.namespace.split(".", 1)
        self.source = pymongo.MongoClient(options.mongodb)[database][collection]
        self.qdrant = QdrantClient(url=options.qdrant, timeout=60)
        self.name, self.namespace, self.position = options.collection, options.namespace, options.position
        kinds = {"free": Free, "hashing": Hashing}
        self.embedder = kinds[options.embedder]() if options.embedder in kinds else Service(options.embedder)
        self.events = 0

    def point_id(self, key):
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.namespace}/{json_util.dumps(key)}"))

    def write(self, batch, token, events):
        changed = [(key, document) for key, document in batch.items() if document is not None]
        if changed:
            vectors = self.embedder.embed([f"{d['name']}\n{d['description']}" for _, d in changed])
            points = [
                models.PointStruct(
                    id=self.point_id(key), vector=vector, payload={field: document.get(field) for field in PAYLOAD}
                )
                for (key, document), vector in zip(changed, vectors)
            ]
            self.qdrant.upsert(self.name, points=points, wait=True)
        gone = [self.point_id(key) for key, document in batch.items() if document is None]
        if gone:
            self.qdrant.delete(self.name, points_selector=models.PointIdsList(points=gone), wait=True)
        self.position.write_text(json_util.dumps(token))
        self.events += events
        print(self.events, flush=True)

    def run(self):
        if not self.qdrant.collection_exists(self.name):
            self.qdrant.create_collection(
                self.name, vectors_config=models.VectorParams(size=DIMENSIONS, distance=models.Distance.COSINE)
            )
        token = json_util.loads(self.position.read_text()) if self.position.exists() else None
        kinds = [{"$match": {"operationType": {"$in": ["insert", "update", "replace", "delete"]}}}]
        batch, events = {}, 0
        with self.source.watch(
            kinds, full_document="updateLookup", resume_after=token, batch_size=1000, max_await_time_ms=100
        ) as stream:
            stream.try_next()
            print(0, flush=True)
            while True:
                event = stream.try_next()
                if event is not None:
                    batch[event["documentKey"]["_id"]] = event.get("fullDocument")
                    token, events = event["_id"], events + 1
                if len(batch) >= BATCH or (event is None and batch):
                    self.write(batch, token, events)
                    batch, events = {}, 0


def main():
    parser = argparse.ArgumentParser()
    for name in ("mongodb", "namespace", "qdrant", "collection", "embedder"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--position", type=Path, required=True)
    Pipeline(parser.parse_args()).run()


if __name__ == "__main__":
    main()
