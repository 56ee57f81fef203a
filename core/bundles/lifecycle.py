"""Who may bring a plugin; who lets it run is who may switch plugins on."""

from __future__ import annotations

from typing import Literal

from core.text import t

PLUGIN_UPLOAD = "plugin.upload"

SUBJECT = "plugin_bundle"
WAITS = t("Version %(version)s of the plugin “%(plugin)s” was brought, and waits for somebody to let it run.")
"""What administrators are told, until somebody has decided."""

A_PERSON = t("On the page “Your own plugins”, signed in.")
"""Where a person does what no program does."""

BundleState = Literal["waiting", "chosen", "former"]
"""``waiting``: nobody has let it run yet; ``chosen``: the version that runs; ``former``: it was that once."""
