from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from auth.models import Seat
from core.database.sessions import tenant_session
from core.extensions.notifying import PluginNotifications
from core.hooks.granting import Effect
from core.hooks.reaching import Connecting
from core.journal.permissions import NOTIFICATION_READ
from tests.core.extensions.listening import station
from tests.platform import Platform
from tests.plugins.notify_email.post import Post
from tests.plugins.notify_email.server import Mailbox, serving


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Mailbox]:
    with serving(tmp_path) as made:
        yield made


@pytest.fixture
async def post(platform: Platform, box: Mailbox) -> AsyncIterator[Post]:
    effects: dict[str, Effect] = {"sockets": Connecting(loopback=True), "notifications": PluginNotifications}
    async with station(platform, effects=effects) as made:
        secret, caller = made.ring.caller(made.scope, NOTIFICATION_READ)
        seat = caller.actor.id
        async with tenant_session(made.ctx()) as session:
            session.add(
                Seat(
                    tenant_id=made.scope.id,
                    id=seat,
                    name="Alix Tremblay",
                    language="fr",
                    active=True,
                    created_at=platform.clock.now(),
                )
            )
        ready = Post(made, box, seat, made.ring.client(**{f"session-{made.scope.slug}": secret}))
        await made.enable("notify_email")
        await ready.configure()
        yield ready
