"""The addresses that are no use case, named one by one: who comes there, and why nobody is asked for a role."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from core.text import Text, t


class Entrance(msgspec.Struct, frozen=True):
    """An address outside the matrix: ``who`` comes there, and ``why`` it is open to them."""

    methods: tuple[str, ...]
    pattern: str
    who: Text
    why: Text

    @property
    def places(self) -> set[tuple[str, str]]:
        """Methods and address, the parameters without their names."""
        parts = ["{}" if part.startswith("{") else part for part in self.pattern.split("/")]
        return {(method, "/".join(parts)) for method in self.methods}


ANYBODY = t("anybody")
_WATCH = t("the operator’s watch")
_PROVIDER = t("the service’s provider")
_GET = ("GET",)
_POST = ("POST",)
_SCIM = ("GET", "POST", "PUT", "PATCH", "DELETE")
_DIRECTORY = t("the agency’s directory, by a token of its kind")
_LIMITED = t("the person is whom the directory names; no token for the API opens it, and this token opens nothing else")

_OFFICER = t("an officer, by a printed code or a passkey of their own")
_OWN_FILE = t(
    "begins a session that opens their own file and nothing else, once, in the browser that was shown the page"
)

ENTRANCES: Sequence[Entrance] = (
    Entrance(_GET, "/", ANYBODY, t("leads to the chooser in the reader’s language")),
    Entrance(_GET, "/{language}", ANYBODY, t("the chooser: the names of the services, where each signs in")),
    Entrance(_GET, "/{language}/accessibility", ANYBODY, t("a statement to the public")),
    Entrance(_GET, "/{language}/privacy", ANYBODY, t("a statement to the public")),
    Entrance(_GET, "/{language}/api", ANYBODY, t("the reference of the API: the source, nothing of any service")),
    Entrance(
        _GET, "/{language}/api/{room}", ANYBODY, t("the reference of the API: the source, nothing of any service")
    ),
    Entrance(_GET, "/{language}/problems/{slug}", ANYBODY, t("what a kind of problem means")),
    Entrance(_GET, "/problems/{slug}", ANYBODY, t("leads to what a kind of problem means")),
    Entrance(_GET, "/api/openapi.json", ANYBODY, t("the description of the API: the source, nothing of any service")),
    Entrance(_GET, "/static/{name}", ANYBODY, t("style, script and icons: the source, nothing of any service")),
    Entrance(
        _GET,
        "/calendar/{token}",
        t("whoever knows the address of a calendar"),
        t(
            "the dates of one calendar, and no person; of them what whoever made the address may read at that moment; "
            "counted by address, and by address of the network where there is no such calendar"
        ),
    ),
    Entrance(_GET, "/health/live", _WATCH, t("says that the process answers, nothing more")),
    Entrance(_GET, "/health/ready", _WATCH, t("says that the database answers, nothing more")),
    Entrance(_GET, "/metrics", _WATCH, t("counts by address and status; no person, no service")),
    Entrance(
        _GET, "/t/{scope}/auth/start", ANYBODY, t("signing in begins; counted by service and address of the network")
    ),
    Entrance(
        _GET,
        "/t/{scope}/auth/callback",
        t("who comes back from the provider"),
        t("its answer is believed after every check"),
    ),
    Entrance(
        _POST, "/t/{scope}/auth/logout", t("who is signed in"), t("ends their own session, by a form of that session")
    ),
    Entrance(
        _GET,
        "/t/{scope}/auth/test",
        t("who sets up sign-in, signed in"),
        t("a second window goes to the provider; of the test only its record comes, and who lacks the role is refused"),
    ),
    Entrance(
        _POST,
        "/t/{scope}/auth/look",
        t("who sets up sign-in, signed in"),
        t("asks a provider what it is, by a form of that session; who lacks the role is refused"),
    ),
    Entrance(
        _POST,
        "/t/{scope}/auth/join",
        t("who has come back by an invitation"),
        t("links them to the seat of the link, once, by a form of that sign-in and browser"),
    ),
    Entrance(
        _POST,
        "/t/{scope}/auth/backchannel",
        _PROVIDER,
        t("ends sessions by a token that it signed"),
    ),
    Entrance(
        _GET,
        "/t/{scope}/auth/jwks.json",
        _PROVIDER,
        t("the public keys of the service"),
    ),
    Entrance(
        _GET,
        "/{language}/{scope}/decide/{secret}",
        t("whoever holds a message that asks for a decision"),
        t("offers to sign in and changes nothing; what follows is for the person alone to whom it was sent"),
    ),
    Entrance(
        ("GET", "POST"),
        "/t/{scope}/auth/break-glass",
        t("who has both halves of a break-glass account"),
        t(
            "a session of an hour, once; counted by service and address of the network, and everybody answerable "
            "is told"
        ),
    ),
    Entrance(
        _GET,
        "/t/{scope}/member",
        ANYBODY,
        t("where officers come to their own file; counted by service and address of the network"),
    ),
    Entrance(_POST, "/t/{scope}/member/code", _OFFICER, _OWN_FILE),
    Entrance(_POST, "/t/{scope}/member/passkey", _OFFICER, _OWN_FILE),
    Entrance(_SCIM, "/t/{scope}/scim/v2", _DIRECTORY, _LIMITED),
    Entrance(_SCIM, "/t/{scope}/scim/v2/{path}", _DIRECTORY, _LIMITED),
)
