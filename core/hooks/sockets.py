"""``ctx.sockets``: connections of a reviewed plugin's own, in the process, for what does not speak http."""

from __future__ import annotations

import socket
from typing import Protocol


class Sockets(Protocol):
    """Connections to the machines that the agency consented to, and to no other."""

    async def connect(self, host: str, port: int, *, deadline: float = 8.0) -> socket.socket:
        """Return a connected socket that does not block; whoever asked closes it.

        Raises ``NotConsented`` for a machine that was not consented to, ``OSError`` where no
        connection was had: its message names the machine and why.
        """
        ...
