"""The pages on which an administrator chooses who gives the chain, and who decides when nobody else is left."""

from __future__ import annotations

from typing import Any

from core.approvals.choosing import KINDS, choose_chain, get_chain, list_chains
from core.approvals.lifecycle import APPROVAL_CHAIN
from core.approvals.schemas import ChainChoice, ChainFile, ChooseChain, OfKind
from core.text import Text, t
from core.use_cases.declaration import Nothing
from core.web.pages import Nav, Pages
from core.web.tables import Badge, Column, Link, Table
from core.web.view import Answer, To, View

choosing = Pages(
    "chains",
    scopes={"agency"},
    nav=[Nav("admin", t("Chains of approval"), "/chains", APPROVAL_CHAIN, "inbox", 25)],
)


@choosing.get("/chains", permission=APPROVAL_CHAIN)
async def chains(view: View) -> Answer:
    """List who gives the chain for each kind of case."""
    found = await view.run(list_chains, Nothing())
    table = Table(
        name="chains",
        caption=t("Chains of approval"),
        columns=[
            Column("kind", t("Kind of case"), "link"),
            Column("plugin", t("Plugin that gives the chain")),
            Column("state", t("State"), "badge"),
            Column("outside", t("Outside decider")),
            Column("nobody", t("Nobody need approve")),
        ],
        rows=[_row(view, one) for one in found.chains],
        empty=t("There is no kind of case."),
    )
    return view.render("approvals/chains.html", table=table)


@choosing.get("/chains/{kind}", permission=APPROVAL_CHAIN)
async def chain(view: View) -> Answer:
    """Show who gives the chain for one kind of case, with a form to choose anew and what was chosen before."""
    found = await view.run(get_chain, OfKind(view.params["kind"]))
    choice = found.choice
    form = view.form(ChooseChain, choice, version=choice.version)
    offered = {one.name: one.title[view.language] for one in found.plugins}
    return view.render(
        "approvals/chain.html",
        kind=choice.kind,
        title=KINDS[choice.kind],
        problem=_problem(choice),
        form=form.offering("plugin", offered).offering("outside_seat", found.people, nothing=t("Nobody")),
        history=[
            {
                "title": t("Chosen: %(plugin)s", plugin=name_of(view, one.plugin)),
                "at": one.at,
                "who": one.by,
                "reason": t(
                    "Outside decider: %(name)s. Nobody need approve: %(answer)s.",
                    name=one.outside or t("Nobody"),
                    answer=_allowed(one.nobody_allowed),
                ),
            }
            for one in found.history
        ],
    )


@choosing.post("/chains/{kind}", use_case=choose_chain, form=chain)
async def chosen(view: View, result: ChainFile) -> To:
    """Show the choice; cases that wait can be asked for again."""
    return To(
        f"/chains/{result.choice.kind}",
        t("Saved. It holds for cases opened from now on; a case that waits can be asked for again."),
    )


def name_of(view: View, plugin: str) -> str:
    """Return what a plugin is called in the reader's language; one that is gone by its key."""
    return view.ctx.hooks.registry.title(plugin, view.language)


def _row(view: View, one: ChainChoice) -> dict[str, Any]:
    problem = _problem(one)
    return {
        "id": one.kind,
        "kind": Link(KINDS[one.kind], f"/chains/{one.kind}"),
        "plugin": name_of(view, one.plugin) if one.plugin else t("Nobody"),
        "state": Badge(problem, "bad") if problem else Badge(t("In use"), "ok"),
        "outside": one.outside or t("Nobody"),
        "nobody": _allowed(one.nobody_allowed),
    }


def _problem(one: ChainChoice) -> Text | None:
    if one.plugin is None:
        return t("No plugin is chosen: cases wait")
    if not one.runs:
        return t("The plugin does not run: cases wait")
    if one.outside_seat is not None and not one.outside_active:
        return t("The outside decider has left")
    return None


def _allowed(allowed: bool) -> Text:
    return t("allowed") if allowed else t("not allowed")
