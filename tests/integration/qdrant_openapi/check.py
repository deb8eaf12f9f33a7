#!/usr/bin/env python3
"""Holds every request that the adapter sends in its contract tests against Qdrant's OpenAPI description.

    build/venv/bin/python tests/integration/qdrant_openapi/check.py --openapi openapi.json build/dev/tests/contract/contract_qdrant

The description is docs/redoc/master/openapi.json of Qdrant's repository. Needs `jsonschema` (PyPI). A member that the
description does not name is a mistake here, although Qdrant ignores it. Prints "N requests, N mistakes"; exit 1 when
there was one, or when the tests sent nothing.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse

import jsonschema

# What tests of this room send on purpose to a server that is to refuse it, or beside the adapter.
NOT_THE_ADAPTERS = [
    ("PUT", "/collections/{collection_name}/index", "decimal"),
    ("POST", "/collections/{collection_name}/points/query", "[1,0,0]"),
]


def strict(schema):
    """OpenAPI 3.0 to JSON Schema: `nullable`, and no members that nobody named."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: strict(value) for key, value in schema.items() if key not in ("nullable", "example", "default")}
    if "properties" in out and out.get("type") == "object" and "additionalProperties" not in out:
        out["additionalProperties"] = False
    if schema.get("nullable"):
        out = {"anyOf": [out, {"type": "null"}]} if out else {"type": "null"}
    return out


class Description:
    def __init__(self, path):
        document = json.loads(pathlib.Path(path).read_text())
        self.components = strict(document["components"])
        self.operations = []
        for template, methods in document["paths"].items():
            pattern = re.compile(re.sub(r"\{[^}]*\}", "[^/]+", template) + "$")
            for method, operation in methods.items():
                if method in ("get", "put", "post", "patch", "delete"):
                    self.operations.append((method.upper(), template, pattern, operation))
        # Concrete paths before templates: /collections/aliases is no collection.
        self.operations.sort(key=lambda o: o[1].count("{"))

    def find(self, method, path):
        return next((o for o in self.operations if o[0] == method and o[2].match(path)), None)

    def mistakes(self, schema, value):
        validator = jsonschema.Draft202012Validator({**strict(schema), "components": self.components})
        return [error.message[:300] for error in validator.iter_errors(value)]


def check(description, method, target, body):
    parts = urllib.parse.urlsplit(target)
    found = description.find(method, parts.path)
    if not found:
        return ["the description has no such route"]
    _, template, _, operation = found
    if any(m == method and t == template and text in body for m, t, text in NOT_THE_ADAPTERS):
        return []
    mistakes = []
    known = {p["name"]: p["schema"] for p in operation.get("parameters", []) if p["in"] == "query"}
    for name, value in urllib.parse.parse_qsl(parts.query, keep_blank_values=True):
        if name not in known:
            mistakes.append(f"unknown parameter {name}")
            continue
        typed = json.loads(value) if re.fullmatch(r"true|false|\d+", value) else value
        mistakes += [f"{name}: {m}" for m in description.mistakes(known[name], typed)]
    content = operation.get("requestBody", {}).get("content", {})
    value = json.loads(body)
    if content and value is not None:
        mistakes += description.mistakes(content["application/json"]["schema"], value)
    elif value is not None:
        mistakes.append("a body where none belongs")
    elif content and operation["requestBody"].get("required"):
        mistakes.append("no body")
    return mistakes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--openapi", required=True)
    parser.add_argument("tests", help="the program contract_qdrant")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "requests"
        environment = {**os.environ, "HALCYON_QDRANT_REQUESTS": str(log)}
        run = subprocess.run([options.tests], env=environment, capture_output=True, text=True)
        if run.returncode != 0:
            sys.exit(f"{options.tests} failed:\n{run.stdout[-4000:]}")
        lines = log.read_text().splitlines() if log.exists() else []
    description = Description(options.openapi)
    wrong = 0
    routes = {}
    for line in lines:
        request, body = line.split("\t", 1)
        method, target = request.split(" ", 1)
        found = description.find(method, urllib.parse.urlsplit(target).path)
        routes[f"{method} {found[1] if found else target}"] = routes.get(f"{method} {found[1] if found else target}", 0) + 1
        for mistake in check(description, method, target, body):
            wrong += 1
            print(f"{request}\n    {body[:300]}\n    {mistake}")
    for route, count in sorted(routes.items()):
        print(f"{count:6} {route}")
    print(f"{len(lines)} requests, {wrong} mistakes")
    sys.exit(1 if wrong or not lines else 0)


if __name__ == "__main__":
    main()
