"""Nothing but ``core/database`` makes a connection or a session: the wall has one door."""

from __future__ import annotations

from tests.contracts.sources import PACKAGES, calls, files, place

MAKERS = {
    "AsyncSession",
    "Session",
    "async_sessionmaker",
    "async_scoped_session",
    "sessionmaker",
    "create_async_engine",
    "create_engine",
    "create_pool",
}
DRIVERS = ("asyncpg.connect", "psycopg.connect", "psycopg.AsyncConnection.connect")


def test_no_module_outside_the_database_room_makes_a_session() -> None:
    guilty = [
        f"{place(path, line)} {name}"
        for path in files(".py", under=PACKAGES)
        if path.parts[-3:-1] != ("core", "database") and "/core/database/" not in path.as_posix()
        for line, name, _ in calls(path)
        if name.startswith(("sqlalchemy", "asyncpg", "psycopg"))
        and (name.rsplit(".", 1)[-1] in MAKERS or name in DRIVERS)
    ]
    assert not guilty, f"take one from core.database.sessions: {guilty}"


def test_no_setting_of_the_wall_is_written_outside_the_database_room() -> None:
    guilty = [
        place(path)
        for path in files(".py", under=PACKAGES)
        if "/core/database/" not in path.as_posix()
        and any(
            word in path.read_text(encoding="utf-8")
            for word in ("app.tenant", "app.mission", "set_config(", "SET ROLE")
        )
    ]
    assert not guilty, f"only core/database says whose rows a session sees: {guilty}"
