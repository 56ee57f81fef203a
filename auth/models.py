"""Who may come in, as whom, with what.

An *identity* is (issuer, subject) and belongs to no scope; a *seat* belongs to exactly one.
What joins them is ``identity_seat``: with the identity and the sign-in flow it is readable
only by the login of the sign-in itself, so that no agency's session can learn or change who
else is the same person, or sit down in a seat by writing a row.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, Versioned, agency, belongs_to, public, secret

PROVIDER, BREAK_GLASS, MEMBER_ACCESS = "provider", "break_glass", "member"
"""How a session began: at the scope's provider, or by the two halves of a secret that is kept offline."""


class Identity(Base, table_class=TableClass.PLATFORM):
    """One account at one provider. E-mail is not here: it never decides anything.

    ``person`` is whom the issuer calls it the account of (the claim and its value), where it tells each of its clients
    of another subject: two accounts of one issuer and ``person`` are one person's. It opens nothing.
    """

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"), Index(None, "issuer", "person"))

    id: Mapped[UUID] = public(primary_key=True)
    issuer: Mapped[str] = agency()
    subject: Mapped[str] = agency()
    person: Mapped[str | None] = agency()
    created_at: Mapped[datetime] = public()


class IdentitySeat(Base, table_class=TableClass.PLATFORM):
    """That an identity may sit in a scope's seat: one seat a scope.

    A seat may have two identities while one provider replaces another. ``origin`` is how they came
    together: on the command line, by an invitation, by an employee number, with a seat made for it, or
    by a change of provider, or by the test sign-in of whoever set one up.
    """

    __tablename__ = "identity_seat"
    __table_args__ = (
        Index(None, "scope_id", "seat_id"),
        CheckConstraint(
            "origin IN ('command', 'invitation', 'number', 'just_in_time', 'relink', 'test')", name="origin"
        ),
    )

    identity_id: Mapped[UUID] = public(ForeignKey("identity.id"), primary_key=True)
    scope_id: Mapped[UUID] = public(ForeignKey("scope.id"), primary_key=True)
    seat_id: Mapped[UUID] = public()
    origin: Mapped[str] = public(default="command")
    created_at: Mapped[datetime] = public()


class Touched(Base, table_class=TableClass.PLATFORM, append_only=True):
    """That a seat had to do with a case (a nomination's id) in its agency; nobody else's session reads it.

    The sign-in alone puts it together with who is the same person (``auth.people.ThePeople.touched``).
    """

    __tablename__ = "touched"
    __table_args__ = (Index(None, "case_id"),)

    scope_id: Mapped[UUID] = public(ForeignKey("scope.id"), primary_key=True)
    seat_id: Mapped[UUID] = public(primary_key=True)
    case_id: Mapped[UUID] = public(primary_key=True)
    first_at: Mapped[datetime] = public()


class TouchedBefore(Base, table_class=TableClass.PLATFORM, append_only=True):
    """What an identity had touched in a seat that it has left since: it stays touched."""

    __tablename__ = "touched_before"

    identity_id: Mapped[UUID] = public(ForeignKey("identity.id"), primary_key=True)
    case_id: Mapped[UUID] = public(primary_key=True)


class SignInFlow(Base, table_class=TableClass.PLATFORM):
    """One sign-in under way: used once, within minutes, by the browser that began it.

    State and browser are kept as digests; ``used_at`` stays so that a replay is known as one.
    ``step_up`` is the action before which somebody who is signed in, in ``seat_id``, proves anew who
    they are. Of a ``test``, begun in ``seat_id``, nothing comes but its record (``auth.setup.testing``).
    ``invitation_digest`` is that of the link it was begun with, and ``identity_id`` who then
    came back and has yet to confirm; ``link_id`` the approval link by which somebody comes, for which only
    ``seat_id`` is meant.
    """

    __tablename__ = "sign_in_flow"
    __table_args__ = (
        Index(None, "expires_at"),
        CheckConstraint("purpose IN ('sign_in', 'test')", name="purpose"),
    )

    id: Mapped[UUID] = public(primary_key=True)
    scope_id: Mapped[UUID] = public(ForeignKey("scope.id"))
    provider_id: Mapped[UUID] = public()
    issuer: Mapped[str] = agency()
    client_id: Mapped[str] = agency()
    state_digest: Mapped[str] = secret(unique=True)
    browser_digest: Mapped[str] = secret()
    nonce: Mapped[str] = secret()
    verifier: Mapped[str] = secret()
    language: Mapped[str] = public()
    next_path: Mapped[str] = agency()
    purpose: Mapped[str] = public(default="sign_in")
    step_up: Mapped[str | None] = public()
    seat_id: Mapped[UUID | None] = public()
    invitation_digest: Mapped[str | None] = secret()
    identity_id: Mapped[UUID | None] = public()
    link_id: Mapped[UUID | None] = public()
    created_at: Mapped[datetime] = public()
    expires_at: Mapped[datetime] = public()
    used_at: Mapped[datetime | None] = public()


