"""A plugin that is not what the contract asks for is named with hook and expectation, and stops nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest

from contingent import Ctx, hookimpl
from core.hooks import specs
from core.hooks.inspection import Unfit, implementations
from core.hooks.offering import Offer
from core.hooks.registry import BrokenPlugin, Held, Plugin, Registry
from tests.core.hooks.workshop import CONTRACT, Panel, Workshop, manifest, plugin


async def async_panels(ctx: Ctx, number: int) -> list[Panel]:
    return []


def def_findings(ctx: Ctx, number: int, word: str) -> int:
    return 1


def takes_more(ctx: Ctx, number: int, colour: str) -> list[Panel]:
    return []


def takes_other(ctx: Ctx, number: str) -> list[Panel]:
    return []


def gives_other(ctx: Ctx, number: int) -> list[int]:
    return []


def gives_nothing_known(ctx: Ctx, number: int):  # type: ignore[no-untyped-def]  # noqa: ANN201 - what is refused
    return []


def takes_the_unknown(ctx: Ctx, number) -> list[Panel]:  # type: ignore[no-untyped-def]  # noqa: ANN001 - what is refused
    return []


def starred(ctx: Ctx, *number: int) -> list[Panel]:
    return []


def defaulted(ctx: Ctx, number: int = 3) -> list[Panel]:
    return []


def ctx_last(number: int, ctx: Ctx) -> list[Panel]:
    return []


async def not_a_generator(ctx: Ctx, number: int) -> AsyncIterator[Panel]:
    raise NotImplementedError


async def a_list(ctx: Ctx, number: int) -> list[Panel]:  # type: ignore[misc]
    yield Panel(key="page")


UNFIT = [
    ("panles", async_panels, "there is no hook panles: did you mean panels?"),
    ("xyz", async_panels, "there is no hook xyz: expected one of "),
    ("panels", async_panels, "hook panels: expected a def, got an async def"),
    ("findings", def_findings, "hook findings: expected an async def, got a def"),
    ("panels", takes_more, "hook panels has no argument 'colour': expected ctx, number"),
    ("panels", takes_other, "hook panels: number is str, expected int"),
    ("panels", gives_other, "hook panels: the result is list[int], expected list[Panel] | None"),
    ("panels", gives_nothing_known, "hook panels: annotate the result as list[Panel] | None"),
    ("panels", takes_the_unknown, "hook panels: annotate number as int"),
    ("panels", starred, "take plain arguments without defaults"),
    ("panels", defaulted, "take plain arguments without defaults"),
    ("panels", ctx_last, "hook panels: ctx is the first argument"),
    ("pages", not_a_generator, "hook pages: expected an async generator, got an async def"),
    ("pages", a_list, "hook pages: annotate the result as AsyncIterator[Panel]"),
]


@pytest.mark.parametrize(("name", "function", "says"), UNFIT, ids=[function.__name__ for _, function, _ in UNFIT])
def test_an_unfit_implementation_is_refused_with_what_was_expected(name: str, function: Any, says: str) -> None:
    module = ModuleType("unfit")
    module.manifest = manifest("unfit")  # type: ignore[attr-defined]
    setattr(module, name, hookimpl(specname=name)(function))
    work = Workshop()
    broken = work.add(module)
    assert broken is not None
    assert (broken.name, broken.stage) == ("unfit", "hooks")
    assert says in broken.error
    assert "unfit" not in work.registry.plugins


def test_a_narrower_answer_is_fit() -> None:
    def panels(ctx: Ctx, number: int) -> None:
        return None

    assert Workshop().add(plugin("narrow", panels)) is None


@pytest.mark.parametrize("option", ["wrapper", "hookwrapper", "optionalhook"])
def test_a_plugin_runs_around_no_other(option: str) -> None:
    def panels(ctx: Ctx, number: int) -> Any:
        yield

    module = ModuleType("around")
    module.manifest = manifest("around")  # type: ignore[attr-defined]
    module.panels = hookimpl(**{option: True})(panels)  # type: ignore[attr-defined, call-overload]
    broken = Workshop().add(module)
    assert broken is not None
    assert f"{option}=True is refused" in broken.error


def test_one_hook_has_one_implementation_in_a_plugin() -> None:
    module = plugin("twice")
    module.one = hookimpl(specname="panels")(gives_other)  # type: ignore[attr-defined]
    module.two = hookimpl(specname="panels")(takes_other)  # type: ignore[attr-defined]
    with pytest.raises(Unfit, match="implemented twice"):
        implementations(module)


def test_an_annotation_that_cannot_be_resolved_is_explained() -> None:
    def panels(ctx: Ctx, number: int) -> list[Panel]:
        return []

    panels.__annotations__["number"] = "Missing"
    broken = Workshop().add(plugin("hidden", panels))
    assert broken is not None
    assert "import the names of annotations at run time" in broken.error


@pytest.mark.parametrize(
    ("given", "stage", "says"),
    [
        ({}, "manifest", "expected a module-level manifest"),
        ({"manifest": {"name": "other"}}, "manifest", "expected a module-level manifest"),
        ({"manifest": manifest("other")}, "manifest", "its manifest says 'other'"),
        ({"manifest": manifest("mine", requires="contingent>=2")}, "requires", "this is contingent 1.0"),
        ({"manifest": manifest("mine", requires="peacekeeper>=1")}, "requires", "expected a range"),
    ],
)
def test_a_manifest_that_does_not_fit_breaks_the_plugin_alone(given: dict[str, Any], stage: str, says: str) -> None:
    module = ModuleType("mine")
    vars(module).update(given)
    registry = Registry([CONTRACT])
    broken = registry.register(module, "mine")
    assert broken is not None
    assert broken.stage == stage
    assert says in broken.error
    assert registry.register(plugin("good")) is None
    assert set(registry.plugins) == {"good"}


def test_two_plugins_of_one_name_are_not_both_loaded() -> None:
    registry = Registry([CONTRACT])
    assert registry.register(plugin("twin")) is None
    broken = registry.register(plugin("twin"))
    assert broken is not None
    assert "rename one" in broken.error


def write(folder: Path, name: str, source: str) -> None:
    (folder / f"{name}.py").write_text(source, encoding="utf-8")


SOUND = """
from contingent import Manifest
manifest = Manifest(name={name!r}, version="1.0", title={{"en": "Sound", "fr": "Bon"}}, requires="contingent>=1.0,<2")
"""


@pytest.mark.parametrize(
    "source", ["import not_there_at_all", "raise RuntimeError('at import')", "import sys; sys.exit(1)", "def ("]
)
def test_a_plugin_that_cannot_be_imported_does_not_stop_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    write(tmp_path, "invented_broken", source)
    write(tmp_path, "invented_sound", SOUND.format(name="invented_sound"))
    registry = Registry()
    broken = registry.load_module("invented_broken", "invented_broken")
    assert broken is not None
    assert broken.stage == "import"
    assert str(broken).startswith("plugin invented_broken is broken (import): ")
    assert registry.load_module("invented_sound", "invented_sound") is None
    assert set(registry.plugins) == {"invented_sound"}
    assert set(registry.broken) == {"invented_broken"}


def test_entry_points_are_loaded_by_name_each_on_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "invented-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: invented\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(
        "[contingent.plugins]\ninvented_bad = invented_bad\ninvented_good = invented_good\n"
    )
    write(tmp_path, "invented_bad", "1/0")
    write(tmp_path, "invented_good", SOUND.format(name="invented_good"))
    monkeypatch.syspath_prepend(tmp_path)
    registry = Registry().load()
    assert "invented_good" in registry.plugins
    assert registry.broken["invented_bad"].error == "ZeroDivisionError: division by zero"


def test_the_contract_has_the_hooks_that_the_built_in_plugins_need() -> None:
    assert list(Registry().hooks) == [
        "deliver_notification",
        "hr_write_back",
        "nomination_changed",
        "officer_changed",
        "return_changed",
        "run_task",
        "scheduled_tasks",
        "tour_changed",
        "hr_test_connection",
        "hr_fetch",
        "approval_chain",
        "reintegration_milestones",
        "eligibility_findings",
        "authorize_transition",
        "check_in_questions",
        "check_in_advice",
        "dashboard_panels",
        "officer_panels",
        "tour_panels",
        "offered_actions",
        "run_action",
        "claim_lines",
    ]


def test_no_hook_is_historic_and_each_says_what_none_means() -> None:
    for hook in Registry([specs]).hooks.values():
        assert "Args:" in hook.documentation
        assert all(f"{name}:" in hook.documentation for name in ("ctx", *hook.arguments))
        assert "transaction" in hook.documentation
        assert "None" in hook.documentation
        assert hook.deadline > 0
        assert hook.since


def test_first_and_last_are_asked_for_and_the_rest_go_by_name() -> None:
    def panels(ctx: Ctx, number: int) -> list[Panel]:
        return []

    registry = Registry([CONTRACT])
    for name, options in [("cc", {}), ("bb", {"trylast": True}), ("aa", {}), ("zz", {"tryfirst": True})]:
        module = plugin(name)
        copy = FunctionType(panels.__code__, panels.__globals__, "panels")
        copy.__annotations__ = panels.__annotations__
        module.panels = hookimpl(**options)(copy)  # type: ignore[attr-defined, call-overload]
        assert registry.register(module) is None
    assert [found.name for found, _, _ in registry.ordered("panels")] == ["zz", "aa", "cc", "bb"]


@pytest.mark.parametrize("hidden", [True, False])
def test_a_plugin_that_is_not_there_for_a_scope_takes_no_name_from_its_own(*, hidden: bool) -> None:
    registry = Registry([CONTRACT])
    registry.register(plugin("twin"))
    registry.register(object(), "wreck")
    own = [Plugin(plugin(name).manifest, None, frozenset(), source="own") for name in ("twin", "wreck")]
    theirs = registry.with_bundles(Held(own, (), Offer({"twin": not hidden})), own=True)
    assert theirs.plugins.get("twin") is (own[0] if hidden else None)
    assert ("twin" in theirs.broken) is not hidden
    assert theirs.plugins["wreck"] is own[1]
    assert set(registry.with_bundles(Held(own)).broken) == {"twin", "wreck"}


def test_what_is_installed_does_not_stand_in_for_a_plugin_of_a_scope_s_own_that_is_broken() -> None:
    registry = Registry([CONTRACT])
    registry.register(plugin("twin"))
    held = Held((), [BrokenPlugin("twin", "bundle", "the key is revoked")])
    theirs = registry.with_bundles(held, own=True)
    assert "twin" not in theirs.plugins
    assert theirs.broken["twin"].error == "the key is revoked"
    # What the folder says of a file has that file's name, which is no plugin's.
    assert "twin" in registry.with_bundles(held).plugins


def test_a_plugin_that_says_it_has_no_code_of_its_own_implements_no_hook() -> None:
    def panels(ctx: Ctx, number: int) -> list[Panel]:
        return []

    broken = Workshop().add(plugin("declared", panels, tier=0))
    assert broken is not None
    assert (broken.stage, "tier=0 is for settings alone, and it implements panels" in broken.error) == ("hooks", True)
    assert "say tier=1 (in the process, reviewed) or tier=2 (in a sandbox)" in broken.error
    module = ModuleType("settled")
    vars(module)["manifest"] = manifest("settled", tier=0)
    assert Registry([CONTRACT]).register(module) is None
