"""Every answer to being asked again: the session ends with one line that says why, or goes on until its own limit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.auth.cases.faulty_refreshes import ENDS, PASSES
from tests.auth.hostile import sets
from tests.auth.refreshing.asked import ask, grants, is_in, limits, signed_in
from tests.auth.relying_party.kept import lines
from tests.auth.rig import Rig
from tests.reporting import FIGURE

HERE = {"pinned_claim": "organization", "pinned_value": "here", "algorithms": ["ES256", "RS256"]}

pytestmark = pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")


@pytest.mark.parametrize("name", ENDS)
async def test_the_session_ends(rig: Rig, name: str) -> None:
    case = ENDS[name]
    rig.hostile.claims = sets(organization="here")
    scope, _, browser = await signed_in(rig, **HERE)
    case.lie(rig.hostile)
    assert await ask(rig, scope) == 1
    assert not await is_in(browser, scope)
    assert await grants(rig, scope) == []
    assert [row.id_token_sealed for row in await limits(rig, scope)] == [None]
    (line,) = await lines(rig, scope, "session.end")
    assert (line["cause"], line["why"]) == ("refresh", case.why)
    assert rig.hostile.strayed == []
    assert await ask(rig, scope) == 0


@pytest.mark.parametrize("name", PASSES)
async def test_the_session_goes_on_and_the_provider_is_asked_later(rig: Rig, name: str) -> None:
    case = PASSES[name]
    rig.hostile.claims = sets(organization="here")
    scope, _, browser = await signed_in(rig, **HERE)
    (first,) = await grants(rig, scope)
    honest = dict(vars(rig.hostile))
    case.lie(rig.hostile)
    assert await ask(rig, scope) == 1
    assert await is_in(browser, scope)
    assert await lines(rig, scope, "session.end") == []
    (put_off,) = await grants(rig, scope)
    assert (put_off.attempts, put_off.leased_until) == (1, None)
    assert await ask(rig, scope, after=timedelta(seconds=29)) == 0
    for attribute in ("answers", "header", "token"):
        setattr(rig.hostile, attribute, honest[attribute])
    rig.hostile.answers = {}
    assert await ask(rig, scope, after=timedelta(seconds=1)) == 1
    assert await is_in(browser, scope)
    (after,) = await grants(rig, scope)
    assert (after.attempts, after.generation > first.generation) == (0, True)
    assert rig.hostile.strayed == []


def test_they_are_counted(record_property: Callable[[str, object], None]) -> None:
    record_property(FIGURE, f"{len(ENDS)} answers to a refresh that end the session, {len(PASSES)} that put it off")
