"""Use cases on one's own saved views: list, save, remove, bring back."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from sqlalchemy import ColumnElement, delete, func, or_, select

from core.context import SCOPE_KINDS
from core.errors import Fault, Invalid, NotFound, Refused
from core.lists.lifecycle import VIEW_KEEP
from core.lists.models import SavedView
from core.lists.schemas import ListViews, SaveView, ViewList, ViewOut
from core.text import t
from core.use_cases.declaration import NOW, ById, use_case
from core.use_cases.listings import listing_at
from core.use_cases.output import shown
from core.use_cases.work import Work

UNDO = timedelta(minutes=15)
"""How long a removed view can be brought back."""
MOST = 100
"""How many views one person keeps."""
OF_ONE_ANSWER = frozenset({"after", "format", "limit"})
"""What an address says of one page or file of a list, and not of the list."""
EVERY_KIND = frozenset(SCOPE_KINDS)


@use_case(permission=VIEW_KEEP, input=ListViews, output=ViewList, scopes=EVERY_KIND, reads=True)
async def list_views(work: Work, data: ListViews) -> ViewList:
    """List one's own saved views, and those removed a moment ago."""
    recent = or_(SavedView.removed_at.is_(None), SavedView.removed_at > work.now - UNDO)
    query = select(SavedView).where(*_own(work), recent).order_by(SavedView.path, SavedView.name, SavedView.id)
    if data.path is not None:
        query = query.where(SavedView.path == data.path)
    found = [_out(work, row) for row in await work.session.scalars(query)]
    return ViewList([one for one in found if one is not None])


@use_case(permission=VIEW_KEEP, input=SaveView, output=ViewOut, scopes=EVERY_KIND, quiet=True, backdated=NOW)
async def save_view(work: Work, data: SaveView) -> ViewOut:
    """Keep a list as it is filtered now, under a name."""
    path, query = _address(work, data.address)
    name = " ".join(data.name.split())
    if not name:
        raise Invalid([Fault("/name", t("Give the view a name."))])
    await _refuse_another(work, path, name)
    kept = await work.session.scalar(
        select(func.count()).select_from(SavedView).where(*_own(work), SavedView.removed_at.is_(None))
    )
    if (kept or 0) >= MOST:
        raise Refused(t("You keep %(number)s views already.", number=MOST), t("Remove one that you no longer use."))
    await _forget(work)
    row = SavedView(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        seat_id=work.ctx.actor.id,
        path=path,
        query=query,
        name=name,
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    return _shown(work, row)


@use_case(permission=VIEW_KEEP, input=ById, output=ViewOut, scopes=EVERY_KIND, quiet=True, backdated=NOW)
async def remove_view(work: Work, data: ById) -> ViewOut:
    """Remove one of one's own saved views; it can be brought back for a while."""
    row = await _find(work, data.id)
    await _forget(work)
    row.removed_at = row.removed_at or work.now
    await work.session.flush()
    return _shown(work, row)


@use_case(permission=VIEW_KEEP, input=ById, output=ViewOut, scopes=EVERY_KIND, quiet=True, backdated=NOW)
async def restore_view(work: Work, data: ById) -> ViewOut:
    """Bring back a saved view that was removed a moment ago."""
    row = await _find(work, data.id)
    if row.removed_at is not None:
        await _refuse_another(work, row.path, row.name)
        row.removed_at = None
        await work.session.flush()
    return _shown(work, row)


def canonical(query: str) -> str:
    """Return what follows the question mark as a view keeps it: filters by name, no empty one, no page of the list."""
    pairs = [(name, value) for name, value in parse_qsl(query) if name not in OF_ONE_ANSWER and name[:1] != "_"]
    return urlencode(sorted(pairs))


def _address(work: Work, address: str) -> tuple[str, str]:
    """Return path and query of a list of this scope that the actor may open; raise ``Invalid`` for anything else."""
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = None
    if (
        parts is None
        or parts.scheme
        or parts.netloc
        or parts.fragment
        or listing_at(work.ctx.scope.kind, parts.path, work.ctx.actor) is None
    ):
        raise Invalid([Fault("/address", t("Only a list can be saved: open one, filter it, and save it there."))])
    return parts.path, canonical(parts.query)


async def _refuse_another(work: Work, path: str, name: str) -> None:
    same = (SavedView.path == path, SavedView.name == name, SavedView.removed_at.is_(None))
    if await work.session.scalar(select(SavedView.id).where(*_own(work), *same)):
        words = t("You have a view called “%(name)s” on this list already: choose another name.", name=name)
        raise Invalid([Fault("/name", words)])


async def _forget(work: Work) -> None:
    """Delete what was removed too long ago to be brought back."""
    await work.session.execute(delete(SavedView).where(*_own(work), SavedView.removed_at <= work.now - UNDO))


async def _find(work: Work, id: str) -> SavedView:
    row: SavedView = await work.get(SavedView, id)
    gone = row.removed_at is not None and row.removed_at <= work.now - UNDO
    if row.seat_id != work.ctx.actor.id or gone:
        raise NotFound
    return row


def _own(work: Work) -> list[ColumnElement[bool]]:
    return [SavedView.tenant_id == work.ctx.scope.id, SavedView.seat_id == work.ctx.actor.id]


def _shown(work: Work, row: SavedView) -> ViewOut:
    found = _out(work, row)
    if found is None:
        raise NotFound
    return found


def _out(work: Work, row: SavedView) -> ViewOut | None:
    """Return a view, or ``None`` where its list is gone or no longer for the actor to open."""
    listing = listing_at(work.ctx.scope.kind, row.path, work.ctx.actor)
    if listing is None:
        return None
    address = f"{row.path}?{row.query}" if row.query else row.path
    return shown(ViewOut, row, address=address, list_title=listing.title, removed=row.removed_at is not None)
