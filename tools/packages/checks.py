"""What was verified, line by line."""

import shutil
import sys

GREEN, RED, PLAIN = ("\033[32m", "\033[31m", "\033[0m") if sys.stdout.isatty() else ("", "", "")


class Checks:
    def __init__(self):
        self.rows = []

    def add(self, phase, what, holds, found, look=""):
        """`found` says what was seen, `look` what to look at when it does not hold."""
        found = " ".join(str(found).split())
        self.rows.append((phase, what, bool(holds), found, look))
        mark = f"{GREEN}ok{PLAIN}" if holds else f"{RED}FAILED{PLAIN}"
        print(f"  {mark}  {what}: {found}", flush=True)
        return bool(holds)

    @property
    def failed(self):
        return [row for row in self.rows if not row[2]]

    def table(self):
        width = max(len(what) for _, what, *_ in self.rows)
        room = max(30, shutil.get_terminal_size((140, 20)).columns - width - 16)
        phase_before = None
        for phase, what, holds, found, _ in self.rows:
            mark = f"{GREEN}ok    {PLAIN}" if holds else f"{RED}FAILED{PLAIN}"
            number = f"{phase}." if phase != phase_before else "  "
            phase_before = phase
            print(f"{number} {what:<{width}}  {mark}  {found[:room]}")
