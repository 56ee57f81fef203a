"""The kit finds what is wrong with a plugin, and finds nothing wrong with a sound one."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contingent.kit.checks import Subject, does_not_block, earns_its_quality, leaves_nothing_behind
from contingent.kit.projects import find_plugin
from contingent.kit.samples import arguments
from contingent.kit.waiting import ends_in_time
from contingent.testing import PluginContract, check_path
from core.hooks.registry import Registry

HEAD = """
import time
from contingent import Ctx, Manifest, Milestone, Rejected, Step, Subject, Tour, Who, hookimpl, shift, t

manifest = Manifest(
    name={name!r}, version="1.0", title={{"en": "Invented", "fr": "Inventé"}}, requires="contingent>=1.0,<2", {more}
)
TITLE = {{"en": "Meet", "fr": "Se voir"}}
"""
SOUND = """
@hookimpl
async def reintegration_milestones(ctx: Ctx, tour: Tour) -> list[Milestone]:
    return [Milestone(key="meet", title=TITLE, owner="supervisor", due=shift(tour.end, days=30))]
"""
_count = itertools.count()

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a plugin of one file; its name is new each time, because modules are imported once."""

    def make(body: str, more: str = "") -> Path:
        name = f"invented_{next(_count)}"
        path = tmp_path / f"{name}.py"
        path.write_text(HEAD.format(name=name, more=more) + body, encoding="utf-8")
        return path

    return make


def milestones(line: str, before: str = "") -> str:
    return f"""
{before}
@hookimpl
async def reintegration_milestones(ctx: Ctx, tour: Tour) -> list[Milestone] | None:
    {line}
    return []
"""


def test_a_sound_plugin_of_ten_lines_passes(write: Write) -> None:
    assert check_path(write(SOUND)) == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("import not_there", "is broken (import): ModuleNotFoundError"),
        (SOUND.replace("milestones(", "milestone("), "there is no hook reintegration_milestone: did you mean"),
        (SOUND.replace("async def", "def"), "expected an async def, got a def"),
        (SOUND.replace("tour: Tour", "tour: Subject"), "tour is Subject, expected Tour"),
        (milestones("raise ValueError('Tremblay')"), "raised ValueError at"),
        (milestones("return [tour.end]"), "nonsense"),
        (milestones("time.sleep(0)"), "calls time.sleep: await it, or use asyncio.to_thread"),
        (milestones("import threading; threading.Event().wait(0.01)"), "calls threading.Condition.wait: await it"),
        (milestones("ended.join()", "import threading; ended = threading.Timer(0.01, print); ended.start()"), ".join:"),
        (milestones("open(__file__).close()"), "calls open"),
        (milestones("import socket; socket.getaddrinfo('localhost', 1)"), "calls socket.getaddrinfo"),
        (milestones("from core.hooks import host"), "imports core.hooks: expected contingent only"),
        (milestones("import contingent.assembly"), "imports contingent.assembly: expected contingent only"),
        (milestones("t('A sentence')"), "1 sentences and no locale/fr.po"),
    ],
)
def test_what_is_wrong_is_named(write: Write, body: str, says: str) -> None:
    found = check_path(write(body))
    assert any(says in one for one in found), found


ENDLESS = """
import asyncio
from contingent import Run, Source, SourcePage
from collections.abc import AsyncIterator
"""
TASK = """
@hookimpl
async def run_task(ctx: Ctx, run: Run) -> None:
    {line}
"""
ROSTER = """
@hookimpl
async def hr_fetch(ctx: Ctx, source: Source, cursor: str | None) -> AsyncIterator[SourcePage]:
    while True:
        {line}
        yield SourcePage(columns={{}})
"""


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (milestones("await asyncio.Event().wait()"), "reintegration_milestones: late, no answer in 2 s: the deadline"),
        (TASK.format(line="await asyncio.Event().wait()"), "run_task: late, no answer in 600 s: the deadline is 600 s"),
        (TASK.format(line="while True: await ctx.clock.sleep(1)"), "run_task: late, no answer in 600 s"),
        (ROSTER.format(line="pass"), "hr_fetch: late, it still gives pages after 500: the deadline is 60 s"),
        (ROSTER.format(line="await asyncio.sleep(3600)"), "hr_fetch: late, no answer in 60 s"),
        (ROSTER.format(line="await ctx.clock.sleep(50)"), "hr_fetch: late, more than 3600 s in all"),
    ],
    ids=["event", "long deadline", "polling", "pages", "a page", "in all"],
)
def test_a_hook_that_waits_without_end_is_named_and_nobody_waits_for_it(write: Write, body: str, says: str) -> None:
    (found,) = check_path(write(ENDLESS + body))
    assert found.startswith(says), found
    assert "wait for nothing that may never come (asyncio.timeout), and " in found


