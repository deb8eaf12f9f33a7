#!/usr/bin/env python3
"""Qdrant's own engine behind its REST API, so that halcyon meets an engine that its developers didn't write.

    build/venv/bin/python tests/integration/engine/engine_server.py --port 0 --ports-file ports.json [--path DIR] [--api-key KEY]

Needs `qdrant-edge-py`, `qdrant-client` and `uvicorn` (PyPI). Vectors, filters, payloads, deletes, scroll, order, counts
and what is on the disk are the engine's; collections, aliases, `wait` and the status codes are this layer's and prove
nothing. With --path the data outlives the process.
"""

import argparse
import json
import os
import pathlib
import tempfile
import time
import urllib.parse
import uuid

import pydantic
import uvicorn
from qdrant_client import models

import points
import translate
from engine import BadRequest, Conflict, Engine, NotFound, WrongInput

BODY_LIMIT = 32 * 1024 * 1024
VERSION = {"title": "qdrant - vector search engine", "version": "1.18.3"}
ADAPTERS = {}


class Refused(Exception):
    def __init__(self, status, text):
        self.status, self.text = status, text


class NoRoute(Exception):
    pass


def parsed(model, body):
    if model not in ADAPTERS:
        ADAPTERS[model] = pydantic.TypeAdapter(model)
    try:
        return ADAPTERS[model].validate_json(body, strict=True)
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Refused(400, f"Format error in JSON body: {where}: {first['msg']}") from None


def refusal(error):
    """Status and text for what the engine or this layer didn't take."""
    text = str(error)
    match error:
        case Refused():
            return error.status, error.text
        case NotFound():
            return 404, f"Not found: {text}"
        case Conflict():
            return 409, f"Wrong input: {text}"
        case BadRequest():
            return 400, f"Bad request: {text}"
        case translate.Invalid():
            return 422, f"Validation error in JSON body: [{text}]"
        case translate.Unsupported():
            return 400, f"Wrong input: not behind this server: {text}"
    if "No point with id" in text:
        return 404, "Not found: " + text[text.index("No point with id") :] + " found"
    return (500, text) if "Service runtime" in text else (400, f"Wrong input: {text}")


class Server:
    def __init__(self, folder, lasting, key):
        self.engine, self.key = Engine(folder, lasting), key

    def answer(self, method, path, query, headers, body):
        """(status, JSON value or None) of one request."""
        parts = [urllib.parse.unquote(p) for p in path.split("/") if p]
        if parts in (["healthz"], ["readyz"], ["livez"]) and method == "GET":
            return 200, "all shards are ready" if parts == ["readyz"] else "healthz check passed"
        if not parts and method == "GET":
            return 200, VERSION
        sent = headers.get("api-key") or headers.get("authorization", "").removeprefix("Bearer ")
        if self.key and sent != self.key:
            return 401, "Invalid API key or JWT"
        start = time.perf_counter()
        try:
            result = self.route(method, parts, query, body)
        except NoRoute:
            return 404, None
        except Exception as error:  # whatever the engine raises becomes a status, as the real server does it
            status, text = refusal(error)
            return status, {"status": {"error": text}, "time": time.perf_counter() - start}
        return 200, {"result": result, "status": "ok", "time": time.perf_counter() - start}

    def route(self, method, parts, query, body):
        wait = waits(query)
        match method, parts:
            case "GET", ["collections"]:
                return {"collections": [{"name": n} for n in sorted(self.engine.collections)]}
            case "GET", ["aliases"]:
                return self.engine.alias_list()
            case "POST", ["collections", "aliases"]:
                self.engine.change_aliases(parsed(models.ChangeAliasesOperation, body).actions)
                return True
            case "GET", ["collections", name, "exists"]:
                return {"exists": name in self.engine.collections or name in self.engine.aliases}
            case "GET", ["collections", name, "aliases"]:
                return self.engine.alias_list(name)
            case "GET", ["collections", name]:
                return self.engine.get(name).info()
            case "PUT", ["collections", name]:
                if "/" in name:
                    raise Refused(
                        422,
                        'Validation error in path parameters: [collection_name: collection name cannot contain "/" char]',
                    )
                self.engine.create(name, settings_of(parsed(models.CreateCollection, body)))
                return True
            case "PATCH", ["collections", name]:
                self.engine.get(name).change(settings_of(parsed(models.UpdateCollection, body)))
                return True
            case "DELETE", ["collections", name]:
                return self.engine.drop(name)
            case "PUT", ["collections", name, "index"]:
                request = parsed(models.CreateFieldIndex, body)
                shown = json.loads(body)["field_schema"]
                return self.engine.get(name).set_index(
                    request.field_name, translate.schema_of(request.field_schema), shown
                )
            case "DELETE", ["collections", name, "index", field]:
                return self.engine.get(name).drop_index(field)
            case "POST", ["collections", name, "facet"]:
                return points.facet(self.engine.get(name), parsed(models.FacetRequest, body))
            case "POST", ["collections", name, "points", "batch"]:
                return self.batch(name, parsed(models.UpdateOperations, body).operations, wait)
            case "POST", ["collections", name, "points", "query", "batch"]:
                searches = parsed(models.QueryRequestBatch, body).searches
                return [points.query(self.engine.get(name), each) for each in searches]
            case "GET", ["collections", name, "points", text]:
                return points.one(self.engine.get(name), point_id(text))
            case _, ["collections", name, "points", *rest]:
                return self.points(method, name, rest, body, wait)
        raise NoRoute

    def points(self, method, name, rest, body, wait):
        kinds = {
            ("PUT", ""): "upsert",
            ("POST", "delete"): "delete",
            ("POST", "payload"): "set_payload",
            ("PUT", "payload"): "overwrite_payload",
            ("POST", "payload/delete"): "delete_payload",
            ("POST", "payload/clear"): "clear_payload",
            ("PUT", "vectors"): "update_vectors",
            ("POST", "vectors/delete"): "delete_vectors",
        }
        verb = "/".join(rest)
        if kind := kinds.get((method, verb)):
            model, _ = points.UPDATES[kind]
            return self.update(name, kind, parsed(model, body), wait)
        if method != "POST" or verb not in points.READS:
            raise NoRoute
        model, read = points.READS[verb]
        request = parsed(model, body)
        return read(self.engine.get(name), request)

    def update(self, name, kind, request, wait):
        collection = self.engine.get(name)
        return collection.update(points.UPDATES[kind][1](collection, request), wait)

    def batch(self, name, operations, wait):
        """One after the other; what came before a failing one stays."""
        done = []
        for operation in operations:
            kind = next(iter(type(operation).model_fields))
            done.append(self.update(name, kind, getattr(operation, kind), wait))
        return done

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            return await lifespan(receive, send)
        headers = {k.decode().lower(): v.decode() for k, v in scope["headers"]}
        length, body = int(headers.get("content-length", 0)), bytearray()
        if length > BODY_LIMIT:
            text = f"JSON payload ({length} bytes) is larger than allowed (limit: {BODY_LIMIT} bytes)."
            return await reply(send, 400, {"status": {"error": text}, "time": 0.0}, [(b"connection", b"close")])
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        query = dict(urllib.parse.parse_qsl(scope["query_string"].decode()))
        path = scope["raw_path"].decode()
        await reply(send, *self.answer(scope["method"], path, query, headers, bytes(body)))


