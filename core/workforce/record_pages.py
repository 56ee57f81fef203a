"""The pages of records for HR: which plugin keeps them, what it was told, and what it did not take."""

from __future__ import annotations

from core.lists.showing import show_list
from core.text import t
from core.use_cases.listings import Listing
from core.web.pages import Nav, Pages
from core.web.view import Answer, PageAnswer, To, View
from core.workforce.lifecycle import HR_LOAD, HR_READ, HR_SCOPE
from core.workforce.record_schemas import KeeperIn, KeeperOut, ListRecords, OfRecord, RecordOut
from core.workforce.record_tables import RECORD_KINDS, record_facts, records_table
from core.workforce.records import choose_keeper, get_record, list_records, send_record_again

record_pages = Pages("hr-records", nav=[Nav("admin", t("Records for HR"), "/hr/records", HR_READ, "doc", 21)])


@record_pages.get("/hr/records", permission=HR_READ, listing=Listing(t("Records for HR")))
async def records(view: View) -> PageAnswer:
    """List what the HR system is to keep of tours; offer to say which plugin it is."""
    asked = view.read(ListRecords)
    found = await view.listed(list_records, asked, "records")
    keeper = found.keeper
    titles = {name: title[view.language] for name, title in keeper.offered.items()}
    choice = view.form(KeeperIn, {"plugin": keeper.plugin or ""}, version=keeper.version or None)
    return await show_list(
        view,
        "workforce/records.html",
        records_table(found, view.language),
        form=view.form(ListRecords, asked).only("state"),
        keeper=keeper,
        refused=found.refused,
        choice=choice.offering("plugin", titles, nothing=t("None: nothing is recorded"))
        if view.ctx.actor.may(HR_SCOPE)
        else None,
    )


@record_pages.post("/hr/keeper", use_case=choose_keeper, form=records)
async def keeper_chosen(view: View, result: KeeperOut) -> To:
    """Show the choice."""
    said = t("Saved. It is told of each tour that changes from now on.") if result.plugin else t("Saved.")
    return To("/hr/records", said)


@record_pages.get("/hr/records/{id}", permission=HR_READ)
async def record(view: View) -> Answer:
    """Show one record: what it says, how far it has come, and the receipt."""
    one = await view.run(get_record, OfRecord(id=view.params["id"]))
    return view.render(
        "workforce/record.html",
        one=one,
        title=RECORD_KINDS[one.kind],
        facts=record_facts(one, view.language),
        tour=f"/tours/{view.ctx.scope.slug}/{one.tour_id}",
        may_send=view.ctx.actor.may(HR_LOAD) and one.state == "refused",
    )


@record_pages.post("/hr/records/{id}/resend", use_case=send_record_again, form=record)
async def record_sent_again(view: View, result: RecordOut) -> To:
    """Show the record, which waits again."""
    return To(f"/hr/records/{result.id}", t("It is sent again. Look here in a moment."))
