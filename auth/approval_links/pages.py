"""The page of somebody who has come by a link, and the one where the messages are written."""

from __future__ import annotations

from auth.approval_links.messages import MEDIA_TYPE, as_file
from auth.approval_links.schemas import DecideByLink, LinkedCase, Message, OfCase
from auth.approval_links.service import decide_by_link, get_linked_case, hand_out_message, list_waited_for
from auth.roles import APPROVAL_LINK
from core.approvals.lifecycle import APPROVAL_MANAGE
from core.approvals.pages import MESSAGES, detail
from core.text import t
from core.use_cases.declaration import ById
from core.web.pages import Pages
from core.web.tables import Column, Table
from core.web.view import Answer, Download, To, View

LINKED = "/approval-link"
"""Below it, one page for each link."""
NOTHING = t("(nothing)")

linked_pages = Pages("approval-link", by="link")
message_pages = Pages("approval-messages")


@linked_pages.get(f"{LINKED}/{{id}}", permission=APPROVAL_LINK)
async def linked_case(view: View) -> Answer:
    """Show the one case: first what has changed, then the case, then the decision."""
    found = await view.run(get_linked_case, ById(view.params["id"]))
    if view.conflict and view.values is not None:
        view.values = {**view.values, "noted": False}  # What was ticked was another state.
    form = view.form(DecideByLink, {"id": str(found.id)}).without("id", "seen")
    return view.render(
        "approval_links/linked.html",
        **detail(view, found.case)
        | {
            "recallable": [],
            "form": form if found.changes else form.without("noted"),
            "decision": f"{LINKED}/{found.id}/decision",
            "carried": {"seen": found.seen},
        },
        linked=found,
        changes=_changes(found),
    )


@linked_pages.post(f"{LINKED}/{{id}}/decision", use_case=decide_by_link, form=linked_case)
async def linked_decided(view: View, result: LinkedCase) -> To:
    """Show the case with the decision in it."""
    return To(f"{LINKED}/{result.id}", t("Decided."))


def _changes(found: LinkedCase) -> Table:
    rows = [{"title": one.title, "was": one.was or NOTHING, "now": one.now or NOTHING} for one in found.changes]
    columns = [Column("title", t("What")), Column("was", t("It was")), Column("now", t("It is now"))]
    return Table(name="changes", caption=t("What has changed"), columns=columns, rows=rows)


@message_pages.get(MESSAGES, permission=APPROVAL_MANAGE)
async def messages(view: View) -> Answer:
    """List whom the case waits for, with a message to each."""
    found = await view.run(list_waited_for, OfCase(view.params["id"]))
    return view.render("approval_links/messages.html", waiting=found)


@message_pages.post(f"{MESSAGES}/{{seat}}", use_case=hand_out_message, form=messages)
async def message_written(view: View, result: Message) -> Download:
    """Give the message as a file."""
    return view.download(as_file(result), f"{result.number.replace('/', '-')}.eml", MEDIA_TYPE)
