"""Pages on people and roles, and on one's own session."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from auth.callers import SESSION_PAGE, Signed
from auth.chooser import chooser
from auth.own_sessions import end_other_sessions, end_own_session, list_own_sessions
from auth.roles import RESTS, ROLES
from auth.schemas import ORIGINS, GrantIn, LinkOfficer, ListSeats, OwnSessions, SeatFile, SeatIn, SeatOut
from auth.service import (
    EVERYWHERE,
    SEAT_MANAGE,
    SEAT_READ,
    add_seat,
    end_delegation_of,
    end_grant,
    get_seat,
    grant_role,
    link_officer,
    list_seats,
    own_seat,
    switch_seat,
)
from core.lists.showing import show_list
from core.text import Text, t
from core.use_cases.declaration import ById, Nothing
from core.use_cases.listings import Listing
from core.web.pages import Nav, Pages
from core.web.tables import Badge, Column, Link, Table, cursor
from core.web.view import Answer, PageAnswer, To, View

__all__ = ["chooser", "people", "session"]

people = Pages(
    "people",
    scopes=EVERYWHERE,
    nav=[Nav("admin", t("People and roles"), "/people", SEAT_READ, icon="people", order=20)],
)
session = Pages("session", scopes=EVERYWHERE)


@people.get("/people", permission=SEAT_READ, listing=Listing(t("People and roles"), {}))
async def list_people(view: View) -> PageAnswer:
    """List who acts for this scope."""
    asked = view.read(ListSeats)
    found = await view.listed(list_seats, asked, "seats")
    form = view.form(ListSeats, asked).offering("role", _role_titles(view), nothing=t("All roles"))
    return await show_list(view, "auth/people.html", _table(view, found.seats, found.next), form=form.only("q", "role"))


@people.get("/people/new", permission=SEAT_MANAGE)
async def new_person(view: View) -> Answer:
    """Ask for a person to add."""
    return view.render("auth/new.html", form=view.form(SeatIn, {"language": view.language}))


@people.post("/people/new", use_case=add_seat, form=new_person)
async def person_added(view: View, result: SeatFile) -> To:
    """Go on to the person's page."""
    return To(
        f"/people/{result.seat.id}",
        t("%(name)s is here now. Give them a role, and a link to sign in.", name=result.seat.name),
    )


@people.get("/people/{id}", permission=SEAT_READ)
async def show_person(view: View) -> Answer:
    """Show one person, with every role and where it comes from."""
    file = await view.run(get_seat, ById(view.params["id"]))
    titles = _role_titles(view)
    can_manage = view.ctx.actor.may(SEAT_MANAGE)
    return view.render(
        "auth/person.html",
        file=file,
        seat=file.seat,
        titles=titles,
        origins=ORIGINS,
        rests=RESTS.get(file.seat.standing or ""),
        can_manage=can_manage,
        has_officers=view.ctx.scope.kind == "agency",
        grant_form=view.form(GrantIn, prefix="grant-").without("id").offering("role", titles),
        link_form=view.form(
            LinkOfficer, {"employee_number": file.seat.employee_number}, version=file.version, prefix="link-"
        ).without("id"),
    )


@people.post("/people/{id}/roles", use_case=grant_role, form=show_person)
async def role_granted(view: View, result: SeatFile) -> To:
    """Go back to the person."""
    return To(f"/people/{result.seat.id}", t("The role is given."))


@people.post("/people/{id}/roles/{grant_id}/end", use_case=end_grant, form=show_person)
async def role_ended(view: View, result: SeatFile) -> To:
    """Go back to the person."""
    return To(f"/people/{result.seat.id}", t("The role is taken back."))


@people.post("/people/{id}/delegations/{delegation_id}/end", use_case=end_delegation_of, form=show_person)
async def delegation_ended(view: View, result: SeatFile) -> To:
    """Go back to the person."""
    return To(f"/people/{result.seat.id}", t("The delegation has ended. Both are told."))


@people.post("/people/{id}/switch", use_case=switch_seat, form=show_person)
async def person_switched(view: View, result: SeatFile) -> To:
    """Go back to the person."""
    said = t("They may sign in.") if result.seat.active else t("They are shut out, and their sessions have ended.")
    return To(f"/people/{result.seat.id}", said)


@people.post("/people/{id}/officer", use_case=link_officer, form=show_person)
async def officer_linked(view: View, result: SeatFile) -> To:
    """Go back to the person."""
    return To(f"/people/{result.seat.id}", t("The officer file is changed."))


@session.get(SESSION_PAGE, permission=None)
async def own_session(view: View) -> Answer:
    """Show one's own seat, the other ones, and the way out.

    The answer to the sign-out form leads on to the provider, so this page, and no other,
    lets a form lead there.
    """
    own, open_ones = await view.run(own_seat, Nothing()), await view.run(list_own_sessions, Nothing())
    signed: Signed = view.caller.details
    if signed.issuer is not None:
        parts = urlsplit(signed.issuer)
        view.allow_form_action(f"{parts.scheme}://{parts.netloc}")
    titles = _role_titles(view)
    others = [
        {"title": one.name_fr if view.language == "fr" else one.name_en, "href": _start(view, one.slug), "icon": "org"}
        for one in own.others
    ]
    return view.render(
        "auth/session.html",
        own=own,
        roles=[titles[role] for role in own.roles if role in titles],
        others=others,
        sessions=open_ones.sessions,
        here=str(signed.session_id),
        provided=signed.issuer is not None,
        sign_out=f"{view.site.settings.address}/t/{view.ctx.scope.slug}/auth/logout?language={view.language}",
        chooser=f"{view.site.settings.address}/{view.language}/",
    )


@session.post(f"{SESSION_PAGE}/{{id}}/end", use_case=end_own_session, form=own_session)
async def own_session_ended(view: View, result: OwnSessions) -> To:
    """Show the sessions that are left."""
    return To(SESSION_PAGE, t("That session has ended."))


@session.post(f"{SESSION_PAGE}/others/end", use_case=end_other_sessions, form=own_session)
async def other_sessions_ended(view: View, result: OwnSessions) -> To:
    """Show the one session that is left."""
    return To(SESSION_PAGE, t("You are signed in here only."))


def _start(view: View, slug: str) -> str:
    """Return the first page of another scope: who has no session there is sent to sign in."""
    return f"{view.site.settings.address}/{view.language}/{slug}"


def _role_titles(view: View) -> dict[str, Text | str]:
    return {key: role.title for key, role in ROLES[view.ctx.scope.kind].items()}


def _table(view: View, seats: list[SeatOut], next: UUID | None) -> Table:
    titles = _role_titles(view)
    return Table(
        name="people",
        caption=t("People who act for this service"),
        columns=[
            Column("name", t("Name")),
            Column("roles", t("Roles")),
            Column("unit", t("Unit")),
            Column("state", t("May sign in"), kind="badge"),
            Column("signed_in_at", t("Last sign-in"), kind="instant"),
        ],
        rows=[
            {
                "name": Link(seat.name, f"/people/{seat.id}"),
                "roles": Text("%(roles)s", {"roles": [titles.get(role, role) for role in seat.roles]})
                if seat.roles
                else None,
                "unit": seat.unit,
                "state": Badge(t("Yes"), "ok") if seat.active else Badge(t("No"), "idle"),
                "signed_in_at": seat.signed_in_at,
            }
            for seat in seats
        ],
        next=cursor(next),
        empty=t("Nobody matches this search."),
    )
