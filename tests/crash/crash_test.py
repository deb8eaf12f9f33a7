"""The real program is killed (SIGKILL) at named points and random instants; then both sides are compared with a model.

    crash_test.py --halcyon PATH --devstack PATH [--seed N] [--rounds N] [--only TEXT] [--jobs N] [--kept FOLDER] [--list]

A round is one world: MongoDB and Qdrant of the development servers, an embedding service, a sidecar. Each round has one of
the points of points.py, drawn without return; a point that no round meets fails the test. What a seed decides is what
happens to MongoDB, which request or write is the last, and when; processes take their own time, so a round that is run
again is alike and not the same.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
import secrets
import shlex
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration" / "end_to_end"))

from points import POINTS  # noqa: E402  (they use a sibling's modules)
from rounds import Round  # noqa: E402
from sidecar import die_with_parent  # noqa: E402
from world import World  # noqa: E402

Programs = collections.namedtuple("Programs", "halcyon devstack")
Outcome = collections.namedtuple("Outcome", "seconds reached kills embedded again wrong")


def program(path):
    path = os.path.abspath(path)
    if not os.access(path, os.X_OK):
        raise SystemExit(f"no such program: {path}")
    return path


def draw(seed, points, count):
    """[(name, turn)]: each point once before one comes again."""
    names = [p.name for p in points]
    out = []
    for turn in range((count + len(names) - 1) // len(names)):
        random.Random(f"{seed} order {turn}").shuffle(names)
        out += [(name, turn) for name in names]
    return out[:count]


def play(programs, seed, name, turn, kept):
    """One round, in a process of its own."""
    sys.setswitchinterval(0.0005)  # who kills should not wait for who works
    began = time.monotonic()
    point = next(p for p in POINTS if p.name == name)
    wrong, played = None, None
    with World(programs, "development", kept=kept) as world:
        try:
            played = Round(world, random.Random(f"{seed} {name} {turn}"), point)
            played.run()
        except Exception as error:  # whatever it is, the round has failed
            world.failed = True
            wrong = str(error) if isinstance(error, AssertionError) else traceback.format_exc()
            if played:
                played.judge.write_down()
    figures = played.spent.figures() if played else (0, 0)
    return Outcome(time.monotonic() - began, played.reached, played.kills, *figures, wrong)


class Play:
    """Rounds in processes of their own, told as they end."""

    def __init__(self, arguments, programs, seed):
        self.arguments, self.programs, self.seed = arguments, programs, seed
        self.outcomes, self.count, self.began = {}, 0, time.monotonic()

    def rounds(self, pool, scheduled):
        futures = {}
        for name, turn in scheduled:
            kept = os.path.join(self.arguments.kept, f"seed-{self.seed}-round-{self.count}")
            futures[pool.submit(play, self.programs, self.seed, name, turn, kept)] = (name, turn, kept)
            self.count += 1
        for future in concurrent.futures.as_completed(futures):
            self.told(*futures[future], future.result())

    def told(self, name, turn, kept, outcome):
        self.outcomes[name, turn] = outcome
        done = len(self.outcomes)
        left = (time.monotonic() - self.began) / done * (self.count - done)
        state = "FAILED" if outcome.wrong else "ok    " if outcome.reached else "missed"
        print(f"[{done}/{self.count}] {state} {outcome.seconds:5.1f} s  {outcome.kills} kills  {name}  (about {left:.0f} s left)")
        if outcome.wrong:
            print("    " + outcome.wrong.rstrip().replace("\n", "\n    "))
            print(f"    kept: {kept}\n    again: --seed {self.seed} --rounds {turn + 1} --only {shlex.quote(name)}")
        sys.stdout.flush()

    def missed(self):
        """Names of points that no round met."""
        met = {name for (name, _), outcome in self.outcomes.items() if outcome.reached}
        return sorted({name for name, _ in self.outcomes} - met)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--halcyon", required=True)
    parser.add_argument("--devstack", required=True)
    parser.add_argument("--seed", type=int, default=None, help="drawn and printed")
    parser.add_argument("--rounds", type=int, default=len(POINTS), help="each point once")
    parser.add_argument("--only", default="", help="points whose name has this text")
    parser.add_argument("--jobs", type=int, default=3, help="rounds at once")
    parser.add_argument("--kept", default="crash-failures", help="takes settings, logs and state of rounds that failed")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    points = [p for p in POINTS if arguments.only in p.name]
    if arguments.list or not points:
        print("\n".join(p.name for p in points) or f"no point's name has {arguments.only!r} (--list shows them)")
        return 0 if points else 2
    if arguments.rounds < 1 or arguments.jobs < 1:
        parser.error("--rounds and --jobs are at least 1")
    seed = secrets.randbelow(10**6) if arguments.seed is None else arguments.seed
    programs = Programs(program(arguments.halcyon), program(arguments.devstack))
    print(f"seed {seed}: {arguments.rounds} rounds, {arguments.jobs} at once", flush=True)
    return run(arguments, points, programs, seed)


def run(arguments, points, programs, seed):
    plays = Play(arguments, programs, seed)
    scheduled = draw(seed, points, arguments.rounds)
    with concurrent.futures.ProcessPoolExecutor(arguments.jobs, initializer=die_with_parent) as pool:
        plays.rounds(pool, scheduled)
        # The n-th time may be one too many for a small world: other worlds are drawn, but not for ever.
        turns = scheduled[-1][1] + 1
        for turn in (turns, turns + 1):
            failed = {name for (name, _), outcome in plays.outcomes.items() if outcome.wrong}
            plays.rounds(pool, [(name, turn) for name in plays.missed() if name not in failed])
    return report(seed, plays)


def report(seed, plays):
    outcomes, missed = plays.outcomes.values(), plays.missed()
    failed = sum(outcome.wrong is not None for outcome in outcomes)
    total = {what: sum(getattr(outcome, what) for outcome in outcomes) for what in ("kills", "embedded", "again")}
    print(f"{total['kills']} kills; {total['embedded']} texts embedded, {total['again']} of them not for the first time")
    for name in missed:
        print(f"FAILED: no round met the point '{name}': it is not reached, or too late (points.py)")
    named = len({name for name, _ in plays.outcomes})
    print(f"{named - len(missed)} of {named} points met, of {len(POINTS)} in the table")
    seconds = time.monotonic() - plays.began
    print(f"seed {seed}, {seconds:.0f} s: {len(outcomes) - failed} passed, {failed} failed")
    return 1 if failed or missed else 0


if __name__ == "__main__":
    sys.exit(main())