@pytest.mark.parametrize("line", ["threading.Event().wait()", "while True: pass"], ids=["waits", "computes"])
def test_a_hook_that_holds_the_thread_without_end_is_cut_short_and_named(write: Write, line: str) -> None:
    subject = subject_of(write(milestones(line, before="import threading")))
    (found,) = ends_in_time(subject, held_at_most=0.2)
    assert found.startswith("reintegration_milestones: it held the event loop for 0.2 s")


@pytest.mark.parametrize(
    "line",
    [
        "await asyncio.sleep(1.9)",
        "await asyncio.to_thread(time.sleep, 0.2)",
        "threading.Timer(0.001, loop.call_soon_threadsafe, [came.set]).start(); await came.wait()",
    ],
    ids=["less than its deadline", "in a thread", "for a thread of its own"],
)
def test_what_ends_within_its_deadline_is_waited_for(write: Write, line: str) -> None:
    before = "import asyncio, threading"
    body = milestones(f"came, loop = asyncio.Event(), asyncio.get_running_loop(); {line}", before)
    assert ends_in_time(subject_of(write(body))) == []


def test_a_plugin_that_mixes_tenants_up_is_found(write: Write) -> None:
    body = milestones(
        "seen.append(tour.mission); return [Milestone(key=key, title=TITLE, owner='agency', due=tour.end)"
        " for key in seen]",
        before="seen = []",
    )
    found = check_path(write(body))
    assert any("contains data of" in one for one in found)
    assert any("switched on twice" in one for one in found)


def test_a_plugin_that_mixes_tenants_up_only_when_both_ask_at_once_is_found(write: Write) -> None:
    body = """
import asyncio
now = []
@hookimpl
async def reintegration_milestones(ctx: Ctx, tour: Tour) -> list[Milestone]:
    now[:] = [tour.mission]
    await asyncio.sleep(0)
    return [Milestone(key=now[0], title=TITLE, owner="agency", due=tour.end)]
"""
    assert any("contains data of" in one for one in check_path(write(body)))


QUEUE = """
    import contextlib, queue
    with contextlib.suppress(queue.Empty):
        queue.Queue().get(timeout=0.01)"""
POLLING = """
    import queue, threading
    threading.Event().wait(0), queue.Queue(maxsize=1).put(1), threading.Lock().acquire()"""
COMPUTING = """
    ends = time.thread_time() + 0.6
    while time.thread_time() < ends: pass"""


def subject_of(path: Path) -> Subject:
    found, registry = find_plugin(path), Registry()
    assert registry.load_module(found.name, found.address) is None
    return Subject(registry, found.name, {}, {})


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (QUEUE, "calls threading.Condition.wait: await it, or use asyncio.to_thread"),
        (COMPUTING, "reintegration_milestones: it holds the event loop for 0.1 s: use asyncio.to_thread"),
        (POLLING, ""),
        ("import asyncio; await asyncio.to_thread(time.sleep, 0.3)", ""),
        ("ctx.log.info('asked')", ""),
    ],
    ids=["queue", "computing", "polling", "in a thread", "a line for the log"],
)
def test_whatever_holds_the_event_loop_is_found_and_what_does_not_is_not(write: Write, body: str, says: str) -> None:
    found = does_not_block(subject_of(write(milestones(body))), 0.1)
    assert (says in found[0]) if says else not found, found


