"""The revisions make what the models say, up and down; the comparison notices every kind of change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from core.database import embedded, migrating
from core.database.comparison import compare
from core.database.drafting import render, tables_by_room
from core.database.rooms import load_models
from core.database.target import Target
from tests.servers import empty_database


@pytest.fixture
def empty(server: embedded.Server, worker_id: str) -> Iterator[Target]:
    with empty_database(server, f"empty_{worker_id}") as target:
        yield target


async def test_the_revisions_make_exactly_what_the_models_say(empty: Target) -> None:
    applied = await migrating.upgrade(empty)
    assert applied == migrating.revisions()
    assert await migrating.check(empty) == []


async def test_upgrading_twice_changes_nothing(empty: Target) -> None:
    await migrating.upgrade(empty)
    assert await migrating.upgrade(empty) == []
    assert await migrating.check(empty) == []


async def test_every_revision_can_be_taken_back_and_made_again(empty: Target) -> None:
    before = "base"
    for revision in migrating.revisions():
        await migrating.upgrade(empty, revision)
        await migrating.downgrade(empty, before)
        await migrating.upgrade(empty, revision)
        before = revision
    assert await migrating.check(empty) == []
    await migrating.downgrade(empty, "base")
    async with migrating.owner_transaction(empty) as connection:
        left = await connection.execute(
            text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        )
        assert {row.relname for row in left} <= {"alembic_version", "alembic_version_pkc"}


def test_the_drafts_in_the_repository_are_those_of_the_models() -> None:
    previous = None
    for revision, (room, tables) in zip(migrating.revisions(), tables_by_room(load_models()).items(), strict=True):
        assert revision.endswith(f"_{room}")
        drafted = compile(render(revision, previous, room, tables), revision, "exec").co_consts
        stored = compile((migrating.FOLDER / "versions" / f"{revision}.py").read_text(), revision, "exec").co_consts
        assert _constants(drafted) == _constants(stored), "run python -m core.database.drafting"
        previous = revision


def _constants(code: tuple[object, ...]) -> list[object]:
    found: list[object] = []
    for one in code:
        inner = getattr(one, "co_consts", None)
        found += _constants(inner) + list(one.co_names) if inner is not None else [one]  # type: ignore[attr-defined]
    return found


CHANGES = {
    "ALTER TABLE mission DROP COLUMN note_en": "column mission.note_en is missing",
    "ALTER TABLE mission ADD COLUMN colour text": "column mission.colour is not in the models",
    "ALTER TABLE mission ALTER COLUMN seat TYPE varchar(900)": "column mission.seat is character varying(900)",
    "ALTER TABLE qualification ALTER COLUMN level SET NOT NULL": "column qualification.level is text not null",
    "DROP INDEX ix_call_tenant_id_mission_id": "index ix_call_tenant_id_mission_id is missing",
    "ALTER TABLE person_key DROP CONSTRAINT fk_person_key_tenant_id_officer_id": "constraint person_key.fk_person",
    "ALTER TABLE seat DROP CONSTRAINT ck_seat_language": "constraint seat.ck_seat_language is missing",
    "DROP POLICY tenant_wall ON officer": "policy officer.tenant_wall is missing",
    "ALTER POLICY tenant_wall ON dossier USING (true)": "policy dossier.tenant_wall is restrictive for",
    "CREATE POLICY more ON officer FOR SELECT TO contingent_program USING (true)": "policy officer.more is not",
    "ALTER TABLE officer NO FORCE ROW LEVEL SECURITY": "table officer is a table, row security, owned by",
    "GRANT SELECT ON officer TO contingent_program": "grant officer to contingent_program is not in the models",
    "GRANT UPDATE (tenant_id) ON officer TO contingent_agency": "column grant officer.tenant_id to",
    "GRANT TRUNCATE ON dossier TO contingent_agency": "grant dossier to contingent_agency is",
    "REVOKE SELECT ON mission FROM contingent_agency": "grant mission to contingent_agency is missing",
    "CREATE VIEW everybody AS SELECT * FROM officer": "table everybody is not in the models: a relation of kind v",
    "CREATE FUNCTION officers() RETURNS SETOF officer LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM officer'": (
        "function officers() is not in the models"
    ),
    "CREATE TYPE shade AS ENUM ('light')": "type shade is not in the models",
}


async def test_the_comparison_notices_every_kind_of_change(target: Target) -> None:
    async with migrating.owner_transaction(target) as connection:
        for change in CHANGES:
            await migrating.run_script(connection, change)
        found = await compare(connection, load_models())
        await connection.rollback()
    for change, said in CHANGES.items():
        assert [one for one in found if one.startswith(said)], f"{change} went unnoticed: {found}"
