"""A service's own plugins on the API; keys are trusted, and versions chosen, by a person, on the pages."""

from __future__ import annotations

from core.bundles.bringing import upload_bundle
from core.bundles.keys import revoke_plugin_key
from core.bundles.schemas import LONGEST_BODY
from core.bundles.service import get_bundle, list_own_plugins, withdraw_bundle
from core.web.routes import Route

ROUTES = [
    Route("GET", "/own-plugins", list_own_plugins),
    Route("POST", "/own-plugins", upload_bundle, 201, limit=LONGEST_BODY),
    Route("GET", "/own-plugins/{id}", get_bundle),
    Route("POST", "/own-plugins/{id}/withdraw", withdraw_bundle),
    Route("POST", "/plugin-keys/{id}/revoke", revoke_plugin_key),
]
