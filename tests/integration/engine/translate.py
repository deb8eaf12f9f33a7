"""From the requests of Qdrant's REST API (the pydantic models of qdrant-client) to the engine's own types."""

import qdrant_edge as edge
from qdrant_client import models


class Invalid(Exception):
    """Status 422."""


class Unsupported(Exception):
    """The engine could, this layer can't: refused, never answered with something else."""


def filter_of(given):
    if given is None:
        return None
    least = given.min_should
    return edge.Filter(
        must=conditions(given.must),
        should=conditions(given.should),
        must_not=conditions(given.must_not),
        min_should=edge.MinShould(conditions(least.conditions), least.min_count) if least else None,
    )


def conditions(given):
    if given is None:
        return None
    return [condition(c) for c in (given if isinstance(given, list) else [given])]


def condition(c):
    match c:
        case models.FieldCondition():
            return edge.FieldCondition(
                c.key,
                match=matching(c.match),
                range=range_of(c.range),
                geo_radius=c.geo_radius and edge.GeoRadius(place(c.geo_radius.center), c.geo_radius.radius),
                geo_bounding_box=c.geo_bounding_box
                and edge.GeoBoundingBox(place(c.geo_bounding_box.top_left), place(c.geo_bounding_box.bottom_right)),
                values_count=c.values_count and edge.ValuesCount(**c.values_count.model_dump(include=BOUNDS)),
                is_empty=c.is_empty,
                is_null=c.is_null,
            )
        case models.IsEmptyCondition():
            return edge.IsEmptyCondition(c.is_empty.key)
        case models.IsNullCondition():
            return edge.IsNullCondition(c.is_null.key)
        case models.HasIdCondition():
            return edge.HasIdCondition(set(c.has_id))
        case models.HasVectorCondition():
            return edge.HasVectorCondition(c.has_vector)
        case models.NestedCondition():
            return edge.NestedCondition(c.nested.key, filter_of(c.nested.filter))
        case models.Filter():
            return filter_of(c)
    raise Unsupported(f"condition {type(c).__name__}")


BOUNDS = {"lt", "gt", "lte", "gte"}


def matching(match_):
    match match_:
        case None:
            return None
        case models.MatchValue():
            return edge.MatchValue(match_.value)
        case models.MatchAny():
            return edge.MatchAny(match_.any)
        case models.MatchExcept():
            return edge.MatchExcept(match_.except_)
        case models.MatchText():
            return edge.MatchText(match_.text)
        case models.MatchTextAny():
            return edge.MatchTextAny(match_.text_any)
        case models.MatchPhrase():
            return edge.MatchPhrase(match_.phrase)
    raise Unsupported(f"match {type(match_).__name__}")


def range_of(given):
    if given is None:
        return None
    bounds = given.model_dump(include=BOUNDS)
    if isinstance(given, models.Range):
        return edge.RangeFloat(**bounds)
    return edge.RangeDateTime(**{name: value.isoformat() if value else None for name, value in bounds.items()})


def place(point):
    return edge.GeoPoint(point.lon, point.lat)


def payload_of(selector, absent):
    """with_payload; `absent` where the request is silent."""
    match selector:
        case None:
            return absent
        case models.PayloadSelectorInclude():
            return edge.PayloadSelector.Include(selector.include)
        case models.PayloadSelectorExclude():
            return edge.PayloadSelector.Exclude(selector.exclude)
    return selector


def order_of(given):
    if given is None or isinstance(given, str):
        return given and edge.OrderBy(given)
    direction = {"asc": edge.Direction.Asc, "desc": edge.Direction.Desc}[given.direction or "asc"]
    start = given.start_from
    return edge.OrderBy(given.key, direction, start.isoformat() if hasattr(start, "isoformat") else start)


def vectors_config(given):
    """`vectors` of a creation: one unnamed vector or several by name."""

    def one(params):
        if params.multivector_config:
            raise Unsupported("multivectors")
        return edge.EdgeVectorParams(params.size, getattr(edge.Distance, params.distance.value))

    if isinstance(given, models.VectorParams):
        return {"": one(given)}
    return {name: one(params) for name, params in (given or {}).items()}


def schema_of(given):
    """The engine's schema of a payload index: a type, or a type with parameters."""
    if isinstance(given, str):
        return getattr(edge.PayloadSchemaType, given.capitalize())
    kind = given.type.value.capitalize()
    parameters = given.model_dump(exclude={"type"}, exclude_none=True)
    if "tokenizer" in parameters:
        parameters["tokenizer"] = getattr(edge.TokenizerType, given.tokenizer.capitalize())
    return getattr(edge, f"{kind}IndexParams")(**parameters)


def points_of(request):
    """The points of an upsert, in either of its forms, as (id, vector, payload)."""
    if isinstance(request, models.PointsList):
        return [(p.id, p.vector, p.payload) for p in request.points]
    batch = request.batch
    names = batch.vectors.keys() if isinstance(batch.vectors, dict) else None
    count = len(batch.ids)
    columns = batch.vectors.values() if names else [batch.vectors]
    if any(len(column) != count for column in columns):
        raise Invalid("batch.batch: number of ids and vectors must be equal")
    payloads = batch.payloads or [None] * count
    vector = (lambda i: {n: batch.vectors[n][i] for n in names}) if names else (lambda i: batch.vectors[i])
    return [(batch.ids[i], vector(i), payloads[i]) for i in range(count)]
