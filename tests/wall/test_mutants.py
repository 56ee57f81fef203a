"""Broken builds that the wall's own tests must notice: a suite that lets one live proves nothing."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy.engine import URL

from core.database import embedded, logins, migrating, sessions
from core.database.comparison import compare
from core.database.engines import Database
from core.database.roles import AGENCY, APPLICATION, MIGRATOR, OWNER
from core.database.rooms import load_models
from core.database.target import Target
from core.errors import Misconfigured
from tests.wall.attempts import Findings, callers, try_everything
from tests.wall.conftest import superuser
from tests.wall.rows import Land

pytestmark = pytest.mark.wall

SET = "nullif(current_setting('app.tenant', true), '')::uuid"


def both(table: str, change: str) -> list[str]:
    """Return the statements that change the wall and the policy beside it alike."""
    return [f"ALTER POLICY {name} ON {table} {change}" for name in ("tenant_wall", "own_rows")]


def given(table: str, role: str, operation: str = "SELECT") -> list[str]:
    """Return the statements that let ``role`` reach every row of ``table``."""
    return [
        f"GRANT {operation} ON {table} TO contingent_{role}",
        f"CREATE POLICY more ON {table} FOR {operation} TO contingent_{role} USING (true)",
    ]


BREAKS: dict[str, tuple[str, list[str]]] = {
    "row security is off": ("officer", ["ALTER TABLE officer DISABLE ROW LEVEL SECURITY"]),
    "the wall lets all through": ("officer", both("officer", "USING (true)")),
    "there is no wall, only a policy for all": ("tour", ["DROP POLICY tenant_wall ON tour", *given("tour", "agency")]),
    "what is written is not checked": ("officer", both("officer", "WITH CHECK (true)")),
    "a tenant can be changed": (
        "qualification",
        [
            "GRANT UPDATE ON qualification TO contingent_agency",
            *both("qualification", "WITH CHECK (true)"),
            "ALTER TABLE qualification DROP CONSTRAINT fk_qualification_tenant_id_officer_id",
        ],
    ),
    "without a context everything is shown": ("seat", both("seat", f"USING (tenant_id = coalesce({SET}, tenant_id))")),
    "IPOB may read officers": ("officer", given("officer", "program")),
    "IPOB reads what is not submitted": ("nomination", ["ALTER POLICY program_select ON nomination USING (true)"]),
    "agencies read what is not published": ("mission", ["ALTER POLICY agency_select ON mission USING (true)"]),
    "a commander reads every mission": ("mission", ["ALTER POLICY mission_select ON mission USING (true)"]),
    "health is granted to the agency's login": ("fitness", given("fitness", "agency")),
    "facts can be changed": ("tour_fact", given("tour_fact", "program", "DELETE")),
    "the worker reads whom it likes": ("seat", given("seat", "worker")),
    "tables may be emptied": ("officer", ["GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO contingent_agency"]),
    "a foreign key without the tenant": (
        "qualification",
        [
            "ALTER TABLE officer ADD CONSTRAINT once UNIQUE (id)",
            "ALTER TABLE qualification DROP CONSTRAINT fk_qualification_tenant_id_officer_id",
            "ALTER TABLE qualification ADD FOREIGN KEY (officer_id) REFERENCES officer (id)",
        ],
    ),
    "a unique key without the tenant": (
        "officer",
        ["ALTER TABLE officer ADD CONSTRAINT once UNIQUE (employee_number)"],
    ),
}


@pytest.mark.parametrize("what", BREAKS)
async def test_the_attempts_notice_that(what: str, broken: Database, server: embedded.Server, land: Land) -> None:
    name, changes = BREAKS[what]
    async with superuser(server, broken.target.database) as connection:
        await connection.execute(";".join(changes))
    findings = Findings()
    await try_everything(broken, land, land.metadata.tables[name], findings=findings)
    assert findings.found, f"{what}: {findings.attempts} attempts noticed nothing"


CATALOGUE = {
    "the policy is not forced": "ALTER TABLE officer NO FORCE ROW LEVEL SECURITY",
    "a view shows all rows": "CREATE VIEW all_officers AS SELECT * FROM officer",
    "a materialised view": "CREATE MATERIALIZED VIEW all_officers AS SELECT * FROM officer",
    "a function runs as its owner": (
        "CREATE FUNCTION officers() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM officer'"
    ),
    "a table outside the models": "CREATE TABLE notes (tenant_id uuid)",
    "a delete runs on into other rows": (
        "ALTER TABLE qualification DROP CONSTRAINT fk_qualification_tenant_id_officer_id,"
        " ADD CONSTRAINT fk_qualification_tenant_id_officer_id FOREIGN KEY (tenant_id, officer_id)"
        " REFERENCES officer (tenant_id, id) ON DELETE CASCADE"
    ),
}


async def test_the_comparison_notices_what_no_attempt_can(wall_target: Target, land: Land) -> None:
    for what, change in CATALOGUE.items():
        async with migrating.owner_transaction(wall_target) as connection:
            await migrating.run_script(connection, change)
            assert await compare(connection, load_models()), what
            await connection.rollback()


@dataclass(frozen=True, slots=True)
class EverybodyIsTheOwner(Target):
    """One login for all, and that the owner's: how most applications connect."""

    def url(self, role: str) -> URL:
        return Target.url(self, MIGRATOR)


