"""The real program, as an operator runs it."""

import ctypes
import json
import os
import resource
import signal
import subprocess

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


def die_with_parent():
    """In the child, before the program: whoever stops the tests leaves no sidecar behind."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Sidecar:
    """`open_files`: (soft, hard) limits that it starts with, instead of ours."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.config = os.path.join(folder, "halcyon.yaml")
        self.log = os.path.join(folder, "halcyon.log")
        self.process = None
        self.open_files = None

    def before_program(self):
        die_with_parent()
        if self.open_files:
            resource.setrlimit(resource.RLIMIT_NOFILE, self.open_files)

    def start(self, *flags):
        """With its settings file, or with `flags` instead."""
        assert self.process is None, "it runs already"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "run", *(flags or ("-c", self.config))],
                stderr=log,
                stdout=log,
                preexec_fn=self.before_program,
            )

    def running(self):
        return self.process is not None and self.process.poll() is None

    def pause(self, seconds=0.02):
        """Waits, but not for a program that has ended."""
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return
        raise AssertionError(f"halcyon ended with {self.process.returncode}:\n{self.log_end()}")

    def ended(self, seconds=20):
        code = self.process.wait(seconds)
        self.process = None
        return code

    def stop(self, seconds=15):
        """An orderly stop."""
        self.process.send_signal(signal.SIGTERM)
        code = self.ended(seconds)
        assert code == 0, f"an orderly stop ended with {code}:\n{self.log_end()}"

    def kill(self):
        self.process.kill()
        self.ended()

    def log_text(self):
        try:
            with open(self.log, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def log_end(self, lines=25):
        return "\n".join("    | " + line[:300] for line in self.log_text().splitlines()[-lines:])

    def command(self, *words, seconds=30):
        """(exit code, standard output, standard error)"""
        done = subprocess.run(
            [self.binary, *words, "-c", self.config], capture_output=True, text=True, timeout=seconds
        )
        return done.returncode, done.stdout, done.stderr

    def json(self, *words, code=0):
        got, out, err = self.command(*words, "--json")
        assert got == code, f"halcyon {' '.join(words)}: exit {got}, expected {code}\n{out}{err}"
        return json.loads(out)

    def status(self):
        return self.json("status")

    def answers(self):
        return self.command("status", "--json")[2] == ""
