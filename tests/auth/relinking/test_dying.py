"""A change of provider whose process dies: a line too many at the worst, never a link that no line tells of."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from auth.linking.schemas import Unlink
from auth.linking.service import get_links, unlink
from auth.relinking.schemas import RelinkFile
from core.use_cases.declaration import ById
from core.use_cases.execution import execute
from tests.auth.dying import dies_at
from tests.auth.hostile import ISSUER, OTHER_ISSUER
from tests.auth.red_button.scene import work_off
from tests.auth.relinking.changing import Service, service
from tests.auth.rig import Rig
from tests.auth.test_people import WHY

NUMBERS = ("E-1", "E-2")
ISSUERS = pytest.mark.parametrize("issuer", [OTHER_ISSUER, ISSUER], ids=["another issuer", "the same issuer"])
Links = set[tuple[str, str, UUID]]


async def previewed(rig: Rig, issuer: str) -> tuple[Service, RelinkFile, Links, Links]:
    """Return a service with a preview of all its people, their old links and those that are to come."""
    at = await service(rig, issuer=issuer)
    seats = {number: await at.person(number, "member") for number in NUMBERS}
    old = {one for one in await at.accounts() if one[2] in seats.values()}
    file = await at.preview(*(f"{number},new {number}" for number in NUMBERS))
    return at, file, old, {(issuer, f"new {number}", seat) for number, seat in seats.items()}


async def theirs(at: Service) -> Links:
    return {one for one in await at.accounts() if one[2] != at.ctx.actor.id}


async def told(at: Service, action: str) -> Links:
    lines = [(line.subject_id, line.before or line.after) for line in await at.lines(action)]
    return {(said["issuer"], said["subject"], seat) for seat, said in lines if said}


async def dies(at: Service, monkeypatch: pytest.MonkeyPatch, file: RelinkFile, step: str, which: int) -> None:
    with monkeypatch.context() as patched:
        dies_at(patched, which)
        with pytest.raises(ConnectionError):
            await at.step(file, step)


@ISSUERS
@pytest.mark.parametrize("which", [1, 2])
async def test_while_it_links_nothing_is_done_or_lines_that_are_made_good(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, which: int, issuer: str
) -> None:
    at, file, old, new = await previewed(rig, issuer)
    await dies(at, monkeypatch, file, "apply", which)
    assert await theirs(at) == old
    assert await told(at, "identity.link") == (new if which == 2 else set())
    await work_off(rig, at.scope)
    if which == 1:
        assert await theirs(at) == old
        assert (await at.step(file, "apply")).relink.state == "applied"
        await work_off(rig, at.scope)
    assert await theirs(at) == old | new
    assert len(await at.lines("identity.link")) == len(new)


@ISSUERS
@pytest.mark.parametrize("which", [1, 2])
async def test_while_it_unlinks_nothing_is_done_or_lines_that_are_made_good(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, which: int, issuer: str
) -> None:
    at, file, old, new = await previewed(rig, issuer)
    await at.step(file, "apply")
    await work_off(rig, at.scope)
    await at.switch(0, state="off")
    await dies(at, monkeypatch, file, "finish", which)
    assert await theirs(at) == old | new
    assert await told(at, "identity.unlink") == (old if which == 2 else set())
    await work_off(rig, at.scope)
    if which == 1:
        assert await theirs(at) == old | new
        assert (await at.step(file, "finish")).relink.state == "finished"
        await work_off(rig, at.scope)
    assert await theirs(at) == new
    assert len(await at.lines("identity.unlink")) == len(old)


@ISSUERS
async def test_finishing_links_first_what_a_process_that_died_left_undone(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, issuer: str
) -> None:
    at, file, _, new = await previewed(rig, issuer)
    await dies(at, monkeypatch, file, "apply", 2)
    await at.switch(0, state="off")
    await at.step(file, "finish")
    assert await theirs(at) == new
    await work_off(rig, at.scope)
    assert await theirs(at) == new
    assert len(await at.lines("identity.link")) == len(new)


async def test_a_job_that_comes_late_links_nobody_whom_somebody_unlinked_meanwhile(rig: Rig) -> None:
    at, file, old, new = await previewed(rig, OTHER_ISSUER)
    await at.step(file, "apply")
    gone = min(new)
    rig.platform.clock.advance(timedelta(seconds=1))
    accounts = (await execute(get_links, at.ctx, ById(str(gone[2])))).accounts
    (account,) = [one for one in accounts if one.subject == gone[1]]
    await execute(unlink, at.ctx, Unlink(id=str(gone[2]), identity_id=str(account.id), reason=WHY))
    await work_off(rig, at.scope)
    assert await theirs(at) == (old | new) - {gone}
