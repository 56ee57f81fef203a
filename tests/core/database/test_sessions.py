"""A session sees what its scope may see, and leaves nothing behind in its connection."""

from __future__ import annotations

from sqlalchemy import select, text

from core.database.directory import ScopeRow
from core.database.sessions import tenant_session
from core.missions.models import Mission
from core.personnel.models import Availability
from tests.platform import Platform


async def test_a_session_knows_its_tenant_and_the_next_one_does_not(platform: Platform) -> None:
    agency = await platform.agency()
    async with tenant_session(platform.ctx(agency)) as session:
        assert await session.scalar(text("select current_setting('app.tenant')")) == str(agency.id)
        assert await session.scalar(text("select current_user")) == "contingent_agency"
        assert (await session.scalars(select(Availability))).all() == []
        assert (await session.scalars(select(Mission))).all() == []
        assert await session.get(ScopeRow, agency.id) is not None
