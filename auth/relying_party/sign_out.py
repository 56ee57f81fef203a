"""Sign-out that the platform begins: where the browser ends its session at the provider."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from auth.relying_party.discovery import Metadata


def write_sign_out(metadata: Metadata, client_id: str, return_to: str, id_token: str | None) -> str | None:
    """Return the address that ends the provider's session and leads to ``return_to``; ``None`` if it has none.

    ``id_token``, the one of the session that ends, tells the provider which of its own that is.
    """
    if metadata.end_session_endpoint is None:
        return None
    mark = "&" if urlsplit(metadata.end_session_endpoint).query else "?"
    told = {"client_id": client_id, "post_logout_redirect_uri": return_to, "id_token_hint": id_token}
    query = urlencode({name: value for name, value in told.items() if value is not None})
    return f"{metadata.end_session_endpoint}{mark}{query}"
