"""Whatever is sent to whichever route: an answer, or a problem document that says what is wrong. Never a failure.

Values are made from the description that ``/api/openapi.json`` gives, so that a route which somebody adds is tried
too: mostly good ones, so that a call gets far, and a few that are extreme, of another type, or no member at all.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contingent.assembly import ALL_ROOMS
from core.app import load_room
from core.context import ScopeKind
from core.web.openapi import openapi
from core.web.problems import MEDIA_TYPE, TITLES, TYPE_PREFIX
from tests.http.land import NOWHERE, Whole, make_land
from tests.wall.rows import HIDDEN, SHOWN

pytestmark = pytest.mark.http

ROUTES = [route for room in ALL_ROOMS for route in getattr(load_room(room).get("routes"), "ROUTES", ())]
DESCRIBED = openapi(ROUTES, "en", server="http://localhost", version="1")
OPERATIONS = [(method, path) for path, methods in DESCRIBED["paths"].items() for method in methods]

LAND = make_land()
KINDS: tuple[ScopeKind, ...] = ("agency", "program")
IDS = [str(LAND.id_of(tenant, variant)) for tenant in LAND.tenants for variant in (SHOWN, HIDDEN)] + [str(NOWHERE)]

DAYS = ["2026-11-23", "2026-12-01", "2024-02-29", "1899-12-31", "0001-01-01", "9999-12-31", "2026-02-30", "0000-01-01"]
WORDS = ["x", "", " ", "\x00", "=1+1", "%", "_", "\\", "'\"", "\U0001f600", "e\u0301", "\u202eabc", "1e400", "x" * 301]
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [*WORDS, *DAYS, "é" * 30_000, "\ud800", None, True, 0, -1, 2**31, 2**53, 2**70, 1.5, 1e308, [], {}, [[[]]]]
)
NUMBERS = st.sampled_from([0, 1, 2, -1, 2**31 - 1, 2**31, 2**53 - 1, 2**70])
EXAMPLES = 5
"""Of each route in each run; the values differ from run to run."""
FINE = 6
"""How many values are fine for each that is odd."""


def values_of(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return values that ``schema`` takes, and now and then one that it does not."""
    return st.integers(0, FINE).flatmap(lambda drawn: ODD if drawn == FINE else _fitting(schema))


def _fitting(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "anyOf" in schema:
        return st.one_of([_fitting(one) for one in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    by_kind = {
        "boolean": st.booleans(),
        "integer": NUMBERS,
        "number": NUMBERS | st.floats(allow_nan=False, allow_infinity=False),
        "null": st.none(),
        "array": st.lists(values_of(schema.get("items", {})), max_size=3),
        "object": objects_of(schema),
        "string": _text(schema),
    }
    return by_kind.get(schema.get("type", ""), ODD)


def _text(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if schema.get("format") == "date":
        return st.sampled_from(DAYS)
    if schema.get("format") == "uuid":
        return st.sampled_from(IDS)
    # An identifier is described as a text: nothing but its name tells the two apart.
    most = min(schema.get("maxLength", 60), 60)
    return st.sampled_from(IDS) | st.sampled_from(WORDS) | st.text(min_size=schema.get("minLength", 0), max_size=most)


def objects_of(schema: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return objects with the members that ``schema`` asks for, and some of the others."""
    known = {name: values_of(one) for name, one in schema.get("properties", {}).items()}
    asked = {name: known.pop(name) for name in schema.get("required", ())}
    return st.fixed_dictionaries(asked, optional=known)


def request_of(method: str, path: str) -> st.SearchStrategy[tuple[str, dict[str, Any], Any]]:
    """Return addresses, queries and bodies for an operation."""
    operation = DESCRIBED["paths"][path][method]
    named: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
    for one in operation["parameters"]:
        named[one["in"]][one["name"]] = values_of(one["schema"])
    parts = st.fixed_dictionaries(dict.fromkeys(named["path"], st.sampled_from(IDS) | st.sampled_from(IDS) | ODD))
    query = st.fixed_dictionaries({}, optional=named["query"])
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return st.tuples(parts.map(lambda chosen: _filled(path, chosen)), query, objects_of(body))


def _filled(path: str, parts: dict[str, Any]) -> str:
    for name, value in parts.items():
        path = path.replace(f"{{{name}}}", quote(str(value)[:200].encode("utf-8", "replace"), safe="") or "x")
    return path


def wrong_with(answer: httpx.Response) -> str:
    """Return what is wrong with an answer, or nothing."""
    if answer.status_code >= 500:
        return f"failed: {answer.text}"
    if answer.status_code < 400:
        return ""
    problem = answer.json()
    if answer.headers["content-type"] != MEDIA_TYPE or problem["type"].removeprefix(TYPE_PREFIX) not in TITLES:
        return f"no problem document of ours: {answer.text}"
    if answer.status_code == 422 and not all(one["pointer"] and one["detail"] for one in problem["errors"]):
        return f"a fault without a place or a sentence: {answer.text}"
    return ""


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
async def test_any_input_has_an_answer(whole: Whole, method: str, path: str, data: st.DataObject) -> None:
    address, query, body = data.draw(request_of(method, path))
    scope = await whole.scope(data.draw(st.sampled_from(KINDS)))
    async with whole.ring.script(scope, *whole.permissions) as script:
        asked = {name: str(value)[:200].encode("utf-8", "replace") for name, value in query.items()}
        if method == "get":
            answer = await script.get(address, params=asked)
        else:
            kind = {"content-type": "application/json"}
            answer = await script.request(method, address, params=asked, content=json.dumps(body), headers=kind)
    assert wrong_with(answer) == "", (method, address, query, body)
