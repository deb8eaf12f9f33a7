"""How a case is declared: a sentence, what it needs, and what it does with a Subject and a Visit."""

import collections

Case = collections.namedtuple("Case", "name body tokens mood size scheme mock everywhere")
CASES = []


def case(name, tokens=False, mood="busy", size="desktop", scheme="light", mock=False, everywhere=False):
    """`mock`: it asks the mock server what was sent. `everywhere`: it only looks, so any halcyon will do."""

    def declare(body):
        CASES.append(Case(name, body, tokens, mood, size, scheme, mock, everywhere))
        return body

    return declare
