"""The development server driven by Qdrant's own client: what that can't do or read, we got wrong."""

import math
import uuid
import warnings

from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
WAIT = models.UpdateStatus.COMPLETED


def client(ports, key):
    return QdrantClient(
        url=f"http://127.0.0.1:{ports['qdrant_port']}", api_key=key, timeout=20, check_compatibility=False
    )


def fresh(ports, key, name, **settings):
    qdrant = client(ports, key)
    qdrant.delete_collection(name)
    settings.setdefault("vectors_config", models.VectorParams(size=4, distance=models.Distance.COSINE))
    assert qdrant.create_collection(name, **settings)
    return qdrant


def vector(i):
    return [math.sin(i), math.cos(i), 0.5, i / 10]


def filled(ports, key, name="filled", count=10):
    qdrant = fresh(ports, key, name)
    points = [
        models.PointStruct(
            id=i,
            vector=vector(i),
            payload={
                "n": i,
                "price": i + 0.5,
                "tag": "ab"[i % 2],
                "deep": {"ns": "shop.products"},
                "list": list(range(i)),
                "at": f"2024-01-{i + 1:02}T00:00:00Z",
                "parts": [{"kind": "x", "size": i}, {"kind": "y", "size": 100}],
                **({"none": None} if i == 3 else {}),
                "text": "The quick brown Fox" if i % 2 else "a lazy dog",
                "place": {"lon": 13.4 + i, "lat": 52.5},
            },
        )
        for i in range(count)
    ]
    assert qdrant.upsert(name, points, wait=True).status == WAIT
    return qdrant


def ids(qdrant, name, **condition):
    found, _ = qdrant.scroll(name, scroll_filter=models.Filter(**condition), limit=1000, with_payload=False)
    return [p.id for p in found]


def refused(status, call):
    try:
        call()
    except UnexpectedResponse as answer:
        assert answer.status_code == status, (answer.status_code, answer.content)
        return answer.content.decode()
    raise AssertionError(f"not refused with {status}")


def creates_and_describes(ports, key):
    """a collection shows the settings that it was created with, and those that were changed later"""
    qdrant = fresh(
        ports,
        key,
        "described",
        vectors_config={
            "text": models.VectorParams(size=3, distance=models.Distance.DOT, on_disk=True),
            "image": models.VectorParams(size=2, distance=models.Distance.MANHATTAN),
        },
        hnsw_config=models.HnswConfigDiff(m=24),
        optimizers_config=models.OptimizersConfigDiff(indexing_threshold=777),
        quantization_config=models.ScalarQuantization(scalar=models.ScalarQuantizationConfig(type="int8")),
        on_disk_payload=False,
        metadata={"owner": "halcyon", "of": 1},
    )
    qdrant.update_collection("described", hnsw_config=models.HnswConfigDiff(ef_construct=200), metadata={"of": 2})
    config = qdrant.get_collection("described").config
    assert config.params.vectors["text"].on_disk and config.params.vectors["image"].size == 2
    assert (config.hnsw_config.m, config.hnsw_config.ef_construct) == (24, 200)
    assert config.optimizer_config.indexing_threshold == 777
    assert config.quantization_config.scalar.type == "int8"
    assert config.params.on_disk_payload is False
    assert config.metadata == {"owner": "halcyon", "of": 2}
    assert "hnsw_config.ef_construct" in refused(
        422,
        lambda: qdrant.update_collection(
            "described", hnsw_config=models.HnswConfigDiff.model_construct(ef_construct=1)
        ),
    )


def lists_and_drops(ports, key):
    """collections are listed, found and dropped"""
    qdrant = fresh(ports, key, "dropped")
    assert "dropped" in [c.name for c in qdrant.get_collections().collections]
    assert qdrant.collection_exists("dropped")
    assert qdrant.delete_collection("dropped") and not qdrant.collection_exists("dropped")
    refused(404, lambda: qdrant.count("dropped"))


