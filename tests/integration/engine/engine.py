"""Collections of Qdrant's engine (PyPI `qdrant-edge-py`) with what the engine itself doesn't have: names, aliases,
settings, the numbering of operations. Each collection is a folder: settings.json and the engine's shard."""

import json
import math
import pathlib
import shutil
import urllib.parse

import qdrant_edge as edge
from qdrant_client import models

import translate
from translate import Invalid

DEFAULTS = {
    "params": {"shard_number": 1, "replication_factor": 1, "write_consistency_factor": 1, "on_disk_payload": True},
    "hnsw_config": {
        "m": 16,
        "ef_construct": 100,
        "full_scan_threshold": 10000,
        "max_indexing_threads": 0,
        "on_disk": False,
    },
    "optimizer_config": {
        "deleted_threshold": 0.2,
        "vacuum_min_vector_number": 1000,
        "default_segment_number": 2,
        "max_segment_size": None,
        "memmap_threshold": None,
        "indexing_threshold": 10000,
        "flush_interval_sec": 5,
        "max_optimization_threads": None,
        "prevent_unoptimized": None,
    },
    "wal_config": {"wal_capacity_mb": 32, "wal_segments_ahead": 0, "wal_retain_closed": 1},
    "quantization_config": None,
}


class NotFound(Exception):
    pass


class Conflict(Exception):
    pass


class WrongInput(Exception):
    pass


class BadRequest(Exception):
    pass


class Collection:
    def __init__(self, folder, lasting, settings=None):
        self.folder, self.lasting = folder, lasting
        if settings is None:
            self.settings = json.loads((folder / "settings.json").read_text())
            self.shard = edge.EdgeShard.load(str(folder / "shard"))
        else:
            self.settings = settings
            if (settings.get("strict_mode_config") or {}).get("enabled"):
                raise translate.Unsupported("strict mode")
            vectors = translate.vectors_config(models.CreateCollection(**settings).vectors)
            for params in vectors.values():
                if params.size < 1:
                    raise WrongInput("a vector has one dimension at least")
                if params.size > 65536:
                    raise Invalid(f"vectors.size: value {params.size} invalid, must be from 1 to 65536")
            config = edge.EdgeConfig(vectors=vectors, wal_enabled=False)
            (folder / "shard").mkdir(parents=True)
            self.shard = edge.EdgeShard.create(str(folder / "shard"), config)
            self.save()
        vectors = self.settings.get("vectors") or {}
        self.sizes = {"": vectors["size"]} if "size" in vectors else {n: v["size"] for n, v in vectors.items()}
        self.operations = 0

    def save(self):
        (self.folder / "settings.json").write_text(json.dumps(self.settings))

    def change(self, diff):
        """PATCH: metadata is merged, the rest is replaced field by field."""
        for name, value in diff.items():
            old = self.settings.get(name)
            self.settings[name] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
        self.save()

    def info(self):
        shard = self.shard.info()
        config = json.loads(json.dumps(DEFAULTS))
        config["params"]["vectors"] = self.settings.get("vectors") or {}
        for name in config["params"].keys() & self.settings.keys():
            config["params"][name] = self.settings[name]
        for shown, given in (("hnsw_config",) * 2, ("optimizer_config", "optimizers_config"), ("wal_config",) * 2):
            config[shown].update(self.settings.get(given) or {})
        for name in ("quantization_config", "strict_mode_config", "metadata"):
            if name in self.settings:
                config[name] = self.settings[name]
        indexes = self.settings.get("indexes", {})
        schema = {name: {**shown, "points": shard.payload_schema[name].points} for name, shown in indexes.items()}
        return {
            "status": "green",
            "optimizer_status": "ok",
            "indexed_vectors_count": shard.indexed_vectors_count,
            "points_count": shard.points_count,
            "segments_count": shard.segments_count,
            "config": config,
            "payload_schema": schema,
            "update_queue": {"length": 0},
        }

    def check(self, points):
        """The real server refuses a list with a wrong size whole; the engine alone would keep its beginning."""
        if not points:
            raise BadRequest("Empty update request")
        for _, vector, _ in points:
            for name, values in (vector if isinstance(vector, dict) else {"": vector}).items():
                size = self.sizes.get(name)
                if size is None:
                    raise WrongInput(f"Not existing vector name error: {name}")
                if not isinstance(values, list) or (values and isinstance(values[0], list)):
                    raise translate.Unsupported("vectors other than dense ones")
                if not values:
                    raise Invalid("points.vector: dense vector must not be empty")
                if not math.isfinite(sum(values)):
                    raise WrongInput("a vector holds what is no number")
                if len(values) != size:
                    raise WrongInput(f"Vector dimension error: expected dim: {size}, got {len(values)}")

    def update(self, operation, wait):
        """Applies one of the engine's operations; without its log only `flush` makes it last."""
        self.operations += 1
        self.shard.update(operation)
        if wait and self.lasting:
            self.shard.flush()
        return {"operation_id": self.operations, "status": "completed" if wait else "acknowledged"}

    def set_index(self, field, schema, shown):
        if isinstance(shown, str):
            described = {"data_type": shown}
        else:
            described = {"data_type": shown["type"], "params": shown}
        if field in self.settings.get("indexes", {}):
            self.drop_index(field)
        done = self.update(edge.UpdateOperation.create_field_index(field, schema), True)
        self.settings.setdefault("indexes", {})[field] = described
        self.save()
        return done

    def drop_index(self, field):
        done = self.update(edge.UpdateOperation.delete_field_index(field), True)
        self.settings.get("indexes", {}).pop(field, None)
        self.save()
        return done


class Engine:
    """`lasting`: what was waited for is on the disk before it is answered; fsync takes tens of milliseconds."""

    def __init__(self, folder, lasting):
        self.folder, self.lasting = pathlib.Path(folder), lasting
        self.folder.mkdir(parents=True, exist_ok=True)
        stored = [f for f in self.folder.iterdir() if (f / "settings.json").exists()]
        self.collections = {urllib.parse.unquote(f.name): Collection(f, lasting) for f in stored}
        aliases = self.folder / "aliases.json"
        self.aliases = json.loads(aliases.read_text()) if aliases.exists() else {}

    def get(self, name):
        found = self.collections.get(self.aliases.get(name, name))
        if found is None:
            raise NotFound(f"Collection `{name}` doesn't exist!")
        return found

    def create(self, name, settings):
        if name in self.collections:
            raise Conflict(f"Collection `{name}` already exists!")
        if name in self.aliases:
            raise WrongInput(f"Can't create collection with name {name}. Alias with the same name already exists")
        folder = self.folder / urllib.parse.quote(name, safe="")
        shutil.rmtree(folder, ignore_errors=True)
        try:
            self.collections[name] = Collection(folder, self.lasting, settings)
        except Exception:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def drop(self, name):
        collection = self.collections.pop(name, None)
        if collection is None:
            return False
        collection.shard.close()
        shutil.rmtree(collection.folder)
        self.keep_aliases({a: c for a, c in self.aliases.items() if c != name})
        return True

    def keep_aliases(self, aliases):
        self.aliases = aliases
        (self.folder / "aliases.json").write_text(json.dumps(aliases))

    def change_aliases(self, actions):
        aliases = dict(self.aliases)
        for action in actions:
            match action:
                case models.CreateAliasOperation(create_alias=create):
                    if create.collection_name not in self.collections:
                        raise NotFound(f"Collection `{create.collection_name}` doesn't exist!")
                    if create.alias_name in self.collections:
                        raise Conflict(f"Collection `{create.alias_name}` already exists!")
                    aliases[create.alias_name] = create.collection_name
                case models.DeleteAliasOperation(delete_alias=delete):
                    aliases.pop(delete.alias_name, None)
                case models.RenameAliasOperation(rename_alias=rename):
                    if rename.old_alias_name not in aliases:
                        raise NotFound(f"Alias {rename.old_alias_name} does not exists!")
                    aliases[rename.new_alias_name] = aliases.pop(rename.old_alias_name)
        self.keep_aliases(aliases)

    def alias_list(self, collection=None):
        rows = [(a, c) for a, c in sorted(self.aliases.items()) if collection in (None, c)]
        return {"aliases": [{"alias_name": a, "collection_name": c} for a, c in rows]}
