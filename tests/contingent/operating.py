"""Somebody who operates the platform by the handbook, on a database server of theirs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from core.database import embedded
from core.database.bootstrap import bootstrap_sql
from core.database.roles import LOGINS, password_variable
from tests.contingent.processes import Running

DATABASE = "production"


class Operator:
    """Somebody with a shell, a database server and its passwords."""

    def __init__(self, folder: Path, server: embedded.Server) -> None:
        self.server = server
        self.running = Running(folder / "var")
        self.environment = {
            "DATABASE_URL": f"postgresql://{server.host}:{server.port}/{DATABASE}",
            **{password_variable(role): f"word-{role}" for role in LOGINS},
        }
        server.psql(f"CREATE DATABASE {DATABASE}", database="postgres")
        server.psql(bootstrap_sql(), database=DATABASE)
        server.psql("".join(f"ALTER ROLE {role} PASSWORD 'word-{role}';" for role in LOGINS), database=DATABASE)

    def types(self, *words: str) -> tuple[int, str]:
        """Run ``contingent`` with ``words`` and return its status and what it said."""
        settings = self.environment | {"CONTINGENT_VAR": str(self.running.folder), "PORT": str(self.running.port)}
        done = subprocess.run(
            [sys.executable, "-m", "contingent", *words],
            env=os.environ | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout
