"""A copy of a provider, on which a change is tried while people go on signing in as before."""

from __future__ import annotations

from uuid import UUID

from auth.claim_rules.models import ClaimRule
from auth.claim_rules.settling import rules_of
from auth.client_secrets import seal_secret, with_secret
from auth.models import IdentityProvider
from auth.relying_party.providers import Provider
from auth.setup.configuration import PARTS
from core.use_cases.work import Work

BESIDES = ("number_claim", "just_in_time", "person_claim", "programs")
"""What goes along without being tested: how accounts find their seats, whose they are, and what becomes of programs."""


def copied(work: Work, row: IdentityProvider, name: str) -> IdentityProvider:
    """Return a draft with the set-up of ``row``, its secret sealed anew."""
    made = IdentityProvider(
        tenant_id=row.tenant_id,
        id=work.new_id(),
        name=name,
        state="draft",
        secret_ends_on=row.secret_ends_on,
        created_at=work.now,
        **{part: getattr(row, part) for part in (*PARTS, *BESIDES)},
    )
    bearing = Provider(
        row.id, row.issuer, row.client_id, row.client_auth, tuple(row.algorithms), sealed=row.secret_sealed
    )
    secret = with_secret(work.ctx, bearing).secret
    if secret is not None:
        made.secret_sealed = seal_secret(work.ctx, made.id, secret)
    return made


async def copy_rules(work: Work, old: UUID, new: UUID, reason: str) -> None:
    """Let the rules from claims to roles that hold for one provider hold for its copy too."""
    for rule in await rules_of(work, old):
        made = ClaimRule(
            tenant_id=rule.tenant_id,
            id=work.new_id(),
            provider_id=new,
            claim=rule.claim,
            value=rule.value,
            role=rule.role,
            reason=rule.reason,
            made_by=rule.made_by,
            created_at=work.now,
        )
        work.session.add(made)
        await work.session.flush()
        after = {"claim": made.claim, "value": made.value, "role": made.role}
        await work.audit("claim_rule.add", ("claim_rule", made.id), after=after, reason=reason)
