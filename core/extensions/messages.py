"""The messages that go to people's own addresses, in their language.

On its way a message is read by others: it says that something waits, and neither whom it is about nor what.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.context import Language
from core.database.sealing import unseal
from core.events.models import ChannelAddress, NotificationRow
from core.events.notifications import NOTIFICATION, unread_count
from core.extensions.models import Delivery
from core.extensions.notifying import ADDRESS, CODE, DIGEST, address_for, with_reader
from core.extensions.telling import Read
from core.hooks import types
from core.people import Person
from core.text import Text, t
from core.use_cases.work import Work
from core.web.i18n import say

PAGE = "/notifications"


def message(
    work: Work,
    delivery: Delivery,
    to: tuple[ChannelAddress, Person],
    subject: Text,
    *sentences: Text,
    page: str = PAGE,
    why: bool = True,
) -> Mapping[str, Any]:
    """Return the argument of the hook: ``sentences`` and the page to open, in the reader's language."""
    address, person = to
    language: Language = "fr" if person.language == "fr" else "en"
    scope = work.ctx.scope
    link = f"{work.ctx.database.settings.address}/{language}/{scope.slug}{page}"
    said = [say(one, language, scope.zone) for one in sentences]
    because = [say(WHY, language, scope.zone)] if why else []
    text = "\n\n".join([*said, link, *because]) + "\n"
    return written(delivery, address, language, say(subject, language, scope.zone), text)


def written(
    delivery: Delivery, address: ChannelAddress, language: Language, subject: str, text: str
) -> Mapping[str, Any]:
    """Return the argument of the hook for a text that is written already."""
    made = types.Notification(
        id=delivery.event_id, address=address.address, language=language, subject=subject, text=text
    )
    return {"notification": made}


WHY = t(
    "You receive this because you entered this address in Contingent. You can remove it there, under “Notifications”."
)


async def _one(work: Work, delivery: Delivery) -> Mapping[str, Any] | None:
    row = await work.session.get(NotificationRow, (work.ctx.scope.id, delivery.subject_id))
    to = await address_for(work, row.seat_id, delivery.plugin) if row is not None and row.read_at is None else None
    if to is None:
        return None
    said = t("A new notification waits for you in Contingent. Read it here:")
    return message(work, delivery, to, _subject(work, to), said)


async def _digest(work: Work, delivery: Delivery) -> Mapping[str, Any] | None:
    address = await work.session.get(ChannelAddress, (work.ctx.scope.id, delivery.subject_id))
    to = await address_for(work, address.seat_id, delivery.plugin) if address is not None else None
    unread = await unread_count(work.session, work.ctx.scope.id, address.seat_id) if address is not None else 0
    if to is None or not unread:
        return None
    counted = t("Notifications that you have not read yet: %(count)s. Read them here:", count=unread)
    return message(work, delivery, to, _subject(work, to), counted)


async def _code(work: Work, delivery: Delivery) -> Mapping[str, Any] | None:
    address = await work.session.get(ChannelAddress, (work.ctx.scope.id, delivery.subject_id))
    to = await with_reader(work, address)
    if to is None or address is None or address.code_sealed is None:
        return None
    code = unseal(work.ctx, ChannelAddress, address.id, address.code_sealed, column=CODE).decode()
    sentences = (
        t("Somebody entered this address in Contingent. If it was you, enter this code there: %(code)s", code=code),
        t("If it was not you, do nothing: no further message comes. The code is good for a day. Enter it here:"),
    )
    return message(work, delivery, to, _subject(work, to), *sentences, page=f"{PAGE}/channels", why=False)


def _subject(work: Work, to: tuple[ChannelAddress, Person]) -> Text:
    language: Language = "fr" if to[1].language == "fr" else "en"
    return t("%(service)s: a message from Contingent", service=work.ctx.scope.name(language))


READ: Mapping[str, Read] = {NOTIFICATION: _one, DIGEST: _digest, ADDRESS: _code}
"""By the kind of subject."""
