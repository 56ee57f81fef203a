"""``ctx.notifications``: how a plugin that delivers messages has those of the day written."""

from __future__ import annotations

from typing import Protocol


class Notifications(Protocol):
    """The readers of the plugin's own channel. Who they are and what they are told is not for the plugin to see."""

    async def put_digests(self) -> int:
        """Put a message of what is unread into the outbox for each reader who wants one a day; return how many.

        One for whom nothing has come since the last is not written to. Each message comes to
        ``deliver_notification``.
        """
        ...
