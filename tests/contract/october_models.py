"""The models of the PyPI package `tiktok-shop-api`, made from TikTok's documents of October 2026.

It knows the newest version of each call only. Its classes do not check types by themselves, so their annotations are
read; parsing shows what they do refuse.
"""

import inspect
import re
from datetime import date, datetime
from enum import Enum
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from contract.shapes import Call, Shape

PACKAGE = "tiktok_shop_api.generated"
NAME = "tiktok-shop-api 0.1.0"
ABSENT = "" if find_spec("tiktok_shop_api") else "The PyPI package tiktok-shop-api is not installed"

PLAIN = {
    str: Shape("string"),
    int: Shape("integer"),
    float: Shape("number"),
    bool: Shape("boolean"),
    Any: Shape("anything"),
    date: Shape("string"),
    datetime: Shape("string"),
}


@cache
def call(method: str, path: str) -> Call | None:
    """How the package describes a call, if it does."""
    described = _operations().get((method, path))
    if not described:
        return None
    module = _module(described["operationId"])
    hints = get_type_hints(module._get_kwargs, localns=_models())
    wanted = inspect.signature(module._get_kwargs).parameters
    in_path = set(re.findall(r"\{(\w+)\}", path))
    names = {name: hint for name, hint in hints.items() if name not in in_path | {"body", "return"}}
    json_names = _json_names(module._get_kwargs, names)
    required = frozenset(json_names[name] for name in names if wanted[name].default is inspect.Parameter.empty)
    query = Shape("object", {json_names[name]: _shape(hint) for name, hint in names.items()}, required)
    body = _shape(hints["body"]) if "body" in hints and not hasattr(_one(hints["body"]), "to_multipart") else None
    return Call(query, body, _shape(reply_model(method, path)), described["requiresShopCipher"])


def reply_model(method: str, path: str) -> Any:
    """The class that a reply is parsed with."""
    module = _module(_operations()[method, path]["operationId"])
    (model,) = (each for each in get_args(get_type_hints(module._parse_response)["return"]) if each is not NoneType)
    return model


@cache
def webhook(number: int) -> Shape | None:
    """How the package describes what a webhook of this type says."""
    schemas = {each["type"]: each["schema"] for each in import_module(f"{PACKAGE}._meta").WEBHOOKS}
    return _shape(_models()[schemas[number]]) if number in schemas else None


def unreadable(raw: bytes) -> str:
    """Why the package cannot read a webhook; empty where it can."""
    try:
        import_module("tiktok_shop_api").Webhooks.parse(raw)
    except ValueError as error:
        return str(error)
    return ""


def unknown_members(parsed: Any) -> list[str]:
    """The names, anywhere in a parsed model, that its classes have no place for."""
    if isinstance(parsed, list):
        return [name for each in parsed for name in unknown_members(each)]
    if not hasattr(parsed, "additional_properties"):
        return []
    inner = [getattr(parsed, each.name) for each in parsed.__attrs_attrs__ if each.init]
    return [*parsed.additional_properties, *unknown_members(inner)]


@cache
def _operations() -> dict[tuple[str, str], Any]:
    described = import_module(f"{PACKAGE}._meta").OPERATIONS
    return {(each["method"].upper(), each["path"]): each for each in described}


@cache
def _modules() -> dict[str, str]:
    """Where each operation's function stands, by its name without underscores."""
    import pkgutil

    api = import_module(f"{PACKAGE}.api")
    found = pkgutil.walk_packages(api.__path__, f"{api.__name__}.")
    return {each.name.rpartition(".")[2].replace("_", ""): each.name for each in found if not each.ispkg}


def _module(operation: str) -> Any:
    return import_module(_modules()[operation.lower()])


@cache
def _models() -> dict[str, Any]:
    return vars(import_module(f"{PACKAGE}.models"))


@cache
def _shape(hint: Any) -> Shape:
    if hint in PLAIN:
        return PLAIN[hint]
    if getattr(hint, "__name__", "") == "File":
        return Shape("anything")
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _shape(_one(hint))
    if origin is list:
        return Shape("array", items=_shape(get_args(hint)[0]))
    if origin is Literal:
        return Shape("string" if isinstance(get_args(hint)[0], str) else "integer", choices=_words(get_args(hint)))
    if issubclass(hint, Enum):
        values = [each.value for each in hint]
        return Shape("string" if isinstance(values[0], str) else "integer", choices=_words(values))
    return _object(hint)


def _one(hint: Any) -> Any:
    """What a hint says beside None and "not set"."""
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    (found,) = (each for each in parts if each is not NoneType and getattr(each, "__name__", "") != "Unset")
    return found


def _words(values: Any) -> frozenset[str]:
    return frozenset(map(str, values))


def _object(model: Any) -> Shape:
    hints = get_type_hints(model, localns=_models())
    own = {each.name: each for each in model.__attrs_attrs__ if each.init}
    names = _json_names(model.from_dict, own)
    wanted = inspect.signature(model).parameters
    required = frozenset(names[name] for name in own if wanted[name].default is inspect.Parameter.empty)
    return Shape("object", {names[name]: _shape(hints[name]) for name in own}, required)


def _json_names(function: Any, names: Any) -> dict[str, str]:
    """The name on the wire of each name in Python: a string that the function mentions."""
    mentioned = [each for each in function.__code__.co_consts if isinstance(each, str)]
    by_name = {_python_name(each): each for each in mentioned}
    return {name: by_name[name.rstrip("_").lower()] for name in names}


def _python_name(word: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|\W", "_", word).rstrip("_").lower()
