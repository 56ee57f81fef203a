"""What one process of the operating system does to plugins holds in another within two seconds, without a restart."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping

import pytest

from core.database.roles import APPLICATION, password_variable
from core.database.target import Target
from tests.contingent.asking import PLUGIN
from tests.contingent.telling import Told, until
from tests.platform import Platform


@pytest.fixture
def environment(platform: Platform, target: Target) -> Mapping[str, str]:
    """How a process finds this test's database."""
    passwords = {password_variable(role): target.passwords[role] for role in APPLICATION}
    address = f"postgresql://{target.host}:{target.port}/{target.database}"
    folder = str(platform.database.settings.data_folder)
    return os.environ | passwords | {"DATABASE_URL": address, "CONTINGENT_DEMO": "1", "CONTINGENT_VAR": folder}


@pytest.fixture
async def slug(platform: Platform) -> str:
    """The word of a service."""
    return (await platform.agency()).slug


@pytest.fixture
def processes(slug: str, environment: Mapping[str, str]) -> Iterator[tuple[Told, Told]]:
    """Two processes of one service: nothing but the database is between them."""
    both = Told(slug, environment), Told(slug, environment)
    yield both
    for one in both:
        one.end()


def test_what_one_process_does_holds_in_the_other_within_two_seconds(
    slug: str,
    environment: Mapping[str, str],
    processes: tuple[Told, Told],
    record_property: Callable[[str, object], None],
) -> None:
    here, there = processes

    def operator(*words: str) -> None:
        """Do as the operator, in a third process."""
        command = [sys.executable, "-m", "contingent", "plugin", *words, "--plugin", PLUGIN, "--reason", "It leaks."]
        subprocess.run(command, env=environment, check=True, capture_output=True)

    stop, resume = ("stop", "--tenant", slug), ("resume", "--tenant", slug)
    deeds: list[tuple[Callable[[], str | None], str]] = [
        (lambda: here.tell("enable"), "nothing"),
        (lambda: here.tell("step chief"), "chief"),
        (lambda: here.tell("step deputy"), "deputy"),
        (lambda: here.tell("disable"), "disabled"),
        (lambda: here.tell("enable"), "deputy"),
        (lambda: operator(*stop), "stopped"),
        (lambda: operator(*resume), "deputy"),
        (lambda: operator("allow", "--whom", "nobody"), "unallowed"),
        (lambda: operator("allow", "--tenant", slug), "deputy"),
        (lambda: operator("allow", "--whom", "everyone"), "deputy"),
    ]
    slowest = 0.0
    for deed, expected in deeds:
        assert deed() in (None, "done")
        slowest = max(slowest, until(expected, lambda: there.tell("ask"), done=time.monotonic(), queued=False))
    record_property("seconds", f"{slowest:.3f}")
