"""The pages of calendar addresses: one's own, the one on which a new one is read, once, and those of the scope."""

from __future__ import annotations

from core.calendars.lifecycle import CALENDAR_KEEP, CALENDAR_MANAGE, CALENDAR_MISSION, CALENDAR_OWN
from core.calendars.schemas import (
    LANGUAGES,
    ListAddresses,
    MadeAddress,
    MissionAddressIn,
    OwnAddresses,
    OwnAddressIn,
)
from core.calendars.service import (
    BOTH,
    get_address,
    list_addresses,
    list_own_addresses,
    make_mission_address,
    make_own_address,
    revoke_address,
    withdraw_address,
)
from core.calendars.tables import addresses_table, covered
from core.lists.showing import show_list
from core.text import t
from core.use_cases.declaration import ById, Nothing
from core.use_cases.listings import Listing
from core.web.pages import Nav, Pages
from core.web.view import Answer, PageAnswer, To, View

MINE, ALL = "/calendars", "/calendars/all"
ADDRESSES = Listing(t("Calendar addresses"), {})

mine = Pages(
    "calendars", scopes=BOTH, nav=[Nav("main", t("Calendar addresses"), MINE, CALENDAR_KEEP, "calendar", order=49)]
)
everybody = Pages(
    "calendars-of-all",
    scopes=BOTH,
    nav=[Nav("admin", t("All calendar addresses"), ALL, CALENDAR_MANAGE, "calendar", order=28)],
    under=ALL,
)


@mine.get(MINE, permission=CALENDAR_KEEP)
async def addresses(view: View) -> Answer:
    """Show the addresses that the reader made, and let them make another."""
    found = await view.run(list_own_addresses, Nothing())
    actor, given = view.ctx.actor, {"language": view.language}
    missions = {str(one.id): one.mission_fr if view.language == "fr" else one.mission_en for one in found.missions}
    agency = view.ctx.scope.kind == "agency"
    of_mission = view.form(MissionAddressIn, given, prefix="mission-").offering("mission_id", missions)
    return view.render(
        "calendars/addresses.html",
        addresses=found.addresses,
        covered=covered,
        languages=LANGUAGES,
        agency=agency,
        linked=actor.officer_id is not None,
        own=view.form(OwnAddressIn, given, prefix="own-") if agency and actor.may(CALENDAR_OWN) else None,
        of_mission=of_mission if actor.may(CALENDAR_MISSION) else None,
        missions=missions,
    )


@mine.post(f"{MINE}/own", use_case=make_own_address, form=addresses)
async def own_made(view: View, result: MadeAddress) -> Answer:
    """Show the address, this once: the answer itself is the only place where it ever stands."""
    return _made(view, result)


@mine.post(f"{MINE}/missions", use_case=make_mission_address, form=addresses)
async def mission_made(view: View, result: MadeAddress) -> Answer:
    """Show the address, this once."""
    return _made(view, result)


@mine.post(f"{MINE}/{{id}}/revoke", use_case=revoke_address, form=addresses)
async def revoked(view: View, result: OwnAddresses) -> To:
    """Show the addresses that are left."""
    return To(MINE, t("The address is revoked. Whoever asks at it is told that there is nothing."))


@everybody.get(ALL, permission=CALENDAR_MANAGE, listing=ADDRESSES)
async def all_addresses(view: View) -> PageAnswer:
    """List the addresses of everybody in the scope."""
    asked = view.read(ListAddresses)
    found = await view.listed(list_addresses, asked, "addresses")
    table = addresses_table(found.addresses, view.language, found.next)
    return await show_list(view, "calendars/all.html", table, form=view.form(ListAddresses, asked).only("q"))


@everybody.get(f"{ALL}/{{id}}", permission=CALENDAR_MANAGE)
async def address(view: View) -> Answer:
    """Show one address, and let it be revoked."""
    found = await view.run(get_address, ById(id=view.params["id"]))
    return view.render(
        "calendars/address.html", address=found, covers=covered(found, view.language), languages=LANGUAGES
    )


@everybody.post(f"{ALL}/{{id}}/revoke", use_case=withdraw_address, form=address)
async def withdrawn(view: View, result: Nothing) -> To:
    """Show the addresses that are left."""
    return To(ALL, t("The address is revoked. Whoever asks at it is told that there is nothing."))


def _made(view: View, made: MadeAddress) -> Answer:
    # A calendar on this device opens what begins so, and subscribes.
    webcal = "webcal://" + made.url.partition("://")[2]
    return view.render("calendars/made.html", made=made, webcal=webcal, covers=covered(made.address, view.language))
