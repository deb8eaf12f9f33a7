"""Where halcyon's CPU goes: instructions (callgrind: repeatable, without the kernel) and samples (perf: with it) of two scenes,
the live path and the comparison after a lost history. What tools/bench --profile starts."""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools" / "packages"))

from end_to_end import service  # noqa: E402
from stage import World, patience  # noqa: E402
from subject import LEXICAL, Failed, Subject, calm  # noqa: E402

SAMPLES_A_SECOND = 5000

# Of a stack the first that matches names the stage. What is called from several places stands before its callers.
STAGES = [
    ("sockets: the kernel", r"socket_ops::|epoll_reactor|socket_service_base::"),
    ("HTTP", r"halcyon::net::|boost::beast"),
    ("receipts looked up for planning", r"^work;.*(Database::get|key_of|MultiGet)"),
    ("receipts listed for the sweep", r"^work;.*(Database::scan|read_page)"),
    ("the built-in embedder", r"Lexical"),
    ("RocksDB's own threads", r"^rocksdb:"),
    ("the state: write-ahead log and memtable", r"^store;.*Database::write"),
    ("the state: what changes, encoded", r"^store;"),
    ("reading MongoDB", r"^mongo|halcyon::mongo::"),
    ("the service: texts out, vectors in", r"halcyon::embed::"),
    ("filter, text, payload, digests", r"Route::want"),
    ("points and bodies for Qdrant", r"halcyon::qdrant::|Lane::operation_of"),
    ("confirmation to commit", r"Lane::wrote|Lane::conclude|Committer::"),
    ("intake, scan, sequencing", r"Intake::|Scanner::|Lane::admit|KeySequencer"),
    ("planning and queues", r"Lane::|EmbedStage::"),
]
ELSEWHERE = "everything else"


class Counted(Subject):
    """Under callgrind, from `begin` on, or from its start."""

    def start(self, at_once=False):
        self.counts = self.log.parent / f"{self.name}.callgrind"
        for old in self.log.parent.glob(f"{self.counts.name}*"):
            old.unlink()
        # Valgrind ends at debug information that is newer than itself; names are enough.
        stripped = self.log.parent / "halcyon"
        subprocess.run(["objcopy", "--strip-debug", self.program, stripped], check=True)
        command = ["valgrind", "-q", "--tool=callgrind", f"--instr-atstart={'yes' if at_once else 'no'}"]
        self.spawn([*command, f"--callgrind-out-file={self.counts}", stripped, "-c", self.settings, "run"])

    def start_measured(self):
        self.start(at_once=True)

    def wait(self, until, seconds, what, every=0.5):
        return super().wait(until, seconds * 20, what, every)

    def begin(self):
        control(self.process.pid, "-i", "on")

    def end(self):
        """Instructions since `begin`."""
        control(self.process.pid, "-d")
        dump = self.counts.with_name(f"{self.counts.name}.1")
        return int(re.search(r"^(?:totals|summary): (\d+)", dump.read_text(), re.M)[1])


class Sampled(Subject):
    """Beside perf, from `begin` to `end`."""

    def start_measured(self):
        self.start()
        self.halt()
        self.begin()
        self.go_on()

    def begin(self):
        self.samples = self.log.parent / f"{self.name}.perf"
        command = [
            "perf",
            "record",
            "-q",
            "-e",
            "cpu-clock",
            "-F",
            str(SAMPLES_A_SECOND),
            "--call-graph",
            "dwarf,16384",
        ]
        orders, answers = (self.log.parent / f"{self.name}.{what}" for what in ("orders", "answers"))
        for fifo in (orders, answers):
            fifo.unlink(missing_ok=True)
            os.mkfifo(fifo)
        command += [
            "-D",
            "-1",
            "--control",
            f"fifo:{orders},{answers}",
            "-p",
            str(self.process.pid),
            "-o",
            self.samples,
        ]
        self.perf = subprocess.Popen(list(map(str, command)))
        with open(orders, "w") as order, open(answers) as answer:
            order.write("enable\n")
            order.flush()
            answer.readline()
        self.used = self.cpu()

    def end(self):
        """CPU seconds since `begin`."""
        used = self.cpu() - self.used
        self.perf.send_signal(signal.SIGINT)
        self.perf.wait(120)
        return used


