"""What the worker does for setting up: forget the claims of tests, and warn before something ends."""

from __future__ import annotations

from auth.setup.expiring import warn
from auth.setup.service import SERVED
from auth.setup.testing import clear_claims
from core.context import Ctx
from core.events.subscribers import every

MINUTES_10 = 600
HOUR = 3600


@every(MINUTES_10, kinds=SERVED)
async def forget_claims(ctx: Ctx) -> None:
    """Clear what test sign-ins have brought, an hour after them."""
    await clear_claims(ctx)


@every(HOUR, kinds=SERVED)
async def warn_of_ends(ctx: Ctx) -> None:
    """Tell who can renew it that a secret, a key or a token ends soon: 60, 30 and 7 days before, once each."""
    await warn(ctx)
