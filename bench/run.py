"""Runs the benches against the development servers: what tools/bench starts."""

import argparse
import json
import shutil
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools" / "packages"))

import machine  # noqa: E402
import micro  # noqa: E402
from scenes import SCENES, World  # noqa: E402
from servers import Servers  # noqa: E402
from subject import Failed  # noqa: E402


class Figures:
    def __init__(self):
        self.rows = []

    def take(self, bench, figure, value, unit):
        self.rows.append(
            {"bench": bench, "figure": figure, "value": round(value, 3), "unit": unit, "load": round(machine.load(), 2)}
        )
        digits = 0 if value == int(value) or value >= 100 else 2
        print(f"  {bench:<14} {figure:<38} {value:>12,.{digits}f} {unit:<4}  load {machine.load():.1f}", flush=True)


def scenes_wanted(only):
    known = [*SCENES, "micro"]
    for name in only:
        if name not in known:
            sys.exit(f"--only {name}: none of {', '.join(known)}")
    return [name for name in known if not only or name in only]


def measure(options, wanted, figures):
    failed = []
    scenes = [name for name in wanted if name != "micro"]
    if scenes:
        with Servers(options.build / "tools/devstack/halcyon-devstack", options.folder, False) as servers:
            world = World(options.build / "src/app/halcyon", options.folder, servers, options.documents, figures.take)
            try:
                for name in scenes:
                    try:
                        SCENES[name](world)
                    except Failed as error:
                        failed.append(f"{name}: {error}")
                        print(f"  {name:<14} FAILED: {error}", flush=True)
            finally:
                world.close()
    if "micro" in wanted:
        micro.run(options.build, figures.take)
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
    wanted = scenes_wanted(options.only)
    shutil.rmtree(options.folder, ignore_errors=True)
    options.folder.mkdir(parents=True)
    options.folder = options.folder.resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    about, figures = machine.describe(), Figures()
    print(
        f"{about['cpu']}, {about['cores']} cores, {about['memory_gib']} GiB, Linux {about['kernel']}, load {about['load_at_start']}; "
        f"{options.documents:,} documents of 0.5 KB; servers on the same machine"
    )
    failed = measure(options, wanted, figures)
    if options.json:
        found = {"machine": about, "documents": options.documents, "rows": figures.rows, "failed": failed}
        options.json.write_text(json.dumps(found, indent=1))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
