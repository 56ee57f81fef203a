"""The launcher, with children that are one line each."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from contingent import processes
from contingent.processes import Child, Launcher, Stopped, heeded, watch_terminal

WAITS = "import signal, sys; print('up', flush=True); signal.pause()"
FOLLOWS = (
    "import signal; from contingent.processes import follow_lifeline; follow_lifeline();"
    "print('up', flush=True); signal.pause()"
)
DEAF = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\nwhile True: signal.pause()"
)
FAILS = "raise SystemExit('the reason it gave')"


def child(name: str, code: str, folder: Path) -> Child:
    return Child(name, ("-c", code), log=folder / f"{name}.log")


async def up(folder: Path, *names: str) -> None:
    logs = [folder / f"{name}.log" for name in names]
    while not all(log.exists() and "up" in log.read_text() for log in logs):  # noqa: ASYNC110 - a child sets no event
        await asyncio.sleep(0)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_person_who_asks_once_stops_every_child(tmp_path: Path) -> None:
    launcher = Launcher(os.environ)

    async def ready() -> None:
        await up(tmp_path, "first", "second")
        os.kill(os.getpid(), signal.SIGTERM)

    await launcher.run([child("first", WAITS, tmp_path), child("second", WAITS, tmp_path)], ready=ready)
    assert [process.returncode for _, process in launcher._running] == [-signal.SIGTERM, -signal.SIGTERM]


async def test_a_second_request_does_not_wait_for_a_child_that_will_not_stop(tmp_path: Path) -> None:
    launcher = Launcher(os.environ)

    async def ready() -> None:
        await up(tmp_path, "deaf")
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)

    await launcher.run([child("deaf", DEAF, tmp_path)], ready=ready)
    assert [process.returncode for _, process in launcher._running] == [-signal.SIGKILL]


async def test_a_child_that_ends_by_itself_stops_the_others_and_is_named_with_its_last_lines(tmp_path: Path) -> None:
    launcher = Launcher(os.environ)

    async def ready() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stopped, match=r"(?s)The second process ended with status 1.*the reason it gave"):
        await launcher.run([child("first", WAITS, tmp_path), child("second", FAILS, tmp_path)], ready=ready)
    assert all(process.returncode is not None for _, process in launcher._running)


async def test_what_goes_wrong_outside_the_children_stops_them_too(tmp_path: Path) -> None:
    launcher = Launcher(os.environ)

    async def ready() -> None:
        await up(tmp_path, "only")

    with pytest.raises(Stopped, match="the database went away"):
        await launcher.run(
            [child("only", WAITS, tmp_path)], ready=ready, watch=lambda: "the database went away", every_seconds=0
        )
    assert launcher._running[0][1].returncode == -signal.SIGTERM


async def test_a_child_stops_when_its_launcher_was_killed_outright(tmp_path: Path) -> None:
    log = tmp_path / "orphan.log"
    launcher = (
        "import asyncio, os; from pathlib import Path; from contingent.processes import Child, Launcher\n"
        "async def ready():\n"
        f"    while not (Path({str(log)!r}).exists() and Path({str(log)!r}).read_text()): await asyncio.sleep(0)\n"
        "    print(launcher._running[0][1].pid, flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "async def main():\n"
        "    global launcher\n"
        "    launcher = Launcher(os.environ)\n"
        f"    await launcher.run([Child('orphan', ('-c', {FOLLOWS!r}), log=Path({str(log)!r}))], ready=ready)\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", launcher, stdout=subprocess.PIPE)
    assert process.stdout is not None
    orphan = int(await process.stdout.readline())
    process.kill()
    await process.wait()
    async with asyncio.timeout(10):
        while alive(orphan):  # noqa: ASYNC110 - nor does one that is gone
            await asyncio.sleep(0)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Give this process a terminal, and the other end of it: whoever takes that away closes the window."""
    window, inside = os.openpty()
    monkeypatch.setattr(processes, "STDIN", inside)
    ends = [window]
    yield ends
    for end in (*ends, inside):
        os.close(end)


@pytest.fixture
def outliving() -> Iterator[None]:
    """Do what ``nohup`` does."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def heeding() -> Iterator[None]:
    """Undo what ``nohup`` did, under which whoever runs the tests may have started them."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("heeding")
def test_a_terminal_that_was_closed_is_noticed_even_if_nobody_passes_the_signal_on(terminal: list[int]) -> None:
    look = watch_terminal()
    assert look() is None
    os.close(terminal.pop())
    assert look() == "The terminal was closed."


@pytest.mark.usefixtures("outliving")
def test_what_was_started_to_outlive_its_terminal_outlives_it(terminal: list[int]) -> None:
    look = watch_terminal()
    os.close(terminal.pop())
    assert look() is None
    assert heeded() == [signal.SIGINT, signal.SIGTERM]


def test_without_a_terminal_there_is_none_to_be_closed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (tmp_path / "input").open("w") as nothing:
        monkeypatch.setattr(processes, "STDIN", nothing.fileno())
        assert watch_terminal()() is None
