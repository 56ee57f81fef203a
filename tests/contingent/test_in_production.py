"""The operator's way as the handbook gives it, on a database server that somebody else runs."""

from __future__ import annotations

import signal
import urllib.request
from collections.abc import Iterator

import pytest

from core.database import embedded
from core.database.roles import AGENCY
from tests.contingent.operating import DATABASE, Operator
from tests.contracts.sources import ROOT


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    folder = tmp_path_factory.mktemp("production")
    server = embedded.start(folder / "server", durable=False)
    operator = Operator(folder, server)
    yield operator
    operator.running.end()
    server.stop()
    embedded.erase(folder / "server")


def test_from_an_empty_database_to_the_first_agency(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    status, said = operator.types("serve")
    assert status == 1
    assert "run `contingent migrate`" in said
    assert operator.types("migrate")[0] == 0
    assert operator.types("migrate", "--check")[0] == 0
    status, said = operator.types("tenant", "add", str(ROOT / "tenants" / "agencies" / "qc-spvm.toml"))
    assert status == 0, said
    status, said = operator.types("token", "create", "--tenant", "qc-spvm", "--role", "coordinator")
    assert status == 0, said
    assert said.splitlines()[-1].startswith("ctg_qc-spvm_")

    for name, value in operator.environment.items():
        monkeypatch.setenv(name, value)
    operator.running("-m", "contingent", "serve", "--processes", "2", database=operator.environment["DATABASE_URL"])
    assert operator.running.says("Contingent is ready")
    with urllib.request.urlopen(f"http://127.0.0.1:{operator.running.port}/health/ready", timeout=10) as answer:
        assert answer.status == 200
    status, said = operator.types("audit", "verify")
    assert status == 0
    assert "qc-spvm" in said
    assert operator.running.stop(signal.SIGTERM) == 0


def test_a_login_that_is_stronger_than_the_wall_is_refused(operator: Operator) -> None:
    operator.server.psql(f"ALTER ROLE {AGENCY} SUPERUSER", database=DATABASE)
    try:
        status, said = operator.types("serve")
    finally:
        operator.server.psql(f"ALTER ROLE {AGENCY} NOSUPERUSER", database=DATABASE)
    assert status == 1
    assert f"the login {AGENCY} is a superuser" in said
