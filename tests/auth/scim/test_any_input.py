"""Whatever a directory sends, it reads an answer of SCIM, and never that something failed here."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auth.scim.storage import LONGEST_FILTER
from tests.auth.rig import Rig
from tests.auth.scim.directory import ENTERPRISE, GROUP, PATCH, USER, Directory, directory_of

MINUTE = timedelta(minutes=1)
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
NAMES = [
    *("schemas", "id", "externalId", "meta", "userName", "name", "displayName", "title", "preferredLanguage", "active"),
    *("emails", "members", "value", "$ref", "type", "primary", "display", "Operations", "op", "path", "password"),
    *(ENTERPRISE, "employeeNumber", f"{ENTERPRISE}:employeeNumber", "emails.value", 'emails[type eq "work"].value'),
    *("filter", "startIndex", "count", "sortBy", "sortOrder", "attributes", "excludedAttributes", "cursor"),
]
WORDS = [
    *("add", "Replace", "remove", "True", "work", USER, GROUP, PATCH, SEARCH, "ascending", "descending", "{user}"),
    *(
        "",
        " ",
        ".",
        ":",
        "[",
        "]",
        "a.b.c",
        '"',
        "\\",
        "members[value eq",
        "é" * 600,
        "x" * 9_000,
        "1e400",
        "\U0001f600",
    ),
    *(
        'userName eq "ana"',
        "active pr",
        'not (userName co "a")',
        'emails[value ew "x"]',
        "id eq 1",
        "meta.created gt 1",
    ),
    *('members[value eq "{user}"]', 'members eq "{user}"', f'{ENTERPRISE}:employeeNumber sw ""', "schemas pr"),
]
NUMBERS = st.sampled_from([0, 1, -1, 2**31, 2**63 + 1, 2**70, 1.5, 1e308, float("nan"), float("inf")])
TEXTS = st.sampled_from([*NAMES, *WORDS]) | st.text(max_size=20)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=10,
)
OBJECTS = st.dictionaries(TEXTS, JSON, max_size=6)
OPERATION = st.fixed_dictionaries(
    {"op": TEXTS | st.sampled_from(["add", "replace", "remove"])}, optional={"path": TEXTS, "value": JSON}
)
OPERATIONS = st.lists(OPERATION | JSON, max_size=4)
BODIES = (
    JSON
    | OBJECTS.map(lambda one: {"schemas": [USER], "userName": "ana"} | one)
    | OBJECTS.map(lambda one: {"schemas": [USER, ENTERPRISE], "userName": "ana", ENTERPRISE: one})
    | OBJECTS.map(lambda one: {"schemas": [GROUP], "displayName": "g"} | one)
    | OBJECTS.map(lambda one: {"schemas": [SEARCH]} | one)
    | OPERATIONS.map(lambda some: {"schemas": [PATCH], "Operations": some})
)
PLACES = [
    *("/Users", "/Users/{user}", "/Groups", "/Groups/{group}", "/Users/.search", "/.search"),
    *("", "/Bulk", "/Me", "/Schemas"),
]
PARAMETERS = ["filter", "startIndex", "count", "attributes", "excludedAttributes", "sortBy", "sortOrder", "cursor"]
QUERY = st.dictionaries(st.sampled_from(PARAMETERS), TEXTS | NUMBERS.map(str), max_size=4)
OFTEN = settings(max_examples=25)


def is_scim(answer: httpx2.Response) -> None:
    said = f"{answer.request.method} {answer.request.url} {answer.request.content[:2000]!r}: {answer.text[:500]}"
    assert answer.status_code < 500 or answer.status_code == 501, said
    assert answer.status_code == 204 or answer.headers["content-type"] == "application/scim+json", said
    if answer.status_code >= 400:
        assert answer.json()["status"] == str(answer.status_code), said


async def known(rig: Rig) -> tuple[Directory, dict[str, str]]:
    """Return a directory with somebody and a group, and their ids."""
    directory = await directory_of(rig, await rig.platform.agency())
    user = await directory.add("ana", emails=[{"value": "ana@police.example", "type": "work"}])
    body = {"schemas": [GROUP], "displayName": "g", "members": [{"value": user["id"]}]}
    group = (await directory.send("POST", "/Groups", body)).json()
    return directory, {"{user}": user["id"], "{group}": group["id"]}


def filled(text: str, ids: dict[str, str]) -> str:
    for name, key in ids.items():
        text = text.replace(name, key)
    return text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@OFTEN
@given(sent=st.lists(st.tuples(st.sampled_from(PLACES), BODIES), min_size=1, max_size=6))
async def test_any_body(rig: Rig, method: str, sent: list[tuple[str, Any]]) -> None:
    rig.platform.clock.advance(MINUTE)  # so that no directory asks too often
    directory, ids = await known(rig)
    for place, body in sent:
        content = filled(json.dumps(body), ids).encode()
        is_scim(await directory.send(method, filled(place, ids), content))
    for place in ("/Users", "/Groups", "/"):
        is_scim(await directory.send("GET", place))


@OFTEN
@given(asked=st.lists(st.tuples(st.sampled_from(PLACES), QUERY), min_size=1, max_size=8))
async def test_any_query(rig: Rig, asked: list[tuple[str, dict[str, str]]]) -> None:
    rig.platform.clock.advance(MINUTE)  # so that no directory asks too often
    directory, ids = await known(rig)
    for place, query in asked:
        said = "&".join(f"{name}={quote(filled(value, ids), errors='replace')}" for name, value in query.items())
        is_scim(await directory.send("GET", f"{filled(place, ids)}?{said}"))


LONG = {
    "ids": " or ".join(['id eq "00000000-0000-7000-8000-00000000abcd"'] * 15_000),
    "names": " and ".join(['userName eq "ana"'] * 33_000),
    "value": f'userName eq "{"x" * 900_000}"',
}


@pytest.mark.parametrize("kind", LONG)
async def test_a_filter_without_end_is_refused(rig: Rig, kind: str) -> None:
    directory, _ = await known(rig)
    answer = await directory.send("POST", "/Users/.search", {"schemas": [SEARCH], "filter": LONG[kind]})
    is_scim(answer)
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidFilter")
    assert str(LONGEST_FILTER) in answer.json()["detail"]


async def test_a_filter_as_long_as_may_be_is_answered(rig: Rig) -> None:
    directory, ids = await known(rig)
    once = f'id eq "{ids["{user}"]}" or '
    asked = once * (LONGEST_FILTER // len(once) - 1) + 'userName eq "nobody"'
    answer = await directory.send("POST", "/Users/.search", {"schemas": [SEARCH], "filter": asked})
    assert (answer.status_code, answer.json()["totalResults"]) == (200, 1)
