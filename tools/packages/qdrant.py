"""As much of Qdrant's REST API as looking at a collection takes, over one kept connection. Not for several threads."""

import http.client
import json
import urllib.parse

PAGE = 1000


class Refused(Exception):
    pass


class Qdrant:
    def __init__(self, url, api_key=""):
        self.url, self.api_key = url, api_key
        self.parts = urllib.parse.urlsplit(url)
        self.connection = None

    def another(self):
        return Qdrant(self.url, self.api_key)

    def connect(self):
        if self.connection is None:
            kind = http.client.HTTPSConnection if self.parts.scheme == "https" else http.client.HTTPConnection
            self.connection = kind(self.parts.hostname, self.parts.port or 6333, timeout=60)
        return self.connection

    def ask(self, method, path, body=None):
        headers = {"Content-Type": "application/json"}
        if self.api_key:
            headers["api-key"] = self.api_key
        data = None if body is None else json.dumps(body)
        for last in (False, True):
            try:
                connection = self.connect()
                connection.request(method, self.parts.path.rstrip("/") + path, data, headers)
                reply = connection.getresponse()
                text = reply.read()
                break
            except (http.client.HTTPException, ConnectionError):
                self.connection = None
                if last:
                    raise
        if reply.status != 200:
            raise Refused(f"{method} {path}: {reply.status} {text[:300]!r}")
        return json.loads(text)["result"]

    def count(self, collection):
        return self.ask("POST", f"/collections/{collection}/points/count", {"exact": True})["count"]

    def points(self, collection, progress=None):
        """Every point's id and payload."""
        out, offset = {}, None
        while True:
            body = {"limit": PAGE, "with_payload": True, "with_vector": False}
            if offset is not None:
                body["offset"] = offset
            page = self.ask("POST", f"/collections/{collection}/points/scroll", body)
            out.update((point["id"], point["payload"]) for point in page["points"])
            if progress:
                progress(len(out))
            offset = page.get("next_page_offset")
            if offset is None:
                return out

    def of_namespace(self, collection, namespace):
        """Payloads of one MongoDB collection's points; it has fewer than a page."""
        match = {"must": [{"key": "_halcyon.ns", "match": {"value": namespace}}]}
        body = {"limit": PAGE, "with_payload": True, "filter": match}
        return [
            point["payload"] for point in self.ask("POST", f"/collections/{collection}/points/scroll", body)["points"]
        ]

    def revisions(self, collection, ids):
        """What `revision` the points of these ids hold; those that are missing are left out."""
        body = {"ids": list(ids), "with_payload": ["revision"], "with_vector": False}
        return {
            point["id"]: point["payload"].get("revision")
            for point in self.ask("POST", f"/collections/{collection}/points", body)
        }

    def remove(self, name):
        """The alias and what halcyon made behind it."""
        aliases = self.ask("GET", "/aliases")["aliases"]
        physical = [a["collection_name"] for a in aliases if a["alias_name"] == name]
        if physical:
            self.ask("POST", "/collections/aliases", {"actions": [{"delete_alias": {"alias_name": name}}]})
        for collection in physical:
            self.ask("DELETE", f"/collections/{collection}")
