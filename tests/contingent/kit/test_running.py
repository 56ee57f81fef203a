"""``contingent plugin run`` calls a hook as a case says, and says how the answer differs from what was recorded."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from contingent.__main__ import main

TOUR = {
    "id": "00000000-0000-0000-0000-000000000001",
    "officer_id": "00000000-0000-0000-0000-000000000002",
    "mission": "MINUSTAH",
    "start": "2026-01-01",
    "end": "2026-12-31",
}
PLUGIN = """
import msgspec
from contingent import Ctx, Manifest, Milestone, Secret, Tour, hookimpl, shift

class Settings(msgspec.Struct):
    days: int = 30
    code: Secret | None = None

manifest = Manifest(name={name!r}, version="1.0", title={{"en": "A", "fr": "B"}}, requires="contingent>=1.0,<2",
    settings=Settings)

@hookimpl
async def reintegration_milestones(ctx: Ctx, tour: Tour) -> list[Milestone] | None:
    {line}
    kept = await ctx.store.get("kept")
    days = kept["days"] if kept else ctx.settings.days
    days += len(ctx.settings.code.reveal()) if ctx.settings.code else 0
    since = ctx.today if tour.ended_early else tour.end
    return [Milestone(key="meet", title={{"en": "Meet", "fr": "Se voir"}}, owner="agency", due=shift(since, days=days))]
"""
MEET = {"key": "meet", "title": {"en": "Meet", "fr": "Se voir"}, "owner": "agency"}
_count = itertools.count()


class Workshop:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def plugin(self, line: str = "pass") -> str:
        name = f"run_{next(_count)}"
        path = self.folder / f"{name}.py"
        path.write_text(PLUGIN.format(name=name, line=line), encoding="utf-8")
        return str(path)

    def case(self, **said: Any) -> Path:
        path = self.folder / f"case-{next(_count)}.json"
        whole = {"hook": "reintegration_milestones", "arguments": {"tour": TOUR}} | said
        path.write_text(json.dumps(whole), encoding="utf-8")
        return path


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def run(plugin: str, *cases: Path, more: tuple[str, ...] = ()) -> Result:
    named = [word for case in cases for word in ("--case", str(case))]
    return CliRunner().invoke(main, ["plugin", "run", plugin, *named, *more])


def test_it_prints_the_answer_and_the_time(workshop: Workshop) -> None:
    shown = run(workshop.plugin(), workshop.case())
    assert shown.exit_code == 0
    assert '"due": "2027-01-30"' in shown.output
    assert " ms, 2 s allowed" in shown.output


def test_what_it_waits_for_counts_and_is_not_waited_for(workshop: Workshop) -> None:
    shown = run(workshop.plugin("await ctx.clock.sleep(1)"), workshop.case()).output
    (took,) = re.findall(r" in (\d+)\.\d\d ms, 2 s", shown)
    assert 1000 <= int(took) < 2000
    never = workshop.plugin("import asyncio; await asyncio.Event().wait()")
    assert "failed: late no answer in 2 s" in run(never, workshop.case()).output


def test_settings_store_and_the_day_are_those_of_the_case(workshop: Workshop) -> None:
    plugin = workshop.plugin()
    assert '"due": "2027-01-05"' in run(plugin, workshop.case(settings={"days": 5})).output
    assert '"due": "2027-01-02"' in run(plugin, workshop.case(store={"kept": {"days": 2}})).output
    secret = workshop.case(settings={"days": 5, "code": "123"})
    assert '"due": "2027-01-08"' in run(plugin, secret).output, "a secret is given as the text that it is"
    early = workshop.case(arguments={"tour": {**TOUR, "ended_early": True}}, now="2030-06-01T12:00:00Z")
    assert '"due": "2030-07-01"' in run(plugin, early).output


def test_the_recorded_answer_is_compared_and_what_it_leaves_out_has_its_default(workshop: Workshop) -> None:
    plugin = workshop.plugin()
    same = run(plugin, workshop.case(answer=[{**MEET, "due": "2027-01-30"}]))
    assert same.exit_code == 0, same.output
    other = run(plugin, workshop.case(answer=[{**MEET, "due": "2027-01-31"}]))
    assert other.exit_code == 1
    assert "not as recorded" in other.output
    lines = [line.strip() for line in other.output.splitlines()]
    assert [line for line in lines if line.startswith(("-", "+"))] == [
        '-      "due": "2027-01-31",',
        '+      "due": "2027-01-30",',
    ], "the difference alone, not both answers"
    none = run(plugin, workshop.case(answer={"no": "answer"}))
    assert (none.exit_code, "none that reintegration_milestones can give" in none.output) == (1, True)


def test_recording_writes_the_answer_into_the_case(workshop: Workshop) -> None:
    plugin, case = workshop.plugin(), workshop.case()
    assert run(plugin, case, more=("--record",)).exit_code == 0
    (written,) = json.loads(case.read_text(encoding="utf-8"))["answer"]
    assert written["due"] == "2027-01-30"
    again = case.read_bytes()
    assert run(plugin, case, more=("--record",)).exit_code == 0
    assert case.read_bytes() == again


def test_a_failure_is_shown_with_its_place_and_is_a_failure(workshop: Workshop) -> None:
    shown = run(workshop.plugin("raise ValueError('Tremblay')"), workshop.case())
    assert shown.exit_code == 1
    assert "failed: raised ValueError at" in shown.output
    assert "Tremblay" not in shown.output


def test_no_answer_is_an_answer(workshop: Workshop) -> None:
    shown = run(workshop.plugin("return None"), workshop.case(answer=None))
    assert shown.exit_code == 0, shown.output
    assert '"answer": null' in shown.output


@pytest.mark.sandbox
def test_in_a_sandbox_the_same_case_gives_the_same_answer(workshop: Workshop) -> None:
    case = workshop.case(answer=[{**MEET, "due": "2027-01-30"}])
    shown = run(workshop.plugin(), case, more=("--sandbox", "--times", "3"))
    assert shown.exit_code == 0, shown.output
    assert "median of 3" in shown.output


def test_what_is_wrong_with_a_case_is_said_at_once(workshop: Workshop) -> None:
    plugin = workshop.plugin()
    shown = run(plugin, workshop.case(arguments={"tuor": TOUR, "more": 1}))
    assert shown.exit_code == 1
    assert "takes 'tour', which is missing" in shown.output
    assert "takes no 'tuor'" in shown.output
    assert "takes no 'more'" in shown.output
    assert "start: it ends" not in shown.output
    wrong = workshop.case(arguments={"tour": {**TOUR, "end": "2025-01-01"}})
    assert "it ends before it starts" in run(plugin, wrong).output
    assert "the settings do not fit" in run(plugin, workshop.case(settings={"days": "x"})).output
    assert "there is no hook 'nothing'" in run(plugin, workshop.case(hook="nothing")).output
    assert "unknown field" in run(plugin, workshop.case(answr=1)).output
    assert "does not implement approval_chain" in run(plugin, workshop.case(hook="approval_chain")).output


def test_a_plugin_or_a_case_that_is_not_there_is_answered_with_what_is(workshop: Workshop) -> None:
    assert "approval_chain, duty_cover, hr_file" in run("never_installed", workshop.case()).output
    assert "name one with --case" in run(workshop.plugin()).output


def test_an_installed_plugin_is_run_by_its_name(workshop: Workshop) -> None:
    shown = run("reintegration_plan", workshop.case(settings={"milestones": []}, answer=[]))
    assert shown.exit_code == 0, shown.output
