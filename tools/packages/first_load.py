"""Phase 1: documents that are there already, into an empty collection."""

import time

from progress import Bar
from world import BATCH


def insert(world):
    with Bar("inserting into MongoDB", len(world.documents), "documents") as bar:
        for at in range(0, len(world.documents), BATCH):
            world.packages.insert_many(world.documents[at : at + BATCH], ordered=False)
            bar.at(min(at + BATCH, len(world.documents)))


def run(world):
    checks, wanted = world.checks, len(world.documents)
    world.database.create_collection("extras")  # a transaction may not make it
    insert(world)
    answers = world.sidecar.command("check").strip().splitlines()
    fine = [line for line in answers if line.startswith("ok")]
    checks.add(1, "`halcyon check`", fine, f"{len(fine)} answers of settings, MongoDB, Qdrant and embedder are ok")
    print("  " + "\n  ".join(world.sidecar.command("plan").strip().splitlines()))
    started = time.monotonic()
    with Bar("into Qdrant", wanted, "documents") as bar:
        status = world.start(
            60 + wanted / 100, lambda status: bar.at(sum(c.get("documents", 0) for c in status["collections"]))
        )
        bar.at(wanted)
    seconds = time.monotonic() - started
    in_mongodb, in_qdrant = world.packages.count_documents({}), world.qdrant.count(world.collection)
    checks.add(
        1,
        "first load",
        in_mongodb == in_qdrant == wanted,
        f"{in_mongodb:,} inserted, {in_qdrant:,} searchable, {seconds:.0f} s ({wanted / seconds:,.0f}/s)",
        "counts of both sides, and `halcyon status` and `halcyon dead-letters list`",
    )
    points = world.points()
    difference = world.difference(points)
    checks.add(1, "both sides compared", not difference, difference, "the documents named, in both databases")
    world.point_of = {payload["name"]: point for point, payload in points.items() if "name" in payload}
    texts = status["embedded_texts"]
    # Equal texts that are under way together are embedded once.
    checks.add(
        1,
        "embeddings",
        0 < texts <= wanted,
        f"{texts:,} for {wanted:,} texts",
        "`halcyon status --json`: embedded_texts",
    )
