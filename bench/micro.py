"""The micro benches of a build, one program after the other; what was promised of them."""

import json
import subprocess

from subject import Failed

NAMES = ["want", "lexical", "decide", "mailbox", "body", "commit", "list", "due", "scrape"]
NANOSECONDS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
# Counters of the benches: unit, bound. While `grown_mb` is taken RocksDB's cache fills and its compactions run: a few MB.
COUNTERS = {"worst_ms": ("ms", None), "grown_mb": ("MB", 16)}
# Time that was promised, by the bench's name.
WITHIN_MS = {"due": 5}


def run(folder, figure):
    for name in NAMES:
        program = folder / "bench" / f"bench_{name}"
        if not program.exists():
            raise Failed(f"{program} is missing: ninja -C {folder} benches")
        done = subprocess.run(
            [program, "--benchmark_format=json", "--benchmark_min_time=0.2"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Failed(f"{program} ended with {done.returncode}: {done.stderr[-400:]}")
        for row in json.loads(done.stdout)["benchmarks"]:
            show(row, figure)


def show(row, figure):
    if row.get("error_occurred"):
        raise Failed(f"{row['name']}: {row['error_message']}")
    what = row["name"].replace("/real_time", "")
    if "items_per_second" in row:
        figure("micro", f"{what}, an item", 1e9 / row["items_per_second"], "ns")
    else:
        # The thread that measures waits for others where wall time is asked for: its own CPU says nothing.
        time = row["real_time" if row["name"].endswith("/real_time") else "cpu_time"] * NANOSECONDS[row["time_unit"]]
        figure("micro", what, time, "ns", **promised(time / 1e6, WITHIN_MS.get(what.split("/")[0]), "ms"))
    for counter, (unit, most) in COUNTERS.items():
        if counter in row:
            figure("micro", f"{what}, {counter}", row[counter], unit, **promised(row[counter], most, unit))


def promised(value, most, unit):
    return {} if most is None else {"wanted": f"under {most} {unit}", "holds": value < most}