def stores_vectors(ports, key):
    """cosine vectors come back with length one, others as they were"""
    qdrant = filled(ports, key)
    point = qdrant.retrieve("filled", [2], with_vectors=True)[0]
    assert abs(math.hypot(*point.vector) - 1) < 1e-5
    qdrant = fresh(ports, key, "dot", vectors_config=models.VectorParams(size=2, distance=models.Distance.DOT))
    qdrant.upsert("dot", models.Batch(ids=[1, 2], vectors=[[3, 4], [0.1, 0]], payloads=[{"a": 1}, {}]))
    assert qdrant.retrieve("dot", [1], with_vectors=True)[0].vector == [3, 4]
    name = str(uuid.uuid4())
    qdrant.upsert("dot", [models.PointStruct(id=name.upper(), vector=[1, 1])])
    assert qdrant.retrieve("dot", [name])[0].id == name


def keeps_payloads(ports, key):
    """a payload comes back as it was: large integers, floats, nested values, any text"""
    qdrant = fresh(ports, key, "kept")
    payload = {
        "big": 2**63 - 1,
        "small": -(2**63),
        "unsigned": 2**64 - 1,
        "floats": [19.99, 0.1, 5.0, 1e-300, -0.0, 1.7976931348623157e308],
        "text": 'quote " backslash \\ newline \n nul \0 ü 漢 🙂',
        "nested": {"a": [{"b": [None, True, {}, []]}]},
        "": "empty key",
    }
    qdrant.upsert("kept", [models.PointStruct(id=1, vector=vector(1), payload=payload)])
    back = qdrant.retrieve("kept", [1])[0].payload
    assert back == payload and isinstance(back["floats"][2], float), back


def changes_payloads(ports, key):
    """payloads are merged, overwritten, cut and cleared, by id and by filter"""
    qdrant = fresh(ports, key, "changed")
    qdrant.upsert(
        "changed", [models.PointStruct(id=i, vector=vector(i), payload={"n": i, "k": {"x": 1}}) for i in range(3)]
    )
    qdrant.set_payload("changed", {"m": 1}, points=[0])
    qdrant.set_payload("changed", {"y": 2}, points=[0], key="k")
    qdrant.overwrite_payload("changed", {"only": 1}, points=[1])
    qdrant.delete_payload(
        "changed",
        ["k.x"],
        points=models.Filter(must=[models.FieldCondition(key="n", match=models.MatchValue(value=2))]),
    )
    payloads = [p.payload for p in qdrant.retrieve("changed", [0, 1, 2])]
    assert payloads == [{"n": 0, "k": {"x": 1, "y": 2}, "m": 1}, {"only": 1}, {"n": 2, "k": {}}], payloads
    qdrant.clear_payload("changed", points_selector=[0])
    assert qdrant.retrieve("changed", [0])[0].payload == {}
    assert "No point with id 77 found" in refused(
        404, lambda: qdrant.overwrite_payload("changed", {"a": 1}, points=[77])
    )


def selects_payload(ports, key):
    """with_payload takes lists, includes and excludes of nested fields"""
    qdrant = filled(ports, key)
    get = lambda selector: qdrant.retrieve("filled", [3], with_payload=selector)[0].payload
    assert get(["n", "deep.ns"]) == {"n": 3, "deep": {"ns": "shop.products"}}
    assert get(["parts[].kind"]) == {"parts": [{"kind": "x"}, {"kind": "y"}]}
    assert "parts" not in get(models.PayloadSelectorExclude(exclude=["parts", "deep.ns"]))
    assert get(models.PayloadSelectorExclude(exclude=["deep.ns"]))["deep"] == {}
    assert get(False) is None


