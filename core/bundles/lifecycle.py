"""Who may bring a plugin; who lets it run is who may switch plugins on."""

from __future__ import annotations

from typing import Literal

PLUGIN_UPLOAD = "plugin.upload"

BundleState = Literal["waiting", "chosen", "former"]
"""``waiting``: nobody has let it run yet; ``chosen``: the version that runs; ``former``: it was that once."""
