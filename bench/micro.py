"""The micro benches of a build, one program after the other."""

import json
import subprocess

from subject import Failed

NAMES = ["want", "lexical", "decide", "mailbox", "body", "commit", "list", "due", "scrape"]
NANOSECONDS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}


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
            what = row["name"].replace("/real_time", "")
            if "items_per_second" in row:
                figure("micro", f"{what}, an item", 1e9 / row["items_per_second"], "ns")
            else:
                figure("micro", what, row["cpu_time"] * NANOSECONDS[row["time_unit"]], "ns")