def waits(query):
    """Whether the request waits; refuses parameters that the real server refuses."""

    def refuse(text):
        raise Refused(400, f"Deserialize error in query parameters: {text}")

    if query.get("wait", "true") not in ("true", "false"):
        refuse("provided string was not `true` or `false`")
    if query.get("ordering", "weak") not in ("weak", "medium", "strong"):
        refuse(f"unknown variant `{query['ordering']}`, expected one of `weak`, `medium`, `strong`")
    if not query.get("timeout", "1").isdigit():
        refuse("invalid digit found in string")
    consistency = query.get("consistency", "all")
    if consistency not in ("majority", "quorum", "all") and not consistency.isdigit():
        refuse("data did not match any variant of untagged enum ReadConsistency")
    return query.get("wait") == "true"


def settings_of(request):
    return json.loads(request.model_dump_json(exclude_none=True, by_alias=True))


def point_id(text):
    try:
        return int(text) if text.isdigit() else str(uuid.UUID(text))
    except ValueError:
        raise WrongInput(f'Can not recognize "{text}" as point id') from None


async def reply(send, status, value, extra=()):
    if isinstance(value, str):
        body, kind = value.encode(), b"text/plain; charset=utf-8"
    else:
        body, kind = (b"" if value is None else json.dumps(value).encode()), b"application/json"
    headers = [(b"content-length", str(len(body)).encode()), *extra]
    if body:
        headers.append((b"content-type", kind))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def lifespan(receive, send):
    while True:
        kind = (await receive())["type"]
        await send({"type": kind + ".complete"})
        if kind == "lifespan.shutdown":
            return


class Announced(uvicorn.Server):
    """Writes its port to a file once it listens."""

    def __init__(self, config, ports_file):
        super().__init__(config)
        self.ports_file = ports_file

    async def startup(self, sockets=None):
        await super().startup(sockets)
        if self.started and self.ports_file:
            port = self.servers[0].sockets[0].getsockname()[1]
            written = pathlib.Path(self.ports_file + ".new")
            written.write_text(json.dumps({"qdrant_port": port}))
            os.replace(written, self.ports_file)


def serve(arguments, folder):
    app = Server(folder, bool(arguments.path), arguments.api_key)
    # uvicorn's five seconds of keep-alive would break idle connections of a pool.
    config = uvicorn.Config(app, port=arguments.port, log_level="warning", timeout_keep_alive=300, access_log=False)
    Announced(config, arguments.ports_file).run()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="0: one that is free")
    parser.add_argument("--ports-file", help='gets {"qdrant_port": port} once the server listens')
    parser.add_argument("--path", help="folder of the data; without it they end with the process")
    parser.add_argument("--api-key")
    arguments = parser.parse_args()
    if arguments.path:
        return serve(arguments, arguments.path)
    with tempfile.TemporaryDirectory() as folder:
        serve(arguments, folder)


if __name__ == "__main__":
    main()
