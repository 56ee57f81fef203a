"""What goes in and out of the use cases on setting up sign-in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from auth.relying_party.examining import Finding
from auth.relying_party.keys import ALGORITHMS
from auth.schemas import Reason
from auth.setup.gates import Gate
from core.text import Text, t
from core.use_cases.fields import field

CLIENT_AUTH = {
    "client_secret_basic": t("A secret, in the header (client_secret_basic)"),
    "client_secret_post": t("A secret, in the form (client_secret_post)"),
    "private_key_jwt": t("A key of ours that signs (private_key_jwt)"),
    "none": t("Nothing: a public client with PKCE"),
}
REFRESH = {
    "never": t("Never"),
    "given": t("Yes, if it gives a refresh token by itself (Keycloak)"),
    "offline": t("Yes, by asking for offline_access (Entra ID, Okta)"),
}
PROGRAMS = {"go_on": t("They go on"), "end": t("They end within a minute")}
AUDIENCES = {"issuer": t("the issuer"), "token_endpoint": t("the token endpoint (AD FS, Okta)")}

Name = Annotated[
    str, field(t("Name"), longest=80, help=t("What people choose it by while there are two, such as: Entra ID 2027."))
]
Issuer = Annotated[
    str,
    field(
        t("Metadata address, or issuer"),
        longest=500,
        help=t("With or without /.well-known/openid-configuration at its end."),
    ),
]
ClientId = Annotated[
    str, field(t("Client identifier"), longest=300, help=t("What your identity team registered us as."))
]
Secret = Annotated[
    str | None,
    field(
        t("Client secret"),
        widget="secret",
        depends=True,
        longest=1000,
        help=t("It is kept sealed and never shown again. Leave it empty to keep the one there is."),
    ),
]
SecretEnds = Annotated[date | None, field(t("The secret ends on"), help=t("You are told 60, 30 and 7 days before."))]
Algorithm = Annotated[
    str,
    field(
        t("It signs with"),
        choices={name: Text(name) for name in sorted(ALGORITHMS)},
        help=t("Most providers sign with RS256. Other algorithms are then refused."),
    ),
]
PinnedClaim = Annotated[
    str | None,
    field(
        t("Claim that must be there"),
        longest=200,
        help=t("Only where several organizations share the provider: the claim that tells yours apart."),
    ),
]
PinnedValue = Annotated[str | None, field(t("Its value"), longest=300)]
PersonClaim = Annotated[
    str | None,
    field(
        t("Claim that names the person to all clients"),
        longest=200,
        help=t(
            "Only where the provider knows people by another subject at each client, as Entra ID does: oid. It opens"
            " nothing. By it, somebody who acts for two services is known as one person, who may not decide for both."
        ),
    ),
]
Audience = Annotated[
    str,
    field(t("Our proof is for"), choices=AUDIENCES, help=t("Matters only where a key of ours signs.")),
]

Refresh = Annotated[
    str,
    field(
        t("Ask it again while sessions last"),
        choices=REFRESH,
        help=t(
            "Every five minutes: an account that is closed there then ends its sessions here. Never is right where"
            " back-channel logout or your directory tells it already. Do not ask Keycloak for offline_access: what it"
            " then gives outlasts the person’s session."
        ),
    ),
]
Programs = Annotated[
    str,
    field(
        t("Programs let in by somebody whom it no longer stands behind"),
        choices=PROGRAMS,
        help=t(
            "It says so by back-channel logout, or by refusing when it is asked again: also where somebody has only"
            " signed out there. When the worker file, your directory or an administrator shuts a person out, their"
            " programs end in any case."
        ),
    ),
]


class ProviderIn(msgspec.Struct, frozen=True, kw_only=True):
    """A provider to set up."""

    name: Name
    issuer: Issuer
    client_id: ClientId
    client_auth: Annotated[str, field(t("How we prove who we are"), choices=CLIENT_AUTH)]
    secret: Secret = None
    secret_ends_on: SecretEnds = None
    algorithm: Algorithm
    assertion_audience: Audience = "issuer"
    pinned_claim: PinnedClaim = None
    pinned_value: PinnedValue = None
    person_claim: PersonClaim = None
    refresh: Refresh = "never"
    programs: Programs = "go_on"


class ChangeProvider(ProviderIn, frozen=True, kw_only=True):
    """The set-up of a provider as it is to be; a secret that is not given stays."""

    id: str


class AssuranceIn(msgspec.Struct, frozen=True, kw_only=True):
    """How people must have proved who they are; nothing said asks nothing."""

    id: str
    acr: Annotated[str, field(t("acr: one of these"), longest=600, help=t("Separated by spaces."))] = ""
    amr_all: Annotated[
        str, field(t("amr: all of these"), longest=600, help=t("Methods such as mfa, hwk or otp, separated by spaces."))
    ] = ""
    amr_any: Annotated[
        str,
        field(t("amr: one of these"), longest=600, help=t("AD FS: http://schemas.microsoft.com/claims/multipleauthn")),
    ] = ""
    acr_values: Annotated[
        str,
        field(
            t("acr_values: what it is asked for"),
            longest=600,
            help=t("Only if that is something else than acr itself, such as urn:okta:loa:2fa:any."),
        ),
    ] = ""
    acrs: Annotated[
        str | None, field(t("acrs: this context"), longest=100, help=t("Of Entra ID alone, such as c1."))
    ] = None
    minutes: Annotated[
        int | None,
        field(
            t("Minutes since the person proved who they are, at most"),
            least=5,
            most=1440,
            help=t("The sign-in service must then tell when it was (auth_time)."),
        ),
    ] = None


class HandInDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A discovery document in a file, for a provider whose metadata address cannot be asked."""

    id: str
    document_id: Annotated[
        str,
        field(
            t("Discovery document (JSON)"),
            widget="file",
            help=t("What the provider answers at /.well-known/openid-configuration, at most 64 KB."),
        ),
    ]


class CopyProvider(msgspec.Struct, frozen=True, kw_only=True):
    """A provider to prepare a change of, as a copy that is tested on its own."""

    id: str
    name: Name
    reason: Reason


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at a provider found; it comes from the platform itself."""

    id: str
    findings: list[Finding]


class ProviderOut(msgspec.Struct, frozen=True, kw_only=True):
    """A provider, without its secret."""

    id: UUID
    name: str
    state: str
    issuer: str
    client_id: str
    client_auth: str
    has_secret: bool
    secret_ends_on: date | None
    algorithms: list[str]
    assertion_audience: str
    pinned_claim: str | None
    pinned_value: str | None
    person_claim: str | None
    refresh: str
    programs: str
    assurance: str
    rule: dict[str, Any]
    has_document: bool
    created_at: datetime
    version: int


class ProviderList(msgspec.Struct, frozen=True):
    """The providers of the service: those that people sign in through first."""

    providers: list[ProviderOut]


class TestOut(msgspec.Struct, frozen=True, kw_only=True):
    """The newest test sign-in: ``why`` it was refused, if it was, and what came; ``holds``: for this very set-up."""

    __test__ = False

    id: UUID
    at: datetime
    by: str
    mine: bool
    why: str | None
    detail: str | None
    assurance: str | None
    claims: dict[str, str] | None
    roles: list[str]
    missing: list[str]
    holds: bool
    linkable: bool


class ProviderFile(msgspec.Struct, frozen=True, kw_only=True):
    """All of one provider: what was found, the newest test, and what it lacks to be put in force or let go."""

    provider: ProviderOut
    findings: list[Finding] | None
    reported_at: datetime | None
    test: TestOut | None
    enforcing: list[Gate]
    leaving: list[Gate]
