"""What a database administrator runs once in an empty database, and the embedded server too."""

from __future__ import annotations

from collections.abc import Mapping

from core.database.roles import APPLICATION, LOGINS, MIGRATOR, OWNER

_HEAD = """\
-- Contingent: roles and rights, once per database. Run it again at any time: it changes nothing that is right.
-- First:  createdb contingent            (any name; PostgreSQL 15 or later)
-- Then:   contingent database bootstrap --print | psql --single-transaction -v ON_ERROR_STOP=1 -d contingent
-- Last:   give each login a password (\\password contingent_agency …) and tell the processes through
--         CONTINGENT_AGENCY_PASSWORD … or a password file, as the handbook's table of settings says.
"""

_ROLE = """\
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role}; END IF;
END $$;
ALTER ROLE {role} {login} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT;
"""

_DATABASE = """\
GRANT {owner} TO {migrator};
ALTER ROLE {migrator} SET role TO {owner};
DO $$ BEGIN
  EXECUTE format('ALTER DATABASE %I OWNER TO {owner}', current_database());
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC, {application}', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO {logins}', current_database());
END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC, {application};
GRANT ALL ON SCHEMA public TO {owner};
GRANT USAGE ON SCHEMA public TO {logins};
"""

_SHARED_GROUND = """\
-- Ground that logins of all tenants share and the application never needs: large objects have no
-- policies, and the list of activity shows the statements of others. Needs a superuser; without one
-- it says so and goes on.
DO $$ DECLARE one regprocedure; BEGIN
  FOR one IN SELECT oid FROM pg_catalog.pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND
    proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_put', 'lo_open', 'lowrite', 'pg_stat_get_activity')
  LOOP EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one); END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE WARNING 'not a superuser: large objects and the list of activity stay open to every login';
END $$;
"""


def bootstrap_sql(passwords: Mapping[str, str] | None = None) -> str:
    """Return the SQL that makes roles, ownership and rights in the current database.

    ``passwords`` by role are set where given (the embedded server's); the SQL that is printed
    for an administrator holds none.
    """
    parts = [_HEAD, _ROLE.format(role=OWNER, login="NOLOGIN")]
    parts += [_ROLE.format(role=role, login="LOGIN") for role in LOGINS]
    names = ", ".join(APPLICATION)
    parts.append(
        _DATABASE.format(owner=OWNER, migrator=MIGRATOR, application=names, logins=", ".join(LOGINS)),
    )
    parts.append(_SHARED_GROUND)
    parts += [f"ALTER ROLE {role} PASSWORD {_literal(word)};\n" for role, word in sorted((passwords or {}).items())]
    return "".join(parts)


def _literal(text: str) -> str:
    if "\\" in text or "\0" in text:
        raise ValueError("a password for the bootstrap holds neither a backslash nor a zero byte")
    return "'" + text.replace("'", "''") + "'"
