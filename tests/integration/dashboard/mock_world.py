"""What the mock server tells: three collections that work, documents, jobs, letters; it moves with the clock."""

import datetime
import hashlib
import math
import time

from mock_documents import explain, letters, rows

STATUSES = ("synced", "pending", "stale", "failed")
SETTINGS = [
    ("mongodb.uri", "mongodb://halcyon:***@db-1.internal:27017,db-2.internal:27017/?replicaSet=rs0", True),
    ("mongodb.await", "1s", False),
    ("mongodb.snapshot.mode", "initial", False),
    ("mongodb.snapshot.parallelism", 4, False),
    ("qdrant.url", "http://qdrant.internal:6333", True),
    ("qdrant.api_key", "***", True),
    ("qdrant.timeout", "10s", False),
    ("embedders.default.type", "openai", True),
    ("embedders.default.model", "text-embedding-3-small", True),
    ("embedders.default.batch.texts", 64, False),
    ("embedders.default.concurrency", 8, False),
    ("guards.max_embeddings", 100000, False),
    ("guards.max_delete_share", "5%", False),
    ("memory", "256MiB", False),
    ("retry.attempts", 8, False),
    ("state.path", "/var/lib/halcyon", True),
    ("http.listen", "127.0.0.1:8686", True),
    ("http.tokens", [{"name": "ops", "role": "operator", "token": "***"}], True),
    ("log.level", "info", False),
]


class Refused(Exception):
    def __init__(self, status, title, detail=""):
        super().__init__(title)
        self.status, self.title, self.detail = status, title, detail


def text_of(seconds):
    when = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def only(given, allowed, what):
    for name in given:
        if name not in allowed:
            raise Refused(400, f"unknown {what}", f"{name} is none of {', '.join(sorted(allowed))}")


