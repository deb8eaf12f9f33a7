"""Runs the benches against the development servers: what tools/bench starts."""

import argparse
import json
import shutil
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools" / "packages"))

import machine  # noqa: E402
import micro  # noqa: E402
from scenes import SCENES  # noqa: E402
from subject import Failed  # noqa: E402
from stage import World  # noqa: E402

KNOWN = [*SCENES, "micro"]


class Figures:
    """`take` prints each at once. `wanted`: what was promised, or nothing; `holds`: whether the figure keeps it."""

    def __init__(self):
        self.rows = []

    def take(self, bench, figure, value, unit, beside="", wanted=None, holds=None):
        value = round(value, 3)
        self.rows.append(
            {"bench": bench, "figure": figure, "value": value, "unit": unit, "wanted": wanted, "holds": holds}
        )
        digits = 0 if value == int(value) or value >= 100 else 2
        verdict = "" if wanted is None else f"{wanted}: {'yes' if holds else 'NO'}"
        line = f"  {bench:<11} {figure:<45} {value:>10,.{digits}f} {unit:<4} {beside:<38} {verdict}"
        print(line.rstrip(), flush=True)

    def add(self, about):
        for figure, value in about.items():
            self.rows.append(
                {"bench": "machine", "figure": figure, "value": value, "unit": "", "wanted": None, "holds": None}
            )

    def broken(self):
        return [row for row in self.rows if row["holds"] is False]


def measure(options, wanted, figures):
    failed = []
    for number, name in enumerate(wanted, 1):
        began = time.monotonic()
        print(f"{number}/{len(wanted)} {name}", flush=True)
        try:
            if name == "micro":
                micro.run(options.build, figures.take)
            else:
                with World(options.build, options.folder / name, options.documents) as world:
                    SCENES[name](world, figures.take)
        except Failed as error:
            failed.append(f"{name}: {error}")
            print(f"  {name} FAILED: {error}", flush=True)
        print(f"  {time.monotonic() - began:.0f} s, load {machine.load():.1f}", flush=True)
    return failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--documents", type=int, default=50000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    options.build = options.build.resolve()
    for name in options.only:
        if name not in KNOWN:
            sys.exit(f"--only {name}: none of {', '.join(KNOWN)}")
    wanted = [name for name in KNOWN if not options.only or name in options.only]
    shutil.rmtree(options.folder, ignore_errors=True)
    options.folder.mkdir(parents=True)
    options.folder = options.folder.resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    about, figures = machine.describe(), Figures()
    print(
        f"{about['cpu']}, {about['cores']} cores, {about['memory_gib']} GiB, Linux {about['kernel']}, load {about['load_at_start']}; "
        f"{options.documents:,} documents of 0.5 KB; the servers run on the same machine"
    )
    figures.add({**about, "documents": options.documents})
    failed = measure(options, wanted, figures)
    figures.add({"load_at_end": round(machine.load(), 2)})
    if options.json:
        options.json.write_text(json.dumps(figures.rows, indent=1) + "\n")
    promised = [row for row in figures.rows if row["wanted"] is not None]
    print(f"{len(promised) - len(figures.broken())} of {len(promised)} promises hold; {len(failed)} benches failed")
    for row in figures.broken():
        print(f"  not: {row['bench']}, {row['figure']}: {row['value']:,} {row['unit']}, {row['wanted']}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
