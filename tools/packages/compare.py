"""Both sides, computed apart: what MongoDB says there should be, against every point that Qdrant holds."""

from dataclasses import dataclass, field

PAYLOAD = [
    "name", "version", "section", "priority", "maintainer", "installed_size", "download_size", "depends", "tags",
    "homepage", "summary", "revision",
]  # fmt: skip


@dataclass
class Difference:
    documents: int = 0
    points: int = 0
    missing: list = field(default_factory=list)
    orphans: list = field(default_factory=list)
    different: list = field(default_factory=list)

    def __bool__(self):
        return bool(self.missing or self.orphans or self.different)

    def __str__(self):
        if not self:
            return f"{self.documents:,} documents = {self.points:,} points, every payload equal, no orphan"
        kinds = {"missing": self.missing, "orphans": self.orphans, "different": self.different}
        shown = [f"{len(keys):,} {kind} ({', '.join(map(str, keys[:3]))})" for kind, keys in kinds.items() if keys]
        return f"{self.documents:,} documents, {self.points:,} points: " + "; ".join(shown)


def expected(document):
    return {name: document[name] for name in PAYLOAD if name in document}


def compare(collections, points):
    """`collections`: namespace -> documents. `points`: point id -> payload. Each document is one point."""
    wanted = {(ns, f'"{one["_id"]}"'): expected(one) for ns, documents in collections.items() for one in documents}
    out = Difference(documents=len(wanted), points=len(points))
    seen = set()
    for payload in points.values():
        mark = payload.get("_halcyon", {})
        key = (mark.get("ns"), mark.get("id"))
        if key not in wanted or key in seen or mark.get("chunks") != 1:
            out.orphans.append(key)
            continue
        seen.add(key)
        if {name: value for name, value in payload.items() if name != "_halcyon"} != wanted[key]:
            out.different.append(key)
    out.missing = [key for key in wanted if key not in seen]
    return out
