"""Qdrant's REST API, as far as the cases look at it. Standard library only."""

import json
import urllib.error
import urllib.request


class Qdrant:
    def __init__(self, url, key=None):
        self.url, self.key = url.rstrip("/"), key

    def call(self, method, path, body=None):
        """(status, reply)"""
        headers = {"Content-Type": "application/json", **({"api-key": self.key} if self.key else {})}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, json.loads(reply.read())
        except urllib.error.HTTPError as error:
            return error.code, {"text": error.read().decode(errors="replace")}

    def points(self, collection):
        """All of them, with payload and vector; None without such a collection."""
        out, offset = [], None
        while True:
            body = {"limit": 500, "with_payload": True, "with_vector": True, "offset": offset}
            status, reply = self.call("POST", f"/collections/{collection}/points/scroll", body)
            if status == 404:
                return None
            assert status == 200, reply
            out += reply["result"]["points"]
            offset = reply["result"]["next_page_offset"]
            if offset is None:
                return out

    def collections(self):
        status, reply = self.call("GET", "/collections")
        assert status == 200, reply
        return {c["name"] for c in reply["result"]["collections"]}

    def forget(self, collection):
        self.call("DELETE", f"/collections/{collection}")
