"""What tools/quickstart and tools/test conclude from: reading Debian's lists, comparing both sides, counting results.

tools_test.py ROOT        (standard library only)
"""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(sys.argv.pop(1)) if len(sys.argv) > 1 else Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tools" / "packages"))

from arrivals import Arrivals  # noqa: E402
from compare import compare  # noqa: E402
from debian import document, names, spread, stanzas  # noqa: E402

LISTING = """\
Package: a
Version: 1
Depends: libc6 (>= 2.34), x | y:any
Description: short
Description-md5: 77
Tag: one::two, three::four,
 five::six

Package: b
Version: 2
"""


def point(name, revision, ns="shop.packages", chunks=1):
    mark = {"ns": ns, "id": f'"{name}"', "chunks": chunks}
    return {"name": name, "revision": revision, "_halcyon": mark}


def package(name, revision):
    return {"_id": name, "name": name, "revision": revision, "description": "is not in the payload"}


class Debian(unittest.TestCase):
    def test_fields_go_over_several_lines_and_stanzas_end_at_an_empty_one(self):
        first, second = stanzas(LISTING.splitlines(keepends=True))
        self.assertEqual(first["Tag"], "one::two, three::four,\nfive::six")
        self.assertEqual(second, {"Package": "b", "Version": "2"})

    def test_the_long_description_is_found_by_its_sum(self):
        fields = next(stanzas(LISTING.splitlines(keepends=True)))
        made = document(fields, {"77": "long"})
        self.assertEqual((made["summary"], made["description"]), ("short", "long"))
        self.assertEqual(made["tags"], ["one::two", "three::four", "five::six"])
        self.assertEqual(document(fields, {})["description"], "")

    def test_names_lose_versions_and_architectures(self):
        self.assertEqual(names("libc6 (>= 2.34), x | y:any"), ["libc6", "x", "y"])

    def test_a_part_is_spread_over_the_whole(self):
        self.assertEqual(spread(list(range(10)), 3), [0, 3, 6])
        self.assertEqual(spread([1, 2], None), [1, 2])


class BothSides(unittest.TestCase):
    def differs(self, documents, points):
        return compare({"shop.packages": documents}, dict(enumerate(points)))

    def test_equal_sides_do_not_differ(self):
        self.assertFalse(self.differs([package("a", 1), package("b", 2)], [point("b", 2), point("a", 1)]))

    def test_a_document_without_a_point_is_missing(self):
        self.assertEqual(len(self.differs([package("a", 1)], []).missing), 1)

    def test_points_of_no_document_and_second_points_are_orphans(self):
        self.assertEqual(len(self.differs([], [point("a", 1)]).orphans), 1)
        self.assertEqual(len(self.differs([package("a", 1)], [point("a", 1), point("a", 1)]).orphans), 1)
        self.assertEqual(
            len(self.differs([package("a", 1)], [point("a", 1), point("a", 1, ns="shop.extras")]).orphans), 1
        )
        self.assertEqual(len(self.differs([package("a", 1)], [{"name": "a", "revision": 1}]).orphans), 1)

    def test_another_payload_differs(self):
        self.assertEqual(len(self.differs([package("a", 2)], [point("a", 1)]).different), 1)
        more = point("a", 1) | {"left over": True}
        self.assertEqual(len(self.differs([package("a", 1)], [more]).different), 1)


class Server:
    """Answers like Qdrant: what its points hold."""

    def __init__(self, points):
        self.points = points

    def another(self):
        return self

    def revisions(self, _, ids):
        return {one: self.points[one] for one in ids if one in self.points}


class Arriving(unittest.TestCase):
    def test_only_the_written_revision_or_a_gone_point_has_arrived(self):
        with Arrivals(Server({1: 7, 3: 5}), "packages") as arrivals:
            arrivals.expect(1, 7)
            arrivals.expect(2, None)
            self.assertTrue(arrivals.wait(10))
            arrivals.expect(3, 6)
            arrivals.expect(4, 1)
            self.assertFalse(arrivals.wait(0.2))
            self.assertEqual(arrivals.left(), 2)


class Counting(unittest.TestCase):
    def test_a_program_that_could_not_start_has_failed(self):
        cases = """<testsuite>
            <testcase status="run"/><testcase status="fail"><failure/></testcase>
            <testcase status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>
            <testcase status="notrun"><skipped message="Unable to find executable"/></testcase></testsuite>"""
        with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
            file.write(cases)
            file.flush()
            command = [sys.executable, "-B", str(ROOT / "tools" / "lib" / "junit.py"), file.name]
            self.assertEqual(subprocess.run(command, capture_output=True, text=True, check=True).stdout, "1 2 1\n")


if __name__ == "__main__":
    unittest.main()
