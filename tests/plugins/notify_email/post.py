"""A service that mails, and somebody with a seat who reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select

from core.database.sessions import tenant_session
from core.events.models import ChannelAddress
from core.events.notifications import notify
from core.extensions.schemas import ConfigurePlugin
from core.extensions.settings import configure_plugin
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.core.extensions.listening import Station
from tests.http.ring import fields_of
from tests.plugins.notify_email.server import Mailbox

ALIX = "alix@example.org"


@dataclass
class Post:
    """A service that mails, the box on the other side, and somebody with a seat."""

    station: Station
    box: Mailbox
    seat: UUID
    browser: httpx.AsyncClient

    @property
    def address(self) -> str:
        return f"/en/{self.station.scope.slug}/notifications/channels"

    async def configure(self, **settings: Any) -> None:
        given = {"host": "localhost", "port": self.box.port, "sender": "ipob@police.example.org"}
        values = {**given, "authority": self.box.certificate, **settings}
        await execute(configure_plugin, self.station.ctx(), ConfigurePlugin("notify_email", values))

    async def tell(self, words: str = "The release of %(officer)s waits for you.") -> None:
        """Notify the seat of something that names somebody."""
        ctx = self.station.ctx()
        async with tenant_session(ctx) as session:
            work = Work(ctx, session, ctx.today, ctx.clock.now())
            await notify(work, words, link="/nominations", seat=self.seat, params={"officer": "Noël Éthier"})

    async def post(self, path: str, **values: str) -> httpx.Response:
        page = await self.browser.get(self.address)
        assert page.status_code == 200, page.text[:500]
        return await self.browser.post(f"{self.address}/{path}", data=fields_of(page) | values)

    async def enter(self, address: str = ALIX, rhythm: str = "each") -> httpx.Response:
        return await self.post("enter", channel="notify_email", address=address, rhythm=rhythm)

    async def confirm(self, rhythm: str = "each") -> None:
        """Enter the address and the code that comes there."""
        assert (await self.enter(rhythm=rhythm)).status_code == 303
        await self.station.work()
        code = code_in(self.box)
        assert (await self.post("confirm", channel="notify_email", code=code)).status_code == 303
        self.box.came.clear()

    async def row(self) -> ChannelAddress | None:
        async with tenant_session(self.station.ctx(), read_only=True) as session:
            wanted = select(ChannelAddress).where(ChannelAddress.tenant_id == self.station.scope.id)
            found: ChannelAddress | None = await session.scalar(wanted)
            return found


def code_in(box: Mailbox) -> str:
    found = re.search(r"\b\d{8}\b", box.came[-1].get_content())
    assert found
    return found[0]