class IdentityProvider(TenantRow, Versioned, Base, table_class=TableClass.SCOPE):
    """A provider of this scope's sign-ins; two may be on while one replaces the other.

    ``name`` is what people choose it by then, and ``state`` is one of ``auth.setup.lifecycle``.
    ``client_auth``: none, client_secret_basic, client_secret_post or private_key_jwt. The secret is
    ``secret_sealed``, or where ``secret_ref`` names (``env:NAME`` or ``file:PATH``); ``assertion_audience``
    is whom an assertion signed by a ``ClientKey`` is for. ``pinned_claim`` and
    ``pinned_value`` tell the scopes of a shared issuer apart. ``person_claim`` holds whose account it is for all
    clients of the issuer, where subjects are another for each (``Identity.person``). ``assurance`` is how people must
    have proved who they are (``auth.relying_party.assurance.AssuranceRule``). ``document`` is what
    the provider says of itself where it was handed in, instead of being asked for. ``report`` is what
    the last look at it found (``auth.relying_party.examining``). ``number_claim``
    holds the employee number, where the provider vouches for it; ``just_in_time`` whether whoever
    comes from it gets a seat without a role (``auth.linking.seating``).

    ``refresh``: whether the provider is asked again while a session lasts if it still stands behind
    it. ``never``; ``given``: where it gives a refresh token with the sign-in by itself; ``offline``: where
    it gives one only if ``offline_access`` is asked for. ``programs``: what becomes of the programs that somebody
    let in behind whom it no longer stands: they ``go_on``, or ``end`` (``auth.leaving.end_unvouched``).
    """

    __tablename__ = "identity_provider"
    __table_args__ = (
        Index(None, "tenant_id", "issuer", "client_id"),
        CheckConstraint(
            "client_auth IN ('none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt')",
            name="client_auth",
        ),
        CheckConstraint("assertion_audience IN ('issuer', 'token_endpoint')", name="assertion_audience"),
        CheckConstraint("refresh IN ('never', 'given', 'offline')", name="refresh"),
        CheckConstraint("programs IN ('go_on', 'end')", name="programs"),
        CheckConstraint("(pinned_claim IS NULL) = (pinned_value IS NULL)", name="pinned"),
        CheckConstraint("state IN ('draft', 'tested', 'enforced', 'retiring', 'off')", name="state"),
    )

    name: Mapped[str] = agency()
    issuer: Mapped[str] = agency()
    client_id: Mapped[str] = agency()
    client_auth: Mapped[str] = agency(default="client_secret_basic")
    secret_ref: Mapped[str | None] = secret()
    secret_sealed: Mapped[bytes | None] = secret()
    secret_ends_on: Mapped[date | None] = agency()
    assertion_audience: Mapped[str] = agency(default="issuer")
    algorithms: Mapped[list[str]] = agency()
    pinned_claim: Mapped[str | None] = agency()
    pinned_value: Mapped[str | None] = agency()
    person_claim: Mapped[str | None] = agency()
    assurance: Mapped[dict[str, Any]] = agency(default=dict)
    document: Mapped[dict[str, Any] | None] = agency()
    report: Mapped[dict[str, Any] | None] = agency()
    reported_at: Mapped[datetime | None] = agency()
    number_claim: Mapped[str | None] = agency()
    just_in_time: Mapped[bool] = agency(default=False)
    state: Mapped[str] = public(default="draft")
    refresh: Mapped[str] = agency(default="never")
    programs: Mapped[str] = agency(default="go_on")


