"""Phase 3: kill -9 in the middle of a burst; and phase 4: restarts that have nothing to do."""

import shutil
import threading
import time

import pymongo
from world import BATCH, Failed, text_edit, writes

BURST = 8000
TRIES = 5


def write_burst(world, edited, deleted, revision):
    for at in range(0, len(edited), BATCH):
        part = edited[at : at + BATCH]
        world.packages.bulk_write(
            [pymongo.UpdateOne({"_id": one}, text_edit(one, revision)) for one in part], ordered=False
        )
    world.packages.delete_many({"_id": {"$in": deleted}})


def arrived(world, edited, revision):
    """Those whose new text Qdrant holds."""
    names = {world.point_of[package]: package for package in edited}
    ids, found = list(names), set()
    for at in range(0, len(ids), BATCH):
        held = world.qdrant.revisions(world.collection, ids[at : at + BATCH])
        found.update(names[point] for point, there in held.items() if there == revision)
    return found


def burst_and_kill(world):
    """(edited, deleted, what had arrived when it was quiet after the kill)"""
    packages = world.some(BURST)
    deleted, edited = packages[: len(packages) // 40], packages[len(packages) // 40 :]
    revision = world.next_revision()
    probe = edited[: len(edited) // 4]
    writer = threading.Thread(target=write_burst, args=(world, edited, deleted, revision))
    writer.start()
    deadline = time.monotonic() + 60
    while not arrived(world, probe[:: max(1, len(probe) // 200)], revision):
        if time.monotonic() > deadline:
            break
    world.sidecar.kill()
    writer.join()
    for package in deleted:
        del world.point_of[package]
    # Requests that were on their way may still take effect.
    before, now = None, arrived(world, edited, revision)
    while before != now:
        time.sleep(0.5)
        before, now = now, arrived(world, edited, revision)
    return edited, deleted, now, revision


def kill_in_the_middle(world):
    for attempt in range(TRIES):
        edited, deleted, held, revision = burst_and_kill(world)
        missing = len(edited) - len(held)
        middle = bool(held) and missing > 0
        if middle or attempt == TRIES - 1:
            break
        world.start()
    world.checks.add(
        3,
        "kill -9 in the middle of a burst",
        middle,
        f"{len(edited):,} edits and {len(deleted):,} deletes, {len(held):,} edits had arrived",
        "the burst was over before the kill, or none arrived in a minute: halcyon.log; more --documents make it longer",
    )
    started = time.monotonic()
    world.sidecar.start()
    deadline = started + 120
    while len(arrived(world, edited, revision)) < len(edited) and time.monotonic() < deadline:
        world.sidecar.status()
        time.sleep(0.2)
    status = world.settled()
    seconds = time.monotonic() - started
    difference = world.difference()
    world.checks.add(
        3, f"after the restart ({seconds:.1f} s)", not difference, difference, "the documents named; halcyon.log"
    )
    again = status["embedded_texts"] - missing
    world.checks.add(
        3,
        "embeddings of what had arrived",
        again <= 0,
        f"{max(0, again):,} ({status['embedded_texts']:,} for {missing:,} that had not)",
        "halcyon embedded what Qdrant held already: halcyon.log, replay zone",
    )


def restart(world, what, prepare):
    code = world.sidecar.stop()
    before = world.points()
    prepare()
    status = world.start()
    same, embedded, written = before == world.points(), status["embedded_texts"], writes(status)
    points = "every point as it was" if same else "points are NOT as they were"
    world.checks.add(
        4,
        what,
        code == 0 and same and embedded == 0 and written == 0,
        f"{embedded} embeddings, {written} writes, {points}; SIGTERM ended with {code}",
        "`halcyon status --json` and halcyon.log",
    )


def forget_state(world):
    folder = world.sidecar.folder / "state"
    if not folder.is_dir():
        raise Failed(f"no state folder at {folder}")
    shutil.rmtree(folder)


def run_kill(world):
    kill_in_the_middle(world)


def run_restart(world):
    restart(world, "a restart", lambda: None)
    restart(world, "a restart without its state folder", lambda: forget_state(world))
