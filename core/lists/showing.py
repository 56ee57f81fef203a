"""How a list answers: as a file where the address asks for one, else on its page with what every list has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from core.lists.lifecycle import VIEW_KEEP
from core.lists.schemas import ListViews, ViewOut
from core.lists.service import canonical, list_views
from core.web.forms import Form
from core.web.tables import Table, downloads
from core.web.view import PageAnswer, View


@dataclass(frozen=True, slots=True)
class Kept:
    """The reader's saved views of one list: ``current`` is the address shown now."""

    views: list[ViewOut]
    removed: list[ViewOut]
    current: str

    @property
    def shown(self) -> ViewOut | None:
        """The saved view that is shown now."""
        return next((one for one in self.views if one.address == self.current), None)


async def show_list(view: View, template: str, table: Table, *, form: Form | None = None, **values: Any) -> PageAnswer:
    """Answer with a list.

    ``template`` extends ``lists/list.html``; ``form`` holds the filters, which stand in the
    address and are printed with the list; ``values`` are the template's own.
    """
    form = view.filters(form) if form else None
    whole = replace(
        table,
        filters=form.in_force if form else (),
        after=view.query.get("after"),
        downloads=downloads(view.path, view.query),
    )
    return await view.exported(whole) or view.render(template, table=whole, form=form, kept=await _kept(view), **values)


async def _kept(view: View) -> Kept | None:
    if not view.ctx.actor.may(VIEW_KEEP):
        return None
    found = (await view.run(list_views, ListViews(path=view.path))).views
    query = canonical(view.incoming.scope["query_string"].decode("latin-1"))
    return Kept(
        [one for one in found if not one.removed],
        [one for one in found if one.removed],
        f"{view.path}?{query}" if query else view.path,
    )
