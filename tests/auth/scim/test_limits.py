"""What is longer, larger or further than anybody needs is refused as SCIM says it, and never fails."""

from __future__ import annotations

import logging
from random import Random
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from auth.scim import feeding, storage
from auth.scim.leniency import MOST_OPERATIONS
from auth.scim.storage import LONGEST
from tests.auth.rig import Rig
from tests.auth.scim.directory import ENTERPRISE, GROUP, USER, Directory, directory_of

TYPE = "application/scim+json"


@pytest.mark.parametrize("parameter", ["startIndex", "count"])
@pytest.mark.parametrize("number", [-(2**70), -1, 0, 2**31, 2**63 + 1, 2**70, 10**400])
async def test_no_number_of_a_page_is_too_large_or_too_small(rig: Rig, parameter: str, number: int) -> None:
    directory = await directory_of(rig, await rig.agency())
    await directory.add("ana")
    for asked in ("", "&sortBy=userName", "&filter=active eq true"):
        answer = await directory.send("GET", f"/Users?{parameter}={number}{asked}")
        assert answer.status_code == 200, answer.text
        shown = 0 if (number > 1) == (parameter == "startIndex") else 1
        assert (answer.json()["totalResults"], len(answer.json().get("Resources", []))) == (1, shown)
    search = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], parameter: number}
    assert (await directory.send("POST", "/Users/.search", search)).status_code == 200


def random_text(length: int) -> str:
    """Return letters that no compression makes shorter, each of three bytes."""
    letters = Random(length)
    return "".join(chr(letters.randrange(0x4E00, 0x9FFF)) for _ in range(length))


async def made(directory: Directory, attribute: str, value: str) -> Any:
    group = {"schemas": [GROUP], attribute: value}
    user: dict[str, Any] = {"schemas": [USER, ENTERPRISE], "userName": "ana"}
    user |= {ENTERPRISE: {attribute: value}} if attribute == "employeeNumber" else {attribute: value}
    named = attribute == "displayName"
    return await directory.send("POST", "/Groups" if named else "/Users", group if named else user)


@pytest.mark.parametrize("attribute", ["userName", "externalId", "employeeNumber", "displayName"])
async def test_a_text_that_is_too_long_to_be_looked_for_is_refused_by_its_name(rig: Rig, attribute: str) -> None:
    directory = await directory_of(rig, await rig.agency())
    assert (await made(directory, attribute, random_text(LONGEST))).status_code == 201
    answer = await made(await directory_of(rig, await rig.agency()), attribute, random_text(8000))
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")
    assert answer.headers["content-type"] == TYPE
    assert attribute in answer.json()["detail"]
    assert str(LONGEST) in answer.json()["detail"]


async def test_a_text_that_grows_when_it_is_folded_is_measured_as_it_is_kept(rig: Rig) -> None:
    directory = await directory_of(rig, await rig.agency())
    assert (await made(directory, "userName", "\N{MUSICAL SYMBOL SIXTEENTH NOTE}" * LONGEST)).status_code == 400
    assert (await made(directory, "userName", "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}" * LONGEST)).status_code == 400


async def test_a_change_of_too_many_operations_is_refused_and_says_what_to_do(rig: Rig) -> None:
    directory = await directory_of(rig, await rig.agency())
    user = await directory.add("ana")
    one = {"op": "replace", "path": "title", "value": "Sergeant"}
    assert (await directory.patch(user, *[one] * MOST_OPERATIONS)).status_code == 200
    answer = await directory.patch(user, *[one] * (MOST_OPERATIONS + 1))
    assert (answer.status_code, answer.headers["content-type"]) == (413, TYPE)
    assert str(MOST_OPERATIONS) in answer.json()["detail"]
    assert "several" in answer.json()["detail"]


class Passing(Exception):
    """What PostgreSQL says when of two transactions one has to begin again."""

    def __init__(self, state: str) -> None:
        super().__init__("begin again")
        self.sqlstate = state


def failing(monkeypatch: pytest.MonkeyPatch, *failures: Exception) -> list[Exception]:
    """Let what follows from a change fail once for each of these; return those that are still to come."""
    waiting = list(failures)
    real = feeding.feed

    async def feed(*args: Any) -> None:
        if waiting:
            raise waiting.pop(0)
        await real(*args)

    monkeypatch.setattr(storage, "feed", feed)
    return waiting


@pytest.mark.parametrize("state", ["40001", "40P01"])
async def test_a_transaction_that_has_to_begin_again_does(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    directory = await directory_of(rig, await rig.agency())
    once = DBAPIError("UPDATE", {}, Passing(state))
    failing(monkeypatch, once)
    await directory.add("ana")
    assert await directory.names() == ["ana"]
    failing(monkeypatch, *[once] * 9)
    answer = await directory.send("POST", "/Users", {"schemas": [USER], "userName": "bea"})
    assert (answer.status_code, answer.headers["content-type"]) == (503, TYPE)
    assert answer.json()["status"] == "503"
    monkeypatch.undo()
    assert await directory.names() == ["ana"]


async def test_what_nobody_foresaw_is_told_as_scim_tells_errors_and_is_written_down(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    directory = await directory_of(rig, await rig.agency())
    failing(monkeypatch, RuntimeError("the name of a person"))
    with caplog.at_level(logging.ERROR, logger="contingent.failure"):
        answer = await directory.send("POST", "/Users", {"schemas": [USER], "userName": "ana"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, TYPE)
    assert answer.json()["status"] == "500"
    assert "person" not in answer.text
    (line,) = caplog.records
    assert "RuntimeError" in line.getMessage()
    assert await directory.names() == []
