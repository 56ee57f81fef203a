"""What is kept of a plugin's log: words of its own code, counts and ids, and nothing else whatever it writes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contingent import Ctx
from contingent.kit.projects import import_path
from core.hooks.log import HIDDEN, LONGEST_MESSAGE, MOST_FIELDS, kept_log, rounded, words_of
from core.hooks.noting import LEFT_OUT, MOST_LINES
from core.hooks.records import Line
from core.hooks.registry import Registry
from core.hooks.sandbox.hosts import Hosts
from core.hooks.specs import approval_chain
from tests.core.hooks import workshop
from tests.core.hooks.sandbox.conftest import QUIET, SUBJECT, Cell, hosts
from tests.core.hooks.workshop import Workshop, plugin

__all__ = ["hosts"]
NAME = "Alix Tremblay"
ID = UUID(int=7)


async def findings(ctx: Ctx, number: int, word: str) -> int | None:
    if word == "flood":
        for _ in range(MOST_LINES + number):
            ctx.log.info("again")
        return None
    if word == "raise":
        raise ValueError(NAME)
    ctx.log.info("read rows", rows=12345, share=0.123456, source=ID, whole=True, state="ready")
    ctx.log.warning(f"met {word}", who=word, born=date(1990, 1, 2), number=87654321, text=str(ID))  # noqa: G004 - on purpose: a message made of what was given
    ctx.log.error("\x1b[31mred\n<b>bold</b>\u202e")
    return None


async def lines(work: Workshop) -> list[Line]:
    await work.host.settle()
    return [line for _, notes in work.records.notes for line in notes.lines]


async def test_a_line_keeps_words_of_the_code_counts_and_ids_and_hides_the_rest() -> None:
    work = Workshop(plugin("one", findings))
    await work.tenant("a").hooks.all(workshop.findings, number=1, word=NAME)
    first, second, third = await lines(work)
    assert (first.plugin, first.plugin_version, first.hook, first.level) == ("one", "1.0", "findings", "info")
    assert first.message == "read rows"
    assert first.fields == {"rows": 12300, "share": 0.123, "source": str(ID), "whole": True, "state": "ready"}
    assert second.message == HIDDEN
    assert second.fields == {"who": HIDDEN, "born": "date", "number": 87700000, "text": str(ID)}
    assert third.message == " [31mred <b>bold</b> "
    assert NAME not in str([first, second, third])


async def test_a_failure_is_a_line_with_its_kind_and_place() -> None:
    work = Workshop(plugin("one", findings))
    await work.tenant("a").hooks.all(workshop.findings, number=1, word="raise")
    (line,) = await lines(work)
    assert (line.level, line.cause) == ("failure", "raised")
    assert line.message.startswith("ValueError at")
    assert NAME not in line.message


async def test_what_is_too_much_is_left_out_and_counted_and_only_of_that_plugin_and_tenant() -> None:
    async def quiet(ctx: Ctx) -> int | None:
        ctx.log.info("once")
        return None

    quiet.__name__ = "findings"
    work = Workshop(plugin("loud", findings), plugin("quiet", quiet))
    for slug in ("a", "b"):
        await work.tenant(slug).hooks.all(workshop.findings, number=7, word="flood")
    kept = await lines(work)
    assert len(kept) == 2 * (MOST_LINES + 2)
    assert [line.fields for line in kept if line.message == LEFT_OUT] == [{"lines": 7}] * 2
    assert [line.plugin for line in kept if line.message == "once"] == ["quiet"] * 2


@given(st.text(), st.dictionaries(st.text(), st.one_of(st.text(), st.integers(), st.floats(), st.dates(), st.binary())))
def test_whatever_a_plugin_writes_nothing_of_it_is_kept_that_its_code_does_not_hold(
    message: str, fields: dict[str, Any]
) -> None:
    kept: list[tuple[str, dict[str, Any]]] = []
    log = kept_log(lambda: frozenset({"known"}), lambda _, said, given: kept.append((said, given)))
    log.write("info", message, fields)
    ((said, given),) = kept
    assert said == ("known" if message == "known" else HIDDEN)
    assert len(given) <= MOST_FIELDS
    assert given.keys() <= {"known", HIDDEN}
    for value in given.values():
        assert not isinstance(value, str) or value in {"known", HIDDEN, "date", "bytes", "int", "float"}
        assert not isinstance(value, int) or len(str(abs(value)).rstrip("0")) <= 3


@pytest.mark.parametrize(
    ("value", "kept"), [(999, 999), (404, 404), (-1234, -1230), (2**80, "int"), (float("nan"), "float"), (0.0, 0.0)]
)
def test_numbers_are_kept_to_three_digits(value: float, kept: object) -> None:
    assert rounded(value) == kept


def test_the_words_are_those_of_all_files_of_a_plugin() -> None:
    registry = Registry()
    registry.load_module("hr_file", "plugins.hr_file.plugin")
    assert {"Worker file", "Fichier du personnel"} <= words_of(registry.plugins["hr_file"].module)


TEXT = """
from contingent import Ctx, Manifest, NoApproval, Subject, hookimpl

