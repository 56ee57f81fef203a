"""The addresses that are no use case, named one by one: who comes there, and why nobody is asked for a role."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Entrance(msgspec.Struct, frozen=True):
    """An address outside the matrix: ``who`` comes there, and ``why`` it is open to them."""

    methods: tuple[str, ...]
    pattern: str
    who: str
    why: str

    @property
    def places(self) -> set[tuple[str, str]]:
        """Methods and address, the parameters without their names."""
        parts = ["{}" if part.startswith("{") else part for part in self.pattern.split("/")]
        return {(method, "/".join(parts)) for method in self.methods}


ANYBODY = "anybody"
_GET = ("GET",)
_POST = ("POST",)
_SCIM = ("GET", "POST", "PUT", "PATCH", "DELETE")
_DIRECTORY = "the agency's directory, by a token of its kind"
_LIMITED = "the person is whom the directory names; no token for the API opens it, and this token opens nothing else"

_OFFICER = "an officer, by a printed code or a passkey of their own"
_OWN_FILE = "begins a session that opens their own file and nothing else, once, in the browser that was shown the page"

ENTRANCES: Sequence[Entrance] = (
    Entrance(_GET, "/", ANYBODY, "leads to the chooser in the reader's language"),
    Entrance(_GET, "/{language}", ANYBODY, "the chooser: the names of the services, where each signs in"),
    Entrance(_GET, "/{language}/accessibility", ANYBODY, "a statement to the public"),
    Entrance(_GET, "/{language}/privacy", ANYBODY, "a statement to the public"),
    Entrance(_GET, "/{language}/api", ANYBODY, "the reference of the API: the source, nothing of any service"),
    Entrance(_GET, "/{language}/api/{room}", ANYBODY, "the reference of the API: the source, nothing of any service"),
    Entrance(_GET, "/{language}/problems/{slug}", ANYBODY, "what a kind of problem means"),
    Entrance(_GET, "/problems/{slug}", ANYBODY, "leads to what a kind of problem means"),
    Entrance(_GET, "/api/openapi.json", ANYBODY, "the description of the API: the source, nothing of any service"),
    Entrance(_GET, "/static/{name}", ANYBODY, "style, script and icons: the source, nothing of any service"),
    Entrance(_GET, "/health/live", "the operator's watch", "says that the process answers, nothing more"),
    Entrance(_GET, "/health/ready", "the operator's watch", "says that the database answers, nothing more"),
    Entrance(_GET, "/metrics", "the operator's watch", "counts by address and status; no person, no service"),
    Entrance(
        _GET, "/t/{scope}/auth/start", ANYBODY, "signing in begins; counted by service and address of the network"
    ),
    Entrance(
        _GET, "/t/{scope}/auth/callback", "who comes back from the provider", "its answer is believed after every check"
    ),
    Entrance(
        _GET,
        "/t/{scope}/auth/test",
        "who sets up sign-in, signed in",
        "a second window goes to the provider; of the test only its record comes, and who lacks the role is refused",
    ),
    Entrance(
        _POST,
        "/t/{scope}/auth/look",
        "who sets up sign-in, signed in",
        "asks a provider what it is, by a form of that session; who lacks the role is refused",
    ),
    Entrance(
        _POST,
        "/t/{scope}/auth/join",
        "who has come back by an invitation",
        "links them to the seat of the link, once, by a form of that sign-in and browser",
    ),
    Entrance(_POST, "/t/{scope}/auth/logout", "who is signed in", "ends their own session, by a form of that session"),
    Entrance(
        _POST,
        "/t/{scope}/auth/backchannel",
        "the service's provider",
        "ends sessions by a token that it signed",
    ),
    Entrance(
        _GET,
        "/t/{scope}/auth/jwks.json",
        "the service's provider",
        "the public keys of the service",
    ),
    Entrance(
        _GET,
        "/{language}/{scope}/decide/{secret}",
        "whoever holds a message that asks for a decision",
        "offers to sign in and changes nothing; what follows is for the person alone to whom it was sent",
    ),
    Entrance(
        ("GET", "POST"),
        "/t/{scope}/auth/break-glass",
        "who has both halves of a break-glass account",
        "a session of an hour, once; counted by service and address of the network, and everybody answerable is told",
    ),
    Entrance(
        _GET,
        "/t/{scope}/member",
        ANYBODY,
        "where officers come to their own file; counted by service and address of the network",
    ),
    Entrance(_POST, "/t/{scope}/member/code", _OFFICER, _OWN_FILE),
    Entrance(_POST, "/t/{scope}/member/passkey", _OFFICER, _OWN_FILE),
    Entrance(_SCIM, "/t/{scope}/scim/v2", _DIRECTORY, _LIMITED),
    Entrance(_SCIM, "/t/{scope}/scim/v2/{path}", _DIRECTORY, _LIMITED),
)