def filters(ports, key):
    """every kind of filter condition selects what it says"""
    qdrant = filled(ports, key)
    field = lambda key, **test: models.FieldCondition(key=key, **test)
    n = lambda *values: field("n", match=models.MatchAny(any=list(values)))
    cases = [
        ({"must": [field("tag", match=models.MatchValue(value="a"))]}, [0, 2, 4, 6, 8]),
        ({"must": [n(1, 2, 99)]}, [1, 2]),
        ({"must": [field("n", match=models.MatchExcept(**{"except": [0, 1, 2, 3, 4, 5, 6]}))]}, [7, 8, 9]),
        ({"must": [field("text", match=models.MatchText(text="lazy"))], "must_not": [n(0, 2)]}, [4, 6, 8]),
        ({"must": [field("price", range=models.Range(gt=7.5, lte=9))]}, [8]),
        ({"must": [field("at", range=models.DatetimeRange(gte="2024-01-09T00:00:00Z"))]}, [8, 9]),
        ({"must": [field("deep.ns", match=models.MatchValue(value="shop.products"))], "should": [n(5), n(6)]}, [5, 6]),
        ({"must": [field("list[]", match=models.MatchValue(value=8))]}, [9]),
        ({"must": [field("list", match=models.MatchValue(value=8))]}, [9]),
        ({"must": [field("list", values_count=models.ValuesCount(gt=8))]}, [9]),
        ({"must": [models.IsEmptyCondition(is_empty=models.PayloadField(key="list"))]}, [0]),
        ({"must": [models.IsNullCondition(is_null=models.PayloadField(key="none"))]}, [3]),
        ({"must": [models.HasIdCondition(has_id=[4, 5, 400])]}, [4, 5]),
        ({"must": [models.HasVectorCondition(has_vector="")], "must_not": [field("n", range=models.Range(lt=9))]}, [9]),
        ({"min_should": models.MinShould(conditions=[n(1, 2), n(2, 3), n(3, 4)], min_count=2)}, [2, 3]),
        ({"must": [models.Filter(should=[n(1), n(2)])], "must_not": [n(2)]}, [1]),
        ({"must": [field("parts[].size", range=models.Range(lt=2))]}, [0, 1]),
        (
            {
                "must": [
                    field(
                        "place", geo_radius=models.GeoRadius(center=models.GeoPoint(lon=13.4, lat=52.5), radius=70000)
                    )
                ]
            },
            [0, 1],
        ),
        (
            {
                "must": [
                    field(
                        "place",
                        geo_bounding_box=models.GeoBoundingBox(
                            top_left=models.GeoPoint(lon=14, lat=53), bottom_right=models.GeoPoint(lon=16, lat=52)
                        ),
                    )
                ]
            },
            [1, 2],
        ),
    ]
    for condition, expected in cases:
        assert ids(qdrant, "filled", **condition) == expected, (condition, ids(qdrant, "filled", **condition))
    nested = models.NestedCondition(
        nested=models.Nested(
            key="parts",
            filter=models.Filter(
                must=[field("kind", match=models.MatchValue(value="x")), field("size", range=models.Range(gte=8))]
            ),
        )
    )
    assert ids(qdrant, "filled", must=[nested]) == [8, 9]


def scrolls(ports, key):
    """scroll pages through everything once, in order of ids, integers before UUIDs"""
    qdrant = filled(ports, key)
    name = "00000000-0000-4000-8000-000000000001"
    qdrant.upsert("filled", [models.PointStruct(id=name, vector=vector(1))])
    seen, offset = [], None
    while True:
        page, offset = qdrant.scroll("filled", limit=3, offset=offset, with_payload=False)
        seen += [p.id for p in page]
        if offset is None:
            break
    assert seen == [*range(10), name], seen


def orders(ports, key):
    """order_by needs a range index, and gives the values in both directions"""
    qdrant = filled(ports, key)
    refused(400, lambda: qdrant.scroll("filled", order_by="at"))
    qdrant.create_payload_index("filled", "at", models.PayloadSchemaType.DATETIME)
    page, offset = qdrant.scroll("filled", limit=2, order_by=models.OrderBy(key="at", direction="desc"))
    assert [(p.id, p.order_value) for p in page] == [(9, 1704844800000000), (8, 1704758400000000)] and offset is None
    page, _ = qdrant.scroll("filled", limit=2, order_by=models.OrderBy(key="at", start_from="2024-01-05T00:00:00Z"))
    assert [p.id for p in page] == [4, 5]


