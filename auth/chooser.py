"""The first page: which service does one sign in to? By name, with search, the last one first."""

from __future__ import annotations

from datetime import date

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.callers import entrance
from auth.secrets import LAST_COOKIE
from core.context import Language, Scope
from core.database.directory import list_scopes
from core.database.folding import fold
from core.text import Text, t
from core.web.public_pages import PublicPages, PublicView
from core.web.view import Answer
from tenants.models import ScopeName

chooser = PublicPages("sign-in")

OWN_WAY = "member"
"""What the address says where the services are offered to officers with member access."""

NOTES = {
    "program": t("The program’s lead, at the RCMP"),
    "department": t("Department of the Arrangement"),
    "mission": t("Command of a contingent"),
    "platform": t("The platform itself"),
}
ICONS = {"agency": "shield", "program": "globe", "department": "org", "mission": "flag", "platform": "gear"}


class Place(msgspec.Struct, frozen=True):
    """A scope as the chooser offers it."""

    slug: str
    title: str
    href: str
    note: Text | str
    icon: str
    kind: str
    found_by: str


@chooser.get("/")
async def choose(view: PublicView) -> Answer:
    """Offer every scope that people sign in to."""
    q = view.query.get("q", "").strip()[:100]
    async with view.session() as session:
        places = await _places(session, view.language, view.site.clock.now().date())
    own_file = view.query.get("way") == OWN_WAY
    last = view.incoming.cookies.get(LAST_COOKIE)
    words = fold(q).split()
    wanted = [place for place in places if all(word in place.found_by for word in words)]
    if own_file:
        wanted = [_own_way(view, place) for place in wanted if place.kind == "agency"]
    return view.render(
        "auth/choose.html",
        headers=[("vary", "Cookie")],
        q=q,
        own_file=own_file,
        last=[place for place in wanted if place.slug == last],
        agencies=[place for place in wanted if place.kind == "agency"],
        others=[place for place in wanted if place.kind != "agency"],
    )


def _own_way(view: PublicView, place: Place) -> Place:
    """Return the service as its officers come to their own file, without a work account."""
    return msgspec.structs.replace(
        place, href=f"{view.site.settings.address}{entrance(place.slug)}?language={view.language}"
    )


async def _places(session: AsyncSession, language: Language, on: date) -> list[Place]:
    codes = await _codes(session, on)
    places = [
        _place(scope, language, codes.get(scope.slug, ("", "")))
        for scope in await list_scopes(session)
        if scope.kind in ICONS
    ]
    return sorted(places, key=lambda place: fold(place.title))


def _place(scope: Scope, language: Language, codes: tuple[str, str]) -> Place:
    code = codes[1] if language == "fr" else codes[0]
    return Place(
        slug=scope.slug,
        title=scope.name(language),
        href=f"/{scope.slug}",
        note=code if scope.kind == "agency" else NOTES[scope.kind],
        icon=ICONS[scope.kind],
        kind=scope.kind,
        found_by=fold(scope.name_en, scope.name_fr, scope.slug, *codes),
    )


async def _codes(session: AsyncSession, on: date) -> dict[str, tuple[str, str]]:
    """Return the acronyms in force by slug: labels only, for several services share one."""
    chosen = (
        select(ScopeName.slug, ScopeName.code_en, ScopeName.code_fr)
        .where(ScopeName.since <= on)
        .order_by(ScopeName.since, ScopeName.recorded_at)
    )
    return {row.slug: (row.code_en, row.code_fr) for row in await session.execute(chosen)}
