"""A service's own plugins, which nobody reviewed, have a process each: none does anything under another's consent."""

from __future__ import annotations

import asyncio

import pytest

from contingent import NoApproval
from core.extensions.consenting import with_consent
from core.extensions.service import enable_plugin
from core.hooks.bundles import make_bundle
from core.hooks.saying import said_by
from core.hooks.specs import approval_chain
from core.use_cases.execution import execute
from tests.core.bundles.conftest import KEY, SUBJECT, Yard, code_of, files_of, imported

pytestmark = pytest.mark.sandbox

FOUND = """
    import asyncio, gc, os
    from core.hooks.sandbox import hosting
    await asyncio.sleep(0.2)
    ways = [one for one in gc.get_objects() if isinstance(one, hosting.Conversation)]
    calls = sum(len(one._tasks) for one in ways)
    return NoApproval(reason={"en": f"{os.getpid()} {calls}", "fr": "oui"})
"""
NAMES = ("own_chain", "own_second")


async def run(yard: Yard, name: str, version: str = "1.0") -> None:
    """Bring a plugin of this name, which says in which process it runs and how many calls it finds there."""
    code = code_of(version, body=FOUND.strip()).replace("own_chain", name)
    files = {path.replace("own_chain", name): content for path, content in files_of(code).items()}
    await yard.choose(await yard.bring(make_bundle(said_by(imported(code)), f"{name}.plugin", files, KEY)))
    await yard.answer()
    ctx = yard.ctx()
    await execute(enable_plugin, ctx, with_consent(ctx, name))


async def asked(yard: Yard, name: str) -> list[str]:
    """Return the process in which it runs, and how many calls it finds there."""
    answers = await yard.ctx().hooks.one(name, approval_chain, subject=SUBJECT)
    (result,) = answers.results
    assert isinstance(result, NoApproval)
    return result.reason["en"].split()


async def test_none_of_them_finds_anothers_calls_and_a_new_version_ends_its_own_host_alone(yard: Yard) -> None:
    for name in NAMES:
        await run(yard, name)
    first, second = await asyncio.gather(*(asked(yard, name) for name in NAMES))
    assert first[0] != second[0]
    assert [first[1], second[1]] == ["1", "1"]
    brought = code_of("1.1", body=FOUND.strip())
    await yard.choose(
        await yard.bring(make_bundle(said_by(imported(brought)), "own_chain.plugin", files_of(brought), KEY))
    )
    anew, same = await asyncio.gather(*(asked(yard, name) for name in NAMES))
    assert anew[0] != first[0]
    assert same == second
