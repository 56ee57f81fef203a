"""A small OpenID Connect provider for the demonstration: an issuer for each organization, by path.

It answers on ``http://127.0.0.1:PORT/idp/…`` while the application is on
``http://localhost:PORT``: two origins, so that every sign-in of the demonstration crosses
sites as real ones do. Nobody proves anything here, one only chooses who to be; it therefore
refuses to be made outside the demonstration.
"""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any
from urllib.parse import unquote, urlencode

import msgspec
from litestar import Litestar, Request, Response, get, post
from litestar.enums import RequestEncodingType, ScopeType
from litestar.params import Body, Parameter
from litestar.types import ASGIApp, Receive, Scope, Send

from contingent.demo.issuers import Places, client_id, issuer_name, places, scope_of_client
from contingent.demo.personas import Persona, all_scopes, personas_for
from contingent.demo.provider_pages import SHEET, authorize_page, message_page, style_sheet
from contingent.demo.provider_state import Grant, ProviderState, describe
from core.clock import Clock
from core.settings import Settings

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
Name = Annotated[str, Parameter(max_length=60)]


class Client(msgspec.Struct, frozen=True):
    """A scope of the application, as registered at its provider."""

    scope: str
    redirect_uri: str
    sign_out_uris: tuple[str, ...]


class DemoProvider:
    """What the handlers need; one a process."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.places: Places = places(settings)
        self.state = ProviderState(clock)
        self.issuers: dict[str, list[str]] = {}
        for slug in all_scopes():
            self.issuers.setdefault(issuer_name(slug), []).append(slug)

    def client(self, issuer: str, name: str) -> Client | None:
        """Return the client registered as ``name`` at the issuer, if it is."""
        scope = scope_of_client(name)
        if scope is None or scope not in self.issuers.get(issuer, ()):
            return None
        start = self.places.application
        return Client(scope, f"{start}/t/{scope}/auth/callback", (f"{start}/en/", f"{start}/fr/"))

    def people(self, issuer: str) -> dict[str, list[Persona]]:
        """Return the issuer's people by scope."""
        return {slug: personas_for(slug) for slug in self.issuers.get(issuer, ())}

    def person(self, issuer: str, subject: str) -> Persona | None:
        """Return whoever has ``subject`` at the issuer."""
        found = (one for people in self.people(issuer).values() for one in people if one.subject == subject)
        return next(found, None)


def make_provider(settings: Settings, clock: Clock) -> ASGIApp:
    """Return the provider as an application of its own; raises ``Misconfigured`` outside the demonstration."""
    provider = DemoProvider(settings, clock)
    handlers = [configuration, keys, authorize, chosen, token, userinfo, end_session, sheet]
    app = Litestar(route_handlers=handlers, path="/idp", openapi_config=None, logging_config=None)
    app.state.provider = provider
    return _only_at(provider.places.host, app)


def beside(application: ASGIApp, provider: ASGIApp) -> ASGIApp:
    """Return one application that gives ``/idp/…`` to the provider and the rest to ``application``."""

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] == ScopeType.HTTP and scope["path"].startswith("/idp/")
        await (provider if asked else application)(scope, receive, send)

    return choose


def _only_at(host: str, app: ASGIApp) -> ASGIApp:
    """Answer under one name only: on any other the provider does not exist."""

    async def check(scope: Scope, receive: Receive, send: Send) -> None:
        named = dict(scope["headers"]).get(b"host", b"").decode("latin-1") if scope["type"] == ScopeType.HTTP else host
        if named == host:
            await app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return check


def _provider(request: Request[Any, Any, Any]) -> DemoProvider:
    found: DemoProvider = request.app.state.provider
    return found


def _problem(kind: str, status: int = 400) -> Response[dict[str, str]]:
    return Response({"error": kind}, status_code=status, headers={"Cache-Control": "no-store"})


@get("/{name:str}/.well-known/openid-configuration")
async def configuration(request: Request[Any, Any, Any], name: Name) -> Response[dict[str, Any]]:
    """Answer the discovery document."""
    provider = _provider(request)
    if name not in provider.issuers:
        return Response({}, status_code=404)
    issuer = provider.places.issuer(name)
    return Response(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "end_session_endpoint": f"{issuer}/end-session",
            "jwks_uri": f"{issuer}/jwks",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "ui_locales_supported": ["en", "fr"],
        }
    )


@get("/{name:str}/jwks")
async def keys(request: Request[Any, Any, Any], name: Name) -> Response[dict[str, Any]]:
    """Answer the public keys."""
    provider = _provider(request)
    if name not in provider.issuers:
        return Response({}, status_code=404)
    return Response({"keys": [provider.state.key(provider.places.issuer(name)).as_dict(private=False)]})


