"""A plugin that is no plugin of the sandbox is shut in all the same where it is tried again, and can hold up nobody."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest

import contingent.kit.rehearsing
from contingent.kit.projects import import_path
from contingent.kit.rehearsing import LARGEST_SAID, rehearse
from contingent.kit.turns import Turns
from core.hooks.registry import Registry
from core.hooks.rehearsing import LARGEST_SHOWN, MOST_SHOWN, Rehearsal, Rehearsed
from core.hooks.sandbox.calling import Nowhere
from core.hooks.sandbox.confinement import FIRST_OF_PROCESSES, OPEN_FILES

OURS, THEIRS = UUID(int=1), UUID(int=2)
TEXT = """
import ctypes, os, signal, socket, subprocess, sys, threading
import msgspec
from contingent import ConnectionStep, Ctx, Manifest, Source, hookimpl


class Settings(msgspec.Struct, frozen=True):
    does: str = ""
    given: str = ""


manifest = Manifest(
    name="hostile", version="1.0", title={"en": "Hostile", "fr": "Hostile"}, requires="contingent>=1.0,<2",
    settings=Settings,
)


def fill():
    kept = [open(__file__) for _ in range(1000)]


def hold():
    bytearray(8 * 2**30)


def many():
    over = threading.Event()
    try:
        for _ in range(10_000):
            threading.Thread(target=over.wait, daemon=True).start()
    finally:
        over.set()


def traced():
    if ctypes.CDLL(None, use_errno=True).ptrace(16, os.getppid(), 0, 0) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


TRIES = {
    "another's environment": lambda given: open("/proc/1/environ", "rb").read(),
    "the platform's environment": lambda given: open(f"/proc/{os.getppid()}/environ", "rb").read(),
    "its own environment": lambda given: open("/proc/self/environ", "rb").read(),
    "processes": lambda given: os.listdir("/proc"),
    "a file": lambda given: open("/etc/passwd").read(),
    "a file of root's": lambda given: open("/etc/shadow").read(),
    "a folder": lambda given: os.listdir("/etc"),
    "a new file": lambda given: open(given.partition(" ")[2] + "/new", "w"),
    "a link": lambda given: os.symlink("/etc/passwd", given.partition(" ")[2] + "/link"),
    "a socket": lambda given: socket.socket(),
    "a machine": lambda given: socket.create_connection(("127.0.0.1", 5432), timeout=1),
    "a process": lambda given: os.fork(),
    "a program": lambda given: subprocess.run(["/bin/true"]),
    "a signal": lambda given: os.kill(os.getppid(), 0),
    "tracing": lambda given: traced(),
    "an inherited descriptor": lambda given: os.fstat(int(given.partition(" ")[0])),
    "descriptors": lambda given: fill(),
    "memory": lambda given: hold(),
    "threads": lambda given: many(),
}


@hookimpl
async def hr_test_connection(ctx: Ctx, source: Source) -> list[ConnectionStep]:
    does, given = ctx.settings.does, ctx.settings.given
    if does == "try":
        steps = []
        for name, attempt in TRIES.items():
            try:
                attempt(given)
            except (OSError, MemoryError, RuntimeError) as refused:
                steps.append(step(name, type(refused).__name__))
            else:
                steps.append(step(name, "done"))
        return [*steps, step("user", str(os.getuid())), step("environment", str(set(os.environ) - {"LC_CTYPE"}))]
    if does == "import":
        import cryptography.hazmat.primitives.ciphers.aead
        import icalendar
        import zoneinfo
        return [step("zone", str(zoneinfo.ZoneInfo("America/Toronto")))]
    while does == "print":
        print("x" * 2**16, flush=True)
    while does == "say":
        os.write(3, b"x" * 2**16)
    if does == "forge":
        os.write(3, given.encode())
        os._exit(0)
    if does == "deep":
        os.write(3, b'{"answer":' + b"[" * 700 + b"]" * 700 + b"}")
        os._exit(0)
    if does == "end":
        os._exit(7)


