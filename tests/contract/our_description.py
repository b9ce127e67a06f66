"""The project's own description of the API, in the same terms as the others."""

from functools import cache

from contract.shapes import Call, Json, Shape
from gcw_tiktok.sandbox import contract, routes

NOT_THE_CALLS_OWN = contract.GATE_PARAMETERS


@cache
def call(method: str, path: str) -> Call | None:
    """How we describe a call, if we do."""
    found = contract.operation(method, path)
    if not found:
        return None
    query = [each for each in found.parameters if each["in"] == "query" and each["name"] not in NOT_THE_CALLS_OWN]
    required = frozenset(each["name"] for each in query if each.get("required"))
    whole = Shape("object", {each["name"]: shape(each["schema"]) for each in query}, required)
    body = found.description.get("requestBody", {}).get("content", {}).get("application/json")
    (success, *_) = contract.resolved(found.reply_schema).get("oneOf", [found.reply_schema])
    return Call(whole, shape(body["schema"]) if body else None, shape(success), found.needs_cipher)


def shape(schema: Json) -> Shape:
    """A schema of ours; parts that only bind members together (`anyOf` of `required`) are left out."""
    schema = contract.resolved(schema)
    merged = _merged(schema)
    kind = merged.get("type", "object" if "properties" in merged else "anything")
    if isinstance(kind, list):
        kind = next(each for each in kind if each != "null")
    if "const" in merged:
        kind = "integer" if isinstance(merged["const"], int) else "string"
    members = {name: shape(each) for name, each in merged.get("properties", {}).items()}
    items = shape(merged["items"]) if "items" in merged else None
    choices = frozenset(map(str, merged.get("enum", ()))) if kind == "string" else frozenset()
    closed = merged.get("additionalProperties") is False
    return Shape(kind, members, frozenset(merged.get("required", ())), items, choices, closed)


def _merged(schema: Json) -> Json:
    parts = [_merged(contract.resolved(each)) for each in schema.get("allOf", ())]
    whole: Json = {}
    for part in [*parts, schema]:
        properties = whole.get("properties", {}) | part.get("properties", {})
        required = [*whole.get("required", ()), *part.get("required", ())]
        whole |= part
        if properties:
            whole |= {"properties": properties}
        whole |= {"required": required}
    return whole


def served() -> list[tuple[str, str]]:
    """Method and path of every call that the sandbox answers."""
    return [(each.method, each.path) for each in routes.everything() if each not in routes.PAGES]
