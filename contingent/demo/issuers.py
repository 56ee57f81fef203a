"""Which provider signs in for which scope in the demonstration, and the addresses of both sides.

Which provider a scope uses is in its file (``tenants/``): IPOB uses the RCMP's, and two
services of one region share one, told apart by a pinned claim.
"""

from __future__ import annotations

from functools import cache

import msgspec

from core.errors import Misconfigured
from core.settings import Settings
from tenants.files import Both, Provider
from tenants.library import Library, load_library


class Places(msgspec.Struct, frozen=True):
    """The demonstration's two origins: the application's and the providers', which differ as real ones do."""

    application: str
    providers: str
    host: str

    def issuer(self, name: str) -> str:
        """Return the issuer of the provider called ``name``."""
        return f"{self.providers}/idp/{name}"


def places(settings: Settings) -> Places:
    """Return where both sides answer; refuses outside the demonstration."""
    if not settings.demonstration:
        raise Misconfigured("the demonstration’s sign-in provider needs CONTINGENT_DEMO=1: never set it in production")
    host = f"127.0.0.1:{settings.port}"
    return Places(application=settings.address, providers=f"http://{host}", host=host)


@cache
def library() -> Library:
    """Return the agencies and other scopes of the project's own files."""
    return load_library()


COMMANDED = {"cpmu": (Both(en="CPMU", fr="MPCU"), "qc-spvm")}
"""The missions with a commander: their acronyms, and the service of which the commander is an officer.

A mission has no file; whoever commands its contingent signs in where their own service does.
"""


def provider_of(scope_slug: str) -> Provider:
    """Return the provider that a scope's file names."""
    known = library()
    if scope_slug in COMMANDED:
        return Provider(issuer=provider_of(COMMANDED[scope_slug][1]).issuer)
    agency = known.agencies.get(scope_slug)
    return agency.provider if agency is not None else known.scopes[scope_slug].provider


def issuer_name(scope_slug: str) -> str:
    """Return the name of the provider that signs people in for a scope."""
    return provider_of(scope_slug).issuer


def client_id(scope_slug: str) -> str:
    """Return the name under which a scope is registered at its provider."""
    return f"contingent-{scope_slug}"


def scope_of_client(name: str) -> str | None:
    """Return the scope that is registered as ``name``."""
    return name.removeprefix("contingent-") if name.startswith("contingent-") else None
