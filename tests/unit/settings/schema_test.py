"""The JSON schema accepts the files in conf/ and refuses what the program refuses. Skipped (77) without PyYAML or
jsonschema.

    schema_test.py CONF
"""
import copy
import json
import sys
import unittest
from pathlib import Path

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

CONF = Path("conf")

WRONG = [
    (["colour"], "red"),
    (["qdrant", "timout"], "5s"),
    (["qdrant", "timeout"], "fast"),
    (["qdrant", "timeout"], 5),
    (["qdrant", "connections"], 0),
    (["qdrant", "connections"], 1.5),
    (["memory"], "much"),
    (["guards", "max_delete_share"], 0.05),
    (["embedders", "default", "type"], "opnai"),
    (["collections", "products", "adopt"], "yes"),
    (["collections", "products", "distance"], "cosine"),
    (["collections", "products", "payload_indexes", "price"], "decimal"),
    (["routes"], {}),
    (["routes", 0, "text"], {"a": 1}),
    (["routes", 0, "payload"], "name"),
    (["routes", 0, "chunk", "size"], -1),
]


class Schema(unittest.TestCase):
    def setUp(self):
        schema = json.loads((CONF / "halcyon.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        self.validator = jsonschema.Draft202012Validator(schema)
        self.reference = yaml.safe_load((CONF / "halcyon.yaml").read_text(encoding="utf-8"))

    def test_the_files_in_conf_are_valid(self):
        for file in sorted(CONF.glob("*.yaml")):
            with self.subTest(file=file.name):
                settings = yaml.safe_load(file.read_text(encoding="utf-8"))
                self.assertEqual([e.message for e in self.validator.iter_errors(settings)], [])

    def test_what_the_program_refuses_is_refused(self):
        for path, value in WRONG:
            with self.subTest(path=path, value=value):
                settings = copy.deepcopy(self.reference)
                at = settings
                for key in path[:-1]:
                    at = at[key]
                at[path[-1]] = value
                self.assertFalse(self.validator.is_valid(settings))

    def test_required_fields_are_required(self):
        for path in (["routes"], ["embedders"], ["routes", 0, "from"], ["embedders", "default", "type"]):
            with self.subTest(path=path):
                settings = copy.deepcopy(self.reference)
                at = settings
                for key in path[:-1]:
                    at = at[key]
                del at[path[-1]]
                self.assertFalse(self.validator.is_valid(settings))


if __name__ == "__main__":
    CONF = Path(sys.argv.pop(1)) if len(sys.argv) > 1 else CONF
    unittest.main()
