"""What tests of the red button and of break-glass accounts share: people at their pages, programs, every row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html import unescape
from secrets import token_hex
from typing import Any
from uuid import UUID

import httpx2
from sqlalchemy import select, text

from auth.break_glass.halves import read_half
from auth.relying_party.identities import give_seat, identity_of
from auth.tokens import Kind, create_token
from core.context import Actor, Ctx, Scope
from core.database import migrating
from core.database.engines import Database
from core.database.rooms import load_models
from core.database.sessions import identity_session, tenant_session
from core.events.models import NotificationRow
from core.events.worker import drain
from tests.auth.hostile import ISSUER, sets
from tests.auth.rig import Browser, Rig

WHY = "somebody reads our mail"
Rows = dict[str, dict[str, str]]


async def come(rig: Rig, scope: Scope, subject: str = "person-1") -> Browser:
    """Return the browser of somebody who has just signed in."""
    browser = rig.browser()
    answer = await sign_in(rig, browser, scope, subject)
    assert answer.status_code == 303, answer.text
    return browser


async def sign_in(rig: Rig, browser: Browser, scope: Scope, subject: str = "person-1") -> httpx2.Response:
    rig.hostile.claims = rig.hostile.userinfo = sets(sub=subject)
    return await rig.sign_in(browser, scope)


async def is_in(browser: Browser, scope: Scope) -> bool:
    return (await browser.get(f"/en/{scope.slug}/session")).status_code == 200


async def program(
    rig: Rig, scope: Scope, role: str | None = "administrator", *, made_by: UUID | None = None, kind: Kind = "api"
) -> str:
    """Return the text of a fresh token."""
    async with tenant_session(rig.ctx(scope)) as session:
        roles = [role] if role and kind == "api" else []
        _, made = await create_token(
            session, rig.platform.clock, scope, name="Watch", roles=roles, days=30, kind=kind, created_by=made_by
        )
        return made


async def call(rig: Rig, token: str, path: str = "/api/v1/seats", **sent: Any) -> httpx2.Response:
    """Call the API, or a directory's address; ``sent`` makes it a POST."""
    client, headers = rig.browser()._client, {"Authorization": f"Bearer {token}"}
    if sent:
        return await client.post(path, json=sent, headers=headers)
    return await client.get(path, headers=headers)


def form_token(page: httpx2.Response) -> str:
    return unescape(re.findall(r'name="_token" value="([^"]+)"', page.text)[-1])


async def send(
    browser: Browser, scope: Scope, shown: str, path: str | None = None, language: str = "en", **fields: str
) -> httpx2.Response:
    """Send a form of the page ``shown`` to ``path`` (the page itself, if none)."""
    page = await browser.get(f"/{language}/{scope.slug}{shown}")
    assert page.status_code == 200, page.text
    return await browser.post(f"/{language}/{scope.slug}{path or shown}", {"_token": form_token(page), **fields})


async def press(browser: Browser, scope: Scope, language: str = "en") -> httpx2.Response:
    return await send(browser, scope, "/emergency/stop", language=language, reason=WHY, understood="true")


async def work_off(rig: Rig, *scopes: Scope) -> None:
    """Run the jobs of these scopes."""
    database, clock = rig.platform.database, rig.platform.clock

    def wiring(scope: Scope, actor: Actor, request_id: str) -> Ctx:
        return replace(rig.platform.ctx(scope), actor=actor, request_id=request_id)

    await drain(database, wiring, clock, only=[scope.id for scope in scopes])


async def told(rig: Rig, scope: Scope, seat: UUID) -> list[str]:
    """Return the sentences that a seat was told, in order."""
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        chosen = select(NotificationRow.sentence).where(
            NotificationRow.tenant_id == scope.id, NotificationRow.seat_id == seat
        )
        return list(await session.scalars(chosen.order_by(NotificationRow.id)))