def _asked(request: Request[Any, Any, Any], name: str) -> tuple[Client, dict[str, str]] | None:
    """Return the client and the query, if the browser may be sent back to where the query says."""
    query = {key: request.query_params[key] for key in request.query_params}
    client = _provider(request).client(name, query.get("client_id", ""))
    return (client, query) if client is not None and query.get("redirect_uri") == client.redirect_uri else None


def _fault(query: dict[str, str]) -> str | None:
    if query.get("response_type") != "code" or query.get("response_mode", "query") != "query":
        return "unsupported_response_type"
    if "openid" not in query.get("scope", "").split():
        return "invalid_scope"
    if query.get("code_challenge_method") != "S256" or not query.get("code_challenge") or not query.get("state"):
        return "invalid_request"
    return None


@get("/{name:str}/authorize")
async def authorize(request: Request[Any, Any, Any], name: Name) -> Response[Any]:
    """Show who one can be."""
    provider = _provider(request)
    asked = _asked(request, name)
    if asked is None:
        return message_page("unknown_client", request.query_params.get("ui_locales", "en"))
    client, query = asked
    fault = _fault(query)
    if fault is not None:
        return _back(provider, name, query, {"error": fault})
    return authorize_page(provider.people(name), client.scope, query, provider.places.application)


@post("/{name:str}/authorize", status_code=303)
async def chosen(request: Request[Any, Any, Any], name: Name, data: Form) -> Response[Any]:
    """Send the browser back, as whoever was chosen."""
    provider = _provider(request)
    asked = _asked(request, name)
    if asked is None:
        return message_page("unknown_client", request.query_params.get("ui_locales", "en"))
    client, query = asked
    fault = _fault(query)
    if fault is not None:
        return _back(provider, name, query, {"error": fault})
    persona = provider.person(name, data.get("person", ""))
    if persona is None:
        return _back(provider, name, query, {"error": "access_denied"})
    grant = Grant(
        issuer=provider.places.issuer(name),
        client_id=client_id(client.scope),
        redirect_uri=client.redirect_uri,
        challenge=query["code_challenge"],
        nonce=query.get("nonce"),
        persona=persona,
        at=provider.state.now(),
    )
    return _back(provider, name, query, {"code": provider.state.issue_code(grant)})


def _back(provider: DemoProvider, name: str, query: dict[str, str], answer: dict[str, str]) -> Response[Any]:
    parameters = answer | {"state": query.get("state", ""), "iss": provider.places.issuer(name)}
    location = f"{query['redirect_uri']}?{urlencode(parameters)}"
    return Response(None, status_code=303, headers={"Location": location, "Cache-Control": "no-store"})


@post("/{name:str}/token", status_code=200)
async def token(request: Request[Any, Any, Any], name: Name, data: Form) -> Response[Any]:
    """Turn a code into tokens."""
    provider = _provider(request)
    if data.get("grant_type") != "authorization_code":
        return _problem("unsupported_grant_type")
    grant = provider.state.redeem_code(
        data.get("code", ""),
        issuer=provider.places.issuer(name),
        client_id=_client_name(request, data),
        redirect_uri=data.get("redirect_uri", ""),
        verifier=data.get("code_verifier", ""),
    )
    if grant is None:
        return _problem("invalid_grant")
    return Response(provider.state.issue_tokens(grant), headers={"Cache-Control": "no-store"})


def _client_name(request: Request[Any, Any, Any], data: dict[str, str]) -> str:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return data.get("client_id", "")
    try:
        return unquote(base64.b64decode(encoded, validate=True).decode().partition(":")[0])
    except (binascii.Error, UnicodeDecodeError):
        return ""


@get("/{name:str}/userinfo")
async def userinfo(request: Request[Any, Any, Any], name: Name) -> Response[Any]:
    """Describe the person of an access token."""
    provider = _provider(request)
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    persona = provider.state.person(provider.places.issuer(name), bearer)
    return _problem("invalid_token", 401) if persona is None else Response(describe(persona))


@get("/{name:str}/end-session")
async def end_session(request: Request[Any, Any, Any], name: Name) -> Response[Any]:
    """Send the browser back after a sign-out: this provider keeps no session of its own."""
    provider = _provider(request)
    client = provider.client(name, request.query_params.get("client_id", ""))
    wanted = request.query_params.get("post_logout_redirect_uri", "")
    if client is None or wanted not in client.sign_out_uris:
        return message_page("signed_out", request.query_params.get("ui_locales", "en"))
    return Response(None, status_code=303, headers={"Location": wanted})


@get(f"/{SHEET}")
async def sheet() -> Response[bytes]:
    """Answer the project's style sheet, for the provider's own pages."""
    return Response(style_sheet(), media_type="text/css; charset=utf-8", headers={"Cache-Control": "max-age=3600"})