def queries(ports, key):
    """a query is exact, takes filter, threshold, offset, names and ids"""
    qdrant = filled(ports, key)
    best = qdrant.query_points("filled", vector(4), limit=3, with_vectors=True).points
    assert best[0].id == 4 and abs(best[0].score - 1) < 1e-5 and best[0].score > best[1].score > best[2].score
    second = qdrant.query_points("filled", vector(4), limit=1, offset=1).points
    assert second[0].id == best[1].id
    odd = models.Filter(must=[models.FieldCondition(key="tag", match=models.MatchValue(value="b"))])
    assert all(p.id % 2 for p in qdrant.query_points("filled", vector(4), query_filter=odd).points)
    assert [p.id for p in qdrant.query_points("filled", vector(4), score_threshold=0.99999).points] == [4]
    assert 4 not in [p.id for p in qdrant.query_points("filled", 4).points]
    batch = qdrant.query_batch_points("filled", [models.QueryRequest(query=vector(i), limit=1) for i in (1, 2)])
    assert [r.points[0].id for r in batch] == [1, 2]
    named = {
        "a": models.VectorParams(size=2, distance="Euclid"),
        "b": models.VectorParams(size=2, distance="Manhattan"),
    }
    qdrant = fresh(ports, key, "named", vectors_config=named)
    qdrant.upsert(
        "named",
        [models.PointStruct(id=1, vector={"a": [0, 0], "b": [3, 4]}), models.PointStruct(id=2, vector={"a": [3, 4]})],
    )
    assert [(p.id, p.score) for p in qdrant.query_points("named", [0, 0], using="a").points] == [(1, 0), (2, 5)]
    assert [(p.id, p.score) for p in qdrant.query_points("named", [0, 0], using="b").points] == [(1, 7)]
    qdrant.update_vectors("named", [models.PointVectors(id=2, vector={"b": [1, 1]})])
    qdrant.delete_vectors("named", ["a"], points=[1])
    vectors = {p.id: p.vector for p in qdrant.retrieve("named", [1, 2], with_vectors=True)}
    assert vectors == {1: {"b": [3, 4]}, 2: {"a": [3, 4], "b": [1, 1]}}, vectors


def batches(ports, key):
    """a batch of updates stops at the failing one and keeps what came before it"""
    qdrant = fresh(ports, key, "batch")
    put = lambda i, v: models.UpsertOperation(upsert=models.PointsList(points=[models.PointStruct(id=i, vector=v)]))
    refused(400, lambda: qdrant.batch_update_points("batch", [put(1, vector(1)), put(2, [1, 2]), put(3, vector(3))]))
    assert [p.id for p in qdrant.retrieve("batch", [1, 2, 3])] == [1]
    done = qdrant.batch_update_points(
        "batch", [put(4, vector(4)), models.DeleteOperation(delete=models.PointIdsList(points=[1]))]
    )
    assert [r.status for r in done] == [WAIT, WAIT] and qdrant.count("batch").count == 1


def deletes(ports, key):
    """points are deleted by id and by filter; unknown ids are no error"""
    qdrant = filled(ports, key)
    qdrant.delete("filled", [1, 2, 4711])
    qdrant.delete("filled", models.Filter(must=[models.FieldCondition(key="n", range=models.Range(gte=5))]))
    assert qdrant.count("filled", exact=True).count == 3 and [p.id for p in qdrant.scroll("filled")[0]] == [0, 3, 4]


