"""Claims that are text for display: they never decide who somebody is, nor what they may do."""

from __future__ import annotations

from core.text import t

FOR_DISPLAY = frozenset(
    {
        "email",
        "email_verified",
        "emails",
        "family_name",
        "given_name",
        "mail",
        "name",
        "nickname",
        "preferred_username",
        "unique_name",
        "upn",
        "username",
        "verified_primary_email",
        "verified_secondary_email",
    }
)
"""They change with a marriage or a domain, pass on to the next of the same name, and some the person sets.

Microsoft says of ``email`` that it is not guaranteed to be correct, is mutable over time, and never to be used for
authorization (learn.microsoft.com, “Optional claims reference”).
"""


UNDECIDING = t(
    "This is text for display, such as a name or an e-mail address: it changes and passes on to others, so nothing"
    " follows from it. Choose a claim that only the sign-in service sets."
)


def decides(name: str) -> bool:
    """Say whether something may follow from a claim; ``name`` may lead into objects: ``/realm_access/roles``."""
    return FOR_DISPLAY.isdisjoint(name.casefold().split("/"))


def is_kept(text: str) -> bool:
    """Say whether a database holds ``text``: of what JSON can write it holds neither zero nor half a character."""
    return "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


def visible(text: str) -> str:
    """Return ``text`` with a mark for each sign that no database holds."""
    return "".join(one if is_kept(one) else "\N{REPLACEMENT CHARACTER}" for one in text)
