"""Our description of TikTok Shop's API, read once: what a request may look like and what a reply must."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from gcw_tiktok.sandbox.codes_of_members import refusal_of
from gcw_tiktok.sandbox.refusals import Refusal, bad_parameter, required, wrong_type

Json = dict[str, Any]
TYPES = {"integer": "int64", "number": "float64", "boolean": "bool", "array": "list", "object": "map"}
PYTHON_TYPES = {bool: "bool", int: "int64", float: "float64", str: "string", list: "list", dict: "map"}
GATE_PARAMETERS = frozenset({"app_key", "timestamp", "sign", "shop_cipher"})


@dataclass(frozen=True)
class Operation:
    """One call of the description."""

    method: str
    path: str
    description: Json

    @property
    def needs_cipher(self) -> bool:
        return any(each["name"] == "shop_cipher" for each in self.parameters)

    @cached_property
    def parameters(self) -> list[Json]:
        return [
            parameter | {"schema": resolved(parameter["schema"])}
            for parameter in map(resolved, self.description.get("parameters", []))
        ]

    @cached_property
    def checkers(self) -> dict[str, Draft202012Validator]:
        """A validator for each parameter."""
        return {parameter["name"]: validator(parameter["schema"]) for parameter in self.parameters}

    @property
    def body_schema(self) -> Json | None:
        body = self.description.get("requestBody")
        return next(iter(body["content"].values()))["schema"] if body else None

    @property
    def takes_files(self) -> bool:
        """Whether the body is a form with files rather than JSON."""
        return "multipart/form-data" in self.description.get("requestBody", {}).get("content", {})

    @property
    def body_required(self) -> bool:
        return bool(self.description.get("requestBody", {}).get("required"))

    @property
    def reply_schema(self) -> Json:
        schema: Json = self.description["responses"]["200"]["content"]["application/json"]["schema"]
        return schema


@cache
def document() -> Json:
    """The whole description."""
    source = files("gcw_tiktok.tiktok").joinpath("openapi.yaml").read_text("utf-8")
    parsed: Json = yaml.load(source, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return parsed


@cache
def operation(method: str, path: str) -> Operation | None:
    """The call at a path, or None when the description has no such call."""
    found = document()["paths"].get(path, {}).get(method.lower())
    return Operation(method, path, found) if found else None


@cache
def body_validator(method: str, path: str) -> Draft202012Validator | None:
    """Checks request bodies of a call, made on first use."""
    call = operation(method, path)
    schema = call and call.body_schema
    return validator(schema) if schema else None


def validator(schema: Json) -> Draft202012Validator:
    """A validator for one schema of the description, references included."""
    return Draft202012Validator(schema | {"components": document()["components"]})


def check_body(method: str, path: str, body: object) -> None:
    """Refuses a body that the description does not allow."""
    checker = body_validator(method, path)
    error = next(iter(sorted(checker.iter_errors(body), key=_urgency)), None) if checker else None
    if error:
        raise _complaint(error)


def as_read(schema: Json, value: Any) -> Any:
    """A body as TikTok Shop reads it: null members count as absent, and so do empty lists where an entry or an object
    is needed. Guessed: clients in the field send all of these for what they leave out.
    """
    schema = resolved(schema)
    if isinstance(value, list):
        return [as_read(schema.get("items", {}), each) for each in value]
    if not isinstance(value, dict):
        return value
    members: Json = schema.get("properties", {})
    read = {name: as_read(members.get(name, {}), each) for name, each in value.items() if each is not None}
    needed = schema.get("required", ())
    return {
        name: each
        for name, each in read.items()
        if each != [] or name in needed or not _wants_more(resolved(members.get(name, {})))
    }


def _wants_more(schema: Json) -> bool:
    """Whether an empty list is no value here. Some languages write an empty object as one."""
    return bool(schema.get("minItems")) or schema.get("type") == "object"


def read_parameters(call: Operation, query: Mapping[str, str], in_path: Mapping[str, str]) -> Json:
    """The call's own parameters with their types; refused when one is missing or ill-typed."""
    values: Json = {}
    for parameter in call.parameters:
        name = parameter["name"]
        if name in GATE_PARAMETERS:
            continue
        given = in_path.get(name) if parameter["in"] == "path" else query.get(name)
        schema = parameter["schema"]
        if given:
            values[name] = _typed(name, given, schema, call.checkers[name])
        elif parameter.get("required"):
            raise required(name)
        elif "default" in schema:
            values[name] = schema["default"]
    return values


def _typed(name: str, given: str, schema: Json, checker: Draft202012Validator) -> object:
    value: object = given
    if schema["type"] == "integer":
        value = _integer(name, given)
    elif schema["type"] == "boolean":
        value = _boolean(name, given)
    elif schema["type"] == "array":
        value = [each for each in given.split(",") if each]
    error = next(checker.iter_errors(value), None)
    if error:
        raise bad_parameter(f"The '{name}' parameter is invalid: {error.message}.")
    return value


def _integer(name: str, given: str) -> int:
    if not given.lstrip("-").isascii() or not given.lstrip("-").isdigit():
        raise wrong_type(name, "string", "int64")
    return int(given)


def _boolean(name: str, given: str) -> bool:
    if given not in ("true", "false"):
        raise wrong_type(name, "string", "bool")
    return given == "true"


def resolved(part: Json) -> Json:
    """The part itself, or what it refers to."""
    while "$ref" in part:
        found: Json = document()
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def _urgency(error: ValidationError) -> tuple[int, str]:
    """What is missing is told before what is wrong."""
    return (0 if error.validator == "required" else 1, error.json_path)


def _complaint(error: ValidationError) -> Refusal:
    where = error.json_path.removeprefix("$").lstrip(".") or "body"
    instance: Any = error.instance
    rule: Any = error.validator_value
    if error.validator == "required":
        return required(next(name for name in rule if name not in instance))
    if error.validator == "type":
        return wrong_type(where, PYTHON_TYPES.get(type(error.instance), "null"), TYPES.get(str(rule), str(rule)))
    if error.validator == "additionalProperties":
        schema: Any = error.schema
        return bad_parameter(f"param {min(set(instance) - set(schema['properties']))} is unknown.")
    own = refusal_of(where, str(error.validator), str(error.message))
    if own:
        return own
    return bad_parameter(f"invalid param error: {where}: {error.message}")
