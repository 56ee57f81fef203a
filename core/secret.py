"""A text that must not be seen: it shows itself to nobody, and whoever needs it asks for it by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

LONGEST_SECRET = 8_000
"""Characters: a private key as text, and room."""

WITHHELD = (
    "a plugin in a sandbox gets no secret: run what needs it in the process (tier=1, reviewed by the operator), "
    "or ask another plugin's hook for what it is needed for"
)


class Secret:
    """A secret of a plugin's settings: ``ctx.settings.password.reveal()`` is the only way to its text.

    Printed, formatted or logged it is ``Secret(…)``; it cannot be encoded, stored, pickled or compared. A plugin in a
    sandbox never gets the text: there ``reveal`` raises ``PermissionError``.
    """

    __slots__ = ("_reveal",)

    def __init__(self, reveal: Callable[[], str]) -> None:
        self._reveal = reveal

    def reveal(self) -> str:
        """Return the text. Raises ``PermissionError`` in a sandbox. Keep it no longer than you need it."""
        return self._reveal()

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a secret is neither copied nor pickled")


def made_of(text: str) -> Secret:
    """Return ``text`` as a secret."""
    return Secret(lambda: text)


def withheld() -> Secret:
    """Return what stands in a sandbox for a secret that is set."""

    def refuse() -> str:
        raise PermissionError(WITHHELD)

    return Secret(refuse)
