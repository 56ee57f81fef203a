"""A message as mail, and how it is handed to the server; the words for what goes wrong on the way."""

from __future__ import annotations

import asyncio
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime

import aiosmtplib

from contingent import Ctx, Notification, Rejected, Words, failure_in_words
from plugins.notify_email.settings import Settings

STEP = 8.0
"""Seconds for each answer of the server."""
WHOLE = 20.0
"""Seconds for a whole mail, once there is a connection: a slow server is no failure of the plugin's."""


def mail_of(notification: Notification, sender: str, now: datetime) -> EmailMessage:
    """Return the mail. Its identifier stays the same over all attempts, so that a second one is known as such."""
    mail = EmailMessage(policy=POLICY)
    mail["From"] = sender
    mail["To"] = notification.address
    mail["Subject"] = notification.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{notification.id}@{domain_of(sender)}>"
    # RFC 3834: no automatic answer is wanted.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(notification.text)
    mail["Content-Language"] = notification.language  # last: setting the content clears its headers
    return mail


def domain_of(address: str) -> str:
    """Return what stands after the at sign."""
    return address.rpartition("@")[2]


async def send(ctx: Ctx, notification: Notification) -> None:
    """Send one mail. Raises ``Rejected`` where the server is not reached, is not who it should be, or refuses."""
    settings: Settings = ctx.settings
    if not settings.host or not settings.sender:
        raise Rejected(UNSET)
    context = await asyncio.to_thread(trust, settings)  # reading all public authorities takes its time
    try:
        mail = mail_of(notification, settings.sender, ctx.clock.now())  # what cannot be a mail is not begun to be sent
        client = aiosmtplib.SMTP(
            hostname=settings.host,  # whom the certificate has to be for
            port=None,
            use_tls=settings.encryption == "tls",
            start_tls=settings.encryption == "starttls",
            tls_context=context,
            timeout=STEP,
            local_hostname=domain_of(settings.sender),
        )
        connection = await ctx.sockets.connect(settings.host, settings.port)
    except (OSError, ValueError) as error:
        raise Rejected(not_reached(str(error))) from None
    try:
        async with asyncio.timeout(WHOLE):
            # From here on the connection is the client's to close.
            await client.connect(sock=connection)
            async with client:
                if settings.user:
                    await client.login(settings.user, settings.password.reveal() if settings.password else "")
                await client.send_message(mail)
    except aiosmtplib.SMTPResponseException as refused:
        raise Rejected(refused_with(refused.code)) from None
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise Rejected(not_reached(f"{settings.host}: {type(error).__name__}")) from None


def trust(settings: Settings) -> ssl.SSLContext:
    """Return whose certificates are believed. Raises ``Rejected`` if the agency's own authority cannot be read."""
    try:
        return ssl.create_default_context(cadata=settings.authority or None)
    except (ssl.SSLError, ValueError):
        raise Rejected(NO_AUTHORITY) from None


UNSET: Words = {
    "en": "No mail server, or no sender, is set. Enter both in the settings.",
    "fr": "Aucun serveur de courriel ou aucune adresse d’envoi n’est saisi. Saisissez les deux dans les paramètres.",
}
NO_AUTHORITY: Words = {
    "en": "The certificate authority in the settings cannot be read: PEM is expected.",
    "fr": "L’autorité de certification des paramètres est illisible\u00a0: le format PEM est attendu.",
}


def not_reached(failed: str) -> Words:
    """Say that there was no sound connection; ``failed``: the machine and the kind of failure."""
    why = failure_in_words(failed)
    return {
        "en": f"The mail server could not be reached safely ({why['en']}).",
        "fr": f"Le serveur de courriel n’a pas pu être joint en toute sécurité ({why['fr']}).",
    }


def refused_with(code: int) -> Words:
    """Say that the server did not take it; its own words may hold an address and are left out."""
    return {"en": f"The mail server refused with code {code}.", "fr": f"Le serveur de courriel a refusé (code {code})."}
