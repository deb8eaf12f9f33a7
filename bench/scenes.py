"""What else is measured: each function gets a world of its own and takes its figures by `take`."""

import json
import shutil
import time
from datetime import datetime
from concurrent.futures import ThreadPoolExecutor

import machine
from beside import clients
from end_to_end import end_to_end, floor
from subject import Failed, calm, collection, writes
from stage import must, patience

MB = 1e6
# As `points_a_page` in src/pipeline/page_reader.cpp.
SCROLL_PAGE = 512


def restart(world, take):
    """Documents that did not change: a plain restart, then one after the history of changes was lost, so that every document is
    read and compared."""
    count = world.count * 4
    subject = world.loaded(world.halcyon("restart"), count)
    subject.stop()
    subject.start()
    status = subject.in_sync(patience(count), "the restart")
    start = time.monotonic() - subject.began
    must(status["embedded_texts"] == 0 and writes(status) == 0, "a restart without changes embedded or wrote")
    take("restart", "start to in sync, nothing to read", start, "s")

    reading = [read_alone(world, count)]
    subject.stop()
    world.control("/mongodb/lose-history")
    subject.start()
    status = subject.wait(lambda s: s["rescans"] > 0 and calm(s), patience(count), "comparing")
    rate = count / (time.monotonic() - subject.began - start)
    each = subject.cpu() / count * 1e6
    peak = subject.peak()
    reading.append(read_alone(world, count))
    alone = sum(r[0] for r in reading) / len(reading)
    take(
        "restart",
        "unchanged documents compared a second",
        rate,
        "1/s",
        f"reading alone: {alone:,.0f}, {rate / alone:.0%}",
        "at least 80 % of reading alone",
        rate >= 0.8 * alone,
    )
    take(
        "restart",
        "CPU of halcyon a document compared",
        each,
        "us",
        f"reading alone: {sum(r[1] for r in reading) / len(reading):.2f}",
    )
    embedded, wrote = status["embedded_texts"], writes(status)
    take("restart", "embeddings", embedded, "", "", "0", embedded == 0)
    take("restart", "writes to Qdrant", wrote, "", "", "0", wrote == 0)
    take("restart", "peak memory", peak / MB, "MB")


def read_alone(world, count):
    """(documents a second, CPU us a document) of the driver."""
    row = world.floor("read", world.servers.mongodb_uri, f"{world.servers.database}.restart")["read"]
    must(row["items"] == count, f"{row['items']} of {count} documents were read")
    return row["items"] / row["seconds"], row["cpu"] / row["items"] * 1e6


def rebuild(world, take):
    """The state folder is lost: receipts are made from what the points say of themselves, then every document is compared."""
    count = world.count * 4
    subject = world.loaded(world.halcyon("rebuild"), count)
    subject.stop()
    shutil.rmtree(subject.state)
    subject.log.unlink()
    alone = [scroll_alone(world, count)]
    subject.start()
    status = subject.in_sync(patience(count), "the rebuild")
    peak = subject.peak()
    subject.stop()
    alone.append(scroll_alone(world, count))
    lines = [json.loads(line) for line in subject.log.read_text().splitlines() if line.startswith("{")]
    begun, ended = (
        next((datetime.fromisoformat(line["time"]) for line in lines if sentence in line["message"]), None)
        for sentence in ("they are rebuilt from its points", f"{count} receipts rebuilt")
    )
    must(begun and ended, f"the log does not tell of a rebuild: see {subject.log}")
    rate, floor_rate = count / (ended - begun).total_seconds(), sum(alone) / len(alone)
    take(
        "rebuild",
        "receipts rebuilt a second",
        rate,
        "1/s",
        f"scrolling alone: {floor_rate:,.0f}, {rate / floor_rate:.0%}",
        "at least 80 % of scrolling alone",
        rate >= 0.8 * floor_rate,
    )
    spent = status["embedded_texts"] + writes(status)
    take("rebuild", "embeddings and writes to Qdrant", spent, "", "", "0", spent == 0)
    take("rebuild", "peak memory", peak / MB, "MB")


def scroll_alone(world, count):
    """Points a second."""
    row = world.floor("scroll", world.servers.qdrant_url, "rebuild", SCROLL_PAGE)["scroll"]
    must(row["items"] == count, f"{row['items']} of {count} points were read")
    return row["items"] / row["seconds"]


def memory(world, take):
    """Qdrant is away while documents of 1 KB come, twenty times as many as elsewhere: all events are taken. Once with
    `memory: 128MiB`, and once with the default.

    The way back is not measured: owed work asks by key, and the development server answers that by comparing every point.
    """
    stalled(world, take, "small", "128MiB", 128)
    world.control("/qdrant/down?ms=1")
    stalled(world, take, "default", "256MiB", 256)