class MockWorld:
    """`mood`: busy (one collection is paused, some documents failed), calm, or guarded."""

    def __init__(self, mood="busy", rate=180.0, lively=True):
        self.mood, self.rate, self.lively = mood, rate, lively
        self.began = self.last = time.time()
        self.events, self.event_number = [], 0
        self.lines, self.log_number = [], 0
        self.log_level = "info"
        self.streaming = True
        self.total = 1_204_118.0
        self.jobs = {}
        self.held = []
        self.changes = []
        calm = mood == "calm"
        self.collections = {
            "articles": self.collection(8_312, [0, 0, 0]),
            "products": self.collection(48_210, [0, 0, 0] if calm else [212, 41, 7], letters=0 if calm else 3),
            "reviews": self.collection(1_204_331, [0, 0, 0] if calm else [1_830, 5_182, 0]),
        }
        self.documents = [] if calm else rows(self.began)
        self.letters = [] if calm else letters(self.began)
        if not calm:
            self.break_reviews()
        if mood == "guarded":
            self.held = [{"guard": "max_embeddings", "question": "products: 212,400 texts would be embedded, the bound is 100,000"}]
            self.changes = [
                {"from": "shop.products", "to": "products", "kind": "changed", "parts": ["text"], "documents": 48210, "says": "the text of shop.products -> products is another one: 48,210 documents are embedded again"}
            ]
        self.past_jobs()

    def collection(self, synced, others, letters=0):
        counters = dict.fromkeys(("embedded", "upserted", "payloads", "removed", "skipped", "superseded", "confirmed", "failed_attempts", "doubts"), 0)
        counts = {"synced": synced, "pending": others[0], "stale": others[1], "failed": others[2]}
        return {
            "paused": False, "reason": "", "paused_by_operator": False, "embedder": "default", "in_flight": 0, "waiting": 0,
            "flow": {"planning": 0, "embedding": 0, "to_write": 0, "requests": 0, "in_doubt": 0},
            **counters, **counts, "documents": synced + others[1], "tombstones": synced // 40, "owed": sum(others), "dead_letters": letters,
        }  # fmt: skip

    def break_reviews(self):
        row = self.collections["reviews"]
        row["paused"] = True
        row["reason"] = "Qdrant: HTTP 507: no space left on its disk; tried again every 30 s"
        self.broken_since = self.began - 754

    def past_jobs(self):
        if self.mood == "calm":
            return
        for n, (mode, state, ago, result) in enumerate(
            [
                ("incremental", "done", 86_400, {"embedded": 1_204, "written": 1_377, "unchanged": 46_833, "removed": 12}),
                ("full", "cancelled", 172_800, {"embedded": 12_800, "written": 12_800, "unchanged": 0, "removed": 0}),
            ]
        ):
            job = self.new_job({"mode": mode, "collection": "products"}, text_of(self.began - ago), n)
            job.update(state=state, ended=text_of(self.began - ago + 312), result=result, scanned=48_210 if state == "done" else 12_800, rate=0, left_s=None)
            job["share"] = 1 if state == "done" else 0.27

    def now_text(self):
        return text_of(time.time())

    # What moves

    def advance(self):
        now = time.time()
        passed = min(2.0, now - self.last)
        self.last = now
        wave = 1 + 0.35 * math.sin(now / 40) + 0.2 * math.sin(now / 7)
        load = self.rate * wave if self.lively and self.streaming else 0
        self.total += load * passed
        for name, share in (("products", 0.7), ("articles", 0.1), ("reviews", 0.2)):
            self.move(name, load * share, passed, now)
        for job in self.jobs.values():
            self.move_job(job, passed)

    def move(self, name, rate, passed, now):
        row = self.collections[name]
        n = rate * passed
        if row["paused"] or row["paused_by_operator"]:
            row["owed"] += int(n / 3)
            row["stale"] += int(n / 3)
            row["synced"] -= int(n / 3)
            row["flow"] = dict.fromkeys(row["flow"], 0)
            row["in_flight"] = 0
            return
        row["embedded"] += int(n * 0.9)
        row["upserted"] += int(n * 0.85)
        row["payloads"] += int(n * 0.1)
        row["confirmed"] += int(n * 0.97)
        row["skipped"] += int(n * 0.03)
        swing = 1 + 0.5 * math.sin(now / 3 + len(name))
        row["flow"] = {"planning": int(rate * 0.02 * swing), "embedding": int(rate * 0.35 * swing), "to_write": int(rate * 0.08 * swing), "requests": int(rate * 0.015 * swing), "in_doubt": 0}
        row["in_flight"] = row["flow"]["planning"] + row["flow"]["embedding"] + row["flow"]["to_write"]
        if rate > 1:
            what = "embedded_and_written" if int(now * 10) % 3 else "changed"
            document = f"p{int(now * 1000) % 90_000}"
            self.event(name, document, what if what == "changed" else "embedded_and_written")
            if int(now) % 5 == 0:
                self.say("info", "pipeline", f"{name}: {int(n * 0.95)} points written, {row['flow']['embedding']} texts under way")
            if int(now) % 11 == 0:
                self.say("debug", "qdrant", f"{name}: upsert of 64 points took {12 + int(now) % 30} ms")

    def event(self, collection, document, what):
        self.event_number += 1
        self.events.append(
            (self.event_number, {"at": self.now_text(), "namespace": f"shop.{collection}", "id": f'"{document}"', "collection": None if what == "changed" else collection, "what": what, "version": "00000001-6925e0f2-00000001-00000000"})
        )
        del self.events[:-400]

    def say(self, level, component, message):
        self.log_number += 1
        self.lines.append((self.log_number, {"at": self.now_text(), "level": level, "component": component, "message": message}))
        del self.lines[:-400]

    def move_job(self, job, passed):
        if job["state"] != "running":
            return
        if job["waits_for"]:
            job["rate"] = 0
            return
        job["rate"] = job["speed"]
        job["scanned"] = min(job["estimate"], job["scanned"] + int(job["speed"] * passed))
        job["share"] = job["scanned"] / job["estimate"]
        job["left_s"] = int((job["estimate"] - job["scanned"]) / job["speed"])
        job["updated"] = self.now_text()
        if job["scanned"] < job["estimate"]:
            return
        job.update(state="done", ended=self.now_text(), left_s=0, share=1)
        if job["dry_run"]:
            job["cost"] = {"documents": 48_210, "unchanged": 46_810, "payload_only": 188, "embed": 1_212, "remove": 9, "texts": 1_398, "characters": 1_640_221, "tokens": 410_055, "requests": 22}
        else:
            job["result"] = {"embedded": 1_212, "written": 1_400, "unchanged": 46_810, "removed": 9}

    def new_job(self, body, created=None, number=None):
        number = len(self.jobs) + 100 if number is None else number
        created = created or self.now_text()
        own = f"20261128-0102{number:02d}-{hashlib.sha256(str(number).encode()).hexdigest()[:4]}"
        dry = body.get("dry_run", False)
        job = {
            "id": own, "type": "backfill", "mode": body.get("mode", "incremental"), "dry_run": dry, "max_pending": body.get("max_pending", 0), "state": "running",
            "collection": body.get("collection"), "namespace": body.get("namespace"), "routes": [], "scanned": 0, "estimate": 48_210, "share": 0.0, "rate": 0.0, "left_s": None,
            "waits_for": "", "created": created, "started": created, "updated": created, "ended": None, "error": "", "result": None, "cost": None, "speed": 24_000 if dry else 6_000,
        }  # fmt: skip
        self.jobs[own] = job
        return job

    # What is told

    def reasons(self):
        found = []
        if not self.streaming:
            found.append({"code": "stream_closed", "says": "the change stream is not open: no primary", "since": text_of(self.began)})
        for name, row in self.collections.items():
            if row["paused_by_operator"]:
                found.append({"code": "paused_by_operator", "says": f"{name} is paused by an operator", "since": row["paused_since"], "collection": name})
            elif row["paused"]:
                found.append({"code": "paused", "says": f"{name}: {row['reason']}", "since": text_of(self.broken_since), "collection": name})
        for h in self.held:
            found.append({"code": "held", "says": f"{h['guard']}: {h['question']}", "since": text_of(self.began - 60)})
        return found

    def overview(self):
        rows_ = self.collections.values()
        busy = sum(r["in_flight"] + r["owed"] for r in rows_)
        reasons = self.reasons()
        return {
            "version": "0.1.0", "now": self.now_text(), "started": text_of(self.began - 190_000), "in_sync": busy == 0, "streaming": self.streaming, "trouble": "" if self.streaming else "no primary",
            "lag_ms": int(14 + 9 * math.sin(time.time() / 9)) + (6 if busy else 0), "stopping": False, "epoch": 1, "events": int(self.total), "under_way": sum(r["in_flight"] for r in rows_),
            "reopened": 2, "rescans": 0, "commits": int(self.total / 90), "embedded_texts": 1_190_203 + sum(r["embedded"] for r in rows_), "embedding_requests": 19_004,
            "memory": {"resident_bytes": 151_000_000, "limit_bytes": 268_435_456}, "history": {"left_s": 241_000, "low": False, "warning_s": 7_200},
            "vector_cache": {"hits": 40_112, "misses": 9_033, "bytes": 312_000_000},
            "ready": {"ready": not [r for r in reasons if r["code"] != "paused_by_operator"], "reasons": reasons},
        }  # fmt: skip

    def routes(self):
        return [{"from": f"shop.{n}", "to": n, "phase": "done", "scanned": r["documents"], "estimate": r["documents"]} for n, r in self.collections.items()]

    def shown_job(self, job):
        return {k: v for k, v in job.items() if k != "speed"}

    def topics(self):
        pipeline = self.overview()
        pipeline.pop("now")
        pipeline["routes"] = {f"{r['from']} -> {r['to']}": {k: r[k] for k in ("phase", "scanned", "estimate")} for r in self.routes()}
        pipeline["held"] = {h["guard"]: h["question"] for h in self.held}
        jobs = sorted(self.jobs.values(), key=lambda j: j["created"])[-10:]
        return {"pipeline": pipeline, "collections": self.collections, "jobs": {j["id"]: self.shown_job(j) for j in jobs}}

    def events_since(self, number, wanted):
        def fits(e):
            return (
                wanted.get("collection") in (None, e["collection"])
                and wanted.get("namespace") in (None, e["namespace"])
                and (not wanted.get("what") or e["what"] in wanted["what"])
            )

        return [e for n, e in self.events if (number is None or n > number) and fits(e)]

    def log_since(self, number, wanted):
        order = ["trace", "debug", "info", "warn", "error"]
        least = max(order.index(wanted.get("level", "info")), order.index(self.log_level))
        return [line for n, line in self.lines if (number is None or n > number) and order.index(line["level"]) >= least]

    # Requests

    def answer(self, method, path, query, body):
        self.advance()
        route = f"{method} {path}"
        if route == "GET /v1/status":
            only(query, (), "parameter")
            named = [{"name": n, **r} for n, r in self.collections.items()]
            return 200, {**self.overview(), "routes": self.routes(), "collections": named, "held": self.held, "changes": self.changes}
        if route == "GET /v1/documents":
            return 200, self.page(self.documents, "documents", query, ("status", "collection", "namespace"))
        if route == "GET /v1/dead-letters":
            return 200, self.page(self.letters, "letters", query, ("collection",))
        if route == "GET /v1/explain":
            only(query, ("namespace", "id"), "parameter")
            return 200, explain(self, query["namespace"], query["id"])
        if route == "POST /v1/documents/retry":
            return 200, self.retry(body)
        if route == "POST /v1/worker/run":
            only(body, ("collection",), "field")
            return 200, {"collections": 1 if body.get("collection") else 3}
        if route == "POST /v1/apply":
            only(body, ("orphans",), "field")
            released, self.held = len(self.held), []
            return 200, {"released": released}
        if path.startswith("/v1/dead-letters/"):
            return 200, self.letter(path.rsplit("/", 1)[1], body)
        if path.startswith("/v1/jobs"):
            return self.job(method, path, query, body)
        if route == "GET /v1/settings":
            return 200, {"file": "/etc/halcyon/halcyon.yaml", "settings": [{"path": p, "value": v, "set": s} for p, v, s in SETTINGS]}
        if path == "/v1/log":
            self.log_level = body.get("level", self.log_level)
            return 200, {"level": self.log_level}
        words = path.strip("/").split("/")
        if method == "POST" and words[-1] in ("pause", "resume"):
            only(body, (), "field")
            return 200, self.pause(words[2] if len(words) == 4 else None, words[-1] == "pause")
        raise Refused(404, "no such route", route)

    def page(self, rows_, member, query, filters):
        only(query, (*filters, "limit", "from"), "parameter")
        found = [r for r in rows_ if all(not query.get(f) or r[f] == query[f] for f in filters)]
        at, limit = int(query.get("from", "c0")[1:]), int(query.get("limit", 100))
        out = {member: found[at : at + limit]}
        if at + limit < len(found):
            out["next"] = f"c{at + limit}"
        return out

    def synced(self, row):
        counts = self.collections[row["collection"]]
        counts[row["status"]] = max(0, counts[row["status"]] - 1)
        counts["synced"] += 1
        counts["owed"] = max(0, counts["owed"] - 1)
        row.update(status="synced", code=None, error=None, waits_for=None, attempts=0, next_attempt=None, dead_letter=False, changed=self.now_text(), last_success=self.now_text())

    def retry(self, body):
        only(body, ("documents", "status", "collection", "force", "reset"), "field")
        if "documents" in body:
            for d in body["documents"]:
                only(d, ("collection", "namespace", "id"), "field")
            keys = [(d["collection"], d["namespace"], d["id"]) for d in body["documents"]]
            found = [r for r in self.documents if (r["collection"], r["namespace"], r["id"]) in keys]
        else:
            found = [r for r in self.documents if r["status"] == body["status"] and body.get("collection") in (None, r["collection"])]
        for row in found:
            if row["status"] != "synced":
                self.synced(row)
        return {"retried": len(found)}

    def letter(self, what, body):
        only(body, ("all",) if "all" in body else ("collection", "namespace", "id"), "field")
        found = [r for r in self.letters if body.get("all") or all(r[k] == body[k] for k in body)]
        if not found:
            raise Refused(404, "no such dead letter", "`halcyon dead-letters list` shows all")
        if what == "drop" and body.get("all"):
            raise Refused(400, "unknown field", "all is for retry")
        self.letters = [r for r in self.letters if r not in found]
        for r in found:
            self.collections[r["collection"]]["dead_letters"] -= 1
        return {"letters": len(found)}

    def pause(self, name, paused):
        if name is not None and name not in self.collections:
            raise Refused(404, "no such collection", name)
        names = [name] if name else sorted(self.collections)
        for n in names:
            row = self.collections[n]
            row["paused_by_operator"] = paused
            row["paused_since"] = self.now_text()
            if not row["paused"] or n != "reviews":
                row["reason"] = "paused by an operator" if paused else ""
        return {"collections": names}

    def job(self, method, path, query, body):
        only(query, (), "parameter")
        words = path.strip("/").split("/")
        if method == "GET" and len(words) == 2:
            return 200, {"jobs": [self.shown_job(j) for j in sorted(self.jobs.values(), key=lambda j: j["created"], reverse=True)]}
        if method == "POST" and len(words) == 2:
            only(body, ("type", "collection", "namespace", "mode", "dry_run", "max_pending"), "field")
            for j in self.jobs.values():
                if j["state"] in ("running", "paused") and not j["dry_run"] and not body.get("dry_run") and j["collection"] == body.get("collection"):
                    raise Refused(409, "it runs already", f"job {j['id']} does the same")
            return 201, self.shown_job(self.new_job(body))
        job = self.jobs.get(words[2])
        if not job:
            raise Refused(404, "no such job", words[2])
        if len(words) == 4:
            states = {"pause": "paused", "resume": "running", "cancel": "cancelled"}
            if job["state"] not in ("running", "paused"):
                raise Refused(409, "not in this state", f"the job is {job['state']}")
            job["state"] = states[words[3]]
            if job["state"] == "cancelled":
                job["ended"] = self.now_text()
        return 200, self.shown_job(job)
