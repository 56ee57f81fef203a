"""Why a sign-in is refused: one stable key for the audit line, one sentence for the person."""

from __future__ import annotations

from enum import StrEnum

from auth.relying_party.claims import visible
from core.context import Language
from core.text import Text, t


class Why(StrEnum):
    """The reason, as the audit line keeps it. Released keys never change."""

    NOT_CONFIGURED = "not_configured"
    PROVIDER_DOWN = "provider_down"
    PROVIDER_ANSWER = "provider_answer"
    DISCOVERY = "discovery"
    ADDRESS = "address"
    CANCELLED = "cancelled"
    PROVIDER_ERROR = "provider_error"
    CALLBACK = "callback"
    STATE_UNKNOWN = "state_unknown"
    STATE_REPLAYED = "state_replayed"
    STATE_EXPIRED = "state_expired"
    OTHER_BROWSER = "other_browser"
    OTHER_SCOPE = "other_scope"
    RESPONSE_ISSUER = "response_issuer"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a reason, not a password
    TOKEN_FORM = "token_form"  # noqa: S105 - the name of a refusal
    TOKEN_TYPE = "token_type"  # noqa: S105 - the name of a refusal
    ALGORITHM = "algorithm"
    KEY = "key"
    SIGNATURE = "signature"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    AUTHORIZED_PARTY = "authorized_party"
    SUBJECT = "subject"
    SESSION_ID = "session_id"
    NONCE = "nonce"
    EXPIRED = "expired"
    TIMES = "times"
    ACCESS_TOKEN_HASH = "access_token_hash"  # noqa: S105 - the name of a refusal
    AUTHENTICATION_TIME = "authentication_time"
    ASSURANCE = "assurance"
    PINNED_CLAIM = "pinned_claim"
    USERINFO = "userinfo"
    TOKEN_REPLAYED = "token_replayed"  # noqa: S105 - the name of a refusal
    LOGGED_OUT = "logged_out"
    NO_SEAT = "no_seat"
    OTHER_PERSON = "other_person"
    INVITATION = "invitation"
    SEATED = "seated"
    OTHER_ADDRESSEE = "other_addressee"
    LINK_ENDED = "link_ended"
    STOPPED = "stopped"
    ACCOUNT_STOPPED = "account_stopped"


AGAIN = t("This sign-in can no longer be used: it was begun in another window or browser, or too long ago.")
AGAIN_REMEDY = t("Begin again from the list of services.")
PROVIDER = t("The answer of your organization’s sign-in service could not be accepted.")
PROVIDER_REMEDY = t(
    "Try once more. If it happens again, give your identity team the reference below:"
    " their log and ours name the cause."
)
NOBODY_HERE = t("Your organization’s sign-in service knows you, but there is no active access for you here.")
NOBODY_REMEDY = t("Ask the administrator of this service to give you access.")
_SENTENCES: dict[Why, tuple[Text, Text]] = {
    Why.NOT_CONFIGURED: (
        t("Sign-in is not set up for this service yet."),
        t("Its administrator or the operator of the platform can set it up."),
    ),
    Why.LOGGED_OUT: (t("Your organization’s sign-in service has ended this session meanwhile."), AGAIN_REMEDY),
    Why.PROVIDER_DOWN: (
        t("Your organization’s sign-in service does not answer."),
        t("Try again in a few minutes. Other services are not affected."),
    ),
    Why.CANCELLED: (
        t("You cancelled the sign-in, or your organization’s sign-in service did not allow it."),
        t("Nothing has changed. You can begin again whenever you like."),
    ),
    Why.ASSURANCE: (
        t("This service asks for a stronger sign-in than the one your organization’s sign-in service reported."),
        t(
            "Sign out there, begin again, and use your second factor: a code, a key or a card. If it happens again,"
            " give your identity team the reference below: our log names what was asked for and what was reported."
        ),
    ),
    Why.AUTHENTICATION_TIME: (
        t(
            "This service asks that you have just proved who you are,"
            " and your organization’s sign-in service did not confirm it."
        ),
        t(
            "Sign out there and begin again. If it happens again, give your identity team the reference below:"
            " their service has to ask you anew when we want it, and to tell us when it did."
        ),
    ),
    Why.OTHER_PERSON: (
        t("Somebody else signed in than the person who is signed in here."),
        t("Nothing has changed. Sign in there with the account that you use for this service."),
    ),
    Why.INVITATION: (
        t("This link can no longer be used: it was used or withdrawn, it is too old, or it is not complete."),
        t(
            "If you have used it yourself, sign in from the list of services. If not, ask the administrator of this"
            " service for a new link."
        ),
    ),
    Why.SEATED: (
        t("The account with which you signed in is linked to somebody of this service already."),
        t(
            "Sign in from the list of services, without the link. If you come in as somebody else there, tell the"
            " administrator of this service."
        ),
    ),
    Why.OTHER_ADDRESSEE: (
        t("This link was sent to somebody else than the person who has signed in."),
        t("Sign in at your organization’s sign-in service with the account of the person to whom it was sent."),
    ),
    Why.LINK_ENDED: (
        t("This link opens nothing any more: it was used, it is too old, or the decision has been taken."),
        t("Sign in as usual: what still waits for you is under “Approvals”."),
    ),
    Why.STOPPED: (
        t("Signing in to this service is stopped."),
        t(
            "Somebody answerable for it stopped it, to protect the service. Ask them when it goes on, by a telephone"
            " number that you already have; trust no message with a link."
        ),
    ),
    **dict.fromkeys((Why.NO_SEAT, Why.PINNED_CLAIM, Why.ACCOUNT_STOPPED), (NOBODY_HERE, NOBODY_REMEDY)),
    **dict.fromkeys(
        (Why.CALLBACK, Why.STATE_UNKNOWN, Why.STATE_REPLAYED, Why.STATE_EXPIRED, Why.OTHER_BROWSER, Why.OTHER_SCOPE),
        (AGAIN, AGAIN_REMEDY),
    ),
}


class SignInRefused(Exception):
    """The sign-in ends here.

    ``detail`` is for the audit line: it holds no secret and no token. ``language`` is the one
    the sign-in was begun in, once that is known; ``vouched`` whether the provider's signature
    stands behind what is refused; ``back`` the first page of somebody who stays signed in as before.
    """

    def __init__(self, why: Why, detail: str = "") -> None:
        super().__init__(f"{why}: {detail}" if detail else str(why))
        self.why = why
        # Much of it a provider wrote: no database holds all that its JSON can.
        self.detail = visible(detail[:300])
        self.language: Language | None = None
        self.vouched = False
        self.back: str | None = None

    @property
    def sentences(self) -> tuple[Text, Text]:
        """What the person reads: what happened, and what to do."""
        return _SENTENCES.get(self.why, (PROVIDER, PROVIDER_REMEDY))