async def halves(
    rig: Rig, browser: Browser, scope: Scope, custodian: str = "Alix Roy", *, other: Browser | None = None
) -> tuple[str, str]:
    """Name a custodian at the page, and return both halves as the two sheets show them."""
    made = await send(browser, scope, "/people/break-glass", custodian=custodian, reason=WHY)
    assert made.status_code == 303, made.text
    return await drawn(rig, browser, scope, custodian, other=other)


async def drawn(
    rig: Rig, browser: Browser, scope: Scope, custodian: str = "Alix Roy", *, other: Browser | None = None
) -> tuple[str, str]:
    """Have one half of an account shown here, and the second to another administrator, new if none is given."""
    return await half(browser, scope, "first", custodian), await half(
        other or await colleague(rig, scope), scope, "second", custodian
    )


async def colleague(rig: Rig, scope: Scope) -> Browser:
    """Return the browser of an administrator of whom nobody has heard."""
    subject = f"colleague-{token_hex(6)}"
    await rig.seat(scope, "administrator", subject=subject, name="Ilse Roy")
    return await come(rig, scope, subject)


async def give_both(rig: Rig, scope: Scope, one: str, other: str) -> None:
    """Let two accounts open one seat of a scope."""
    seat = await rig.seat(scope, "administrator", subject=one)
    async with identity_session(rig.platform.database) as session:
        account = await identity_of(session, rig.platform.clock, ISSUER, other)
        await give_seat(session, rig.platform.clock, account, scope.id, seat)


async def half(browser: Browser, scope: Scope, which: str, custodian: str = "Alix Roy") -> str:
    """Have a half of a custodian's account shown, and return it as the sheet does."""
    sheet = await draw(browser, scope, which, custodian)
    assert sheet.status_code == 200, sheet.text
    printed = re.search(r"<code>([2-9A-Z-]{29})</code>", sheet.text)
    assert printed is not None, sheet.text
    assert read_half(printed[1]) is not None
    return printed[1]


async def draw(browser: Browser, scope: Scope, which: str, custodian: str = "Alix Roy") -> httpx2.Response:
    """Ask for a half of a custodian's account."""
    page = await browser.get(f"/en/{scope.slug}/people/break-glass")
    account = re.search(rf"<b>{custodian}</b>.*?break-glass/([0-9a-f-]{{36}})/", page.text, re.DOTALL)
    assert account is not None, page.text
    return await send(browser, scope, "/people/break-glass", f"/people/break-glass/{account[1]}/half", half=which)


async def enter(rig: Rig, scope: Scope, first: str, second: str, browser: Browser | None = None) -> httpx2.Response:
    """Send both halves."""
    browser = browser or rig.browser()
    return await browser.post(f"/t/{scope.slug}/auth/break-glass?language=en", {"first": first, "second": second})


async def came_in(rig: Rig, scope: Scope, first: str, second: str) -> Browser:
    browser = rig.browser()
    answer = await enter(rig, scope, first, second, browser)
    assert answer.status_code == 303, answer.text
    return browser


async def every_row(database: Database) -> Rows:
    """Return every row of every table, by its place, as the database's owner sees it."""
    found: Rows = {}
    async with migrating.owner_transaction(database.target) as connection:
        for name, table in load_models().tables.items():
            key = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
            rows = await connection.execute(
                text(f'SELECT row_to_json((SELECT k FROM (SELECT {key}) k))::text, t::text FROM "{name}" t')
            )
            found[name] = {row[0]: row[1] for row in rows}
    return found


def changed(
    before: Mapping[str, Mapping[str, str]], after: Mapping[str, Mapping[str, str]]
) -> dict[str, tuple[int, int, int]]:
    """Return how many rows of each table were added, changed and removed; tables without any are left out."""
    counts = {}
    for name, rows in after.items():
        known = before[name]
        added, removed = len(rows.keys() - known.keys()), len(known.keys() - rows.keys())
        altered = sum(known[key] != rows[key] for key in rows.keys() & known.keys())
        if added or altered or removed:
            counts[name] = (added, altered, removed)
    return counts
