"""Documents, dead letters and stories of the mock server."""

import datetime
import hashlib

FAILURES = [
    ("EMBEDDING_TIMEOUT", "no answer within 10 s"),
    ("EMBEDDING_REJECTED", "HTTP 400: the text has 9,114 tokens, at most 8,192 are taken"),
    ("QDRANT_REJECTED", "HTTP 400: payload field price: \"12,90 EUR\" is no float"),
    ("EMBEDDING_UNAVAILABLE", "HTTP 500: the service failed"),
]
LETTERS = [
    ("a1977", "EMBEDDING_REJECTED", "HTTP 400: the text has 11,930 tokens, at most 8,192 are taken", 1, {"name": "Ceramic knife set, 5 pieces", "price": 49.9, "tags": ["kitchen", "ceramic"]}),
    ("b204", "QDRANT_REJECTED", "HTTP 400: payload field price: \"on request\" is no float", 1, {"name": "Grand piano <b>C. Bechstein</b>", "price": "on request", "tags": ["music"]}),
    ("c77", "VALIDATION_ERROR", "the document is nested deeper than 100 levels", 1, {"name": "Bill of materials"}),
]


def at(seconds):
    when = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def row(now, n, collection, status):
    own = f"{'abcdef'[n % 6]}{n * 37 % 9973}"
    out = {
        "collection": collection, "namespace": f"shop.{collection}", "id": f'"{own}"', "status": status, "changed": at(now - 7 * n - 3), "last_success": at(now - 4000 - 7 * n),
        "last_attempt": at(now - 7 * n - 3), "attempts": 0, "next_attempt": None, "dead_letter": False, "code": None, "error": None, "waits_for": None, "text_digest": digest(own),
        "payload_digest": digest(own + "p"), "chunks": 1, "vector_version": 2, "version": "00000001-6925e0f2-00000001-00000000",
    }  # fmt: skip
    if status == "failed":
        out["code"], out["error"] = FAILURES[n % len(FAILURES)]
        out.update(attempts=1 + n % 4, next_attempt=at(now + 40 + 13 * n))
    elif status == "pending":
        out.update(waits_for="the collection is paused: Qdrant: HTTP 507: no space left on its disk", text_digest=None, payload_digest=None, chunks=0, vector_version=0, version=None, last_success=None)
    elif status == "stale":
        out["waits_for"] = "the collection is paused: Qdrant: HTTP 507: no space left on its disk"
    return out


def rows(now):
    """137 documents, the latest change first."""
    out = []
    for n in range(137):
        if n % 9 == 4 and n < 60:
            out.append(row(now, n, "products", "failed"))
        elif n % 4 == 1:
            out.append(row(now, n, "reviews", "stale" if n % 8 == 1 else "pending"))
        else:
            out.append(row(now, n, "products" if n % 3 else "articles", "synced"))
    return out


def letters(now):
    return [
        {"collection": "products", "namespace": "shop.products", "id": f'"{own}"', "code": code, "reason": reason, "attempts": attempts, "first": at(now - 3700 * (n + 1)), "last": at(now - 3600 * (n + 1)), "payload": payload}
        for n, (own, code, reason, attempts, payload) in enumerate(LETTERS)
    ]


def conclusion(r):
    if r is None:
        return "gone", "gone: MongoDB does not hold it, and it is not in search: nothing to do"
    if r["status"] == "synced":
        return "synced", "synced: nothing to do"
    if r["status"] == "failed":
        return "failed", f"failed: attempt {r['attempts']} of 8 at {r['last_attempt'][:19].replace('T', ' ')} UTC: {r['code']}: {r['error']}. Qdrant holds the state of 2026-11-27 23:12:40 UTC. It is tried again at {r['next_attempt'][:19].replace('T', ' ')} UTC"
    return "waits", f"{r['status']}: it waits ({r['waits_for']}). It is read from MongoDB again and written when the collection is not paused any more"


def explain(world, ns, own):
    r = next((d for d in world.documents if d["namespace"] == ns and d["id"] == own), None)
    state, sentence = conclusion(r)
    now = world.last
    events = [(-912.4, None, "changed"), (-912.31, ns.split(".")[1], "embedded_and_written"), (-14.2, None, "changed")]
    if r and r["status"] == "failed":
        events.append((-4.1, ns.split(".")[1], "failed"))
    newer = r and r["status"] in ("failed", "stale")
    should = {"chunks": 2, "text_bytes": 412, "text": "Copper kettle, 1.7 l\nHand-made in Portugal. Whistles <i>softly</i>.", "text_digest": digest(own + "new" if newer else own.strip('"')), "payload_digest": digest(own.strip('"') + "p")}
    if r and not newer:
        should["chunks"] = max(1, r["chunks"])
    held = {"chunks": r["chunks"] if r else 0}
    if r and r["chunks"]:
        held.update(agree=True, text_digest=r["text_digest"], payload_digest=r["payload_digest"], version=r["version"], as_of=r["last_success"], written=r["last_success"])
    paused = world.collections[r["collection"]]["reason"] or None if r else None
    collections = [
        {"collection": ns.split(".")[1], "state": state, "conclusion": sentence, "paused": paused, "in_flight": False, "in_doubt": False,
         "route": {"phase": "done", "filter": '{"status":"active"}', "passes": True}, "unfit": None, "should": should, "stored": r, "held": held}
    ]  # fmt: skip
    return {
        "namespace": ns, "id": own, "asked": world.now_text(), "known": r is not None, "source": {"found": r is not None, "bytes": 1_612 if r else None, "as_of": at(now - 2), "error": None},
        "stream": {"open": True, "trouble": ""}, "conclusion": None, "collections": collections,
        "events": [{"at": at(now + t), "collection": c, "what": w, "version": "00000001-6925e0f2-00000001-00000000"} for t, c, w in events],
    }  # fmt: skip