def step(name, came):
    return ConnectionStep(title={"en": f"{name}: {came}", "fr": "…"}, done=False)
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A plugin where every user can read it, as those that are installed."""
    with TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        file = Path(made) / "hostile_plugin.py"
        file.write_text(TEXT, encoding="utf-8")
        yield import_path(file)
        sys.path.remove(made)


def asked(address: str, does: str, given: str = "") -> Rehearsal:
    return Rehearsal(
        plugin="hostile",
        version="1.0",
        address=address,
        sandboxed=False,
        hook="hr_test_connection",
        arguments=None,
        settings={"does": does, "given": given},
        now=datetime(2026, 4, 1, tzinfo=UTC),
        zone="America/Toronto",
    )


async def tried(address: str, does: str, given: str = "") -> Rehearsed:
    found = await rehearse(asked(address, does, given), OURS, Registry(), Nowhere())
    assert found is not None
    return found


def said(found: Rehearsed) -> dict[str, str]:
    assert found.cause is None, found
    return dict(one["title"]["en"].split(": ", 1) for one in found.answer)


def empty(folder: Path) -> bool:
    return not any(folder.iterdir())


async def test_it_reaches_nothing_of_the_platform_or_the_machine(address: str, tmp_path: Path) -> None:
    inherited = os.open(tmp_path, os.O_RDONLY)
    os.set_inheritable(inherited, True)
    try:
        came = said(await tried(address, "try", f"{inherited} {tmp_path}"))
    finally:
        os.close(inherited)
    user = came.pop("user")
    assert came.pop("environment") == "set()", "but for what the interpreter itself puts there"
    assert came.pop("memory") == "MemoryError"
    assert came.pop("threads") == "RuntimeError"
    assert came.pop("an inherited descriptor") == "OSError"
    assert came.pop("descriptors") == "OSError"
    assert {name: one for name, one in came.items() if one != "PermissionError"} == {}
    assert len(came) == 15
    assert (int(user) >= FIRST_OF_PROCESSES) if os.geteuid() == 0 else (int(user) == os.geteuid())
    assert empty(tmp_path)


async def test_it_imports_what_is_installed(address: str) -> None:
    assert said(await tried(address, "import")) == {"zone": "America/Toronto"}


async def test_of_what_it_says_without_end_no_more_is_read_than_can_be_shown(address: str) -> None:
    found = await tried(address, "say")
    assert (found.cause, found.error) == ("nonsense", f"its process said more than {LARGEST_SAID // 2**20} MB")


@pytest.mark.parametrize(
    ("does", "given", "cause", "error"),
    [
        ("forge", "no JSON", "nonsense", "what its process said is no result"),
        ("forge", '{"cause": "invented"}', "nonsense", "what its process said is no result"),
        ("deep", "", "nonsense", "what its process said lies too deep"),
        ("end", "", "ended", "its process ended with 7"),
    ],
)
async def test_what_it_forges_is_one_clear_line(address: str, does: str, given: str, cause: str, error: str) -> None:
    found = await tried(address, does, given)
    assert (found.cause, found.error) == (cause, error)


async def test_what_it_prints_is_nobodys_answer_and_its_time_ends(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contingent.kit.rehearsing, "LONGEST", 2.0)
    monkeypatch.setattr(contingent.kit.rehearsing, "STARTING", 1.0)
    found = await tried(address, "print")
    assert (found.cause, found.error) == ("blocked", "it held its process for more than 2 s")


@pytest.fixture
def hidden(tmp_path: Path) -> Iterator[str]:
    """A plugin where no other user can read it."""
    tmp_path.chmod(0o700)
    file = tmp_path / "hidden_plugin.py"
    file.write_text(TEXT, encoding="utf-8")
    yield import_path(file)
    sys.path.remove(str(tmp_path))


async def test_however_long_the_path_is_on_which_modules_are_found(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [tmp_path / str(number) for number in range(3 * OPEN_FILES)]
    for place in places:
        place.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, *map(str, places)])
    assert (await tried(address, "end")).error == "its process ended with 7"


async def test_where_no_other_user_may_read_it_it_is_tried_all_the_same_and_reads_nothing_else(
    hidden: str, tmp_path: Path
) -> None:
    came = said(await tried(hidden, "try", f"-1 {tmp_path}"))
    assert (int(came["user"]) >= FIRST_OF_PROCESSES) if os.geteuid() == 0 else (int(came["user"]) == os.geteuid())
    assert came["another's environment"] == came["a file"] == came["a new file"] == "PermissionError"


class Stage:
    """Rehearsals that last until they are let go, and who was on when."""

    def __init__(self, turns: Turns) -> None:
        self.turns, self.on = turns, list[str]()
        self.gates: dict[str, asyncio.Event] = {}

    def play(self, whose: UUID, name: str) -> asyncio.Task[bool]:
        self.gates[name] = asyncio.Event()
        return asyncio.create_task(self._play(whose, name))

    async def _play(self, whose: UUID, name: str) -> bool:
        async with self.turns.taken(whose) as taken:
            if taken:
                self.on.append(name)
                await self.gates[name].wait()
            return taken


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_one_agency_with_many_holds_up_no_other() -> None:
    stage = Stage(Turns(at_once=2, patience=60))
    tasks = [stage.play(OURS, f"ours {number}") for number in range(5)]
    await settle()
    assert stage.on == ["ours 0"]
    tasks += [stage.play(THEIRS, "theirs"), stage.play(UUID(int=3), "a third's")]
    await settle()
    assert stage.on == ["ours 0", "theirs"]
    stage.gates["ours 0"].set()
    await settle()
    assert stage.on == ["ours 0", "theirs", "a third's"], "who has had no turn comes before who has had one"
    for gate in stage.gates.values():
        gate.set()
    assert await asyncio.gather(*tasks) == [True] * 7


async def test_who_would_wait_too_long_goes_without(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(at_once=1, patience=0)
    monkeypatch.setattr(contingent.kit.rehearsing, "TURNS", turns)
    async with turns.taken(THEIRS) as taken:
        assert taken
        assert await rehearse(asked(address, "end"), OURS, Registry(), Nowhere()) is None
    assert (await tried(address, "end")).cause == "ended", "nothing is left of who went without"


def test_nothing_that_is_shown_of_a_rehearsal_is_more_than_is_read() -> None:
    assert LARGEST_SHOWN * (MOST_SHOWN + 2) < LARGEST_SAID
