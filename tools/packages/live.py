"""Phase 2: changes while halcyon runs; each arrives, and how soon."""

import copy
import time

import pymongo
from arrivals import Arrivals
from progress import Bar
from world import BATCH, text_edit

EDITS, PAYLOADS, DELETES, EXTRAS, BURST = 300, 300, 200, 40, 5000
PACE = 0.01
PATIENCE = 60


def paced(world, packages, change, title):
    """One write at a time, as an application makes them; an Arrivals that has seen (or missed) each."""
    with Arrivals(world.qdrant, world.collection) as arrivals, Bar(title, len(packages), "changes") as bar:
        for package in packages:
            begun = time.monotonic()
            arrivals.expect(world.point_of[package], change(package), begun)
            time.sleep(PACE)
            bar.at(len(arrivals.seconds))
        arrivals.wait(PATIENCE, bar.at)
        bar.at(len(arrivals.seconds))
    return arrivals


def report(world, what, arrivals, wanted, embedded, expected):
    arrived = len(arrivals.seconds)
    p50, p99 = arrivals.percentile(0.5) * 1000, arrivals.percentile(0.99) * 1000
    world.checks.add(
        2,
        what,
        arrived == wanted and embedded == expected,
        f"{arrived:,} of {wanted:,} arrived, p50 {p50:.0f} ms, p99 {p99:.0f} ms, {embedded:,} embeddings",
        f"{expected:,} embeddings were expected; halcyon.log, and `halcyon status`",
    )


def measured(world, what, packages, change, expected):
    before = world.settled()["embedded_texts"]
    arrivals = paced(world, packages, change, what)
    report(world, what, arrivals, len(packages), world.settled()["embedded_texts"] - before, expected)


def edit(world):
    revision = world.next_revision()

    def change(package):
        world.packages.update_one({"_id": package}, text_edit(package, revision))
        return revision

    packages = world.some(EDITS)
    measured(world, "edits of texts", packages, change, len(packages))


def edit_payload(world):
    revision = world.next_revision()

    def change(package):
        world.packages.update_one({"_id": package}, {"$inc": {"installed_size": 1}, "$set": {"revision": revision}})
        return revision

    measured(world, "edits of payloads only", world.some(PAYLOADS), change, 0)


def delete(world):
    packages = world.some(min(DELETES, len(world.point_of) // 10))

    def change(package):
        world.packages.delete_one({"_id": package})

    measured(world, "deletes", packages, change, 0)
    for package in packages:
        del world.point_of[package]


def until(world, seconds, holds):
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def named(world, name):
    return {payload["name"]: payload for payload in world.qdrant.of_namespace(world.collection, world.namespace(name))}


def extra(world, name):
    return copy.deepcopy(world.documents[0]) | {"_id": name, "name": name, "summary": f"An extra package called {name}"}


def transaction(world):
    """An insert, an edit and a delete in two collections: all of it or nothing."""
    edited, deleted = world.some(2)
    revision = world.next_revision()
    with world.servers.mongo.start_session() as session, session.start_transaction():
        world.extras.insert_one(extra(world, "in-a-transaction"), session=session)
        world.packages.update_one({"_id": edited}, text_edit(edited, revision), session=session)
        world.packages.delete_one({"_id": deleted}, session=session)
    with Arrivals(world.qdrant, world.collection) as arrivals:
        arrivals.expect(world.point_of[edited], revision)
        arrivals.expect(world.point_of.pop(deleted), None)
        arrived = arrivals.wait(PATIENCE)
    inserted = until(world, PATIENCE, lambda: "in-a-transaction" in named(world, "extras"))
    world.checks.add(
        2, "a transaction", arrived and inserted, "insert, edit and delete in two collections arrived", "halcyon.log"
    )


def rename(world):
    """A collection that nobody follows is renamed over one that is followed: its documents come, the old ones go."""
    staged = [extra(world, f"renamed-{n}") for n in range(EXTRAS)]
    world.database.staging.insert_many(staged)
    world.database.staging.rename("extras", dropTarget=True)
    wanted = {one["_id"] for one in staged}
    came = until(world, PATIENCE, lambda: set(named(world, "extras")) == wanted)
    world.checks.add(
        2, "a rename", came, f"{len(wanted)} documents came under the name, what was there went", "halcyon.log"
    )


def burst(world):
    packages, revision = world.some(BURST), world.next_revision()
    before = world.settled()["embedded_texts"]
    started = time.monotonic()
    with Arrivals(world.qdrant, world.collection) as arrivals, Bar("a burst", len(packages), "changes") as bar:
        for at in range(0, len(packages), BATCH):
            part = packages[at : at + BATCH]
            for package in part:
                arrivals.expect(world.point_of[package], revision)
            world.packages.bulk_write(
                [pymongo.UpdateOne({"_id": one}, text_edit(one, revision)) for one in part], ordered=False
            )
        arrivals.wait(PATIENCE + len(packages) / 100, bar.at)
        bar.at(len(arrivals.seconds))
    seconds = time.monotonic() - started
    report(world, f"a burst ({len(packages) / seconds:,.0f}/s)", arrivals, len(packages),
           world.settled()["embedded_texts"] - before, len(packages))  # fmt: skip


def run(world):
    for step in (edit, edit_payload, delete, transaction, rename, burst):
        step(world)
    world.settled()
    difference = world.difference()
    world.checks.add(2, "both sides compared", not difference, difference, "the documents named, in both databases")
