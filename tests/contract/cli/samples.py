"""Replies of a sidecar, as its interface describes them."""


def collection(name="products", **more):
    row = {"name": name, "paused": False, "reason": "", "paused_by_operator": False, "embedder": "default"}
    row |= {"in_flight": 12, "waiting": 30, "embedded": 400, "upserted": 500, "payloads": 20, "removed": 3, "skipped": 7}
    row |= {"superseded": 0, "confirmed": 480, "failed_attempts": 2, "doubts": 0, "documents": 29000, "tombstones": 1}
    row |= {"owed": 4, "dead_letters": 1, "synced": 28990, "pending": 5, "stale": 4, "failed": 1}
    row["flow"] = {"planning": 10, "embedding": 20, "to_write": 12, "requests": 2, "in_doubt": 0}
    return row | more


def status(**more):
    reply = {"version": "0.1.0", "now": "2026-11-28T01:00:00.000Z", "started": "2026-11-28T00:00:00.000Z"}
    reply |= {"in_sync": False, "streaming": True, "trouble": "", "lag_ms": 12, "stopping": False, "epoch": 1}
    reply |= {"events": 1234, "under_way": 42, "reopened": 0, "rescans": 0, "commits": 99, "embedded_texts": 400}
    reply |= {"embedding_requests": 20, "memory": {"resident_bytes": 104857600, "limit_bytes": 268435456}}
    reply |= {"history": {"left_s": 86400, "low": False, "warning_s": 3600}, "ready": {"ready": True, "reasons": []}}
    reply["routes"] = [{"from": "shop.products", "to": "products", "phase": "scanning", "scanned": 100, "estimate": 29000}]
    return reply | {"collections": [collection(), collection("articles")], "held": [], "changes": []} | more


def job(id="20261128-010203-a1b2", **more):
    reply = {"id": id, "type": "backfill", "mode": "incremental", "dry_run": False, "max_pending": 0, "state": "running"}
    reply |= {"collection": "products", "namespace": None, "scanned": 12345, "estimate": 29000, "share": 0.42}
    reply |= {"rate": 1234.5, "left_s": 12, "waits_for": "", "created": "2026-11-28T01:02:03.000Z", "error": ""}
    reply |= {"started": "2026-11-28T01:02:03.000Z", "updated": "2026-11-28T01:02:13.000Z", "ended": None}
    reply["routes"] = [{"from": "shop.products", "to": "products", "state": "running", "scanned": 12345, "estimate": 29000}]
    return reply | {"result": None, "cost": None} | more


def done(**more):
    result = {"embedded": 10, "written": 12, "unchanged": 28988, "removed": 0}
    return job(state="done", share=1.0, left_s=0, scanned=29000, ended="2026-11-28T01:03:00.000Z", result=result, **more)


def problem(status, title, detail="", **headers):
    return status, {"type": "about:blank", "title": title, "status": status, "detail": detail}, headers
