"""``contingent access provider``: which provider a scope trusts, and what it asks of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import click
from sqlalchemy import select

from auth.client_keys import ALGORITHMS, add_key, has_key
from auth.command_line import opened, run, whose
from auth.models import IdentityProvider
from auth.relying_party.assurance import LONGEST_VALUE, NOTHING, AssuranceRule, keep_rule, read_rule
from auth.relying_party.claims import UNDECIDING, decides
from auth.relying_party.client_auth import PRIVATE_KEY
from auth.relying_party.keys import ALGORITHMS as TOKEN_ALGORITHMS
from auth.relying_party.network import check_address
from auth.relying_party.refusals import SignInRefused
from auth.setup.gates import passed_test
from auth.setup.lifecycle import ON
from core.settings import read_settings
from core.use_cases.work import Work


class Word(click.ParamType[str]):
    """A value as a provider writes it: printable, and no space, which divides them in a request."""

    name = "value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return ``value``, or fail naming what is expected."""
        text = str(value)
        if not text.isprintable() or " " in text or not 0 < len(text) <= LONGEST_VALUE:
            self.fail(f"expected a value without spaces, of at most {LONGEST_VALUE} characters", param, ctx)
        return text


WORD = Word()
REFRESH = ("never", "given", "offline")
PROGRAMS = ("go_on", "end")


def _asking(function: Callable[..., None]) -> Callable[..., None]:
    """Add what says how people must have proved who they are; together these are the rule."""
    for option in (
        click.option("--any-assurance", is_flag=True, help="Ask nothing about how people sign in there any more."),
        click.option(
            "--max-age", type=click.IntRange(min=0), metavar="SECONDS", help="At most, since they proved it there."
        ),
        click.option("--acrs", type=WORD, help="The authentication context (Entra ID) that must be satisfied: c1."),
        click.option("--amr-any", multiple=True, type=WORD, help="A method of which one must have been used."),
        click.option("--amr-all", multiple=True, type=WORD, help="A method that must have been used: mfa."),
        click.option(
            "--acr-values", multiple=True, type=WORD, help="What to ask the provider for, if that is not --acr itself."
        ),
        click.option("--acr", multiple=True, type=WORD, help="A level of which one must have been reached."),
    ):
        function = option(function)
    return function


@click.command(short_help="Accept sign-ins of a scope from a provider, or change how.")
@whose
@click.option("--issuer", required=True, metavar="ADDRESS", help="The provider, exactly as it names itself.")
@click.option("--client-id", required=True, help="Under which name Contingent is registered there.")
@click.option("--name", metavar="NAME", help="What people choose it by while two are on; its host if nothing is said.")
@click.option("--secret", "secret_ref", metavar="REF", help="Where the secret is: env:NAME or file:PATH.")
@click.option(
    "--signing-key",
    type=click.Choice(ALGORITHMS),
    help="Prove who we are by a key of our own instead of a secret; the first is made now.",
)
@click.option(
    "--audience",
    type=click.Choice(["issuer", "token_endpoint"]),
    help="For whom such a proof is; the issuer if nothing is said.",
)
@click.option("--algorithm", "algorithms", multiple=True, help="Of its id tokens; RS256 if nothing is said.")
@click.option("--pinned", metavar="CLAIM=VALUE", help="What tells this scope apart at a shared provider.")
@click.option(
    "--person",
    metavar="CLAIM",
    help="What names a person to all clients of a provider that has another subject for each of them: oid at Entra ID.",
)
@click.option(
    "--refresh",
    type=click.Choice(REFRESH),
    help="Ask it every few minutes whether it still stands behind a session, with a refresh token: one that is"
    " given with the sign-in, or for offline access that is asked for. Never if nothing is said.",
)
@click.option(
    "--programs",
    type=click.Choice(PROGRAMS),
    help="What becomes of the programs that somebody let in, once it refuses to stand behind that person or says that"
    " they have signed out. They go on if nothing is said.",
)
@click.option(
    "--untested",
    metavar="REASON",
    help="Put it in force though no test sign-in of it has passed, and why; the audit log keeps the reason.",
)
@_asking
@run
async def provider(
    *,
    tenant: str | None,
    program: bool,
    issuer: str,
    client_id: str,
    name: str | None,
    secret_ref: str | None,
    signing_key: str | None,
    audience: str | None,
    algorithms: tuple[str, ...],
    pinned: str | None,
    person: str | None,
    refresh: str | None,
    programs: str | None,
    untested: str | None,
    any_assurance: bool,
    **asked: Any,
) -> None:
    """Accept sign-ins of a scope from a provider; new ones go there from now on.

    One is put in force by a passed test on the page “Sign-in”; where nobody can come in yet, say why it goes without.
    Given again for the same issuer and client it changes what is said, and leaves the rest. What
    says how people must have proved who they are is one rule: say all of it, or nothing.
    """
    _check_issuer(issuer)
    changes = _client(secret_ref, signing_key, audience)
    if algorithms:
        changes["algorithms"] = _algorithms(algorithms)
    if pinned is not None:
        changes["pinned_claim"], changes["pinned_value"] = _pinned(pinned)
    if person is not None:
        if not decides(person):
            raise click.BadParameter(UNDECIDING.id, param_hint="--person")
        changes["person_claim"] = person
    if name is not None:
        changes["name"] = name
    if refresh is not None:
        changes["refresh"] = refresh
    if programs is not None:
        changes["programs"] = programs
    changes |= _rule(asked, taken_away=any_assurance)
    async with opened(tenant, program) as (ctx, work):
        row = await _kept(work, issuer, client_id, changes, untested)
        told = str(read_rule(row.assurance)) or "nothing"
        if signing_key is not None and not await has_key(work.session, ctx.scope.id, row.id, work.now):
            await add_key(work, row.id, signing_key)
        signs = row.client_auth == PRIVATE_KEY
    address = f"{read_settings().address}/t/{ctx.scope.slug}/auth"
    click.echo(f"{ctx.scope.slug} accepts {issuer}, and asks how people sign in there: {told}.")
    click.echo(f"Register there: {address}/callback")
    if signs:
        click.echo(f"It fetches the keys that we sign with from {address}/jwks.json")


