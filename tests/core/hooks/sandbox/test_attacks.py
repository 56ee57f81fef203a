"""Whatever a plugin in a sandbox tries: it is held, one line says so, and everybody else goes on."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from contingent import Subject
from core.hooks.answers import Failure
from tests.core.hooks.sandbox.attacks import HEAD, Attack
from tests.core.hooks.sandbox.conftest import PROJECT, QUIET, Cell
from tests.core.hooks.sandbox.pack import ATTACKS
from tests.core.hooks.sandbox.pack_of_frames import UNCONSENTED

pytestmark = pytest.mark.sandbox

MakeCell = Callable[[str, str], Cell]


def text_of(attack: Attack) -> str:
    body = f"PROJECT = {str(PROJECT)!r}\n{attack.body}"
    return HEAD + textwrap.indent(body, "    ") + "\n"


def test_the_pack_has_at_least_a_hundred_kinds() -> None:
    assert len({one.name for one in ATTACKS}) == len(ATTACKS) >= 100


@pytest.mark.parametrize("attack", ATTACKS, ids=[one.name for one in ATTACKS])
async def test_an_attack_is_held_and_leaves_one_line(attack: Attack, make_cell: MakeCell) -> None:
    cell = make_cell("attacker", text_of(attack))
    ours, theirs = cell.tenant("attacked"), cell.tenant("beside")
    answers = await cell.ask(ours)
    if answers.results:
        (result,) = answers.results
        assert not attack.causes or "answered" in attack.causes
        assert result.reason["en"].startswith("held"), result.reason["en"]
    else:
        (failure,) = answers.failures
        assert failure.cause in attack.causes, failure
        assert failure.error.isprintable()
        assert len(failure.error) <= 300
        assert "Tremblay" not in failure.error
        await cell.host.settle()
        assert [one for one, _ in cell.records.failures if one.tenant == ours.scope.id] == [failure]
    assert not any(cell.records.documents.values())
    for ctx in (theirs, ours):
        assert (await cell.ask(ctx, QUIET)).results, "it does not answer any more"
    assert not [one for one, _ in cell.records.failures if one.tenant == theirs.scope.id]


async def test_what_a_plugin_in_a_sandbox_used_unconsented_is_written_down_though_it_hides_it(
    make_cell: MakeCell,
) -> None:
    (attack,) = [one for one in ATTACKS if one.name == UNCONSENTED]
    cell = make_cell("attacker", text_of(attack))
    ctx, beside = cell.tenant("attacked"), cell.tenant("beside")
    assert (await cell.ask(ctx)).results
    assert (await cell.ask(beside, QUIET)).results
    await cell.host.settle()
    ((failure, _), *more) = cell.records.failures
    assert failure == Failure(ctx.scope.id, "attacker", "approval_chain", "withheld", "ctx.files")
    assert {one for one, _ in more} <= {failure}
    assert sum(count for _, count in cell.records.failures) == 100
    assert [(tenant, one.used) for tenant, one in cell.records.overreaches] == [(ctx.scope.id, "ctx.files")]


async def test_a_connection_that_nobody_consented_to_is_refused_and_written_down_in_a_sandbox_too(
    make_cell: MakeCell,
) -> None:
    body = (
        "try:\n    await ctx.sockets.connect('db.example.org', 5432)\n"
        "except PermissionError as error:\n    return held(type(error).__name__)\n"
    )
    cell = make_cell("attacker", text_of(Attack("connect", body)))
    ctx = cell.tenant("attacked")
    (result,) = (await cell.ask(ctx)).results
    assert result.reason["en"] == "held NotConsented"
    await cell.host.settle()
    assert [(tenant, one.used) for tenant, one in cell.records.overreaches] == [(ctx.scope.id, "ctx.sockets")]


async def test_whichever_service_a_plugin_says_it_is_it_reads_its_own_alone(make_cell: MakeCell) -> None:
    (attack,) = [one for one in ATTACKS if one.name == "ask in another service's name"]
    cell = make_cell("attacker", text_of(attack).replace("UUID(int=1)", "UUID(hex=subject.id.hex)"))
    ours, theirs = cell.tenant("attacked"), cell.tenant("beside")
    cell.records.documents[theirs.scope.id, "attacker"] = {"x": b'{"of":"beside"}'}
    claimed = Subject(kind="agreement", id=theirs.scope.id)
    (result,) = (await cell.ask(ours, claimed)).results
    assert result.reason["en"].startswith("held")
    cell.records.documents[ours.scope.id, "attacker"] = {"x": b'{"of":"attacked"}'}
    (result,) = (await cell.ask(cell.again(ours.scope), claimed)).results
    assert result.reason["en"] == "through {'of': 'attacked'}", "whatever it claims, core reads for the call's service"


@pytest.mark.parametrize(
    "name", ["break the line of its error", "make its error endless", "quote a person in its error"]
)
async def test_what_a_plugin_says_of_its_failure_is_one_line_in_the_process_too(name: str, make_cell: MakeCell) -> None:
    (attack,) = [one for one in ATTACKS if one.name == name]
    cell = make_cell("attacker", text_of(attack).replace("tier=2", "tier=1"))
    (failure,) = (await cell.ask(cell.tenant("attacked"))).failures
    assert failure.error.isprintable()
    assert len(failure.error) <= 300
    assert "attacker.py:" in failure.error, "the place is said however long the kind's name is"
    assert "Tremblay" not in failure.error


@pytest.mark.parametrize("name", ["read a file of the project", "list the root"])
async def test_outside_a_sandbox_the_same_attack_gets_through(name: str, make_cell: MakeCell) -> None:
    (attack,) = [one for one in ATTACKS if one.name == name]
    cell = make_cell("attacker", text_of(attack).replace("tier=2", "tier=1"))
    (result,) = (await cell.ask(cell.tenant("attacked"))).results
    assert result.reason["en"].startswith("through")
