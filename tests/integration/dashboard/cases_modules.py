"""The parts that compute, asked in the browser that runs them."""

import json

from case import case

# RFC 7396, appendix A
MERGES = [
    ('{"a":"b"}', '{"a":"c"}', '{"a":"c"}'),
    ('{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'),
    ('{"a":"b"}', '{"a":null}', "{}"),
    ('{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'),
    ('{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'),
    ('{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'),
    ('{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'),
    ('{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'),
    ('["a","b"]', '["c","d"]', '["c","d"]'),
    ('{"a":"b"}', '["c"]', '["c"]'),
    ('{"a":"foo"}', "null", "null"),
    ('{"a":"foo"}', '"bar"', '"bar"'),
    ('{"e":null}', '{"a":1}', '{"e":null,"a":1}'),
    ("[1,2]", '{"a":"b","c":null}', '{"a":"b"}'),
    ("{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'),
]

FORMATS = [
    ("count", 12340, "12,340"), ("count", None, "–"), ("brief", 99_999, "99,999"), ("brief", 1_204_331, "1.2 M"), ("rate", 0.44, "0.4"), ("rate", 0, "0"), ("rate", 1234.5, "1,235"),
    ("duration", 0, "0 ms"), ("duration", 12, "12 ms"), ("duration", 1234, "1.2 s"), ("duration", 59_400, "59 s"), ("duration", 200_000, "3 min 20 s"), ("duration", 7_500_000, "2 h 5 min"),
    ("duration", 273_600_000, "3 d 4 h"), ("duration", None, "–"), ("seconds", 5, "5 s"), ("seconds", None, "–"), ("bytes", 900, "900 B"), ("bytes", 1650, "1.6 KiB"), ("bytes", 268_435_456, "256 MiB"),
    ("share", 0.4257, "42.5 %"), ("share", 0.9999, "99.9 %"), ("share", 1, "100 %"), ("id", '"a17"', "a17"), ("id", '{"$oid":"65f0"}', "65f0"), ("id", '{"$numberLong":"5"}', "5"),
    ("id", '{"a":1}', '{"a":1}'), ("id", "5", "5"), ("moment", "2026-11-28T01:02:03.004Z", "2026-11-28 01:02:03"), ("clock", "2026-11-28T01:02:03.004Z", "01:02:03.004"),
]  # fmt: skip

GOOD = {"in_sync": True, "streaming": True, "stopping": False, "ready": {"ready": True, "reasons": []}, "lag_ms": 12}
PAUSED = {"code": "paused", "says": "reviews: HTTP 507", "collection": "reviews"}
VERDICTS = [
    (None, [], "unknown"),
    (GOOD, [], "sync"),
    ({**GOOD, "in_sync": False}, [{"name": "a", "in_flight": 3}], "sync"),
    ({**GOOD, "in_sync": False}, [{"name": "a", "owed": 3}], "catching"),
    ({**GOOD, "in_sync": False, "lag_ms": None}, [], "catching"),
    ({**GOOD, "in_sync": False, "lag_ms": 60_000}, [], "catching"),
    ({**GOOD, "in_sync": False, "lag_ms": 90_000, "ready": {"reasons": [{"code": "lag", "says": "lag"}]}}, [], "catching"),
    ({**GOOD, "ready": {"reasons": [PAUSED]}}, [], "waiting"),
    ({**GOOD, "streaming": False, "trouble": "no primary"}, [], "waiting"),
    (GOOD, [{"name": "a", "paused": True, "reason": "x"}], "waiting"),
    (GOOD, [{"name": "a", "dead_letters": 1}], "person"),
    ({**GOOD, "ready": {"reasons": [PAUSED, {"code": "dead_letters", "says": "3 dead letters"}]}}, [], "person"),
    ({**GOOD, "held": {"max_embeddings": "?"}}, [], "person"),
    ({**GOOD, "stopping": True}, [], "waiting"),
]


def call(visit, module, function, *arguments):
    return visit.page.evaluate(
        "async ([module, name, given]) => JSON.stringify((await import(`/assets/${module}`))[name](...given))",
        [module, function, list(arguments)],
    )


@case("merge patches are those of RFC 7396", everywhere=True)
def merges(subject, visit):
    visit.open()
    for target, patch, expected in MERGES:
        got = call(visit, "merge.js", "merge", json.loads(target), json.loads(patch))
        assert json.loads(got) == json.loads(expected), f"{target} with {patch}: {got}, not {expected}"


@case("numbers, durations and ids are written for people, and unknown is a dash", everywhere=True)
def formats(subject, visit):
    visit.open()
    for function, given, expected in FORMATS:
        got = json.loads(call(visit, "format.js", function, given))
        assert got == expected, f"{function}({given}): {got}, not {expected}"


@case("a job's time that is left is told, or that it is unknown", everywhere=True)
def left(subject, visit):
    visit.open()
    for job, expected in (({"left_s": 5}, "5 s left"), ({"left_s": None}, "time left unknown"), ({}, "time left unknown")):
        got = json.loads(call(visit, "views/job_card.js", "timeLeft", job))
        assert got == expected, f"{job}: {got}, not {expected}"


@case("the verdict follows from the overview", everywhere=True)
def verdicts(subject, visit):
    visit.open()
    for overview, collections, expected in VERDICTS:
        got = json.loads(call(visit, "verdict.js", "verdict", overview, collections))
        assert got["state"] == expected, f"{overview}: {got}, not {expected}"


@case("what waits is counted once: a document in a queue is under way, too", everywhere=True)
def behind(subject, visit):
    visit.open()
    rows = [{"name": "a", "waiting": 15, "in_flight": 16}, {"name": "b", "in_flight": 1, "owed": 3}]
    got = json.loads(call(visit, "verdict.js", "behind", GOOD, rows))
    assert got == "12 ms behind · 20 documents waiting", got


@case("a chart of many points keeps its peaks", everywhere=True)
def thinned(subject, visit):
    visit.open()
    points = [{"x": n - 900, "y": None if n < 3 else (500 if n == 451 else 1)} for n in range(900)]
    got = json.loads(call(visit, "charts.js", "thinned", points, 100))
    assert len(got) <= 100 and max(p["y"] or 0 for p in got) == 500
