"""The plugin: its manifest, and the four events that it passes on."""

from __future__ import annotations

import msgspec

from contingent import Ctx, Event, HttpFailed, Manifest, Nomination, Officer, Rejected, Return, Tour, hookimpl
from plugins.webhooks.service import NO_SECRET, key_of, message, not_reached, not_taken, signed
from plugins.webhooks.settings import Settings

manifest = Manifest(
    name="webhooks",
    version="1.0",
    title={"en": "Webhooks", "fr": "Appels Web (webhooks)"},
    summary={
        "en": "Tells a service of your own what happens, by signed messages.",
        "fr": "Signale ce qui se passe à un service de votre choix, par des messages signés.",
    },
    requires="contingent>=1.0,<2",
    settings=Settings,
    capabilities=frozenset({"http:settings"}),
    hosts_from=("address",),
    data_classes=frozenset({"public", "agency"}),
    quality="silver",
)


@hookimpl
async def nomination_changed(ctx: Ctx, event: Event, nomination: Nomination) -> None:
    """Pass on that a nomination has changed."""
    if ctx.settings.nominations:
        await _send(ctx, event, "nomination", nomination)


@hookimpl
async def tour_changed(ctx: Ctx, event: Event, tour: Tour) -> None:
    """Pass on that a tour has changed."""
    if ctx.settings.tours:
        await _send(ctx, event, "tour", tour)


@hookimpl
async def return_changed(ctx: Ctx, event: Event, return_file: Return) -> None:
    """Pass on that a return has changed."""
    if ctx.settings.returns:
        await _send(ctx, event, "return", return_file)


@hookimpl
async def officer_changed(ctx: Ctx, event: Event, officer: Officer) -> None:
    """Pass on that an officer's record has changed."""
    if ctx.settings.officers:
        await _send(ctx, event, "officer", officer)


async def _send(ctx: Ctx, event: Event, subject: str, about: msgspec.Struct) -> None:
    """Send the message once; whatever is no success is reported, and the host tries again later."""
    settings: Settings = ctx.settings
    if not settings.address:
        return
    secrets = [one for one in (settings.secret, settings.next_secret) if one is not None]
    if not secrets:
        raise Rejected(NO_SECRET)
    body = message(event, subject, about)
    headers = signed(event, body, [key_of(one.reveal()) for one in secrets], ctx.clock.now())
    try:
        answer = await ctx.http.send("POST", settings.address, headers=headers, content=body)
    except HttpFailed as failed:
        raise Rejected(not_reached(str(failed))) from None
    if not 200 <= answer.status < 300:
        raise Rejected(not_taken(answer.status))
