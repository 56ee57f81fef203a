"""Who may see and who may change what a scope runs."""

from __future__ import annotations

PLUGIN_READ = "plugin.read"
PLUGIN_MANAGE = "plugin.manage"
PLUGIN_STOP = "plugin.stop"
"""To stop plugins in any scope, whatever that decided: the operator's."""
PLUGIN_OFFER = "plugin.offer"
"""To say which plugins services may enable, and to recommend some: the operator's."""
PLUGIN_LOG = "plugin.log"
"""Its log: for administrators and developers alone."""
PLUGIN_REPLAY = "plugin.replay"
"""To try a call again in a sandbox tenant: what came of it stands there without anything of the service's people."""
PLUGIN_PEOPLE = "plugin.people"
"""Who decided about it, and what they and services outside wrote: not for developers, who see no personal data."""
