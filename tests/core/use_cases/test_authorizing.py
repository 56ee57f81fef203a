"""``authorize_transition``: no step that asks is taken without every plugin's leave, and no answer is a refusal."""

from __future__ import annotations

from datetime import date
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from contingent import Manifest, Officer, Rejected, Transition, hookimpl
from core.context import Ctx
from core.errors import Refused
from core.hooks.host import PluginHost
from core.hooks.memory import MemoryRecords
from core.hooks.registry import Registry
from core.use_cases.authorizing import authorize, require_permit
from core.use_cases.work import Moved, Work
from tests.platform import Platform

STEP = Transition(
    subject="nomination",
    id=UUID(int=1),
    step="release",
    source="agency_review",
    target="nominated",
    on=date(2026, 11, 23),
    officer=Officer(id=UUID(int=2), rank="constable", band=1),
)


async def letting(ctx: Ctx, transition: Transition) -> None:
    return None


async def refusing(ctx: Ctx, transition: Transition) -> None:
    raise Rejected({"en": f"Not {transition.step} yet.", "fr": "Pas encore."})


async def failing(ctx: Ctx, transition: Transition) -> None:
    raise ValueError


async def babbling(ctx: Ctx, transition: Transition) -> None:
    return True  # type: ignore[return-value] # on purpose


class Asked:
    """A service with the given plugins, of which ``state`` is that of the last."""

    def __init__(self, platform: Platform, *functions: Any, state: str = "enabled") -> None:
        self.platform = platform
        self.functions = functions
        self.state = state

    async def __aenter__(self) -> Ctx:
        scope = await self.platform.scope("agency")
        registry, records = Registry(), MemoryRecords()
        for function in self.functions:
            assert registry.register(_plugin(function)) is None
            state = self.state if function is self.functions[-1] else "enabled"
            records.put(scope.id, function.__name__, state, settings=None)
        self.host = PluginHost(registry, records)
        return self.host.bind(self.platform.ctx(scope))

    async def __aexit__(self, *_: object) -> None:
        await self.host.close()


def _plugin(function: Any) -> ModuleType:
    name = function.__name__
    module = ModuleType(name)
    module.manifest = Manifest(  # type: ignore[attr-defined]
        name=name, version="1.0", title={"en": f"The {name}", "fr": f"Le {name}"}, requires="contingent>=1.0,<2"
    )
    module.authorize_transition = hookimpl(specname="authorize_transition")(function)  # type: ignore[attr-defined]
    return module


async def test_what_no_plugin_refuses_has_leave(platform: Platform) -> None:
    async with Asked(platform) as ctx:
        assert await authorize(ctx, STEP) == STEP
    async with Asked(platform, letting) as ctx:
        assert await authorize(ctx, STEP) == STEP
        assert await authorize(ctx, None) is None


async def test_authorize_transition_needs_one_refusal_and_names_plugin_and_reason(platform: Platform) -> None:
    async with Asked(platform, letting, refusing) as ctx:
        with pytest.raises(Refused) as refused:
            await authorize(ctx, STEP)
    assert str(refused.value.text) == "The plugin “The refusing” keeps this step from being taken."
    assert str(refused.value.remedy) == "Not release yet."


@pytest.mark.parametrize("function", [failing, babbling])
async def test_a_plugin_that_fails_refuses(platform: Platform, function: Any) -> None:
    async with Asked(platform, letting, function) as ctx:
        with pytest.raises(Refused) as refused:
            await authorize(ctx, STEP)
    title = f"The {function.__name__}"
    assert str(refused.value.text) == f"The plugin “{title}” decides on this step and did not answer: it is not taken."
    assert str(refused.value.remedy) == "Try again in a minute."


async def test_a_plugin_that_is_left_alone_or_suspended_refuses_but_not_one_switched_off(platform: Platform) -> None:
    async with Asked(platform, failing) as ctx:
        for _ in range(6):
            with pytest.raises(Refused):
                await authorize(ctx, STEP)
        assert ctx.hooks.resting("failing")
    async with Asked(platform, letting, state="suspended") as ctx:
        with pytest.raises(Refused) as refused:
            await authorize(ctx, STEP)
    assert "switches it off, under Plugins" in str(refused.value.remedy)
    async with Asked(platform, refusing, state="disabled") as ctx:
        assert await authorize(ctx, STEP) == STEP


async def test_leave_is_for_one_step_of_one_subject_from_one_state(platform: Platform) -> None:
    ctx: Any = None
    work = Work(ctx, ctx, STEP.on, platform.clock.now())
    with pytest.raises(Moved):
        require_permit(work, ("nomination", STEP.id), "release", source="agency_review")
    work.permit = STEP
    require_permit(work, ("nomination", STEP.id), "release", source="agency_review")
    for other in (
        msgspec.structs.replace(STEP, id=uuid4()),
        msgspec.structs.replace(STEP, step="submit"),
        msgspec.structs.replace(STEP, source="draft"),
        msgspec.structs.replace(STEP, subject="return"),
    ):
        work.permit = other
        with pytest.raises(Moved):
            require_permit(work, ("nomination", STEP.id), "release", source="agency_review")
