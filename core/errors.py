"""The error tree.

Every error that a person can meet is one of these. Each carries translatable text, so
that the edge can answer in the reader's language: a problem document (RFC 9457) on the
API, a message beside the field on a page. ``slug`` is the stable end of the problem's
``type`` and never changes once released.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from core.text import Text, t


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with an input: ``pointer`` is a JSON pointer, ``text`` says what."""

    pointer: str
    text: Text


class ContingentError(Exception):
    """What every expected error has: a status, a stable slug and a sentence."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"

    def __init__(self, text: Text, remedy: Text | None = None) -> None:
        super().__init__(str(text))
        self.text = text
        self.remedy = remedy


class NotFound(ContingentError):
    """It does not exist, or it is not yours: the two are one answer, byte for byte."""

    status = 404
    slug = "not-found"

    def __init__(self) -> None:
        super().__init__(t("There is nothing at this address, or it is not yours to see."))


class Unauthenticated(ContingentError):
    """Nobody is signed in, or the session or token has ended."""

    status = 401
    slug = "not-signed-in"

    def __init__(self, text: Text | None = None) -> None:
        super().__init__(text or t("Sign in first."))


class Forbidden(ContingentError):
    """The caller is known and lacks the permission."""

    status = 403
    slug = "not-permitted"

    def __init__(self, permission: str) -> None:
        super().__init__(
            t("Your roles do not include “%(permission)s”.", permission=permission),
            t("An administrator of your service can give you a role that does."),
        )
        self.permission = permission


class StepUpNeeded(ContingentError):
    """Whoever does ``action`` must have proved who they are, in the way and as lately as the scope asks.

    A program (not ``person``) never has. ``back`` is the page to which they come back, if not the one they asked for.
    """

    status = 403
    slug = "step-up-needed"

    def __init__(self, action: str, *, person: bool, back: str | None = None) -> None:
        super().__init__(
            t("Your service asks that you have just proved who you are before you do this. Nothing was done yet."),
            t("Sign in once more at your organization’s sign-in service; you come back here afterwards.")
            if person
            else t("A program cannot prove who it is in this way: somebody does it on the page."),
        )
        self.action, self.back = action, back


class Refused(ContingentError):
    """A rule forbids it now; ``remedy`` says what would allow it."""

    status = 409
    slug = "refused"

    def __init__(self, text: Text, remedy: Text) -> None:
        super().__init__(text, remedy)


class Conflict(ContingentError):
    """Somebody else changed it in the meantime, or a key was used for something else."""

    status = 409
    slug = "changed-meanwhile"

    def __init__(self, text: Text | None = None, remedy: Text | None = None) -> None:
        super().__init__(
            text or t("Somebody changed this while you had it open."),
            remedy or t("Look at the current values and try again."),
        )


class Invalid(ContingentError):
    """The input is wrong; ``faults`` names every fault at once, none is saved.

    ``about``: the struct whose fields the faults point at, where it is known: its labels are what a page calls them.
    """

    status = 422
    slug = "invalid-input"

    def __init__(self, faults: Sequence[Fault], about: type[msgspec.Struct] | None = None) -> None:
        super().__init__(t("Some of what you entered cannot be accepted."))
        self.faults = tuple(faults)
        self.about = about


class TooLarge(ContingentError):
    """The body or file is over its limit."""

    status = 413
    slug = "too-large"


class TooMany(ContingentError):
    """The caller asked too often; ``retry_after`` is in seconds, ``limits`` the header fields that tell the limit."""

    status = 429
    slug = "too-many-requests"

    def __init__(self, retry_after: int, limits: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(t("Too many requests. Try again in %(seconds)s seconds.", seconds=retry_after))
        self.retry_after = retry_after
        self.limits = dict(limits)


class Unavailable(ContingentError):
    """Something this needs is not answering; the rest goes on."""

    status = 503
    slug = "unavailable"


class Misconfigured(Exception):
    """The operator must change something before the process can start."""
