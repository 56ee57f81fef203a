"""The message that carries a link: its text in both languages, and as a file that a mail program opens.

Whoever sends it gives it an address; the platform knows none. The text names the case by its number
and not the officer: on its way mail is read by others.
"""

from __future__ import annotations

from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from zoneinfo import ZoneInfo

from auth.approval_links.links import secret_of
from auth.approval_links.models import ApprovalLink
from auth.approval_links.schemas import Message
from core.approvals.models import ApprovalCase
from core.context import LANGUAGES, Ctx, Language, Scope
from core.people import Person
from core.text import Text, t
from core.web.i18n import say

MEDIA_TYPE = "message/rfc822"


def address_of(base: str, scope: Scope, language: Language, secret: str) -> str:
    """Return where the link leads; ``base`` is the platform's own address."""
    return f"{base}/{language}/{scope.slug}/decide/{secret}"


def write_message(ctx: Ctx, base: str, link: ApprovalLink, case: ApprovalCase, person: Person) -> Message:
    """Return the message about the step that ``case`` waits at, the person's own language first."""
    first: Language = "fr" if person.language == "fr" else "en"
    order = sorted(LANGUAGES, key=lambda one: one != first)
    secret = secret_of(ctx, link)
    subjects, parts = [], []
    for language in order:
        subject = t(
            "%(service)s: case %(number)s waits for your decision",
            service=ctx.scope.name(language),
            number=case.number,
        )
        subjects.append(say(subject, language, ctx.scope.zone))
        address = address_of(base, ctx.scope, language, secret)
        last = link.expires_at.astimezone(ZoneInfo(ctx.scope.zone)).date()
        told = [say(one, language, ctx.scope.zone) for one in _sentences(case.due_on, last)]
        parts.append("\n\n".join([f"{person.name},", told[0], address, *told[1:]]))
    return Message(
        number=case.number,
        name=person.name,
        due_on=case.due_on,
        subject=" / ".join(subjects),
        text=f"\n\n{'-' * 60}\n\n".join(parts) + "\n",
    )


def _sentences(due_on: date | None, last: date) -> list[Text]:
    asked = t("A case waits for your decision until %(day)s. Open this address to read it and decide:", day=due_on)
    if due_on is None:
        asked = t("A case waits for your decision. Open this address to read it and decide:")
    return [
        asked,
        t("You are asked to sign in at your organization’s sign-in service, even if you are signed in already."),
        t(
            "The address is for you alone. With it you decide once, until %(day)s, and it opens nothing but this case."
            " Signed in as usual, you find the case under “Approvals”.",
            day=last,
        ),
    ]


def as_file(message: Message) -> bytes:
    """Return the message as a file that a mail program opens; the sender puts in whom it goes to."""
    mail = EmailMessage(policy=SMTP.clone(cte_type="8bit", utf8=False))
    mail["Subject"] = message.subject
    mail["Content-Language"] = ", ".join(LANGUAGES)
    # So Microsoft marks a draft (IConverterSession::MAPIToMIMEStm); a program that does not know it lets it be.
    mail["X-Unsent"] = "1"
    mail.set_content(message.text, cte="8bit")
    return mail.as_bytes()
