"""How a case is declared: a sentence, what it needs, and what it does with a Subject and a Visit."""

import collections

MOCK, REAL = "mock", "real"

Case = collections.namedtuple("Case", "name body tokens mood size scheme on everywhere")
CASES = []


def case(name, tokens=False, mood="busy", size="desktop", scheme="light", on=(MOCK,), everywhere=False):
    """`on`: what serves the page, the mock server, the real program, or each in turn. `everywhere`: it only looks, so any halcyon will do."""

    def declare(body):
        CASES.append(Case(name, body, tokens, mood, size, scheme, on, everywhere))
        return body

    return declare
