"""Both sides against the model, document by document."""

import json
import os

from bson import json_util

from expectation import difference, id_text, route_points
from provenance import Provenance, point_id


class Judge:
    def __init__(self, world, work):
        self.world, self.work = world, work
        self.names = sorted({r.to for r in world.routes})
        self.provenance = {name: Provenance(world.collection(name)) for name in self.names}

    def documents(self, name):
        """[(route, namespace, document)] of one of Qdrant's collections."""
        routes = [r for r in self.world.routes if r.to == name]
        return [(r, f"{self.world.database_name}.{r.source}", d) for r in routes for d in self.work.model[r.source].values()]

    def wrong(self):
        """What is not as the model says: in MongoDB, in Qdrant, in what the sidecar counts; None: nothing."""
        for name, documents in self.work.model.items():
            if {d["_id"]: d for d in self.world.db[name].find()} != documents:
                return f"MongoDB's {name} is not what the workload made"
        counts = {row["name"]: row for row in self.world.sidecar.status()["collections"]}
        for name in self.names:
            said = self.wrong_in(name, counts[self.world.collection(name)])
            if said:
                return f"{name}: {said}"
        return None

    def wrong_in(self, name, counts):
        documents = {(namespace, id_text(d["_id"])): (r, namespace, d) for r, namespace, d in self.documents(name)}
        expected = {}
        for route, namespace, document in documents.values():
            expected |= route_points(route, namespace, [document])
        now = self.world.client.admin.command("ping")["operationTime"]
        points = self.world.qdrant.points(self.world.collection(name))
        said = difference(expected, points)
        if said:
            return said
        for point in points:
            ours = point["payload"]["_halcyon"]
            route, namespace, document = documents[ours["ns"], id_text(json_util.loads(ours["id"]))]
            said = self.provenance[name].wrong(point, route, namespace, document, until=(now.time, now.inc))
            if said:
                return said
        figures = {what: counts[what] for what in ("documents", "owed", "dead_letters")}
        wanted = {"documents": len({key[:2] for key in expected}), "owed": 0, "dead_letters": 0}
        return None if figures == wanted else f"the sidecar counts {figures}, expected {wanted}"

    def held(self):
        """(texts of documents that Qdrant holds whole, all texts that it should hold); but for reborn documents"""
        out, wanted = set(), set()
        for name in self.names:
            collection, found = self.world.collection(name), {}
            for point in self.world.qdrant.points(collection) or []:
                said = point["payload"]["_halcyon"]
                found.setdefault((said["ns"], said["key"]), []).append(said)
            for route, namespace, document in self.documents(name):
                if (route.source, document["_id"]) in self.work.reborn:
                    continue
                texts = [text for text, _ in route.points(document)]
                wanted.update(texts)
                chunks = found.get((namespace, point_id(collection, namespace, document["_id"], 0)), [])
                whole = {self.provenance[name].text(route, document, said) for said in chunks}
                if len(chunks) == len(texts) and len(whole) == 1 and None not in whole:
                    out.update(texts)
        return out, wanted

    def write_down(self):
        """Both sides, the model and what was embedded, beside the log of a round that failed."""
        found = {
            "model": self.work.model,
            "mongodb": {name: list(self.world.db[name].find()) for name in self.work.model},
            "qdrant": {name: self.world.qdrant.points(self.world.collection(name)) for name in self.names},
            "embedded": self.world.service.by_key,
        }
        for what, content in found.items():
            with open(os.path.join(self.world.folder, f"{what}.json"), "w", encoding="utf-8") as file:
                json.dump(content, file, indent=1, ensure_ascii=False)
