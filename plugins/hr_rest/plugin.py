"""The plugin: its manifest, the records that it passes on, and the test of its connection."""

from __future__ import annotations

from contingent import (
    ConnectionStep,
    Ctx,
    HrRecord,
    HttpFailed,
    Manifest,
    Receipt,
    Rejected,
    Source,
    Words,
    hookimpl,
)
from plugins.hr_rest.service import UNSET, body_of, headers_of, known_by, not_reached, receipt_in, refused
from plugins.hr_rest.settings import Settings

DEADLINE = 20.0
"""Seconds for an answer, of the 30 that the hook has: HR systems are slow, and an answer is worth waiting for."""

manifest = Manifest(
    name="hr_rest",
    version="1.0",
    title={"en": "HR system over https", "fr": "Système RH par https"},
    summary={
        "en": "Records leave, training, experience and returns to duty in your HR system, with a receipt for each.",
        "fr": "Inscrit congés, formations, expérience et retours au travail dans votre système RH, avec accusé.",
    },
    requires="contingent>=1.0,<2",
    settings=Settings,
    capabilities=frozenset({"http:settings"}),
    hosts_from=("address",),
    data_classes=frozenset({"public", "agency"}),
    quality="silver",
)


@hookimpl
async def hr_write_back(ctx: Ctx, record: HrRecord) -> Receipt | None:
    """Send the record, if the HR system keeps its kind, and return the receipt in the answer."""
    settings: Settings = ctx.settings
    if not getattr(settings, record.kind):
        return None
    if not settings.address or settings.token is None:
        raise Rejected(UNSET, final=True)
    headers = headers_of(record, settings.token.reveal())
    try:
        answer = await ctx.http.send(
            "POST", settings.address, headers=headers, content=body_of(record), deadline=DEADLINE
        )
    except HttpFailed as failed:
        raise Rejected(not_reached(str(failed))) from None
    return receipt_in(answer, settings.reference)


@hookimpl
async def hr_test_connection(ctx: Ctx, source: Source) -> list[ConnectionStep] | None:
    """Ask at the address, without recording anything, whether it is there and accepts the token."""
    settings: Settings = ctx.settings
    complete: Words = {"en": "Look at the settings", "fr": "Vérifier les paramètres"}
    if not settings.address or settings.token is None:
        return [ConnectionStep(title=complete, done=False, detail=UNSET)]
    title: Words = {"en": "Ask the HR system", "fr": "Interroger le système RH"}
    steps = [ConnectionStep(title=complete, done=True)]
    try:
        answer = await ctx.http.send("GET", settings.address, headers=known_by(settings.token.reveal()))
    except HttpFailed as failed:
        return [*steps, ConnectionStep(title=title, done=False, detail=not_reached(str(failed)))]
    # An address that takes records need not give any: 405 says that it is there.
    reached = answer.status < 400 or answer.status == 405
    return [
        *steps,
        ConnectionStep(title=title, done=reached, detail=None if reached else refused(answer.status).reason),
    ]
