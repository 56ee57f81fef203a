"""Pages on sign-in accounts: a person's, how they find their seat, and those of the directory without an officer."""

from __future__ import annotations

from auth.linking.directory import (
    ListAccounts,
    get_directory_account,
    link_account,
    link_seat_account,
    list_directory_accounts,
)
from auth.linking.providers import list_linking, set_linking
from auth.linking.schemas import (
    ORIGINS,
    DirectoryAccount,
    DirectoryAccounts,
    Invitation,
    Invite,
    LinkAccount,
    Linking,
    LinkingRule,
    SeatAccount,
    SeatLinks,
)
from auth.linking.seating import NUMBERED, OPENING
from auth.linking.service import get_links, invite, unlink, withdraw_invitation
from auth.schemas import ListSeats
from auth.service import EVERYWHERE, SEAT_MANAGE, SEAT_READ, list_seats
from auth.setup.findings import CHECKS
from core.lists.showing import show_list
from core.text import t
from core.use_cases.declaration import ById, Nothing
from core.use_cases.listings import Listing
from core.web.pages import Nav, Pages
from core.web.tables import Badge, Column, Link, Table, cursor
from core.web.view import Answer, PageAnswer, To, View

LINKING = "/people/linking"
DIRECTORY = "/people/directory"
FIRST = {"days": 7}

person_pages = Pages("linking-person", scopes=EVERYWHERE)
provider_pages = Pages(
    "linking",
    scopes=OPENING,
    nav=[Nav("admin", t("Linking accounts"), LINKING, SEAT_READ, icon="out", order=24)],
)
directory_pages = Pages("linking-directory", under=LINKING)


@person_pages.get("/people/{id}/sign-in", permission=SEAT_READ)
async def person_accounts(view: View) -> Answer:
    """Show which accounts open a person's seat, and the link that is open for it."""
    found = await view.run(get_links, ById(view.params["id"]))
    return view.render(
        "linking/person.html",
        found=found,
        origins=ORIGINS,
        manages=view.ctx.actor.may(SEAT_MANAGE),
        inviting=view.form(Invite, FIRST).without("id"),
    )


@person_pages.post("/people/{id}/invitation", use_case=invite, form=person_accounts)
async def invited(view: View, result: Invitation) -> Answer:
    """Show the link, this once: the answer itself is the only place where it ever stands."""
    return view.render("linking/made.html", made=result, link=f"{view.site.settings.address}{result.path}")


@person_pages.post("/people/{id}/invitation/withdraw", use_case=withdraw_invitation, form=person_accounts)
async def invitation_withdrawn(view: View, result: SeatLinks) -> To:
    """Show the person's accounts without the link."""
    return To(f"/people/{result.id}/sign-in", t("The link is withdrawn."))


@person_pages.post("/people/{id}/links/{identity_id}/end", use_case=unlink, form=person_accounts)
async def account_unlinked(view: View, result: SeatLinks) -> To:
    """Show the accounts that are left."""
    return To(f"/people/{result.id}/sign-in", t("The account is unlinked, and the person’s sessions have ended."))


@provider_pages.get(LINKING, permission=SEAT_READ)
async def linking(view: View) -> Answer:
    """Show how accounts find their seat by themselves."""
    found = await view.run(list_linking, Nothing())
    numbered = view.ctx.scope.kind in NUMBERED
    hidden = ("id",) if numbered else ("id", "number_claim")
    forms = {
        str(one.id): view.form(LinkingRule, one, version=one.version, prefix=f"linking-{one.id}-").without(*hidden)
        for one in found.providers
    }
    return view.render(
        "linking/linking.html",
        providers=found.providers,
        forms=forms if view.ctx.actor.may(SEAT_MANAGE) else None,
        numbered=numbered,
        sharing=CHECKS["shared"],
    )


