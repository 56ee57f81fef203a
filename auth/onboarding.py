"""The first task of a service that joins: somebody who administers it has signed in through its own provider."""

from __future__ import annotations

from sqlalchemy import select

from auth.models import IdentityProvider, RoleGrant, Session
from core.text import t
from core.use_cases.work import Work
from tenants.onboarding import SEAT_READ, Task


async def sign_in_tested(work: Work) -> Task:
    """Return the task; it is done once an administrator's session was opened through a provider in force."""
    signed_in = (
        select(Session.id)
        .join(RoleGrant, (RoleGrant.tenant_id == Session.tenant_id) & (RoleGrant.seat_id == Session.seat_id))
        .join(
            IdentityProvider,
            (IdentityProvider.tenant_id == Session.tenant_id) & (IdentityProvider.id == Session.provider_id),
        )
        .where(RoleGrant.role == "administrator", IdentityProvider.state == "enforced")
        .limit(1)
    )
    return Task(
        key="sign_in",
        title=t("Test your sign-in"),
        note=t("Set up your service’s own provider, test it, and sign in once through it as administrator."),
        minutes=15,
        done=await work.session.scalar(signed_in) is not None,
        href="/sign-in" if work.ctx.actor.may(SEAT_READ) else None,
        label=t("Sign-in"),
        who=t("an administrator of your service"),
    )
