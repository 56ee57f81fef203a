"""The page of claims: the statement of a period, to read and to print."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from core.claims.asking import reckon
from core.claims.lifecycle import CLAIM_READ
from core.claims.schemas import ClaimedTours, ReadStatement, Statement
from core.claims.service import list_claimed_tours
from core.claims.tables import statement_table
from core.hooks.answers import SENTENCES
from core.text import Text, t
from core.web.pages import Nav, Pages
from core.web.view import PageAnswer, View

pages = Pages("claims", nav=[Nav("field", t("Claims"), "/claims", CLAIM_READ, "doc", 40)])


@pages.get("/claims", permission=CLAIM_READ)
async def claims(view: View) -> PageAnswer:
    """Show what may be claimed for the days asked for, the current quarter at first."""
    found = await view.tried(list_claimed_tours)
    given = {"first": found.first.isoformat(), "last": found.last.isoformat()} if found else view.query
    asks = partial(_statement, view, found) if found else None
    return view.render("claims/claims.html", asks=asks, claimed=found, form=view.form(ReadStatement, given))


async def _statement(view: View, claimed: ClaimedTours) -> Mapping[str, Any]:
    found = await reckon(view.ctx, claimed)
    return {
        "table": statement_table(found, view.ctx.scope.slug, view.language),
        "failed": _failed(view, found),
    }


def _failed(view: View, found: Statement) -> list[Text]:
    """Return a sentence for each plugin that failed for some tour, by the plugin's title."""
    title = view.ctx.hooks.registry.title
    failed = {(one.plugin, one.cause) for tour in found.tours for one in tour.failed}
    return [Text(SENTENCES[cause], {"plugin": title(name, view.language)}) for name, cause in sorted(failed)]
