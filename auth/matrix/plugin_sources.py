"""Which column each field comes from that tells of plugins, or that a plugin gave."""

from __future__ import annotations

from collections.abc import Mapping

OURS = ""

PLUGIN_FIELDS: Mapping[str, str] = {
    "panels.Acted.said": OURS,
    "extensions.BrokenOut.name": OURS,
    "extensions.BrokenOut.stage": OURS,
    "extensions.BrokenOut.error": OURS,
    "extensions.InstalledOut.name": OURS,
    "extensions.InstalledOut.title": OURS,
    "extensions.InstalledOut.plugin_version": OURS,
    "extensions.InstalledOut.requires": OURS,
    "extensions.InstalledOut.hooks": OURS,
    "extensions.InstalledOut.tier": OURS,
    "extensions.InstalledOut.quality": OURS,
    "extensions.MeansOut.title": OURS,
    "extensions.MeansOut.missing": OURS,
    "extensions.MeansOut.needed": OURS,
    "extensions.PluginFile.hooks": OURS,
    "extensions.PluginFile.capabilities": OURS,
    "extensions.PluginFile.hosts": OURS,
    "extensions.PluginFile.data_classes": OURS,
    "extensions.PluginFile.tier": OURS,
    "extensions.PluginFile.quality": OURS,
    "extensions.PluginSummary.name": "plugin_enablement.plugin",
    "extensions.PluginSummary.title": OURS,
    "extensions.PluginSummary.summary": OURS,
    "extensions.PluginSummary.resting": "plugin_failure.count",
    "extensions.StoppedOut.scope": "scope.name_en",
    "extensions.Uses.enabled": "plugin_standing.state",
    **{
        f"nominations.{one}": "dossier.findings"
        for one in (
            *("Findings.at", "Findings.digest", "Findings.asked"),
            *("Said.plugin", "Said.version", "Said.key", "Said.verdict", "Said.reason"),
            *("Missing.plugin", "Missing.cause"),
        )
    },
}