def control(pid, *words):
    done = subprocess.run(["callgrind_control", *words, str(pid)], capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise Failed(f"callgrind_control {words}: {done.stdout}{done.stderr}")


def make(world, kind, name, embedder=LEXICAL, cache="0"):
    program = world.programs / "src/app/halcyon"
    world.processes.append(kind(program, world.folder, world.servers, name, embedder, cache=cache))
    return world.processes[-1]


def live(world, kind, name, embedder=LEXICAL, cache="0"):
    """Every document gets another text while halcyon is halted. What `end` measured, and of how many events."""
    subject = world.loaded(make(world, kind, name, embedder, cache), world.count)
    seen = subject.events()
    subject.begin()
    subject.halt()
    world.change(name, world.count)
    subject.go_on()
    subject.through(seen + world.count, patience(world.count), "a burst")
    spent = subject.end()
    subject.stop()
    return spent, world.count


def compared(world, kind, name):
    """The history is lost: every document is read and compared, none has changed. Without what any start takes."""
    count = world.count * (4 if kind is Sampled else 1)
    subject = world.loaded(make(world, kind, name), count)
    subject.stop()
    subject.start_measured()
    subject.in_sync(patience(count), "the restart")
    start = subject.end()
    subject.stop()
    world.control("/mongodb/lose-history")
    subject.start_measured()
    subject.wait(lambda s: s["rescans"] > 0 and calm(s), patience(count), "comparing")
    spent = subject.end()
    subject.stop()
    return spent - start, count


def folded(samples):
    """{stack: samples}, from the thread's name to the innermost function."""
    script = ["perf", "script", "--no-inline", "-F", "comm,ip,sym", "-i", str(samples)]
    text = subprocess.run(script, check=True, capture_output=True, text=True).stdout
    stacks = {}
    for block in text.split("\n\n"):
        lines = block.strip().splitlines()
        if len(lines) < 2:
            continue
        frames = [short(line.split(None, 1)[1]) for line in lines[1:] if len(line.split(None, 1)) == 2]
        stack = ";".join([re.sub(r"[^A-Za-z0-9_:-]", "_", lines[0].strip()), *reversed(frames)])
        stacks[stack] = stacks.get(stack, 0) + 1
    return stacks


def short(symbol):
    """Without arguments and template parameters, which would hide the name."""
    symbol = symbol.replace("(anonymous namespace)::", "").replace("operator()", "lambda")
    before = None
    while before != symbol:
        before, symbol = symbol, re.sub(r"<[^<>]*>|\([^()]*\)", "", symbol)
    return re.sub(r"\s*\[clone.*|\s+const$", "", symbol.strip()).replace(";", ":").split(" ")[-1] or "?"


def stage_of(stack):
    return next((name for name, pattern in STAGES if re.search(pattern, stack)), ELSEWHERE)


def draw(stacks, title, to):
    lines = "".join(f"{stack} {n}\n" for stack, n in sorted(stacks.items()))
    command = ["inferno-flamegraph", "--title", title, "--countname", "samples", "--minwidth", "0.2", "--hash"]
    to.write_text(subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout)


def budget(stacks, seconds, events):
    each, total, spent = seconds / events * 1e9, sum(stacks.values()), {}
    for stack, n in stacks.items():
        spent[stage_of(stack)] = spent.get(stage_of(stack), 0) + n
    print(f"  {'stage':<50} {'ns':>7} {'share':>6}")
    for name in [*(name for name, _ in STAGES), ELSEWHERE]:
        if spent.get(name):
            print(f"  {name:<50} {spent[name] / total * each:>7,.0f} {spent[name] / total:>6.1%}")
    print(f"  {'together':<50} {each:>7,.0f}", flush=True)


def counts(options, world):
    responder = world.responder()
    for what, scene, more in [
        ("an event, built-in embedder", live, ("lexical", LEXICAL)),
        ("an event, zero-cost service", live, ("service", service(responder))),
        ("the same, vectors kept on disk", live, ("cached", service(responder), "256MiB")),
        ("a document compared", compared, ("compared",)),
    ]:
        spent, events = scene(world, Counted, *more)
        print(f"  instructions {what:<40} {spent / events:>10,.0f}", flush=True)


def graphs(options, world):
    responder = world.responder()
    for name, title, scene, more in [
        ("live", "the live path, built-in embedder", live, (LEXICAL,)),
        ("service", "the live path, zero-cost service", live, (service(responder),)),
        ("compared", "comparison after a lost history", compared, ()),
    ]:
        seconds, events = scene(world, Sampled, name, *more)
        stacks = folded(world.folder / f"{name}.perf")
        print(f"{title}: {events:,} events, {sum(stacks.values()):,} samples", flush=True)
        budget(stacks, seconds, events)
        (world.folder / f"{name}.folded").write_text("".join(f"{s} {n}\n" for s, n in sorted(stacks.items())))
        if name != "service":
            draw(stacks, f"halcyon: {title}", options.profile / f"{name}.svg")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=50000)
    parser.add_argument("--profile", type=Path, required=True)
    options = parser.parse_args()
    for program, package in [
        ("perf", "the Debian package linux-perf"),
        ("valgrind", "the Debian package valgrind"),
        ("inferno-flamegraph", "cargo install inferno"),
    ]:
        if not shutil.which(program):
            sys.exit(f"{program} is missing: {package}")
    shutil.rmtree(options.folder, ignore_errors=True)
    options.folder.mkdir(parents=True)
    options.profile.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ["TZ"] = "UTC"
    try:
        with World(options.build.resolve(), options.folder.resolve() / "counts", options.documents // 10) as world:
            counts(options, world)
        with World(options.build.resolve(), options.folder.resolve() / "samples", options.documents) as world:
            graphs(options, world)
    except Failed as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
