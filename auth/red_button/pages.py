"""The pages of the red button: what will happen in plain words, asked once more, and what an account did."""

from __future__ import annotations

from auth.models import Seat
from auth.red_button.account_pages import account_pages, hold_pages
from auth.red_button.operator_pages import operator_pages
from auth.red_button.pressing import PAGE
from auth.red_button.schemas import Pressed, PressIn, StopList
from auth.red_button.service import (
    ANSWERED,
    RED_BUTTON_PRESS,
    RED_BUTTON_READ,
    list_stops,
    press_red_button,
    resume_sign_in,
)
from auth.schemas import ListSeats
from auth.service import list_seats
from core.text import Text, t
from core.use_cases.declaration import Nothing
from core.web.pages import Nav, Pages
from core.web.view import Answer, PageAnswer, To, View

__all__ = ["account_pages", "hold_pages", "operator_pages", "pages"]

MATCHES = 20
"""How many people a name brings up: one more word brings fewer."""

pages = Pages(
    "red_button",
    scopes=ANSWERED,
    nav=[Nav("admin", t("Emergency stop"), PAGE, RED_BUTTON_READ, icon="shield", order=28)],
)


@pages.get(PAGE, permission=RED_BUTTON_READ)
async def emergency(view: View) -> Answer:
    """Show where signing in is stopped, and the ways to stop it: for all, or for one account."""
    found = await view.run(list_stops, Nothing())
    q = view.query.get("q", "").strip()[:100]
    people = (await view.run(list_seats, ListSeats(q=q, limit=MATCHES))).seats if q else []
    return view.render(
        "red_button/emergency.html",
        found=found,
        on=[one for one in found.stops if one.lifted_at is None],
        over=[one for one in found.stops if one.lifted_at is not None],
        stopped=any(one.seat_id is None and one.lifted_at is None for one in found.stops),
        q=q,
        people=people,
        may_press=view.ctx.actor.may(RED_BUTTON_PRESS),
        operator=view.ctx.scope.kind == "platform",
    )


@pages.get(f"{PAGE}/stop", permission=RED_BUTTON_PRESS)
async def stop_all(view: View) -> Answer:
    """Say what stopping all signing in does, and ask once more."""
    found = await view.run(list_stops, Nothing())
    return view.render(
        "red_button/stop.html", form=view.form(PressIn).without("seat"), found=found, path=f"{PAGE}/stop", account=None
    )


@pages.post(f"{PAGE}/stop", use_case=press_red_button, form=stop_all)
async def stopped_all(view: View, result: Pressed) -> Answer:
    """Say that it has happened: whoever pressed is signed out too, unless by a break-glass account."""
    return _pressed(view, result)


@pages.get(f"{PAGE}/accounts/{{seat}}/stop", permission=RED_BUTTON_PRESS)
async def stop_account(view: View) -> Answer:
    """Say what stopping one account does, and ask once more."""
    seat: Seat = await view.work.get(Seat, view.params["seat"])
    return view.render(
        "red_button/stop.html",
        form=view.form(PressIn).without("seat"),
        found=None,
        path=f"{PAGE}/accounts/{seat.id}/stop",
        account=seat,
        own=seat.id == view.ctx.actor.id,
    )


@pages.post(f"{PAGE}/accounts/{{seat}}/stop", use_case=press_red_button, form=stop_account)
async def stopped_account(view: View, result: Pressed) -> PageAnswer:
    """Go on to what the account did."""
    if result.stop.seat_id == view.ctx.actor.id:
        return _pressed(view, result)
    return To(f"{PAGE}/accounts/{result.stop.seat_id}", ended_words(result))


@pages.post(f"{PAGE}/stops/{{id}}/resume", use_case=resume_sign_in, form=emergency)
async def resumed(view: View, result: StopList) -> To:
    """Show that people sign in again."""
    return To(PAGE, t("People can sign in again. Sessions and tokens from before stay ended."))


def ended_words(result: Pressed) -> Text:
    """Say how much a press ended."""
    return t(
        "Stopped. Sessions ended: %(sessions)s, programs’ tokens: %(programs)s, directories’ tokens: %(directories)s.",
        sessions=result.ended.sessions,
        programs=result.ended.programs,
        directories=result.ended.directories,
    )


def _pressed(view: View, result: Pressed) -> Answer:
    address = f"{view.site.settings.address}/t/{view.ctx.scope.slug}/auth/break-glass?language={view.language}"
    return view.render("red_button/pressed.html", result=result, entrance=address)
