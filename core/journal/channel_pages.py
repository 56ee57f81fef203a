"""The page on which one says where one wants to be told, besides on one's pages."""

from __future__ import annotations

from core.errors import Fault
from core.journal.channels import (
    RHYTHMS,
    ChannelList,
    ChannelOut,
    ConfirmAddress,
    EnterAddress,
    confirm_address,
    enter_address,
    list_channels,
    remove_address,
)
from core.journal.permissions import NOTIFICATION_READ
from core.text import t
from core.use_cases.declaration import Nothing
from core.web.pages import Pages
from core.web.view import Answer, PageAnswer, To, View

CHANNELS = "/notifications/channels"

channel_pages = Pages("channels", scopes={"agency"})


@channel_pages.get(CHANNELS, permission=NOTIFICATION_READ)
async def channels(view: View) -> Answer:
    """Show where one is told, and let one enter, confirm and remove addresses."""
    found = await view.run(list_channels, Nothing())
    shown = [
        (
            one,
            view.form(EnterAddress, {"channel": one.channel, "address": one.address, "rhythm": one.rhythm}),
            view.form(ConfirmAddress, {"channel": one.channel}) if one.code_until else None,
        )
        for one in found.channels
    ]
    return view.render("journal/channels.html", channels=shown, RHYTHMS=RHYTHMS)


@channel_pages.post("/notifications/channels/enter", use_case=enter_address, form=channels)
async def address_entered(view: View, result: ChannelOut) -> To:
    """Say that a code is on its way, or that the choice is kept."""
    if result.confirmed_at is None:
        return To(CHANNELS, t("A code is on its way to %(address)s. Enter it here.", address=result.address))
    return To(CHANNELS, t("Your choice is kept."))


@channel_pages.post("/notifications/channels/confirm", use_case=confirm_address, form=channels)
async def address_confirmed(view: View, result: ChannelOut) -> PageAnswer:
    """Say that messages go there from now on, or at the field that the code was another one."""
    if result.confirmed_at is None:
        said = t("That was not the code. Look at the latest message and try again.")
        view.refused, view.faults = ConfirmAddress, [Fault("/code", said)]
        return await channels(view)
    return To(CHANNELS, t("The address is confirmed: you are told there from now on."))


@channel_pages.post("/notifications/channels/{channel}/remove", use_case=remove_address, form=channels)
async def address_removed(view: View, result: ChannelList) -> To:
    """Say that nothing goes there any more."""
    return To(CHANNELS, t("The address is removed: nothing goes there any more."))