def test_a_lock_that_somebody_else_has_is_found(write: Write) -> None:
    before = """
import threading
lock = threading.Lock()
def hold():
    lock.acquire()
    threading.Timer(0.5, lock.release).start()
"""
    found = does_not_block(subject_of(write(milestones("hold()\n    with lock: pass", before))), 0.1)
    assert found == [
        "reintegration_milestones: it holds the event loop for 0.1 s: use asyncio.to_thread, or await in between"
    ]


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("known[ctx.scope.id] = tour.mission", ["known still holds data of the tenant: keep it in ctx.store"]),
        ("known[len(known)] = 1; return [] if len(known) > 1 else None", ["after it was erased it answers otherwise"]),
        ("known['all'] = len(tour.mission)", []),
    ],
)
def test_what_is_left_of_a_tenant_after_it_was_erased_is_found(write: Write, line: str, left: list[str]) -> None:
    found = leaves_nothing_behind(subject_of(write(milestones(line, "known = {}"))))
    assert len(found) == len(left)
    assert all(says in said for says, said in zip(left, found, strict=True)), found


def test_what_is_kept_in_the_store_is_exported_whole_and_erased_whole() -> None:
    subject = Subject(Registry().load(), "hr_rest", {}, {})
    assert leaves_nothing_behind(subject) == []


def test_a_plugin_that_stumbles_when_its_store_is_down_is_found(write: Write) -> None:
    body = milestones(
        "stored = None\n"
        "    try: stored = await ctx.store.get('a') or {'n': 1}\n"
        "    except Exception: pass\n"
        "    stored['n']"
    )
    found = check_path(write(body))
    assert any("with a failing dependency it fails otherwise: TypeError" in one for one in found)


def test_a_call_without_a_recorded_answer_earns_no_gold(write: Write) -> None:
    found = find_plugin(write(SOUND, 'quality="gold"'))
    registry = Registry()
    registry.load_module(found.name, found.address)
    given = {"reintegration_milestones": arguments(registry.hooks["reintegration_milestones"], "alpha")}
    said = earns_its_quality(Subject(registry, found.name, {}, given))
    assert "gold needs a case for reintegration_milestones" in said


def test_a_claim_to_quality_is_verified(write: Write) -> None:
    found = check_path(write(SOUND, 'quality="gold"'))
    assert found == [
        "gold needs a summary in the manifest",
        "gold needs a README.md beside the plugin",
        "gold needs a case for reintegration_milestones",
    ]


def test_settings_that_no_form_can_show_are_found(write: Write) -> None:
    body = "import msgspec\nclass Settings(msgspec.Struct):\n    by: dict[str, int] = {}\n" + SOUND
    path = write(body)
    text = path.read_text(encoding="utf-8").replace("\nmanifest = ", "\ndef make(): return ")
    path.write_text(text + "\nmanifest = Manifest(**{**ask, 'settings': Settings})", encoding="utf-8")
    path.write_text(
        path.read_text(encoding="utf-8").replace("def make(): return Manifest(", "ask = dict("), encoding="utf-8"
    )
    assert any("Settings.by: dict[str, int] cannot be shown as a field" in one for one in check_path(path))


def test_french_is_looked_for_in_the_plugins_own_folder(tmp_path: Path) -> None:
    folder = tmp_path / f"invented_{next(_count)}"
    (folder / "locale").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    body = milestones("t('One'), t('Two'), t('Three')")
    (folder / "plugin.py").write_text(HEAD.format(name=folder.name, more="") + body, encoding="utf-8")
    (folder / "locale" / "fr.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "One"\nmsgstr "Un"\n\n#, fuzzy\nmsgid "Two"\nmsgstr "Deux"\n',
        encoding="utf-8",
    )
    found = check_path(folder)
    assert [one.partition(": ")[2] for one in found] == [
        "no French for 'Two' in locale/fr.po",
        "no French for 'Three' in locale/fr.po",
    ]


def test_a_plugin_that_is_not_installed_says_so() -> None:
    class Missing(PluginContract):
        plugin = "never_installed"

    with pytest.raises(AssertionError, match="is its package installed, with an entry point of that name"):
        Missing().test_it_loads_with_a_sound_manifest_settings_and_hooks()


def test_a_contract_test_names_its_plugin() -> None:
    with pytest.raises(AssertionError, match="say which plugin it is"):
        PluginContract().test_it_answers_ordinary_calls()


def test_the_fixture_puts_a_plugin_on_a_host_of_its_own(contingent_trial: Callable[..., Any]) -> None:
    from tests.core.hooks.workshop import plugin  # noqa: PLC0415 - the other tests here need nothing of it

    trial = contingent_trial(plugin("invented_alone"))
    assert trial.tenant("alpha").scope.slug == "alpha"
    assert trial.hooks == []
