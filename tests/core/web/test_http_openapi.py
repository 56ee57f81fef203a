"""The OpenAPI document of the whole API: complete, consistent, and in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from core.app import ROOMS, load_room
from core.web.openapi import openapi
from core.web.reference import kind_of
from core.web.routes import Route


@pytest.fixture(scope="module")
def routes() -> list[Route]:
    found: list[Route] = []
    for room in (*ROOMS, "tenants", "auth"):
        parts = load_room(room)
        found += parts["routes"].ROUTES if "routes" in parts else []
    return found


@pytest.fixture(scope="module")
def document(routes: list[Route]) -> dict[str, Any]:
    return openapi(routes, "en", server="http://localhost:8000", version="1")


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_every_route_is_described_once(document: dict[str, Any], routes: list[Route]) -> None:
    described = [(method.upper(), path) for path, method, _ in operations(document)]
    assert sorted(described) == sorted((route.method, f"/api/v1{route.pattern}") for route in routes)
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in set(references(document)):
        part: Any = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]


def test_every_part_of_a_path_is_a_parameter(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path)), path


def test_every_operation_says_whom_it_is_for_and_how_it_refuses(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        assert "Permission: " in operation["description"], path
        assert {"400", "401", "403", "404", "422"} <= set(operation["responses"]), path
        if method != "get":
            assert "409" in operation["responses"], path
            assert "Idempotency-Key" in [one["name"] for one in operation["parameters"]], path


def test_a_body_takes_no_unknown_member(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            assert schema["additionalProperties"] is False, path


def test_titles_are_in_the_readers_language(routes: list[Route], document: dict[str, Any]) -> None:
    french = openapi(routes, "fr", server="http://localhost:8000", version="1")
    assert french["paths"].keys() == document["paths"].keys()
    assert french["components"]["responses"]["404"] != document["components"]["responses"]["404"]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string", "maxLength": 9}, "string ≤ 9"),
        ({"type": "integer", "minimum": 1, "maximum": 7}, "integer ≥ 1 ≤ 7"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
        ({"enum": ["a", "b"]}, "a | b"),
        ({"type": "array", "items": {"type": "string", "format": "date"}}, "[date]"),
        ({}, "any"),
    ],
)
def test_a_kind_is_told_in_a_few_words(schema: dict[str, Any], words: str) -> None:
    assert kind_of(schema) == words


BOUNDS = {
    "minLength": "string", "maxLength": "string", "minimum": "number", "maximum": "number",
    "minItems": "array", "maxItems": "array",
}  # fmt: skip


def schemas_in(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
        for value in part.values():
            yield from schemas_in(value)
    elif isinstance(part, list):
        for value in part:
            yield from schemas_in(value)


def test_every_bound_stands_beside_the_type_it_bounds(document: dict[str, Any]) -> None:
    for schema in schemas_in(document):
        for bound in BOUNDS.keys() & schema.keys():
            if isinstance(schema[bound], (int, float)):
                kind = {"integer": "number"}.get(schema.get("type", ""), schema.get("type"))
                assert kind == BOUNDS[bound], schema


def test_bounds_of_what_may_be_left_out_are_given(document: dict[str, Any]) -> None:
    sent = document["paths"]["/api/v1/missions"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    authorized = sent["properties"]["authorized"]
    assert {"type": "null"} in authorized["anyOf"]
    assert any(one.get("maximum") == 1000 for one in authorized["anyOf"]), authorized


def test_a_sentence_is_described_as_a_string(document: dict[str, Any]) -> None:
    assert document["components"]["schemas"]["Text"]["type"] == "string"
