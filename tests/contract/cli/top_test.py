"""`halcyon top` on a real terminal: tmux draws it, and types."""

import os
import shutil
import signal
import subprocess
import unittest

import harness
import samples
from harness import ENVIRONMENT, Case, until


class Top(Case):
    def setUp(self):
        super().setUp()
        if not shutil.which("tmux"):
            raise unittest.SkipTest("tmux is not installed")

    def tmux(self, *words, check=True):
        server = os.path.join(self.folder, "tmux")
        return subprocess.run(["tmux", "-S", server, "-f", "/dev/null", *words], capture_output=True, text=True, timeout=20, env=ENVIRONMENT, check=check).stdout

    def open(self, script, width=80, height=24):
        """A shell in a terminal, and top in it."""
        double = self.double(script)
        self.tmux("new-session", "-d", "-x", str(width), "-y", str(height), "bash --norc --noprofile")
        self.addCleanup(self.tmux, "kill-server", check=False)
        self.type(f"PS1='ready> '; {harness.PROGRAM} top --socket {double.path}; echo ended with $?", "Enter")
        self.sees("q quit")
        return double

    def type(self, *keys):
        self.tmux("send-keys", *keys)

    def picture(self):
        return self.tmux("capture-pane", "-p")

    def sees(self, *parts):
        until(lambda: all(p in self.picture() for p in parts), lambda: f"{parts} in:\n{self.picture()}")

    def ended(self, code):
        """The shell's own picture is back, with an echo and a cursor."""
        self.sees(f"ended with {code}")
        self.assertNotIn("q quit", self.picture())
        self.type("stty -a | tr ' ;' '\\n\\n' | grep -x -e echo -e icanon -e isig | tr '\\n' ,", "Enter")
        self.sees("isig,icanon,echo,")
        self.assertEqual(self.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}").split(), ["0", "1"])

    def process(self):
        """The process of top."""
        shell = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        with open(f"/proc/{shell}/task/{shell}/children", encoding="utf-8") as file:
            return int(file.read().split()[0])

    SCRIPT = {"GET /v1/status": samples.status(), "GET /v1/jobs": {"jobs": [samples.job(), samples.done(id="before")]}}

    def test_it_shows_the_sidecar_and_gives_the_terminal_back(self):
        self.open(self.SCRIPT)
        self.sees("working; lag 12 ms", "> products", "  articles", "42%  12,345 of 29,000", "per second: 0.0 events")
        self.type("Down")
        self.sees("> articles")
        self.type("?")
        self.sees("any key goes back")
        self.type("x")
        self.sees("> articles")
        self.type("q")
        self.ended(0)

    def test_a_collection_is_paused_after_a_question(self):
        double = self.open({**self.SCRIPT, "POST /v1/collections/articles/pause": {"collections": ["articles"]}})
        self.type("Down", "p")
        self.sees("pause articles? y / n")
        self.type("n")
        self.sees("nothing was changed")
        self.assertNotIn("POST", "".join(double.asked()))
        self.type("p")
        self.sees("pause articles? y / n")
        self.type("y")
        self.sees("articles: paused")
        self.assertIn("POST /v1/collections/articles/pause", double.asked())
        double.script["POST /v1/collections/articles/pause"] = samples.problem(403, "forbidden")
        self.type("p", "y")
        self.sees("forbidden; a token with the role operator is needed")
        self.type("C-c")
        self.ended(0)

    def test_it_fits_a_terminal_that_changes_its_size(self):
        self.open(self.SCRIPT)
        for width, height in ((120, 10), (40, 6), (132, 40)):
            self.tmux("resize-window", "-x", str(width), "-y", str(height))

            def fits(height=height):
                lines = self.picture().rstrip("\n").splitlines()
                return len(lines) == height and lines[0].startswith("halcyon 0.1.0") and "q quit" in lines[-1]

            until(fits, self.picture)
        self.sees("DOCUMENTS", "[#####-------]  42%")

    def test_it_goes_on_when_the_sidecar_comes_back(self):
        double = self.open(self.SCRIPT)
        double.script["GET /v1/status"] = samples.problem(503, "the state fails")
        self.sees("as it was; the state fails", "> products")
        double.script["GET /v1/status"] = samples.status(in_sync=True)
        self.sees("in sync; lag 12 ms")

    def test_signals_give_the_terminal_back_too(self):
        self.open(self.SCRIPT)
        for sent, code in ((signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGABRT, 134)):
            os.kill(self.process(), sent)
            self.ended(code)
            self.type("clear; " + f"{harness.PROGRAM} top --socket {self.folder}/control.sock; echo ended with $?", "Enter")
            self.sees("q quit")

    def test_it_can_be_stopped_and_taken_up_again(self):
        self.open(self.SCRIPT)
        for stop in (lambda: self.type("C-z"), lambda: os.kill(self.process(), signal.SIGTSTP)):
            stop()
            self.sees("Stopped")
            self.assertNotIn("q quit", self.picture())
            self.type("clear; fg", "Enter")
            self.sees("q quit", "> products")
        self.type("q")
        until(lambda: "q quit" not in self.picture(), self.picture)

    def test_what_it_cannot_ask_ends_it_before_it_begins(self):
        double = self.double({"GET /v1/status": samples.problem(401, "unauthorized")})
        self.tmux("new-session", "-d", "-x", "80", "-y", "24", "bash --norc --noprofile")
        self.addCleanup(self.tmux, "kill-server", check=False)
        self.type(f"{harness.PROGRAM} top --socket {double.path}; echo ended with $?", "Enter")
        self.sees("a token is needed", "ended with 1")