async def _kept(
    work: Work, issuer: str, client_id: str, changes: dict[str, Any], untested: str | None
) -> IdentityProvider:
    row = await found_provider(work, issuer, client_id)
    before = None if row is None else _told(row)
    if row is None:
        started: dict[str, Any] = {
            "name": urlsplit(issuer).hostname,
            "client_auth": "none",
            "algorithms": ["RS256"],
            "assurance": {},
            "refresh": "never",
            "programs": "go_on",
        } | changes
        row = IdentityProvider(
            tenant_id=work.ctx.scope.id,
            id=work.new_id(),
            issuer=issuer,
            client_id=client_id,
            state="draft",
            created_at=work.now,
            **started,
        )
        work.session.add(row)
    else:
        for name, value in changes.items():
            setattr(row, name, value)
    if before is None or row.state not in ON:
        await _check_tested(work, row, untested)
        row.state = "enforced"
    await work.session.flush()
    action = "identity_provider.add" if before is None else "identity_provider.change"
    await work.audit(action, ("identity_provider", row.id), before=before, after=_told(row), reason=untested)
    return row


async def _check_tested(work: Work, row: IdentityProvider, untested: str | None) -> None:
    """Refuse to put a provider in force of which no test has passed, unless it is said why."""
    if untested is not None and not untested.strip():
        raise click.BadParameter("expected a reason: the audit log keeps it", param_hint="--untested")
    await work.session.flush()
    if untested is None and await passed_test(work, row) is None:
        raise click.UsageError(
            "No test sign-in of this set-up has passed, and people would sign in through it from now on. Test it on"
            " the page “Sign-in”, or say why it goes without: --untested REASON."
        )


async def found_provider(work: Work, issuer: str, client_id: str) -> IdentityProvider | None:
    """Return the row of the scope's provider with this issuer and client, if there is one."""
    chosen = select(IdentityProvider).where(
        IdentityProvider.tenant_id == work.ctx.scope.id,
        IdentityProvider.issuer == issuer,
        IdentityProvider.client_id == client_id,
    )
    found: IdentityProvider | None = await work.session.scalar(chosen)
    return found


def _told(row: IdentityProvider) -> dict[str, Any]:
    rule = str(read_rule(row.assurance))
    told: dict[str, Any] = {
        "state": row.state,
        "issuer": row.issuer,
        "client_id": row.client_id,
        "algorithms": row.algorithms,
        "client_auth": row.client_auth,
    }
    if row.person_claim is not None:
        told["person_claim"] = row.person_claim
    if row.refresh != "never":
        told["refresh"] = row.refresh
    if row.programs != "go_on":
        told["programs"] = row.programs
    return told | ({"assurance": rule} if rule else {})


def _client(secret_ref: str | None, signing_key: str | None, audience: str | None) -> dict[str, Any]:
    if secret_ref is not None and signing_key is not None:
        raise click.UsageError("--secret and --signing-key are two ways to prove the same: give one.")
    changes: dict[str, Any] = {}
    if secret_ref is not None:
        changes |= {"secret_ref": secret_ref, "client_auth": "client_secret_basic"}
    if signing_key is not None:
        changes |= {"secret_ref": None, "client_auth": PRIVATE_KEY}
    if audience is not None:
        changes["assertion_audience"] = audience
    return changes


def _rule(asked: dict[str, Any], *, taken_away: bool) -> dict[str, Any]:
    rule = AssuranceRule(**{name: value for name, value in asked.items() if value is not None})
    if taken_away and rule != NOTHING:
        raise click.UsageError("--any-assurance takes the rule away: it goes with no other part of one.")
    return {"assurance": keep_rule(rule)} if taken_away or rule != NOTHING else {}


def _check_issuer(issuer: str) -> None:
    try:
        check_address(issuer, loopback=read_settings().demonstration)
    except SignInRefused as refused:
        raise click.BadParameter(refused.detail, param_hint="--issuer") from None


def _algorithms(given: tuple[str, ...]) -> list[str]:
    if not TOKEN_ALGORITHMS.issuperset(given):
        raise click.BadParameter(f"expected some of {', '.join(sorted(TOKEN_ALGORITHMS))}", param_hint="--algorithm")
    return sorted(set(given))


def _pinned(given: str) -> tuple[str, str]:
    claim, _, value = given.partition("=")
    if not (claim and value):
        raise click.BadParameter("expected CLAIM=VALUE", param_hint="--pinned")
    if not decides(claim):
        raise click.BadParameter(UNDECIDING.id, param_hint="--pinned")
    return claim, value
