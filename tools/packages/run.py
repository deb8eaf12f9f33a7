"""The main job on real input, and what was verified: tools/quickstart calls this.

run.py --halcyon FILE --devstack FILE --folder DIR [--documents N] [--keep]
run.py --folder DIR --stop
"""

import argparse
import fcntl
import json
import os
import pathlib
import shutil
import signal
import sys
import time

import crash
import debian
import first_load
import live
import searches
from checks import Checks
from pymongo.errors import PyMongoError
from qdrant import Refused
from servers import Servers
from sidecar import Failed, Sidecar
from world import World

PHASES = [
    ("1. First load", first_load.run),
    ("2. Changes while it runs", live.run),
    ("3. kill -9 in the middle of a burst", crash.run_kill),
    ("4. Restarts with nothing to do", crash.run_restart),
    ("5. Searches in words", searches.run),
]


def stop_kept(folder):
    """Ends what an earlier --keep left, if it is still that: names are compared, since numbers come again."""
    kept = folder / "kept.json"
    if not kept.exists():
        return False
    for pid, program in json.loads(kept.read_text())["processes"]:
        try:
            if pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode() != program:
                continue
            os.kill(pid, signal.SIGTERM)
            for _ in range(200):
                os.kill(pid, 0)
                time.sleep(0.1)
        except OSError:
            continue
    kept.unlink()
    return True


def keep(folder, servers, sidecar):
    pids = [[p.pid, str(p.args[0])] for p in (sidecar.process, servers.process) if p]
    (folder / "kept.json").write_text(json.dumps({"processes": pids}))
    servers.kept = True
    halcyon = f"{sidecar.program} -c {sidecar.settings}"
    print(f"""
Left running:
  MongoDB   {servers.mongodb_uri if servers.own else "$MONGODB_URI"}  database {servers.database}
  Qdrant    {servers.qdrant_url if servers.own else "$QDRANT_URL"}  collection {servers.collection}""")
    if servers.control:
        print(f"  faults    {servers.control}  (tools/devstack/README.md)")
    print(f"""  dashboard {sidecar.status()['address']}
  try       {halcyon} status
            {halcyon} search {servers.collection} "draw diagrams"
  stop      tools/quickstart --stop""")


def run_phases(world):
    for at, (title, phase) in enumerate(PHASES):
        print(f"\n{title}", flush=True)
        try:
            phase(world)
        except (Failed, PyMongoError, Refused, OSError) as failure:
            world.checks.add(title[0], "this phase", False, f"{type(failure).__name__}: {failure}", world.sidecar.log)
            print("not run: " + "; ".join(later for later, _ in PHASES[at + 1 :]))
            return


def report(checks, folder):
    print("\nVerified" if not checks.failed else "\nNOT all of this holds")
    checks.table()
    for phase, what, _, found, look in checks.failed:
        print(
            f"\nphase {phase}, {what}: {found}\n  look at: {look}\n  logs:    {folder}/halcyon.log, {folder}/servers.log",
            file=sys.stderr,
        )
    return 1 if checks.failed or not checks.rows else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--halcyon", type=pathlib.Path)
    parser.add_argument("--devstack", type=pathlib.Path)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--documents", type=int)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--stop", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    lock = open(folder / "lock", "w")  # held until the end
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        print(f"another quickstart works in {folder}", file=sys.stderr)
        return 1
    stopped = stop_kept(folder)
    if options.stop:
        print("stopped" if stopped else "nothing was left running")
        return 0
    for name in ("halcyon.log", "servers.log"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "state", ignore_errors=True)
    documents, described = debian.packages(folder / "apt", options.documents)
    print(f"  {len(documents):,} packages of Debian, {described:,} of them with a long description", flush=True)
    if not documents:
        print("Debian's package lists are empty: apt-get update, then again", file=sys.stderr)
        return 1
    checks, sidecar = Checks(), None
    with Servers(options.devstack, folder, options.keep) as servers:
        try:
            sidecar = Sidecar(options.halcyon, folder, servers, options.keep)
            run_phases(World(servers, sidecar, checks, documents))
            code = report(checks, folder)
            if options.keep and code == 0:
                keep(folder, servers, sidecar)
            return code
        finally:
            if sidecar and not servers.kept:
                sidecar.stop()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
