"""The page of returns, IPOB's side: shared status, published milestones, IPOB's own to complete."""

from __future__ import annotations

from core.lists.showing import show_list
from core.returns.counting import OwnLate, count_own_late
from core.returns.lifecycle import RETURN_READ
from core.returns.program import complete_program_milestone, list_program_returns
from core.returns.schemas import ListReturns, MilestoneOut, ProgramIn
from core.returns.tables import program_table
from core.text import t
from core.use_cases.listings import Listing
from core.web.forms import Form
from core.web.pages import Nav, Pages
from core.web.view import PageAnswer, To, View


async def own_late(view: View) -> int:
    """Return how many of IPOB's own milestones are late."""
    return (await view.run(count_own_late, OwnLate())).count


RETURNS = Listing(t("Returns"), {"state": "all"})
STATES = {"open": t("Open"), "late": t("Late"), "closed": t("Closed"), "all": t("All")}


program = Pages(
    "program-returns",
    scopes={"program"},
    nav=[Nav("field", t("Reintegration"), "/returns", RETURN_READ, "heart", 30, own_late)],
)


def returns_form(view: View, asked: ListReturns) -> Form:
    """Return the filters of a list of returns."""
    return view.form(ListReturns, asked).only("q", "state").offering("state", STATES)


@program.get("/returns", permission=RETURN_READ, listing=RETURNS)
async def program_returns(view: View) -> PageAnswer:
    """List the returns of all agencies with what IPOB itself has to do."""
    asked = view.read(ListReturns)
    found = await view.listed(list_program_returns, asked, "returns")
    own = [
        (file, one, view.form(ProgramIn, {"agency": file.agency, "id": str(one.id)}, prefix=f"own-{one.id}-"))
        for file in found.returns
        for one in file.milestones
        if one.side == "program" and one.state == "open"
    ]
    return await show_list(
        view,
        "returns/program.html",
        program_table(found.returns, view.language, found.next),
        form=returns_form(view, asked),
        own=sorted(own, key=lambda row: row[1].due_on),
    )


@program.post("/returns/{agency}/milestones/{id}", use_case=complete_program_milestone, form=program_returns)
async def program_completed(view: View, result: MilestoneOut) -> To:
    """List the returns with the milestone done."""
    return To("/returns", t("Done. Your note stays with IPOB."))
