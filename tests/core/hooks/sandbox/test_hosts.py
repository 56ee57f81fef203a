"""One host a tenant, however many processes ask; what runs in it is what was looked at; it comes back when it fell."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from contingent import Ctx
from core.hooks.answers import Fell
from core.hooks.host import PluginHost
from core.hooks.sandbox import confinement
from core.hooks.sandbox.calling import NOWHERE
from core.hooks.sandbox.code import make_code
from core.hooks.sandbox.hosts import Hosts
from core.hooks.sandbox.starting import make_controls, own_zygote, start_zygote
from core.hooks.sandbox.zygote import LARGEST_REQUEST, Reply
from tests.core.hooks.sandbox.conftest import QUIET, SUBJECT, Cell

pytestmark = pytest.mark.sandbox

MakeCell = Callable[[str, str], Cell]

PLUGIN = """
import asyncio, os
from contingent import Ctx, Manifest, NoApproval, Step, Subject, hookimpl

manifest = Manifest(
    name="witness", version="1.0", title={"en": "Witness", "fr": "Témoin"}, requires="contingent>=1.0,<2", tier=2
)
CALLS = []


@hookimpl
async def approval_chain(ctx: Ctx, subject: Subject) -> list[Step] | NoApproval | None:
    CALLS.append(subject.id)
    if subject.concerns is not None:
        await asyncio.Event().wait()
    return NoApproval(reason={"en": f"{os.getpid()} {len(CALLS)} {ctx.scope.slug}", "fr": "oui"})