class ClientKey(TenantRow, Base, table_class=TableClass.SCOPE):
    """A key by which the platform proves to a provider that it is the scope's client.

    The public half is published until ``withdrawn_at``; ``sealed`` is the private half, as a JSON
    Web Key. The newest key that is active signs.
    """

    __tablename__ = "client_key"
    __table_args__ = (
        belongs_to("identity_provider", "provider_id"),
        UniqueConstraint("tenant_id", "kid"),
        Index(None, "tenant_id", "provider_id"),
        CheckConstraint("algorithm IN ('ES256', 'PS256', 'RS256')", name="algorithm"),
    )

    provider_id: Mapped[UUID] = agency()
    kid: Mapped[str] = public()
    algorithm: Mapped[str] = public()
    public_key: Mapped[dict[str, Any]] = public()
    sealed: Mapped[bytes] = secret()
    created_at: Mapped[datetime] = public()
    active_from: Mapped[datetime] = public()
    withdrawn_at: Mapped[datetime | None] = public()


class Seat(TenantRow, Versioned, Base, table_class=TableClass.SCOPE):
    """A person acting for this scope. ``officer_id`` is their own file, if they have one here.

    ``shut_by_directory``: it was the agency's directory that made it inactive, so the directory may
    make it active again.
    """

    __tablename__ = "seat"
    __table_args__ = (
        Index(None, "tenant_id", "officer_id", unique=True, postgresql_where="officer_id IS NOT NULL"),
        CheckConstraint("language IN ('en', 'fr')", name="language"),
    )

    name: Mapped[str] = agency()
    language: Mapped[str] = agency(default="en")
    officer_id: Mapped[UUID | None] = agency()
    unit: Mapped[str | None] = agency()
    active: Mapped[bool] = agency(default=True)
    shut_by_directory: Mapped[bool] = agency(default=False)
    signed_in_at: Mapped[datetime | None] = agency()
    alarmed_at: Mapped[datetime | None] = agency()


