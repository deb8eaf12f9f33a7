"""The program under test, how it is run, and how tests wait."""

import os
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

from double import Double

PROGRAM = "halcyon"
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("HALCYON_")}
SECONDS = 20


def until(condition, what, seconds=SECONDS):
    """Waits on a condition with a deadline; its first true value."""
    end, tick = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < end:
        if value := condition():
            return value
        tick.wait(0.02)
    raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="cli-")
        self.addCleanup(shutil.rmtree, self.folder)

    def double(self, script, **more):
        double = Double(script, more.pop("folder", self.folder), **more)
        self.addCleanup(double.stop)
        return double

    def run_(self, *words, environment=None):
        """(exit code, standard output, standard error)"""
        done = subprocess.run(
            [PROGRAM, *words],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            env={**ENVIRONMENT, **(environment or {})},
        )
        return done.returncode, done.stdout, done.stderr

    def ask(self, double, *words):
        return self.run_(*words, "--socket", double.path)

    def start(self, *words, terminal=None):
        """A process that goes on; with pipes, or with a terminal as all of its files."""
        files = [terminal] * 3 if terminal else [subprocess.DEVNULL, subprocess.PIPE, subprocess.PIPE]
        process = subprocess.Popen(
            [PROGRAM, *words], stdin=files[0], stdout=files[1], stderr=files[2], text=True, env=ENVIRONMENT
        )

        def end():
            process.kill()
            process.wait()
            for pipe in (process.stdout, process.stderr):
                if pipe:
                    pipe.close()

        self.addCleanup(end)
        return process

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path