"""


async def said(cell: Cell, ctx: Ctx) -> list[str]:
    (result,) = (await cell.ask(ctx)).results
    return result.reason["en"].split()  # type: ignore[no-any-return]


async def test_a_tenant_has_one_host_and_another_tenant_another(make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    ours, theirs = cell.tenant("ours"), cell.tenant("theirs")
    first, again, other = await said(cell, ours), await said(cell, ours), await said(cell, theirs)
    assert first[0] == again[0] != other[0]
    assert [first[1], again[1], other[1]] == ["1", "2", "1"]
    assert [first[2], other[2]] == ["ours", "theirs"]
    assert int(first[0]) != os.getpid()


async def test_two_processes_of_core_come_to_the_same_host(make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    ways = make_controls(2)
    zygote = start_zygote([theirs for _, theirs in ways])
    for _, theirs in ways:
        theirs.close()
    pair = [Hosts(ours) for ours, _ in ways]
    try:
        ctx = cell.tenant("ours")
        found = []
        for hosts in pair:
            cell.host = PluginHost(cell.registry, cell.records, hosts=hosts)
            found.append(await said(cell, cell.again(ctx.scope)))
        assert found[0][0] == found[1][0]
        assert [one[1] for one in found] == ["1", "2"]
        os.kill(int(found[0][0]), signal.SIGKILL)
    finally:
        for hosts in pair:
            await hosts.close()
    assert zygote.wait() == 0


async def test_a_host_that_was_ended_is_there_again_at_the_next_call(make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    ctx = cell.tenant("ours")
    before = await said(cell, ctx)
    os.kill(int(before[0]), signal.SIGKILL)
    answers = await cell.ask(ctx)
    after = await said(cell, ctx) if answers.failures else answers.results[0].reason["en"].split()
    assert not answers.failures or answers.failures[0].cause == "ended"
    assert after[0] != before[0]


async def test_a_call_under_way_when_its_host_ends_fails_at_once(make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    ctx = cell.tenant("ours")
    process = int((await said(cell, ctx))[0])
    asked = asyncio.create_task(cell.ask(ctx, QUIET))
    while await said(cell, ctx) and not asked.done():
        os.kill(process, signal.SIGKILL)
        break
    (failure,) = (await asked).failures
    assert failure.cause == "ended"


async def test_a_call_that_waits_too_long_leaves_the_host_and_its_other_calls_alone(make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    ctx = cell.tenant("ours")
    before = await said(cell, ctx)
    late, *others = await asyncio.gather(cell.ask(ctx, QUIET), *(said(cell, ctx) for _ in range(5)))
    assert [one.cause for one in late.failures] == ["late"]
    assert {one[0] for one in others} == {before[0]} == {(await said(cell, ctx))[0]}


async def test_a_call_that_is_given_up_before_its_host_has_read_it_costs_no_host(make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    ctx = cell.tenant("ours")
    before = await said(cell, ctx)
    os.kill(int(before[0]), signal.SIGSTOP)
    try:
        asked = asyncio.create_task(cell.ask(ctx))
        await asyncio.sleep(0)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
    finally:
        os.kill(int(before[0]), signal.SIGCONT)
    assert (await said(cell, ctx))[0] == before[0]


async def test_the_sandbox_ends_with_the_last_process_of_core_and_leaves_no_host(make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    zygote = cell.start_zygote()
    process = int((await said(cell, cell.tenant("ours")))[0])
    await cell.host.hosts.close()
    assert zygote.wait() == 0
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


async def test_hosts_end_with_a_zygote_that_is_killed_and_calls_say_so(make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    ((ours, theirs),) = make_controls(1)
    with theirs:
        zygote = start_zygote([theirs])
    hosts = Hosts(ours)
    cell.host = PluginHost(cell.registry, cell.records, hosts=hosts)
    ctx = cell.tenant("ours")
    await said(cell, ctx)
    zygote.kill()
    zygote.wait()
    causes = {one.cause for _ in range(3) for one in (await cell.ask(ctx)).failures}
    assert causes == {"ended"}
    lacking = await hosts.lacking()
    assert lacking is not None
    assert lacking.keys() == set(confinement.ALL), "the operator's page opens all the same"
    assert not hosts._awaiting
    await hosts.close()


async def test_files_that_are_not_those_that_were_looked_at_are_not_run(hosts: Hosts, make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    ctx = cell.tenant("ours")
    looked_at = make_code("swapped", {"swapped.py": PLUGIN.encode()})
    swapped = msgspec.structs.replace(looked_at, files={"swapped.py": b"import os"})
    hook = cell.registry.hooks["approval_chain"]
    with pytest.raises(Fell, match="its files are not those that were checked"):
        await hosts.calling(str(uuid4()), "witness", swapped, hook, ctx)(SUBJECT)


@pytest.mark.parametrize(
    ("text", "cause", "line"),
    [
        ("import no_such_module", "broken", "import: ModuleNotFoundError"),
        ("raise SystemExit", "broken", "import: SystemExit"),
        ("1 +", "broken", "import: SyntaxError"),
        ("import os; os._exit(1)", "ended", "its sandbox ended"),
        ("x = 1", "broken", "manifest"),
    ],
)
async def test_a_plugin_that_cannot_be_loaded_says_where(
    hosts: Hosts, make_cell: MakeCell, text: str, cause: str, line: str
) -> None:
    cell = make_cell("witness", PLUGIN)
    code = make_code("witness", {"witness.py": text.encode()})
    with pytest.raises(Fell) as fell:
        await hosts.calling(str(uuid4()), "witness", code, cell.registry.hooks["approval_chain"], cell.tenant("ours"))(
            SUBJECT
        )
    assert fell.value.cause == cause
    assert line in fell.value.line


async def test_a_plugin_whose_first_lines_never_end_costs_its_deadline_and_its_host(make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    ctx = cell.tenant("ours")
    plan = cell.host.plans.plan(["witness"])
    (one,) = plan.implementations[cell.registry.hooks["approval_chain"].function]
    object.__setattr__(one, "code", make_code("witness", {"witness.py": b"while True: pass"}))
    assert [failure.cause for failure in (await cell.ask(ctx)).failures] == ["late"]
    object.__setattr__(one, "code", make_code("witness", {"witness.py": PLUGIN.encode()}))
    assert (await said(cell, cell.again(ctx.scope)))[1] == "1"


async def test_another_set_of_plugins_runs_in_another_host(make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    ctx = cell.tenant("ours")
    before = await said(cell, ctx)
    changed = make_cell("witness", PLUGIN.replace('version="1.0"', 'version="1.1"'))
    changed.records = cell.records
    changed.host = PluginHost(changed.registry, cell.records, hosts=cell.host.hosts)
    after = await said(changed, changed.again(ctx.scope))
    assert before[0] != after[0]
    assert after[1] == "1"


async def test_a_process_without_a_sandbox_runs_none_of_it_and_says_why(make_cell: MakeCell) -> None:
    cell = make_cell("witness", PLUGIN)
    cell.host = PluginHost(cell.registry, cell.records, hosts=NOWHERE)
    assert [one.cause for one in (await cell.ask(cell.tenant("ours"))).failures] == ["unconfined"]


async def test_a_machine_that_lacks_a_means_runs_none_of_it_unless_that_is_allowed(make_cell: MakeCell) -> None:
    """The zygote of such a machine is played: it gives a way, and says what its host lacks."""
    cell = make_cell("witness", PLUGIN)

    async def lacking(needs: frozenset[confinement.Means]) -> str:
        ((ours, theirs),) = make_controls(1)
        hosts = Hosts(ours, needs)
        cell.host = PluginHost(cell.registry, cell.records, hosts=hosts)
        asked = asyncio.create_task(cell.ask(cell.tenant("ours")))
        await asyncio.sleep(0)
        theirs.settimeout(5)
        reply = msgspec.msgpack.encode(Reply("", {"files": "no Landlock"}))
        while not asked.done() and bool(await asyncio.to_thread(theirs.recv, LARGEST_REQUEST)):
            way, far = socket.socketpair()
            far.close()
            socket.send_fds(theirs, [reply], [way.fileno()])
            way.close()
            await asyncio.wait([asked], timeout=0.2)
        (failure,) = (await asked).failures
        await hosts.close()
        theirs.close()
        return f"{failure.cause} {failure.error}"

    assert await lacking(frozenset({"files"})) == (
        "unconfined this machine cannot shut a plugin in: files: no Landlock"
    )
    # It is then given the way, at the other end of which there is nobody here.
    assert await lacking(frozenset({"calls"})) == "ended its sandbox ended while it worked"


def test_this_machine_has_every_means() -> None:
    """Where it has not, the attack pack proves nothing: that is to be seen here first."""
    assert confinement.survey() == {}


async def test_more_calls_than_one_tenant_may_have_at_once_are_refused_and_the_rest_answered(
    make_cell: MakeCell,
) -> None:
    cell = make_cell("witness", PLUGIN)
    ctx = cell.tenant("ours")
    await said(cell, ctx)
    answers = await asyncio.gather(*(cell.ask(ctx, QUIET) for _ in range(40)))
    causes = [one.failures[0].cause for one in answers]
    assert causes.count("busy") == 8
    assert causes.count("late") == 32


def test_the_zygote_is_given_nothing_of_the_environment(tmp_path: Path) -> None:
    ((ours, theirs),) = make_controls(1)
    os.environ["CONTINGENT_TRACE"] = "Tremblay"
    try:
        with theirs:
            zygote = start_zygote([theirs])
        assert b"Tremblay" not in Path(f"/proc/{zygote.pid}/environ").read_bytes()
    finally:
        del os.environ["CONTINGENT_TRACE"]
        ours.close()
        zygote.wait()


BUSY = PLUGIN.replace(
    "    return NoApproval",
    """    import threading
    def work():
        while True:
            pass
    threading.Thread(target=work, daemon=True).start()
    asyncio.get_running_loop().create_task(stay())
    return NoApproval""",
).replace(
    "@hookimpl",
    """async def stay():
    while True:
        try:
            await asyncio.Event().wait()
        except BaseException:
            continue


