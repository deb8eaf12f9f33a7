"""The rules of the house, each a generator of (line, what is wrong) over one file.

docs/architecture.md says what they are for: rooms that see only what they may, third-party code in one room, and
constructs that lost data or time before.
"""
import re

ROOMS = {
    "base": "",
    "settings": "base",
    "async": "base",
    "core": "base async",
    "render": "base core",
    "rules": "base",
    "net": "base async",
    "state": "base async core",
    "mongo": "base async core",
    "embed": "base async core net",
    "qdrant": "base async core net",
    "pipeline": "base async core render rules",
    "verify": "base",
    "jobs": "base async core render rules pipeline verify",
    "fanout": "base async core net rules",
    "api": "base core",
    "admin": "base async core net api",
    "cli": "base async core net api",
    "app": "*",
}

# Third-party headers: the rooms that may include them, and whether a header may.
THIRD_PARTY = [
    (r"boost/beast", {"net"}, False),
    (r"boost/asio", {"async", "net", "cli", "app"}, True),
    (r"openssl/", {"net", "core", "app"}, False),
    (r"mongoc/", {"mongo"}, False),
    (r"bson/", {"core", "mongo"}, False),
    (r"rocksdb/", {"state"}, False),
    (r"yaml-cpp/", {"settings"}, False),
    (r"CLI/", {"cli", "app"}, False),
    (r"spdlog/", {"base"}, False),
    (r"xxhash", {"base"}, False),
    (r"simdjson", set(ROOMS), False),
    (r"boost/json", set(ROOMS), False),
    (r"hnswlib/", {"verify"}, False),
    (r"prometheus/", {"admin"}, False),
]

LONGEST_FILE = 400


def may_include(room, other):
    """A room sees itself, its row, and settings for its own options; base sees only itself."""
    row = ROOMS[room]
    if other == room or row == "*":
        return True
    if other == "settings":
        return room != "base"
    return other in row.split()


def without_comments(text, strings=False):
    """The code with comments (and, if asked, the insides of strings) blanked; lines stay where they are."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"' + r"|'(?:\\.|[^'\\\n])*'", re.S)

    def blank(match):
        word = match.group(0)
        if word.startswith("/") or strings:
            return re.sub(r"[^\n]", " ", word)
        return word

    return token.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def found(pattern, text, message, flags=0):
    for match in re.finditer(pattern, text, flags):
        yield line_of(text, match.start()), message


def block_after(text, brace):
    """The text from an opening brace to the one that closes it."""
    depth = 0
    for at in range(brace, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return text[brace : at + 1]
    return text[brace:]


def includes(path, text):
    if path.parts[0] != "src" or len(path.parts) < 3:
        return
    room, header = path.parts[1], path.suffix == ".hpp"
    if room not in ROOMS:
        yield 1, f"src/{room} is no room of the house"
        return
    code = without_comments(text)
    for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', code, re.M):
        name, line = match.group(2), line_of(code, match.start())
        if match.group(1) == '"':
            other = name.split("/")[0]
            if "/" not in name or other not in ROOMS:
                yield line, f'"{name}": includes are written from src/, like "base/error.hpp"'
            elif not may_include(room, other):
                yield line, f"{room} may not include {other}"
            elif path.parts[:3] == ("src", "pipeline", "decide") and other == "async":
                yield line, "what decides knows no coroutines"
            continue
        for pattern, rooms, in_headers in THIRD_PARTY:
            if not re.match(pattern, name):
                continue
            if room not in rooms:
                yield line, f"<{name}> belongs to {', '.join(sorted(rooms))}"
            elif header and not in_headers:
                yield line, f"<{name}> belongs into a .cpp file"


def linked_rooms(path, text):
    if path.name != "CMakeLists.txt" or path.parts[0] != "src":
        return
    keys = r"(?:SOURCES|ROOMS|PRIVATE)"
    for match in re.finditer(r"halcyon_room\(\s*(\w+)(.*?)\)", text, re.S):
        room, body = match.group(1), match.group(2)
        if room not in ROOMS:
            continue
        for names in re.findall(rf"\bROOMS\b(.*?)(?=\b{keys}\b|$)", body, re.S):
            for other in names.split():
                if not may_include(room, other):
                    yield line_of(text, match.start()), f"{room} may not link {other}"


def size(path, text):
    lines = text.count("\n")
    if lines > LONGEST_FILE:
        yield lines, f"{lines} lines; split what is over {LONGEST_FILE}"


def words(path, text):
    marks = "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"])
    yield from found(rf"\b({marks})\b", text, "finish it, or write down in docs/ what is missing")
    yield from found("/" + r"work/(main|shared|notes|build)\b", text, "a path of one machine")


def is_code(path):
    return path.suffix in (".cpp", ".hpp")


def coroutines(path, text):
    if not is_code(path):
        return
    code = without_comments(text, strings=True)
    names = "awaitable_operators|parallel_group|experimental::(basic_)?(concurrent_)?channel"
    yield from found(rf"\b({names})\b", without_comments(text), "races in Boost 1.81; use async/")
    yield from found(r"\basio::detached\b|[(,]\s*detached\b", code, "nobody would wait for it; use async::TaskGroup")
    yield from found(
        r"\[[^\[\]\s][^\[\]]*\]\s*(\([^()]*\))?\s*(mutable\s*)?->\s*(halcyon::)?(async::)?Task\b",
        code,
        "a coroutine lambda outlives its captures; pass values as parameters",
    )
    for match in re.finditer(r"\bcatch\s*\([^)]*\)\s*\{", code):
        if re.search(r"\bco_await\b", block_after(code, match.end() - 1)):
            yield line_of(code, match.start()), "co_await in catch"


def failures(path, text):
    if not is_code(path):
        return
    code = without_comments(text, strings=True)
    yield from found(r"\bcatch\s*\(\s*\.\.\.\s*\)\s*\{\s*\}", code, "swallows every exception")
    if path.parts[:2] == ("src", "app") or path.parts[0] != "src":
        return
    yield from found(r"\b(std::|::)?(abort|_?exit|quick_exit|terminate)\s*\(", code, "only app ends the process")


def sleeps(path, text):
    if path.parts[0] != "tests":
        return
    code = without_comments(text, strings=True) if is_code(path) else text
    pattern = r"\bthis_thread::sleep_\w+|\b(usleep|nanosleep)\b|(^|[;{(])\s*(::)?(sleep|sleep_for)\s*\(|\btime\." + r"sleep\b"
    yield from found(pattern, code, "wait on a condition with a deadline", re.M)


def headers(path, text):
    if path.suffix != ".hpp" or path.parts[0] != "src":
        return
    if "#pragma once" not in text:
        yield 1, "no #pragma once"
    if not text.lstrip().startswith("//") and not re.search(r"^\s*///", text, re.M):
        yield 1, "a header is a contract: a comment at the top or on the main type is missing"
    code = without_comments(text, strings=True)
    yield from found(r"^\s*using\s+namespace\b", code, "using namespace in a header", re.M)


ALL = [includes, linked_rooms, size, words, coroutines, failures, sleeps, headers]


def check(path, text):
    """Everything that is wrong with one file, as "path:line: what"."""
    return [f"{path}:{line}: {what}" for rule in ALL for line, what in rule(path, text)]