class RoleGrant(TenantRow, Versioned, Base, table_class=TableClass.SCOPE):
    """That a seat holds a role from a day on, and until (not including) another, with where it comes from.

    Grants are ended, never deleted: the page "why does this person have this" reads them all.
    ``origin``: manual, claim, directory, hr or delegation; each origin ends only its own. ``source_id`` is
    the rule it follows from, where there is one.
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        belongs_to("seat", "seat_id"),
        Index(None, "tenant_id", "seat_id", "role", "origin", unique=True, postgresql_where="ends_on IS NULL"),
        Index(None, "tenant_id", "role"),
        CheckConstraint("origin IN ('manual', 'claim', 'directory', 'hr', 'delegation')", name="origin"),
    )

    seat_id: Mapped[UUID] = agency()
    role: Mapped[str] = agency()
    origin: Mapped[str] = agency(default="manual")
    starts_on: Mapped[date] = agency()
    ends_on: Mapped[date | None] = agency()
    reason: Mapped[str] = agency()
    granted_by: Mapped[UUID] = agency()
    source_id: Mapped[UUID | None] = agency()
    ended_by: Mapped[UUID | None] = agency()
    end_reason: Mapped[str | None] = agency()


class Session(TenantRow, Base, table_class=TableClass.SCOPE):
    """One browser signed in to one seat. The cookie's value is kept as a digest only.

    ``kind``: begun at the scope's provider, by a break-glass account (``auth.break_glass``), which no
    provider knows, or by ``access_id``, a member's own way to their own file (``auth.member``).
    ``issuer`` and ``sid`` let the provider end it from behind (back-channel logout).
    ``acr``, ``amr``, ``acrs`` and ``authenticated_at`` are what it said of how, and when, the
    person last proved who they are. ``id_token_sealed`` is its id token while the session lasts.
    ``link_id``: it was begun by an approval link, and is good for that alone.
    ``form_secret`` is that of the session before, where the person only proved anew who they are: the
    forms that were open stay good.
    """

    __tablename__ = "session"
    __table_args__ = (
        belongs_to("seat", "seat_id"),
        UniqueConstraint("tenant_id", "secret_digest"),
        Index(None, "tenant_id", "seat_id"),
        Index(None, "tenant_id", "issuer", "sid"),
        CheckConstraint("kind IN ('provider', 'break_glass', 'member')", name="kind"),
        CheckConstraint("(kind = 'provider') = (provider_id IS NOT NULL AND issuer IS NOT NULL)", name="begun"),
        CheckConstraint("(kind = 'member') = (access_id IS NOT NULL)", name="access"),
    )

    seat_id: Mapped[UUID] = agency()
    kind: Mapped[str] = public(default=PROVIDER)
    secret_digest: Mapped[str] = secret()
    provider_id: Mapped[UUID | None] = agency()
    issuer: Mapped[str | None] = agency()
    access_id: Mapped[UUID | None] = agency()
    sid: Mapped[str | None] = agency()
    device: Mapped[str | None] = agency()
    acr: Mapped[str | None] = agency()
    amr: Mapped[list[str]] = agency(default=list)
    acrs: Mapped[list[str]] = agency(default=list)
    authenticated_at: Mapped[datetime | None] = agency()
    id_token_sealed: Mapped[bytes | None] = secret()
    form_secret: Mapped[bytes | None] = secret()
    link_id: Mapped[UUID | None] = agency()
    created_at: Mapped[datetime] = public()
    idle_until: Mapped[datetime] = agency()
    expires_at: Mapped[datetime] = agency()
    ended_at: Mapped[datetime | None] = agency()


class RefreshGrant(TenantRow, Base, table_class=TableClass.SCOPE):
    """What a session's provider takes for vouching for its person again; ``id`` is the session's, and it ends with it.

    ``sealed`` is the refresh token and the subject it was given for; ``generation`` counts these tokens, so
    that whoever stores the next one says which one it had. Until ``leased_until`` one process is asking
    and no other does. ``attempts`` came to nothing since the last one that did not.
    """

    __tablename__ = "refresh_grant"
    __table_args__ = (belongs_to("session", "id"), Index(None, "tenant_id", "due_at"))

    sealed: Mapped[bytes] = secret()
    generation: Mapped[int] = public(default=1)
    due_at: Mapped[datetime] = public()
    leased_until: Mapped[datetime | None] = public()
    attempts: Mapped[int] = public(default=0)


class LogoutSeen(Base, table_class=TableClass.SCOPE):
    """What logout tokens said, by digests: each token (issuer and ``jti``), which counts once, and whom it named.

    The latter ends a sign-in that was under way meanwhile (``auth/logouts.py``). Kept for a day.
    """

    __tablename__ = "logout_seen"

    tenant_id: Mapped[UUID] = public(ForeignKey("scope.id"), primary_key=True)
    token_digest: Mapped[str] = secret(primary_key=True)
    seen_at: Mapped[datetime] = public()


class ApiToken(TenantRow, Base, table_class=TableClass.SCOPE):
    """A key for a program rather than a person: hashed, with roles of its own, expiring.

    ``kind``: ``api`` calls the API; ``scim`` writes what the agency's directory says, has no role
    and opens nothing else. ``account_id`` is the program's: it stays when a token is replaced.
    ``reads_only``: it changes nothing, whatever its roles allow. ``end_cause``: why it was revoked (``auth.tokens``).
    """

    __tablename__ = "api_token"
    __table_args__ = (
        UniqueConstraint("tenant_id", "secret_digest"),
        CheckConstraint("kind IN ('api', 'scim')", name="kind"),
        CheckConstraint("end_cause IN ('shut_out', 'stop', 'maker', 'unvouched', 'operator')", name="end_cause"),
    )

    account_id: Mapped[UUID] = public()
    name: Mapped[str] = agency()
    kind: Mapped[str] = public(default="api")
    reads_only: Mapped[bool] = agency(default=False)
    secret_digest: Mapped[str] = secret()
    roles: Mapped[list[str]] = agency()
    created_by: Mapped[UUID | None] = agency()
    created_at: Mapped[datetime] = public()
    expires_at: Mapped[datetime] = agency()
    last_used_at: Mapped[datetime | None] = agency()
    revoked_at: Mapped[datetime | None] = agency()
    end_cause: Mapped[str | None] = public()
