"""A real application on a real database, with callers who are whoever a test says."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any, get_args
from uuid import UUID

import httpx
from jinja2 import ChoiceLoader, DictLoader
from litestar import Litestar
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import CreateTable

from core.app import create_app
from core.context import LANGUAGES, Actor, Language, Scope, ScopeKind
from core.database.embedded import Server
from core.database.policies import grants_of, policies_of
from core.database.roles import OWNER
from core.ids import new_id
from core.settings import Settings
from core.text import Text, t
from core.use_cases.execution import execute
from core.web.callers import By, Caller, Credential
from core.web.environment import environment
from tests.http.notes.models import TABLE
from tests.http.notes.service import NOTE_READ, NOTE_WRITE, ListNotes, NoteIn, list_notes, write_note
from tests.http.notes.templates import TEMPLATES
from tests.platform import Platform

ADDRESS = "http://localhost:8000"
TOKEN = re.compile(r'name="_token" value="([^"]+)"')
VERSION = re.compile(r'name="_version" value="([^"]+)"')


@dataclass
class Anybody:
    """Callers by secret: a test writes down who they are."""

    known: dict[tuple[UUID, str], Caller] = field(default_factory=dict)
    looked_up: int = 0

    def credential(
        self, headers: Mapping[str, str], cookies: Mapping[str, str], slug: str | None, by: By = "session"
    ) -> Credential | None:
        if slug is not None:
            secret = cookies.get(f"{by}-{slug}")
            return Credential(by, slug, secret) if secret else None
        found = re.fullmatch(r"Bearer ctg_([^_]+)_(\w+)", headers.get("authorization", ""))
        return Credential("token", found[1], found[2]) if found else None

    async def caller(self, session: AsyncSession, scope: Scope, credential: Credential) -> Caller | None:
        self.looked_up += 1
        return self.known.get((scope.id, credential.secret))

    def sign_in(self, scope: Scope, language: Language, back: str) -> str:
        return f"/t/{scope.slug}/auth/start?next={back}"

    def step_up(self, scope: Scope, language: Language, back: str, action: str) -> str:
        return f"/t/{scope.slug}/auth/start?action={action}&next={back}"

    def giving(self, kind: ScopeKind, permission: str) -> Text | None:
        return t("Auditor") if permission == "note.read" else None


@dataclass
class Ring:
    """The application and its callers."""

    platform: Platform
    app: Litestar
    callers: Anybody

    def client(self, **cookies: str) -> httpx.AsyncClient:
        """Return a browser that follows nothing by itself."""
        # Each from an address of its own: limits by address count over all tests of a database.
        transport = httpx.ASGITransport(app=self.app, client=(secrets.token_hex(8), 1))  # type: ignore[arg-type]
        return httpx.AsyncClient(transport=transport, base_url=ADDRESS, cookies=cookies)

    def caller(self, scope: Scope, *permissions: str, **more: Any) -> tuple[str, Caller]:
        """Make somebody known in ``scope`` and return their secret."""
        actor = Actor(
            id=new_id(self.platform.clock),
            name="Alix Tremblay",
            permissions=frozenset(permissions),
            kind=more.pop("kind", "person"),
            officer_id=more.pop("officer_id", None),
            ruled=more.pop("ruled", frozenset()),
        )
        caller = Caller(actor=actor, secret=secrets.token_bytes(32), **more)
        secret = secrets.token_hex(16)
        self.callers.known[scope.id, secret] = caller
        return secret, caller

    def browser(self, scope: Scope, *permissions: str, **more: Any) -> httpx.AsyncClient:
        """Return the browser of somebody signed in to ``scope``, who comes to what is opened by a link just so."""
        secret, _ = self.caller(scope, *permissions, **more)
        return self.client(**{f"{by}-{scope.slug}": secret for by in get_args(By)})

    def script(self, scope: Scope, *permissions: str, **more: Any) -> httpx.AsyncClient:
        """Return a client of the API with a token of ``scope``."""
        secret, _ = self.caller(scope, *permissions, kind="token", **more)
        return self.bearing(scope, secret)

    def bearing(self, scope: Scope, secret: str) -> httpx.AsyncClient:
        """Return a client of the API that sends this ``secret`` of somebody known in ``scope``."""
        client = self.client()
        client.headers["authorization"] = f"Bearer ctg_{scope.slug}_{secret}"
        return client


def main_of(page: httpx.Response) -> str:
    """Return the page's own content, without what surrounds it."""
    return page.text.split("<main", 1)[-1].split("</main>")[0]


def fields_of(page: httpx.Response) -> dict[str, str]:
    """Return the hidden fields of the page's own form: the last token, the version if there is one."""
    main = main_of(page)
    token, version = TOKEN.search(main), VERSION.search(main)
    assert token is not None
    found = {"_token": unescape(token[1])}
    return found | ({"_version": version[1]} if version else {})


async def write_a_note(ring: Ring, scope: Scope, *, title: str = "A note") -> UUID:
    """Write a note for ``scope`` and return its id."""
    note = await execute(write_note, ring.platform.ctx(scope, NOTE_WRITE), NoteIn(title=title))
    return note.id


async def notes_of(ring: Ring, scope: Scope) -> list[str]:
    """Return the titles of the scope's notes."""
    found = await execute(list_notes, ring.platform.ctx(scope, NOTE_READ), ListNotes())
    return [note.title for note in found.notes]


def add_notes(server: Server, database: str) -> None:
    """Make the test room's table behind the same wall as every other."""
    assert isinstance(TABLE, Table)
    create = str(CreateTable(TABLE).compile(dialect=PGDialect()))  # type: ignore[no-untyped-call]
    wall = [policy.sql() for policy in policies_of(TABLE)] + grants_of(TABLE)
    statements = [
        f"SET ROLE {OWNER}",
        create,
        "ALTER TABLE note ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE note FORCE ROW LEVEL SECURITY",
        *wall,
    ]
    server.psql(";\n".join(statements) + ";", database=database)


def make_ring(platform: Platform, settings: Settings, rooms: tuple[str, ...]) -> Ring:
    """Return the application of ``rooms``, with the test room's templates."""
    for language in LANGUAGES:
        chosen = environment(language)
        assert isinstance(chosen.loader, ChoiceLoader)
        if not any(isinstance(loader, DictLoader) for loader in chosen.loader.loaders):
            chosen.loader.loaders = [*chosen.loader.loaders, DictLoader(TEMPLATES)]
    callers = Anybody()
    app = create_app(
        settings,
        platform.database,
        clock=platform.clock,
        callers=callers,
        people=None,  # type: ignore[arg-type] # nothing here asks who holds a role
        rooms=rooms,
    )
    return Ring(platform, app, callers)