@provider_pages.post(f"{LINKING}/{{id}}", use_case=set_linking, form=linking)
async def linking_set(view: View, result: Linking) -> To:
    """Show how it is now."""
    return To(LINKING, t("It holds from the next sign-in."))


@directory_pages.get(
    DIRECTORY, permission=SEAT_READ, listing=Listing(t("Accounts in the directory without an officer"), {})
)
async def directory(view: View) -> PageAnswer:
    """List the accounts of the directory that belong to nobody here, or those that were linked by hand."""
    asked = view.read(ListAccounts)
    found = await view.listed(list_directory_accounts, asked, "accounts")
    by_hand = asked.which == "by_hand"
    form = view.form(ListAccounts, asked).only("q", "which")
    table = _table(found, asked)
    return await show_list(
        view,
        "linking/directory.html",
        table,
        form=form,
        known=found.known,
        linked=0 if by_hand else found.linked,
        by_hand=by_hand,
    )


@directory_pages.get(f"{DIRECTORY}/{{id}}", permission=SEAT_MANAGE)
async def directory_account(view: View) -> Answer:
    """Ask whose an account is."""
    found = await view.run(get_directory_account, ById(view.params["id"]))
    people = await _without_a_file(view)
    seating = view.form(SeatAccount, prefix="seat-").without("id").offering("seat_id", people)
    return view.render(
        "linking/account.html",
        found=found,
        form=view.form(LinkAccount).without("id"),
        seating=seating if people else None,
    )


@directory_pages.post(f"{DIRECTORY}/{{id}}", use_case=link_account, form=directory_account)
async def account_linked(view: View, result: DirectoryAccount) -> To:
    """Go back to the accounts that are left."""
    return To(DIRECTORY, t("The account %(name)s is linked.", name=result.name))


@directory_pages.post(f"{DIRECTORY}/{{id}}/seat", use_case=link_seat_account, form=directory_account)
async def seat_account_linked(view: View, result: DirectoryAccount) -> To:
    """Go back to the accounts that are left."""
    return To(DIRECTORY, t("The account %(name)s is linked.", name=result.name))


async def _without_a_file(view: View) -> dict[str, str]:
    """Return the people who have no officer file, by seat, however many they are."""
    people: dict[str, str] = {}
    asked: ListSeats | None = ListSeats()
    while asked is not None:
        found = await view.run(list_seats, asked)
        apart = [one for one in found.seats if one.officer_id is None]
        people |= {str(one.id): " · ".join(filter(None, (one.name, one.unit))) for one in apart}
        asked = None if found.next is None else ListSeats(after=found.next)
    return people


def _table(found: DirectoryAccounts, asked: ListAccounts) -> Table:
    by_hand = asked.which == "by_hand"
    empty, hint = t("Every account of the directory belongs to somebody here."), None
    if not found.known:
        empty = t("No directory has told of an account yet.")
        hint = t("A directory (SCIM) is let in by a token of its own, on the page “Programs”.")
    elif asked.q:
        empty = t("No account here has this in its name.")
    elif by_hand:
        empty = t("No account was linked by hand.")
    return Table(
        name="directory",
        caption=t("Accounts in the directory that were linked by hand")
        if by_hand
        else t("Accounts in the directory without an officer"),
        columns=[
            Column("name", t("Account")),
            Column("display", t("Name")),
            *([Column("person", t("Whose it is here"), kind="link")] if by_hand else []),
            Column("number", t("Employee number") if by_hand else t("Employee number there")),
            Column("state", t("State in the directory"), kind="badge"),
        ],
        rows=[
            {
                "name": Link(one.name, f"{DIRECTORY}/{one.id}"),
                "display": one.display,
                "person": Link(one.person, f"/people/{one.seat_id}") if one.person and one.seat_id else None,
                "number": one.employee_number,
                "state": Badge(t("open"), "ok") if one.active else Badge(t("closed"), "idle"),
            }
            for one in found.accounts
        ],
        next=cursor(found.next),
        empty=empty,
        hint=hint,
    )
