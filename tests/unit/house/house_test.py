"""Holds the tree against the rules of the house, after proving that each rule bites.

    house_test.py ROOT
"""
import sys
import unittest
from pathlib import Path, PurePosixPath

import rules

FOLDERS = ["src", "tests", "tools", "bench"]
SUFFIXES = {".cpp", ".hpp", ".py", ".txt", ".cmake", ".sh"}
ROOT = Path(".")

WRONG = [
    ("src/base/a.cpp", '#include "settings/value.hpp"\n', "base may not include settings"),
    ("src/render/a.cpp", '#include "async/clock.hpp"\n', "render may not include async"),
    ("src/qdrant/a.hpp", '// A.\n#pragma once\n#include "mongo/options.hpp"\n', "qdrant may not include mongo"),
    ("src/mongo/a.cpp", '#include "options.hpp"\n', "includes are written from src/"),
    ("src/attic/a.cpp", "int a;\n", "no room of the house"),
    ("src/qdrant/a.cpp", "#include <boost/beast/http.hpp>\n", "belongs to net"),
    ("src/net/a.hpp", "// A.\n#pragma once\n#include <boost/beast/http.hpp>\n", "into a .cpp file"),
    ("src/mongo/a.hpp", "// A.\n#pragma once\n#include <mongoc/mongoc.h>\n", "into a .cpp file"),
    ("src/core/a.cpp", "#include <mongoc/mongoc.h>\n", "belongs to mongo"),
    ("src/state/a.cpp", "#include <bson/bson.h>\n", "belongs to core, mongo"),
    ("src/core/a.cpp", "#include <rocksdb/db.h>\n", "belongs to state"),
    ("src/app/a.cpp", "#include <yaml-cpp/yaml.h>\n", "belongs to settings"),
    ("src/net/a.cpp", "#include <CLI/CLI.hpp>\n", "belongs to app, cli"),
    ("src/core/a.cpp", "#include <spdlog/spdlog.h>\n", "belongs to base"),
    ("src/embed/a.hpp", "// A.\n#pragma once\n#include <simdjson.h>\n", "into a .cpp file"),
    ("src/qdrant/a.hpp", "// A.\n#pragma once\n#include <boost/json.hpp>\n", "into a .cpp file"),
    ("src/jobs/a.cpp", "#include <hnswlib/hnswlib.h>\n", "belongs to verify"),
    ("src/pipeline/a.cpp", "#include <boost/asio/post.hpp>\n", "belongs to app, async, cli, net"),
    ("src/pipeline/decide/a.cpp", '#include "async/task.hpp"\n', "what decides knows no coroutines"),
    ("tests/unit/a/a.cpp", "using namespace std::this_thread;\nsleep_for(1s);\n", "wait on a condition"),
    ("src/rules/CMakeLists.txt", "halcyon_room(rules\n  SOURCES a.cpp\n  ROOMS base async)\n", "may not link async"),
    ("src/base/a.cpp", "int a;\n" * 401, "401 lines"),
    ("src/base/a.cpp", "// TO" + "DO: later\n", "finish it"),
    ("tools/a.py", "open('/" + "work/main/x')\n", "a path of one machine"),
    ("src/net/a.cpp", "using namespace asio::experimental::awaitable_operators;\n", "races in Boost"),
    ("src/net/a.cpp", "asio::experimental::channel<void()> c;\n", "races in Boost"),
    ("src/net/a.cpp", "asio::co_spawn(io, f(), asio::detached);\n", "nobody would wait"),
    ("src/net/a.cpp", "auto f = [this](int a) -> Task<> { co_return; };\n", "outlives its captures"),
    ("tests/unit/a/a.cpp", "auto f = [&]() -> async::Task<int> { co_return 1; };\n", "outlives its captures"),
    ("tests/unit/a/a.cpp", "auto f = [&] -> Task<int> { co_return 1; };\n", "outlives its captures"),
    ("src/net/a.cpp", "try { a(); } catch (const E& e) {\n if (x) { co_await b(); }\n}\n", "co_await in catch"),
    ("src/net/a.cpp", "try { a(); } catch (...) { }\n", "swallows"),
    ("src/net/a.cpp", "void f() { std::abort(); }\n", "only app ends the process"),
    ("tests/unit/a/a.cpp", "std::this_thread::sleep_for(1s);\n", "wait on a condition"),
    ("tests/unit/a/a.cpp", "  sleep(5);\n", "wait on a condition"),
    ("tests/unit/a/a.py", "import time\ntime." + "sleep(5)\n", "wait on a condition"),
    ("tests/unit/a/a.cpp", "::usleep(5);\n", "wait on a condition"),
    ("src/net/a.hpp", "#pragma once\nstruct A {};\n", "a header is a contract"),
    ("src/net/a.hpp", "// A.\nstruct A {};\n", "no #pragma once"),
    ("src/net/a.hpp", "// A.\n#pragma once\nusing namespace std;\n", "using namespace in a header"),
]

RIGHT = [
    ("src/mongo/settings.cpp", '#include "settings/fields.hpp"\n#include "mongo/settings.hpp"\n'),
    ("src/app/main.cpp", '#include "state/options.hpp"\n#include <CLI/CLI.hpp>\nint f() { std::exit(2); }\n'),
    ("src/core/a.hpp", '#pragma once\n#include "async/clock.hpp"\n/// A.\nstruct A {};\n'),
    ("src/net/a.cpp", '#include <boost/beast/http.hpp>\n// never asio::detached\nconst char* s = "co_await in catch";\n'),
    ("src/net/a.cpp", "try { a(); } catch (const E&) { b = 1; }\nco_await c();\n"),
    ("src/net/a.cpp", "auto f = [](int a) -> Task<> { co_return; };\nauto g = [&](int a) -> int { return a; };\n"),
    ("tests/unit/a/a.cpp", "clock.sleep(5ms); co_await clock->sleep_for(1s); Task<> sleep_until(Instant t); Task<> sleep(int n);\n"),
]


class House(unittest.TestCase):
    def test_every_rule_finds_what_it_is_there_for(self):
        for path, text, expected in WRONG:
            with self.subTest(path=path, text=text[:60]):
                mistakes = rules.check(PurePosixPath(path), text)
                self.assertTrue(any(expected in m for m in mistakes), f"found only {mistakes}")

    def test_no_rule_finds_what_is_right(self):
        for path, text in RIGHT:
            with self.subTest(path=path, text=text[:60]):
                self.assertEqual(rules.check(PurePosixPath(path), text), [])

    def test_the_tree_keeps_the_rules(self):
        mistakes, files = [], 0
        for folder in FOLDERS:
            for file in sorted((ROOT / folder).rglob("*")):
                path = PurePosixPath(file.relative_to(ROOT).as_posix())
                made = "__pycache__" in path.parts or path.parts[:3] == ("tests", "unit", "house")
                if made or file.suffix not in SUFFIXES or not file.is_file():
                    continue
                files += 1
                mistakes += rules.check(path, file.read_text(encoding="utf-8"))
        self.assertGreater(files, 50, f"{ROOT} does not look like the project")
        if mistakes:
            self.fail("\n" + "\n".join(mistakes))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        ROOT = Path(sys.argv.pop(1))
    unittest.main()