async def test_the_attempts_notice_the_owner_s_login(wall_target: Target, land: Land, walled: Database) -> None:
    target = EverybodyIsTheOwner(wall_target.host, wall_target.port, wall_target.database, {}, wall_target.passwords)
    database = Database(target, walled.settings)
    database._checked |= set(APPLICATION)  # the first line of defence, broken as well
    findings = Findings()
    try:
        await try_everything(database, land, land.metadata.tables["officer"], findings=findings, only={"agency"})
    finally:
        await database.close()
    assert findings.found


async def test_a_pool_refuses_the_owner_s_login(wall_target: Target, walled: Database) -> None:
    target = EverybodyIsTheOwner(wall_target.host, wall_target.port, wall_target.database, {}, wall_target.passwords)
    database = Database(target, walled.settings)
    with pytest.raises(Misconfigured, match=MIGRATOR):
        await database.connect(AGENCY)
    await database.close()


@pytest.mark.parametrize(
    ("strength", "said"),
    [
        (f"ALTER ROLE {AGENCY} SUPERUSER", "is a superuser"),
        (f"ALTER ROLE {AGENCY} BYPASSRLS", "bypasses row-level security"),
        (f"ALTER ROLE {AGENCY} CREATEROLE", "may create roles"),
        (f"GRANT {OWNER} TO {AGENCY}", "is a member of contingent_owner"),
    ],
)
async def test_logins_that_are_too_strong_are_refused(
    server: embedded.Server, wall_target: Target, strength: str, said: str
) -> None:
    async with superuser(server, wall_target.database) as connection:
        begun = connection.transaction()
        await begun.start()  # never committed: roles belong to the whole server
        try:
            await connection.execute(strength)
            with pytest.raises(Misconfigured, match=f"{AGENCY} {said}"):
                await logins.refuse_strong(connection, APPLICATION)
        finally:
            await begun.rollback()
        await logins.refuse_strong(connection, APPLICATION)


async def leftover(database: Database, land: Land) -> str | None:
    """Return the tenant that a connection still has set after its session has ended."""
    caller = next(one for one in callers(land) if one.kind == "agency")
    async with caller.opening(database):
        pass
    async with sessions._session(database, AGENCY, "BEGIN") as session:
        raw = await (await session.connection()).get_raw_connection()
        driver = raw.driver_connection
        assert driver is not None
        left: str | None = await driver.fetchval("SELECT nullif(current_setting('app.tenant', true), '')")
        return left


async def test_a_context_that_outlives_its_session_is_noticed(
    broken: Database, land: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await leftover(broken, land) is None
    right = sessions._beginning

    def wrong(tenant: UUID, mission: bool, read_only: bool) -> str:
        return right(tenant, mission, read_only).replace("true", "false")

    monkeypatch.setattr(sessions, "_beginning", wrong)
    assert await leftover(broken, land) is not None