manifest = Manifest(name="{name}", version="1.0", title={{"en": "a", "fr": "b"}}, requires="contingent>=1.0,<2", {more})


@hookimpl
async def approval_chain(ctx: Ctx, subject: Subject) -> NoApproval:
    ctx.log.info("asked", kind="kind", id=subject.id, rows=12345, who="Al" + str(subject.kind), far=2**70)
    for _ in range(500):
        ctx.log.warning("x" * {size})
    return NoApproval(reason={{"en": "Said.", "fr": "Dit."}})
"""


@pytest.mark.parametrize("size", [1, 10_000_000])
async def test_in_a_sandbox_the_same_is_kept_and_a_flood_ends_at_its_bound(
    hosts: Hosts, tmp_path: Path, size: int
) -> None:
    name = f"writes_{size}"
    cell = Cell(hosts, tmp_path, name, TEXT.format(name=name, size=size, more="tier=2"))
    answers = await cell.tenant("a").hooks.one(name, approval_chain, subject=SUBJECT)
    assert answers.failures == []
    await cell.host.settle()
    found = [line for _, notes in cell.records.notes for line in notes.lines]
    assert found[0].message == "asked"
    assert found[0].fields == {"kind": "kind", "id": str(SUBJECT.id), "rows": 12300, "who": HIDDEN, "far": "int"}
    assert {len(line.message) <= LONGEST_MESSAGE for line in found} == {True}
    assert len(found) == MOST_LINES + 1
    assert found[-1].message == LEFT_OUT


async def test_a_plugin_that_sees_health_data_writes_nothing_and_its_failures_are_no_lines(
    hosts: Hosts, tmp_path: Path
) -> None:
    text = TEXT.format(name="healthy", size=1, more='data_classes=frozenset({"health"})')
    text = text.replace("    return", "    if subject.concerns:\n        raise ValueError\n    return")
    cell = Cell(hosts, tmp_path, "healthy", text)
    for subject in (SUBJECT, QUIET):
        answers = await cell.tenant("a").hooks.one("healthy", approval_chain, subject=subject)
    assert [one.cause for one in answers.failures] == ["raised"]
    await cell.host.settle()
    assert [notes.measured != () for _, notes in cell.records.notes] == [True] * 2
    assert [line for _, notes in cell.records.notes for line in notes.lines] == []


def test_a_plugin_whose_files_are_gone_has_no_words(tmp_path: Path) -> None:
    place = tmp_path / "gone.py"
    place.write_text(TEXT.format(name="gone", size=1, more="tier=2"), encoding="utf-8")
    work = Workshop()
    registry = Registry()
    assert registry.load_module("gone", import_path(place)) is None
    place.unlink()
    assert work.host.texts_of(registry.plugins["gone"]) == frozenset()
