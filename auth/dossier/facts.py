"""What no model says: which ways data go, how each secret is kept and for how long, and which settings matter.

Each secret column, each entrance and each setting named here is checked against the code by a test: what
is new and is not explained fails the build.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import msgspec

from auth.accounts.schemas import LONGEST_OVERLAP
from auth.approval_links.links import LASTS as LINKS
from auth.client_keys import GRACE, OVERLAP
from auth.linking.schemas import MOST_DAYS
from auth.logouts import KEPT as LOGOUTS_KEPT
from auth.member.challenges import MINUTES
from auth.relying_party.flows import KEPT_HOURS
from auth.relying_party.flows import MINUTES as FLOW_MINUTES
from auth.tokens import LONGEST_DAYS
from core.calendars.ending import UNUSED
from core.journal.channels import LASTS as CODE_LASTS
from core.journal.channels import TRIES
from core.settings import Settings
from core.text import Text, t
from core.use_cases.idempotency import KEPT as ANSWERS_KEPT

HOUR = timedelta(hours=1)
_SEALED = t("sealed")
_DIGEST = t("digest (SHA-256)")
_MADE = t("by a new link")


class Way(msgspec.Struct, frozen=True):
    """One way that data go: from whom to whom, what, and what protects it. ``entrances``: addresses that are on it."""

    between: Text
    what: Text
    protected: Text
    entrances: tuple[str, ...] = ()


class Kept(msgspec.Struct, frozen=True):
    """How a secret is kept, how long it lasts and what renews it."""

    how: Text
    life: Text
    renewed: Text


WAYS: Sequence[Way] = (
    Way(
        t("browser ↔ application"),
        t("pages, forms, files"),
        t(
            "TLS at the proxy in front; a session cookie for each scope (`__Host-`, Secure, HttpOnly, SameSite=Lax); "
            "signed form tokens; a strict content security policy"
        ),
        ("/", "/{language}", "/problems", "/static", "/t/{scope}/auth/logout"),
    ),
    Way(
        t("browser ↔ the agency’s identity provider ↔ application"),
        t(
            "sign-in: OpenID Connect, authorization code with PKCE; subject, name and the claims that the agency’s "
            "rules name"
        ),
        t(
            "state, nonce and PKCE bound to one browser; issuer, audience, algorithm, times and keys of each token "
            "checked; "
            "https to public addresses only"
        ),
        (
            "/t/{scope}/auth/start",
            "/t/{scope}/auth/callback",
            "/t/{scope}/auth/jwks.json",
            "/t/{scope}/auth/test",
            "/t/{scope}/auth/look",
            "/t/{scope}/auth/join",
        ),
    ),
    Way(
        t("an officer’s browser ↔ application, without the agency’s provider"),
        t("member access to one’s own file; a break-glass account, once"),
        t("passkey (WebAuthn) or printed codes; two halves of a secret; counted, told of, and nothing of anybody else"),
        ("/t/{scope}/member", "/t/{scope}/auth/break-glass"),
    ),
    Way(
        t("the agency’s identity provider → application"),
        t("the end of a session (back-channel logout)"),
        t("a token signed by the provider, accepted once"),
        ("/t/{scope}/auth/backchannel",),
    ),
    Way(
        t("the agency’s directory → application"),
        t("who works here (SCIM 2.0): name, employee number, active or not"),
        t("a token of the scope and of this kind alone; it gives no role and opens nothing else"),
        ("/t/{scope}/scim/v2",),
    ),
    Way(
        t("the agency’s programs and its monitoring ↔ application"),
        t("the API: what the roles of the token allow; security events as lines"),
        t("a token of the scope, with roles of its own, an end, and limits of use"),
        ("/api",),
    ),
    Way(
        t("application → somebody’s own calendar, at a firm that its owner chose"),
        t("days, missions, positions and rotations; no person, no number, nothing of health"),
        t(
            "a secret address, known to its owner and the firm, that gives what its owner may read at that moment; "
            "revoked at once, and counted"
        ),
        ("/calendar",),
    ),
    Way(
        t("agency → IPOB"),
        t("what the sharing contract names, once a nomination is released"),
        t(
            "a copy in tables of its own; IPOB’s database role has no grant on the officer’s file; each look is "
            "recorded"
        ),
    ),
    Way(
        t("application ↔ PostgreSQL"),
        t("everything"),
        t(
            "a login for each kind of scope, row-level security forced on every tenant table; sealed columns cannot "
            "be read "
            "with the database alone"
        ),
    ),
    Way(
        t("the operator’s watch → application"),
        t("health and counts, without names of services or people"),
        t("no content, to be kept inside the operator’s network"),
        ("/health", "/metrics"),
    ),
    Way(
        t("application → plugins"),
        t("what each hook is given, for the agency that runs the plugin"),
        t(
            "each agency chooses its plugins and consents to what they ask for; what it did not consent to is refused "
            "and logged; they are given data, never a connection"
        ),
    ),
    Way(
        t("application → the agency’s mail server, and services that it names in a plugin’s settings"),
        t("that something waits, and links for those who approve; what has changed, by ids and states"),
        t(
            "TLS with the certificate checked, to public addresses only; mail goes to addresses that their owners "
            "confirmed, and names no officer; other messages are signed"
        ),
    ),
    Way(
        t("database → backup"),
        t("everything, sealed columns sealed"),
        t("the field key is not in the backup; digests and audit chains are checked when it is restored"),
    ),
)

SECRETS: Mapping[str, Kept] = {
    "api_token.secret_digest": Kept(
        _DIGEST,
        t(
            "%(days)s days at most; ended at once by hand, or when its maker’s access is closed,"
            " but for a directory’s, which says who has gone",
            days=LONGEST_DAYS,
        ),
        t("replaced on its page; both work for %(hours)s hours at most", hours=LONGEST_OVERLAP),
    ),
    **dict.fromkeys(
        ("approval_link.secret_sealed", "approval_link.snapshot_sealed"),
        Kept(
            _SEALED, t("cleared once the link is good for nothing, after %(days)s days at most", days=LINKS.days), _MADE
        ),
    ),
    "approval_link.secret_digest": Kept(_DIGEST, t("usable once, for %(days)s days", days=LINKS.days), _MADE),
    **dict.fromkeys(
        ("break_glass.first_digest", "break_glass.second_digest"),
        Kept(_DIGEST, t("usable once, both halves together"), t("drawn anew on its page")),
    ),
    "calendar_address.secret_digest": Kept(
        _DIGEST,
        t(
            "until it is revoked; ended at once with its maker’s access, by a stop of signing in, and after %(days)s "
            "days in which no calendar asks; of no use while its maker lacks the role",
            days=UNUSED.days,
        ),
        t("revoked and made anew on its page"),
    ),
    "channel_address.code_sealed": Kept(
        _SEALED,
        t("%(hours)s hours and %(tries)s tries; cleared once it is entered", hours=CODE_LASTS // HOUR, tries=TRIES),
        t("by entering the address again"),
    ),
    "client_key.sealed": Kept(
        _SEALED,
        t("until it is replaced"),
        t(
            "one command; the new one signs after %(overlap)s hours, the old stays published %(grace)s hour longer",
            overlap=OVERLAP // HOUR,
            grace=GRACE // HOUR,
        ),
    ),
    "document_chunk.sealed": Kept(_SEALED, t("as long as the file"), t("never")),
    "identity_provider.secret_ref": Kept(
        t("where the secret is (environment or file), never the secret"),
        t("as the provider has it"),
        t("at the provider"),
    ),
    "identity_provider.secret_sealed": Kept(
        _SEALED, t("as the provider has it"), t("at the provider, then on its page")
    ),
    "idempotency.answer": Kept(_SEALED, t("%(days)s days", days=ANSWERS_KEPT.days), t("never")),
    "logout_seen.token_digest": Kept(_DIGEST, t("%(hours)s hours", hours=LOGOUTS_KEPT // HOUR), t("never")),
    **dict.fromkeys(
        ("member_challenge.browser_digest", "member_challenge.challenge"),
        Kept(
            t("as it is or as a digest, for one browser"),
            t("usable once, for %(minutes)s minutes", minutes=MINUTES),
            _MADE,
        ),
    ),
    "member_code.digest": Kept(_DIGEST, t("usable once, as long as member access"), t("printed anew by the officer")),
    **dict.fromkeys(
        ("passkey.credential_id", "passkey.public_key"),
        Kept(
            t("as it is: public halves; the private key never leaves the officer’s device"),
            t("as long as member access"),
            t("added and dropped by the officer"),
        ),
    ),
    "plugin_bundle.sealed": Kept(
        _SEALED, t("until the version is taken away, or the plugin is erased"), t("never: another version is brought")
    ),
    "plugin_secret.sealed": Kept(
        _SEALED, t("until it is replaced or taken away"), t("at the other end, then on the plugin’s page")
    ),
    "refresh_grant.sealed": Kept(_SEALED, t("as long as the session"), t("each time that the provider is asked")),
    "seat_invitation.secret_digest": Kept(_DIGEST, t("usable once, for %(days)s days at most", days=MOST_DAYS), _MADE),
    "session.form_secret": Kept(
        t("derived from the session’s secret"), t("as long as the session"), t("with the session")
    ),
    "session.id_token_sealed": Kept(_SEALED, t("as long as the session"), t("at each sign-in")),
    "session.secret_digest": Kept(
        _DIGEST,
        t(
            "%(minutes)s minutes without a request, %(hours)s hours at most",
            minutes=Settings.__dataclass_fields__["session_idle_minutes"].default,
            hours=Settings.__dataclass_fields__["session_hours"].default,
        ),
        t("at each sign-in, and when somebody proves anew who they are"),
    ),
    **{
        f"sign_in_flow.{name}": Kept(
            how,
            t(
                "usable once, for %(minutes)s minutes; removed after %(hours)s hours",
                minutes=FLOW_MINUTES,
                hours=KEPT_HOURS,
            ),
            t("at each sign-in"),
        )
        for name, how in {
            "browser_digest": _DIGEST,
            "invitation_digest": _DIGEST,
            "nonce": t("as it is, in a table of the sign-in alone"),
            "state_digest": _DIGEST,
            "verifier": t("as it is, in a table of the sign-in alone"),
        }.items()
    },
}
"""Every column of class secret."""

OUTSIDE: Mapping[str, Kept] = {
    "field_key": Kept(
        t(
            "32 random bytes in `secrets.toml`, readable by the service’s account alone; its fingerprint is in the "
            "database"
        ),
        t("as long as the data"),
        t("not yet: a new one would mean to seal everything anew"),
    ),
    "CONTINGENT_…_PASSWORD": Kept(
        t(
            "the database’s passwords, one for each role: environment, `~/.pgpass`, or `secrets.toml` of the embedded "
            "server"
        ),
        t("as the operator decides"),
        t("at the database, then restart"),
    ),
}
"""What is kept outside the database."""

SETTINGS: Mapping[str, Text] = {
    "public_url": t("the one address, https in production: cookies and redirects are made for it alone"),
    "demonstration": t("must stay off in production: it allows the demonstration’s sign-in"),
    "data_folder": t(
        "holds the field key: readable by the service’s account alone, a copy kept apart from the backups"
    ),
    "session_idle_minutes": t("minutes without a request that end a session"),
    "session_hours": t("hours after which any session ends"),
    "sign_ins_per_minute": t("sign-ins to one service from one address before more have to wait"),
    "api_per_minute": t("calls of one token a minute before more have to wait"),
    "clamd_address": t("a virus scanner; without one, files stay marked as not scanned"),
    "database_url": t("the way to the database; `sslmode=verify-full` where it is another machine"),
}
"""Settings that decide on security, by the name of their field."""

LIBRARIES: Mapping[str, Text] = {
    "webauthn": t("passkeys of officers"),
    "cryptography": t("AES-256-GCM for sealed columns, HKDF-SHA-256 for each scope’s key; keys and signatures"),
    "joserfc": t("checks of id and logout tokens; signatures with a client’s own key"),
    "authlib": t("the OpenID Connect client: code for tokens, PKCE"),
    "asyncpg": t("the connection to PostgreSQL: TLS and SCRAM-SHA-256"),
    "scim2-server": t("SCIM’s protocol"),
}
"""Packages on which security rests; their versions and digests are pinned in `requirements.lock`."""
