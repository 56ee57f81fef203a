"""Fixtures for everybody: ``platform`` is the kernel on a real database, with fresh scopes for each test."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator, Mapping
from io import TextIOWrapper
from typing import Any

import hypothesis
import pytest

from core.audit import recording
from core.database import embedded
from core.database.engines import Database
from core.database.target import Target
from core.documents.service import PluginFiles
from core.hooks.database_records import DatabaseRecords
from core.hooks.host import PluginHost
from core.hooks.registry import Registry
from core.journal.fields import field_words
from core.journal.words import SUBJECTS
from core.settings import Settings
from tests.platform import Platform, found
from tests.servers import begin_run, copy_database, end_run, run_server

pytest_plugins = ("tests.reporting", "tests.casting")

SPOKEN = SUBJECTS.keys() - {"plugin"}
"""Kinds of subject whose fields are ours to name: a plugin's settings are named by the plugin."""

# How long an example takes is the machine's doing, and no test's to judge; all examples of a test share its database.
UNJUDGED = [hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture]
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=UNJUDGED)
hypothesis.settings.load_profile("untimed")

_owner = pytest.StashKey[TextIOWrapper]()
_count = itertools.count()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[_owner] = begin_run()


@pytest.fixture(autouse=True, scope="session")
def _logged_in_words() -> Iterator[None]:
    """Refuse, wherever a test writes a line, a field that the log's page would have no words for."""
    tellable = recording._tellable

    def checked(kind: str, values: Mapping[str, Any] | None) -> dict[str, Any] | None:
        speechless = [name for name in values or () if kind in SPOKEN and field_words(name) is None]
        assert not speechless, f"{kind}: name these in core/journal/fields.py: {speechless}"
        return tellable(kind, values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recording, "_tellable", checked)
        yield


def pytest_unconfigure(config: pytest.Config) -> None:
    owner = config.stash.get(_owner, None)
    if owner is not None:
        end_run(owner)


@pytest.fixture(scope="session")
def server() -> embedded.Server:
    """The run's PostgreSQL."""
    return run_server()


@pytest.fixture(scope="session")
def target(server: embedded.Server, worker_id: str) -> Target:
    """This worker's database, made from the template."""
    return copy_database(server, f"contingent_{worker_id}")


@pytest.fixture(scope="session")
async def database(target: Target, server: embedded.Server) -> AsyncIterator[Database]:
    """The engines of this worker's database."""
    database = Database(target, Settings(data_folder=server.folder))
    yield database
    await database.close()


@pytest.fixture(scope="session")
async def host() -> AsyncIterator[PluginHost]:
    """The installed plugins; which of them runs is up to each scope, and a fresh one runs none."""
    host = PluginHost(Registry().load(), DatabaseRecords(), effects={"files": PluginFiles})
    yield host
    await host.close()


@pytest.fixture
async def platform(database: Database, host: PluginHost) -> Platform:
    """The platform on a real database; scopes made by a test are its own."""
    return await found(database, host)
