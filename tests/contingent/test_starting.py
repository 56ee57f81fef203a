"""``serve`` and ``demo`` as processes: they say where they are, answer, stop, and leave nothing running."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.database import embedded
from tests.contingent.processes import Running

LOADS_NOTHING = """
import sys, types
loader = types.ModuleType("contingent.demo.loader")
async def load(settings, progress):
    progress("Loading two people")
loader.load = load
import contingent.demo
sys.modules[loader.__name__] = contingent.demo.loader = loader
from contingent.__main__ import main
main(["demo", *sys.argv[1:]])
"""
IS_INTERRUPTED = LOADS_NOTHING.replace('progress("Loading two people")', "raise KeyboardInterrupt")
SERVE = ("-m", "contingent", "serve", "--processes", "1")
DEMO = ("-c", LOADS_NOTHING)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("starting") / "var"
    yield folder
    for one in (folder / "demo", folder):
        if (one / embedded.LOCK).exists():
            embedded.erase(one)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def start(folder: Path) -> Iterator[Running]:
    running = Running(folder)
    yield running
    running.end()


def test_serving_starts_answers_stops_and_leaves_nothing_running(start: Running) -> None:
    start(*SERVE)
    assert start.says("Contingent is ready: http://localhost:")
    for host in ("localhost", "127.0.0.1"):
        with urllib.request.urlopen(f"http://{host}:{start.port}/health/ready", timeout=10) as answer:
            assert answer.status == 200
    below = start.family()
    assert len(below) >= 3, "a launcher, a web process, a worker"
    assert start.stop(signal.SIGTERM) == 0
    assert [pid for pid in below if start.alive(pid)] == []
    assert embedded.running(start.folder) is None


def test_the_demonstration_loads_once_says_who_to_be_and_keeps_a_folder_of_its_own(start: Running) -> None:
    start(*DEMO)
    assert start.says("Loading two people")
    assert start.says("who approves")
    assert start.stop(signal.SIGINT) == 0
    start(*DEMO)
    assert start.says("Contingent is ready")
    assert "Loading" not in start.output
    assert (start.folder / "demo" / "loaded").exists()
    assert start.stop(signal.SIGINT) == 0
    assert embedded.running(start.folder / "demo") is None


def test_a_reset_begins_again(start: Running) -> None:
    start(*DEMO, "--reset")
    assert start.says("Loading two people")
    assert start.stop(signal.SIGINT) == 0


def test_one_that_is_interrupted_while_it_loads_says_so_and_the_next_begins_again(start: Running) -> None:
    (start.folder / "demo" / "loaded").unlink(missing_ok=True)
    start("-c", IS_INTERRUPTED)
    assert start.wait() == 130
    assert "Stopped before it was ready" in start.output
    assert "Traceback" not in start.output
    assert embedded.running(start.folder / "demo") is None
    start(*DEMO)
    assert start.says("Clearing away the demonstration")
    assert start.says("Loading two people")
    assert start.stop(signal.SIGINT) == 0


def test_a_second_demonstration_from_the_same_folder_is_refused(start: Running) -> None:
    start(*DEMO)
    assert start.says("Contingent is ready")
    second = Running(start.folder)
    second(*DEMO)
    assert second.wait() == 1
    assert "Another process is already serving from" in second.output
    with urllib.request.urlopen(f"http://127.0.0.1:{start.port}/health/live", timeout=10) as answer:
        assert answer.status == 200
    assert start.stop(signal.SIGTERM) == 0


def test_a_port_in_use_is_said_before_anything_is_started(start: Running) -> None:
    with socket.create_server(("127.0.0.1", start.port)):
        start(*SERVE)
        assert start.wait() == 1
    assert f"Port {start.port} is taken" in start.output
    assert "PostgreSQL" not in start.output


def test_a_process_that_dies_stops_the_rest_and_is_named(start: Running) -> None:
    start(*DEMO)
    assert start.says("Contingent is ready")
    below = start.family()
    os.kill(start.child("worker"), signal.SIGKILL)
    assert start.wait() == 1
    assert "The worker process was ended by SIGKILL" in start.output
    assert [pid for pid in below if start.alive(pid)] == []
    assert embedded.running(start.folder / "demo") is None


def test_a_database_that_is_not_migrated_is_refused_with_the_command_that_helps(folder: Path) -> None:
    server = embedded.start(folder / "bare", durable=False)
    try:
        secrets = (folder / "bare" / "secrets.toml").read_text()
        passwords = dict(line.replace('"', "").split(" = ") for line in secrets.splitlines() if " = " in line)
        environment = os.environ | {
            "DATABASE_URL": f"postgresql://127.0.0.1:{server.port}/{embedded.DATABASE}",
            "CONTINGENT_VAR": str(folder / "bare"),
            "PORT": str(Running(folder).port),
            **{f"{role.upper()}_PASSWORD": word for role, word in passwords.items() if role != "field_key"},
        }
        done = subprocess.run(
            [sys.executable, *SERVE], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
    finally:
        server.stop()
        embedded.erase(folder / "bare")
    assert done.returncode == 1
    assert "run `contingent migrate`" in done.stderr
