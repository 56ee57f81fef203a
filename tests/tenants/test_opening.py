"""A file is imported once, whole, and what the database holds gives the same file again."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from sqlalchemy import func, select

from core.approvals.models import ChainProvider
from core.audit.models import AuditLine
from core.context import Scope
from core.database.sessions import tenant_session
from core.hooks.registry import Registry
from tenants.files import AgencyFile
from tenants.library import Library
from tenants.models import RankRow, SharingConsent
from tenants.opening import Opener
from tenants.reading import Document, parse
from tenants.reading_back import read_back
from tenants.resolving import Resolved, condense, in_order, resolve
from tenants.toml_writing import write_agency
from tests.platform import Platform
from tests.tenants.conftest import Open

SOME = ("ca-rcmp", "qc-spvm", "qc-bromont", "ab-calgary", "nb-saint-john", "nl-rnc")


async def _read(platform: Platform, scope: Scope) -> Resolved:
    async with tenant_session(platform.ctx(scope), read_only=True) as session:
        found = await read_back(session, scope)
    assert found is not None
    return found


@pytest.mark.parametrize("slug", SOME)
async def test_what_was_imported_is_exported_again(
    slug: str, platform: Platform, open_agency: Open, library: Library, registry: Registry
) -> None:
    agency = library.agencies[slug]
    scope = await open_agency(agency)
    exported = condense(await _read(platform, scope), library, registry)
    assert msgspec.structs.replace(exported, slug=slug) == in_order(agency)
    assert parse(Document("x", write_agency(exported)), AgencyFile) == exported


async def test_importing_twice_changes_nothing(
    platform: Platform, opener: Opener, open_agency: Open, library: Library, registry: Registry
) -> None:
    scope = await open_agency(library.agencies["on-durham"])
    before = await _read(platform, scope)
    again = msgspec.structs.replace(library.agencies["on-durham"], slug=scope.slug, city="Elsewhere")
    assert not await opener.open_agency(resolve(again, library, registry))
    assert await _read(platform, scope) == before


async def test_an_interrupted_import_is_finished_by_the_next(
    platform: Platform, opener: Opener, library: Library, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency = msgspec.structs.replace(library.agencies["qc-laval"], slug="qc-laval-interrupted")

    async def fail(*_: object) -> bool:
        raise RuntimeError("the machine stopped")

    with monkeypatch.context() as broken:
        broken.setattr(Opener, "_consent", fail)
        with pytest.raises(RuntimeError, match="the machine stopped"):
            await opener.open_agency(resolve(agency, library, registry))
    assert await opener.open_agency(resolve(agency, library, registry))
    scope = await platform.database.scope(agency.slug)
    assert scope is not None
    async with tenant_session(platform.ctx(scope), read_only=True) as session:
        assert await session.scalar(select(func.count()).select_from(SharingConsent)) == 1
        assert await session.scalar(select(func.count()).select_from(ChainProvider)) == 3


async def test_an_agency_sees_its_own_ladder_and_its_opening_in_the_log(
    platform: Platform, open_agency: Open, library: Library
) -> None:
    first = await open_agency(library.agencies["qc-sq"])
    await open_agency(library.agencies["on-opp"])
    async with tenant_session(platform.ctx(first), read_only=True) as session:
        codes: Sequence[str] = (await session.scalars(select(RankRow.code).order_by(RankRow.place))).all()
        actions = set(await session.scalars(select(AuditLine.action)))
    assert list(codes) == [rank.code for rank in library.ladders["sq"].ranks]
    assert "agency.open" in actions


async def test_the_chain_of_its_way_of_governing_is_what_its_plugin_is_set_to(
    platform: Platform, open_agency: Open, library: Library
) -> None:
    scope = await open_agency(library.agencies["on-toronto"])
    plugins = {one.name: one for one in (await _read(platform, scope)).agency.plugins}
    steps = plugins["approval_chain"].settings["steps"]
    assert [step["key"] for step in steps] == ["unit", "hr", "deputy", "chief", "board"]
    assert [step["kind"] for step in steps] == ["decide", "inform", "decide", "decide", "inform"]
