"""Scripts that complete the command line, in the shells that are installed."""

import os
import shutil
import subprocess
import unittest

from harness import ENVIRONMENT, SECONDS, Case

# Line before the cursor (a word that is empty: nothing of it was typed), what is among the offers, what is not.
LINES = (
    (["jo"], ["jobs"], ["status"]),
    ([""], ["run", "status", "backfill", "completion"], ["show"]),
    (["jobs", ""], ["list", "show", "cancel"], ["status"]),
    (["documents", "--status", ""], ["synced", "failed"], ["--limit"]),
    (["documents", "--collection", "jobs", "--st"], ["--status"], []),
    (["backfill", "--mode", "sk"], ["skip_if_exists"], ["full"]),
    (["log-level", ""], ["debug", "error"], []),
    (["jobs", "show", "--w"], ["--watch"], []),
    (["--socket", "x", "dead-letters", ""], ["export", "drop"], []),
    (["status", "--js"], ["--json"], []),
)

# Stands in for zsh's own machine, which needs a terminal: says what it is handed.
ZSH = r"""
compdef() { : }
compadd() { shift; print -rl -- "$@" }
_files() { print -r -- FILES }
_message() { : }
_describe() { [[ $1 == -o ]] && shift; for offer in ${(P)2}; do print -r -- ${offer%%:*}; done }
source $1; shift
words=(halcyon "$@"); CURRENT=$#words; PREFIX=${words[CURRENT]}
_halcyon
"""

BASH = r"""
source "$1"; shift
COMP_WORDS=(halcyon "$@"); COMP_CWORD=$#
_halcyon
printf '%s\n' "${COMPREPLY[@]}"
"""


class Completion(Case):
    def script(self, shell):
        if not shutil.which(shell):
            raise unittest.SkipTest(f"{shell} is not installed")
        code, out, err = self.run_("completion", shell)
        self.assertEqual((code, err), (0, ""))
        return self.file("script." + shell, out)

    def shell(self, *words):
        done = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, env=ENVIRONMENT, cwd=self.folder, stdin=subprocess.DEVNULL)
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return done.stdout.splitlines()

    def check(self, offers_of):
        for line, there, absent in LINES:
            with self.subTest(line=line):
                offers = offers_of(line)
                for word in there:
                    self.assertIn(word, offers)
                for word in absent:
                    self.assertNotIn(word, offers)

    def test_bash_offers_what_fits(self):
        script = self.script("bash")
        offers = lambda line: self.shell("bash", "--norc", "-c", BASH, "bash", script, *line)
        self.check(offers)
        self.assertEqual(offers(["backfill", "--mode", "=", "f"]), ["full"])
        self.assertEqual(offers(["backfill", "--mode", "="]), ["incremental", "skip_if_exists", "full"])
        self.assertIn("script.bash", offers(["--token-file", "scr"]))
        self.assertEqual(offers(["backfill", "--collection", ""]), [""])

    def test_shellcheck_has_nothing_to_say_of_the_script_for_bash(self):
        if not shutil.which("shellcheck"):
            raise unittest.SkipTest("shellcheck is not installed")
        self.assertEqual(self.shell("shellcheck", "-s", "bash", self.script("bash")), [])

    def test_zsh_offers_what_fits(self):
        script = self.script("zsh")
        # zsh itself picks those that begin as what was typed.
        offers = lambda line: [o for o in self.shell("zsh", "-fc", ZSH, "zsh", script, *line) if o.startswith(line[-1]) or o == "FILES"]
        self.check(offers)
        self.assertEqual(offers(["--token-file", "scr"]), ["FILES"])

    def test_fish_offers_what_fits(self):
        script = self.script("fish")

        def offers(line):
            words = " ".join(["halcyon", *line])
            home = {"HOME": self.folder, "XDG_CONFIG_HOME": self.folder}
            done = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{words}'"], capture_output=True, text=True,
                                  timeout=SECONDS, env={**ENVIRONMENT, **home}, cwd=self.folder, stdin=subprocess.DEVNULL)
            self.assertEqual(done.returncode, 0, done.stderr)
            return [o.partition("\t")[0] for o in done.stdout.splitlines()]

        self.check(offers)
        self.assertIn("script.fish", offers(["--token-file", "scr"]))
        self.assertTrue(os.path.exists(script))
