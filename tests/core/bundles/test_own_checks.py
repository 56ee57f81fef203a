"""A check of its settings that stands in a bundle's code is made before they are saved, where that code runs."""

from __future__ import annotations

from textwrap import indent

import pytest

from core.errors import Refused
from core.extensions.schemas import ConfigurePlugin
from core.extensions.settings import configure_plugin
from core.hooks.bundles import make_bundle
from core.hooks.saying import said_by
from core.use_cases.execution import execute
from tests.core.bundles.conftest import KEY, Yard, code_of, files_of, imported, refuses

pytestmark = pytest.mark.sandbox

REFUSES = "own check of its settings failed"
CHECK = """
if self.reason == "nobody":
    raise ValueError("somebody has to")
while self.reason == "for ever":
    pass
if self.reason == "asks":
    import gc
    from core.hooks.sandbox import frames, hosting
    way = next(one for one in gc.get_objects() if isinstance(one, hosting.Conversation))
    for number in range(1, 50):
        way._send(frames.Effect(number, 1, "store.put", frames.raw(("stolen", {}))))
"""


def checking(check: str) -> bytes:
    """Return a bundle whose settings make this check of themselves."""
    method = f"] = []\n\n    def __post_init__(self) -> None:{indent(check, ' ' * 8)}\n"
    code = code_of().replace("] = []\n", method)
    return make_bundle(said_by(imported(code)), "own_chain.plugin", files_of(code), KEY)


async def save(yard: Yard, reason: str) -> None:
    await execute(configure_plugin, yard.ctx(), ConfigurePlugin("own_chain", {"reason": reason}))


@pytest.mark.parametrize("reason", ["nobody", "for ever", "asks"])
async def test_what_it_does_not_take_is_refused_and_what_was_in_force_stays(yard: Yard, reason: str) -> None:
    await yard.run(checking(CHECK))
    await save(yard, "By law")
    with refuses(REFUSES):
        await save(yard, reason)
    assert await yard.answer(yard.worker) == "By law 1.0"


async def test_one_that_does_not_take_its_own_first_settings_is_not_switched_on(yard: Yard) -> None:
    brought = await yard.bring(checking("\nraise ValueError\n"))
    await yard.choose(brought)
    with pytest.raises(Refused, match="cannot make its own first settings"):
        await yard.enable()
    assert await yard.answer() == "disabled"
