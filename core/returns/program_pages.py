"""The page of returns, IPOB's side: shared status, published milestones, IPOB's own to complete."""

from __future__ import annotations

from core.returns.counting import OwnLate, count_own_late
from core.returns.lifecycle import MILESTONE_PROGRAM, RETURN_READ
from core.returns.program import complete_program_milestone, list_program_returns
from core.returns.schemas import ListReturns, MilestoneOut, ProgramIn
from core.returns.tables import program_table
from core.text import t
from core.web.pages import Nav, Pages
from core.web.view import PageAnswer, To, View


async def own_late(view: View) -> int:
    """Return how many of IPOB's own milestones are late."""
    return (await view.run(count_own_late, OwnLate())).count


program = Pages(
    "program-returns",
    scopes={"program"},
    nav=[Nav("field", t("Reintegration"), "/returns", RETURN_READ, "heart", 30, own_late)],
)


@program.get("/returns", permission=RETURN_READ)
async def program_returns(view: View) -> PageAnswer:
    """List the returns of all agencies with what IPOB itself has to do."""
    asked = view.read(ListReturns)
    found = (await view.run(list_program_returns, asked)).returns
    table = program_table(found, view.language, view.query)
    own = [
        (file, one, view.form(ProgramIn, {"agency": file.agency, "id": str(one.id)}, prefix=f"own-{one.id}-"))
        for file in found
        for one in file.milestones
        if one.side == "program" and one.state == "open"
    ]
    return view.exported(table) or view.render(
        "returns/program.html",
        table=table,
        state=asked.state,
        own=sorted(own, key=lambda row: row[1].due_on),
        may_complete=view.ctx.actor.may(MILESTONE_PROGRAM),
    )


@program.post("/returns/{agency}/milestones/{id}", use_case=complete_program_milestone, form=program_returns)
async def program_completed(view: View, result: MilestoneOut) -> To:
    """List the returns with the milestone done."""
    return To("/returns", t("Done. Your note stays with IPOB."))
