"""That a session or token was used, written after the answer has gone: requests only read.

A process that dies loses what it had not written yet; the session then ends that much
earlier, and nothing else happens. Each is written at most once per some minutes.
"""

from __future__ import annotations

import asyncio
import logging
from uuid import UUID

from auth.sessions import prolong
from auth.tokens import note_use
from core.clock import Clock
from core.context import Actor, Ctx, Scope
from core.database.engines import Database
from core.database.sessions import tenant_session
from core.errors import Unavailable
from core.settings import Settings

log = logging.getLogger(__name__)
SIGN_IN = Actor(id=UUID(int=0), name="sign-in", kind="system")
"""Who acts where nobody is known yet."""


class Renewals:
    """What is still to be written."""

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self._clock = clock
        self._settings = settings
        self._due: dict[tuple[str, UUID], Scope] = {}
        self._some = asyncio.Event()

    def session(self, scope: Scope, session_id: UUID) -> None:
        """Note that a session was used."""
        self._due["session", session_id] = scope
        self._some.set()

    def token(self, scope: Scope, token_id: UUID) -> None:
        """Note that a token was used."""
        self._due["token", token_id] = scope
        self._some.set()

    async def keep_writing(self, database: Database) -> None:
        """Write whatever is noted, until cancelled: runs as long as the application."""
        while True:
            await self._some.wait()
            try:
                await self.write(database)
            except Exception:  # one write must not end all later ones
                log.exception("the last use of sessions and tokens was not written")

    async def write(self, database: Database) -> None:
        """Write what is due; what cannot be written now is dropped, for the next use notes it again."""
        self._some.clear()
        due, self._due = self._due, {}
        now = self._clock.now()
        for (kind, key), scope in due.items():
            ctx = Ctx(scope=scope, actor=SIGN_IN, clock=self._clock, database=database)
            try:
                async with tenant_session(ctx) as session:
                    if kind == "session":
                        await prolong(session, self._settings, scope, key, now)
                    else:
                        await note_use(session, scope, key, now)
            except Unavailable:
                log.warning("the last use of a %s was not written: the database did not answer", kind)