def switches_aliases(ports, key):
    """an alias is switched atomically: all actions of a request, or none"""
    qdrant = fresh(ports, key, "one")
    fresh(ports, key, "two")
    create = lambda collection, alias: models.CreateAliasOperation(
        create_alias=models.CreateAlias(collection_name=collection, alias_name=alias)
    )
    qdrant.update_collection_aliases([create("one", "live")])
    qdrant.upsert("live", [models.PointStruct(id=1, vector=vector(1))])
    assert qdrant.count("one").count == 1
    drop = models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name="live"))
    refused(404, lambda: qdrant.update_collection_aliases([drop, create("missing", "live")]))
    assert qdrant.count("live").count == 1
    qdrant.update_collection_aliases([drop, create("two", "live")])
    assert qdrant.count("live").count == 0
    rename = models.RenameAliasOperation(rename_alias=models.RenameAlias(old_alias_name="live", new_alias_name="next"))
    qdrant.update_collection_aliases([rename])
    assert [(a.alias_name, a.collection_name) for a in qdrant.get_collection_aliases("two").aliases] == [
        ("next", "two")
    ]
    qdrant.delete_collection("two")
    assert "next" not in [a.alias_name for a in qdrant.get_aliases().aliases]


def indexes(ports, key):
    """payload indexes are shown with type, parameters and points; facets count by them"""
    qdrant = filled(ports, key)
    qdrant.create_payload_index("filled", "tag", models.KeywordIndexParams(type="keyword", is_tenant=True))
    qdrant.create_payload_index("filled", "text", models.TextIndexParams(type="text", tokenizer="word"))
    schema = qdrant.get_collection("filled").payload_schema
    assert schema["tag"].points == 10 and schema["tag"].params.is_tenant and schema["text"].data_type == "text"
    hits = qdrant.facet("filled", "tag", exact=True).hits
    assert [(h.value, h.count) for h in hits] == [("a", 5), ("b", 5)]
    words = lambda text: ids(
        qdrant, "filled", must=[models.FieldCondition(key="text", match=models.MatchText(text=text))]
    )
    assert words("FOX quick") == [1, 3, 5, 7, 9] and words("fo") == []
    qdrant.delete_payload_index("filled", "tag")
    assert "tag" not in qdrant.get_collection("filled").payload_schema


def conditional_upserts(ports, key):
    """update_filter holds back existing points only; update_mode chooses between old and new ones"""
    qdrant = fresh(ports, key, "conditional")
    point = lambda i, v: models.PointStruct(id=i, vector=vector(i), payload={"v": v})
    qdrant.upsert("conditional", [point(1, 5), point(2, 1)])
    older = models.Filter(must=[models.FieldCondition(key="v", range=models.Range(lt=3))])
    qdrant.upsert("conditional", [point(1, 3), point(2, 3), point(3, 3)], update_filter=older)
    assert [p.payload["v"] for p in qdrant.retrieve("conditional", [1, 2, 3])] == [5, 3, 3]
    qdrant.upsert("conditional", [point(1, 9), point(4, 9)], update_mode="insert_only")
    qdrant.upsert("conditional", [point(2, 8), point(5, 8)], update_mode="update_only")
    assert [p.payload["v"] for p in qdrant.retrieve("conditional", [1, 2, 4, 5])] == [5, 8, 9]


def refuses_what_it_lacks(ports, key):
    """what this server can't do is refused, never answered with something else"""
    qdrant = filled(ports, key)
    refused(400, lambda: qdrant.query_points("filled", models.FusionQuery(fusion="rrf")))
    refused(
        400, lambda: qdrant.query_points("filled", models.RecommendQuery(recommend=models.RecommendInput(positive=[1])))
    )
    refused(400, lambda: qdrant.query_points("filled", prefetch=[models.Prefetch(query=vector(1))]))
    refused(400, lambda: qdrant.create_collection("sparse", sparse_vectors_config={"s": models.SparseVectorParams()}))
    refused(400, lambda: qdrant.upsert("filled", [models.PointStruct(id=1, vector=[vector(1)])]))
    refused(404, lambda: qdrant.create_snapshot("filled"))
    refused(401, lambda: client(ports, "wrong").get_collections())


CASES = [
    creates_and_describes,
    lists_and_drops,
    stores_vectors,
    keeps_payloads,
    changes_payloads,
    selects_payload,
    filters,
    scrolls,
    orders,
    queries,
    batches,
    deletes,
    switches_aliases,
    indexes,
    conditional_upserts,
    refuses_what_it_lacks,
]