@hookimpl""",
)


async def test_what_a_plugin_left_running_ends_when_it_is_switched_off(make_cell: MakeCell) -> None:
    cell = make_cell("witness", BUSY)
    ctx = cell.tenant("ours")
    process = int((await said(cell, ctx))[0])
    os.kill(process, 0)
    cell.records.put(ctx.scope.id, "witness", "disabled")
    assert [one.cause for one in (await cell.ask(cell.again(ctx.scope))).failures] == ["disabled"]
    await asyncio.to_thread(gone, process)


async def test_a_host_ends_with_the_last_way_to_it_whatever_a_plugin_left_running(make_cell: MakeCell) -> None:
    cell = make_cell("witness", BUSY)
    with own_zygote() as way:
        hosts = Hosts(way)
        cell.host = PluginHost(cell.registry, cell.records, hosts=hosts)
        process = int((await said(cell, cell.tenant("ours")))[0])
        for link in hosts._ways.values():
            await link.close()
        await asyncio.to_thread(gone, process)
        await hosts.close()


def gone(process: int) -> None:
    """Return when the process has ended and was waited for."""
    while Path(f"/proc/{process}").exists():
        os.sched_yield()


KEEPER = """
import msgspec
from contingent import Ctx, Manifest, NoApproval, Secret, Step, Subject, hookimpl


class Settings(msgspec.Struct, frozen=True):
    password: Secret | None = None
    other: Secret | None = None


manifest = Manifest(
    name="keeper", version="1.0", title={"en": "Keeper", "fr": "Gardien"}, requires="contingent>=1.0,<2", tier=2,
    settings=Settings,
)


@hookimpl
async def approval_chain(ctx: Ctx, subject: Subject) -> list[Step] | NoApproval | None:
    try:
        said = ctx.settings.password.reveal()
    except PermissionError as refused:
        said = str(refused)
    return NoApproval(reason={"en": f"{said} {ctx.settings}", "fr": "oui"})
"""


async def test_a_plugin_in_a_host_learns_that_a_secret_is_set_and_never_what_it_is(make_cell: MakeCell) -> None:
    cell = make_cell("keeper", KEEPER)
    ctx = cell.tenant("ours")
    cell.records.put(ctx.scope.id, "keeper", settings={"password": "marker-of-a-secret"})
    (answer,) = (await cell.ask(cell.again(ctx.scope))).results
    assert answer.reason["en"].startswith("a plugin in a sandbox gets no secret: run what needs it in the process")
    assert answer.reason["en"].endswith("Settings(password=Secret(…), other=None)")
