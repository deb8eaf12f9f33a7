"""The operations on points: a request's model, and what the engine makes of it."""

import uuid
from typing import Any

import qdrant_edge as edge
from qdrant_client import models

from engine import BadRequest, NotFound, WrongInput
from translate import Invalid, Unsupported, filter_of, order_of, payload_of, points_of

Update = edge.UpdateOperation
MODES = {
    "upsert": edge.UpdateMode.Upsert,
    "insert_only": edge.UpdateMode.InsertOnly,
    "update_only": edge.UpdateMode.UpdateOnly,
}


class Batch(models.Batch):
    payloads: list[dict[str, Any] | None] | None = None  # the client's own model takes no null between them


class PointsBatch(models.PointsBatch):
    batch: Batch


def limit_of(request):
    if request.limit == 0:
        raise Invalid("limit: value 0 invalid, must be 1 or larger")
    return request.limit or 10


def selected(ids, filter_, by_ids, by_filter):
    if ids is None and filter_ is None:
        raise ValueError("Either list of point ids or filter must be provided")
    if ids is None:
        return by_filter(filter_of(filter_))
    if not ids:
        raise BadRequest("Empty update request")
    return by_ids(ids)


def upsert(collection, request):
    points = points_of(request)
    collection.check(points)
    mode = request.update_mode and MODES[request.update_mode]
    ready = [edge.Point(id_, vector, payload or {}) for id_, vector, payload in points]
    return Update.upsert_points(ready, condition=filter_of(request.update_filter), update_mode=mode)


def of_selector(request):
    return getattr(request, "points", None), getattr(request, "filter", None)


def delete(collection, request):
    return selected(*of_selector(request), Update.delete_points, Update.delete_points_by_filter)


def clear_payload(collection, request):
    return selected(*of_selector(request), Update.clear_payload, Update.clear_payload_by_filter)


def set_payload(collection, request):
    new, key = request.payload, request.key
    return selected(
        *of_selector(request),
        lambda ids: Update.set_payload(ids, new, key),
        lambda chosen: Update.set_payload_by_filter(chosen, new, key),
    )


def overwrite_payload(collection, request):
    new, key = request.payload, request.key
    return selected(
        *of_selector(request),
        lambda ids: Update.overwrite_payload(ids, new, key),
        lambda chosen: Update.overwrite_payload_by_filter(chosen, new, key),
    )


def delete_payload(collection, request):
    keys = request.keys
    return selected(
        *of_selector(request),
        lambda ids: Update.delete_payload(ids, keys),
        lambda chosen: Update.delete_payload_by_filter(chosen, keys),
    )


def update_vectors(collection, request):
    collection.check([(p.id, p.vector, None) for p in request.points])
    ready = [edge.PointVectors(p.id, p.vector) for p in request.points]
    return Update.update_vectors(ready, condition=filter_of(request.update_filter))


def delete_vectors(collection, request):
    names = request.vector
    return selected(
        *of_selector(request),
        lambda ids: Update.delete_vectors(ids, names),
        lambda chosen: Update.delete_vectors_by_filter(chosen, names),
    )


# Name in /points/batch -> (model of the request, the engine's operation).
UPDATES = {
    "upsert": (PointsBatch | models.PointsList, upsert),
    "delete": (models.PointsSelector, delete),
    "set_payload": (models.SetPayload, set_payload),
    "overwrite_payload": (models.SetPayload, overwrite_payload),
    "delete_payload": (models.DeletePayload, delete_payload),
    "clear_payload": (models.PointsSelector, clear_payload),
    "update_vectors": (models.UpdateVectors, update_vectors),
    "delete_vectors": (models.DeleteVectors, delete_vectors),
}


def record(point, scored=False):
    shown = {"id": point.id if isinstance(point.id, int) else str(point.id)}
    if scored:
        shown.update(version=point.version, score=point.score)
    for name in ("payload", "vector", "order_value"):
        value = getattr(point, name, None)
        if value is not None:
            shown[name] = value
    return shown


def retrieve(collection, request):
    found = collection.shard.retrieve(
        request.ids, payload_of(request.with_payload, False), request.with_vector or False
    )
    return [record(p) for p in found]


def one(collection, id_):
    found = collection.shard.retrieve([id_], True, True)
    if not found:
        raise NotFound(f"Point with id {id_} does not exists!")
    return record(found[0])


def scroll(collection, request):
    order = order_of(request.order_by)
    points, following = collection.shard.scroll(
        edge.ScrollRequest(
            offset=request.offset,
            limit=limit_of(request),
            filter=filter_of(request.filter),
            with_payload=payload_of(request.with_payload, True),
            with_vector=request.with_vector or False,
            order_by=order,
        )
    )
    next_ = following if following is None or isinstance(following, int) else str(following)
    return {"points": [record(p) for p in points], "next_page_offset": next_}


def count(collection, request):
    return {"count": collection.shard.count(edge.CountRequest(exact=True, filter=filter_of(request.filter)))}


def facet(collection, request):
    found = collection.shard.facet(edge.FacetRequest(request.key, limit_of(request), True, filter_of(request.filter)))
    return {"hits": [{"value": hit.value, "count": hit.count} for hit in found.hits]}


def query(collection, request):
    asked, filter_ = request.query, filter_of(request.filter)
    if request.prefetch or request.lookup_from:
        raise Unsupported("prefetch and lookup_from")
    if isinstance(asked, models.NearestQuery):
        asked = asked.nearest
    using = request.using or ""
    if using not in collection.sizes and asked is not None:
        raise WrongInput(f"Not existing vector name error: {using}")
    if isinstance(asked, (int, str, uuid.UUID)):
        like = collection.shard.retrieve([asked], False, True)
        if not like:
            raise NotFound(f"No point with id {asked} found")
        asked = like[0].vector[using] if isinstance(like[0].vector, dict) else like[0].vector
        aside = edge.Filter(must_not=[edge.HasIdCondition({like[0].id})])
        filter_ = edge.Filter(must=[filter_, aside]) if filter_ else aside
    if asked is not None and not isinstance(asked, list):
        raise Unsupported(f"query {type(asked).__name__}")
    if asked is not None and len(asked) != collection.sizes[using]:
        raise WrongInput(f"Vector dimension error: expected dim: {collection.sizes[using]}, got {len(asked)}")
    found = collection.shard.query(
        edge.QueryRequest(
            limit=limit_of(request),
            offset=request.offset,
            query=edge.Query.Nearest(asked, using or None) if asked is not None else None,
            with_vector=request.with_vector or False,
            with_payload=payload_of(request.with_payload, False),
            filter=filter_,
            score_threshold=request.score_threshold,
            params=edge.SearchParams(exact=True),
        )
    )
    return {"points": [record(p, scored=True) for p in found]}


# Below /points, by POST.
READS = {
    "": (models.PointRequest, retrieve),
    "scroll": (models.ScrollRequest, scroll),
    "count": (models.CountRequest, count),
    "query": (models.QueryRequest, query),
}