def stalled(world, take, name, setting, ceiling):
    count = world.count * 20
    subject = world.halcyon(name, memory=setting)
    subject.start()
    subject.in_sync(60, "an empty collection")
    before = subject.peak()
    world.control("/qdrant/down?ms=3600000")
    cpu, began = subject.cpu(), time.monotonic()
    with ThreadPoolExecutor(1) as inserting:
        done = inserting.submit(world.insert, name, count, 860)
        subject.wait(lambda s: s["events"] >= count // 4, patience(count), "a quarter of the events", 0.2)
        machine.forget_peak(subject.process.pid)
        subject.wait(lambda s: s["events"] >= count // 2, patience(count), "half of the events", 0.2)
        second = subject.peak()
        machine.forget_peak(subject.process.pid)
        # The last of them need not become owed: they wait under way.
        known = lambda s: collection(s).get("owed", 0) + s["under_way"]
        subject.wait(lambda s: s["events"] >= count and known(s) >= count, patience(count), "all events", 0.2)
        done.result()
    last = subject.peak()
    seconds, cpu = time.monotonic() - began, subject.cpu() - cpu
    owed = collection(subject.status()).get("owed", 0)
    highest = max(second, last)
    take(
        "memory",
        f"peak, {count:,} events of 1 KB, memory: {setting}",
        highest / MB,
        "MB",
        f"before: {before / MB:.0f}",
        f"under {ceiling} MB",
        highest < ceiling * MB,
    )
    take(
        "memory",
        f"peak in the second half, memory: {setting}",
        last / MB,
        "MB",
        f"second quarter: {second / MB:.0f}, {last / second:.2f}x",
        "flat: at most 1.05x the second quarter",
        last <= 1.05 * second,
    )
    take("memory", f"events taken, memory: {setting}", count / seconds, "1/s")
    take("memory", f"CPU of halcyon an event, memory: {setting}", cpu / count * 1e6, "us")
    take("memory", "state on disk an owed document", subject.state_bytes() / max(owed, 1), "B")
    subject.stop()


def latency(world, take, samples=300, gap=0.03):
    """One change at a time, some 30 a second: from MongoDB's answer to the first read from Qdrant that shows it."""
    subject = world.loaded(world.halcyon("latency"), max(world.count // 10, samples))
    qdrant, took = world.servers.qdrant, []
    query = {"limit": samples, "with_payload": True, "with_vector": False}
    points = qdrant.ask("POST", f"/collections/{subject.name}/points/scroll", query)["points"]
    for point in points:
        number, text = int(point["payload"]["name"].split()[1]), world.new_text(400)
        change = {"$set": {"description": text, "revision": world.revision}}
        world.database[subject.name].update_one({"_id": number}, change)
        began = time.monotonic()
        wanted = {"ids": [point["id"]], "with_payload": ["revision"], "with_vector": False}
        path = f"/collections/{subject.name}/points"
        while qdrant.ask("POST", path, wanted)[0]["payload"]["revision"] != world.revision:
            if time.monotonic() - began > 30:
                raise Failed("a change was not searchable within 30 s")
            time.sleep(0.0005)
        took.append(time.monotonic() - began)
        time.sleep(gap)
    took.sort()
    at = lambda share: took[min(int(share * len(took)), len(took) - 1)] * 1000
    take("latency", "commit to searchable, p50", at(0.5), "ms")
    take("latency", "commit to searchable, p90", at(0.9), "ms")
    take("latency", "commit to searchable, p99", at(0.99), "ms", "", "under 100 ms", at(0.99) < 100)


def growth(world, take):
    """The first load of so many documents, and of ten times as many; the time of a start with nothing to load is taken off."""
    few = max(world.count * 3 // 5, 100)
    idle = world.halcyon("idle")
    idle.start()
    idle.in_sync(60, "an empty collection")
    start = time.monotonic() - idle.began
    idle.stop()
    before, before_peak, _ = first_load(world, "before", few, start)
    large, large_peak, state = first_load(world, "large", few * 10, start)
    after, after_peak, _ = first_load(world, "after", few, start)
    small, small_peak = (before + after) / 2, max(before_peak, after_peak)
    take("growth", f"first load of {few:,} documents", small, "s")
    take(
        "growth",
        f"first load of {few * 10:,} documents",
        large,
        "s",
        f"of a tenth: {small:.2f}, {large / small:.2f}x",
        "at most 10.5x",
        large <= 10.5 * small,
    )
    take("growth", "documents a second", few * 10 / large, "1/s")
    take(
        "growth",
        "peak memory of the large one",
        large_peak / MB,
        "MB",
        f"of a tenth: {small_peak / MB:.0f}, {large_peak / small_peak:.2f}x",
        "the same: at most 1.1x",
        large_peak <= 1.1 * small_peak,
    )
    take("growth", "state on disk a document", state / (few * 10), "B")


def first_load(world, name, count, start):
    """(seconds, peak of memory, bytes on disk)"""
    world.insert(name, count)
    subject = world.halcyon(name)
    subject.start()
    subject.in_sync(patience(count), f"loading {count} documents")
    seconds, peak = time.monotonic() - subject.began - start, subject.peak()
    world.must_hold(name, count)
    subject.stop()
    return seconds, peak, subject.state_bytes()


SCENES = {
    "end-to-end": end_to_end,
    "floor": floor,
    "restart": restart,
    "rebuild": rebuild,
    "memory": memory,
    "latency": latency,
    "clients": clients,
    "growth": growth,
}
