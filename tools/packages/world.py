"""What the phases share: both servers, halcyon, the documents and how to look at both sides."""

import random
from dataclasses import dataclass, field

from checks import Checks
from compare import compare
from servers import Servers
from sidecar import Failed, Sidecar, calm, writes

BATCH = 1000


@dataclass
class World:
    servers: Servers
    sidecar: Sidecar
    checks: Checks
    documents: list
    point_of: dict = field(default_factory=dict)  # package -> point id, as found in Qdrant
    revision: int = 0

    def __post_init__(self):
        self.database = self.servers.mongo[self.servers.database]
        self.packages, self.extras = self.database.packages, self.database.extras
        self.qdrant, self.collection = self.servers.qdrant, self.servers.collection
        self.random = random.Random(20)

    def namespace(self, name):
        return f"{self.servers.database}.{name}"

    def points(self, progress=None):
        return self.qdrant.points(self.collection, progress)

    def difference(self, points=None):
        sides = {self.namespace(name): list(self.database[name].find()) for name in ("packages", "extras")}
        return compare(sides, self.points() if points is None else points)

    def start(self, seconds=120, progress=None):
        """A new life of halcyon, until it is in sync; its status then."""
        self.sidecar.start()
        return self.sidecar.wait("the start", calm, seconds, progress)

    def settled(self, seconds=120):
        return self.sidecar.wait("settling", calm, seconds)

    def some(self, count):
        """Packages that have a point, each once."""
        return self.random.sample(sorted(self.point_of), min(count, len(self.point_of)))

    def next_revision(self):
        self.revision += 1
        return self.revision


def text_edit(package, revision):
    """A change that must be embedded: the text differs from all others."""
    return {"$set": {"summary": f"Edited for the {revision}th time: {package}", "revision": revision}}


__all__ = ["BATCH", "Failed", "World", "calm", "text_edit", "writes"]
