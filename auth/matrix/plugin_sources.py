"""Which column what plugins answer, and what is told of them, comes from; the rest is in ``sources``."""

from __future__ import annotations

from collections.abc import Mapping

OURS = ""

FIELDS: Mapping[str, str] = {
    "core.Fault.pointer": OURS,
    "core.Fault.text": OURS,
    "extensions.BrokenOut.error": OURS,
    "extensions.BrokenOut.name": OURS,
    "extensions.BrokenOut.stage": OURS,
    "extensions.InstalledOut.hooks": OURS,
    "extensions.InstalledOut.name": OURS,
    "extensions.InstalledOut.plugin_version": OURS,
    "extensions.InstalledOut.quality": OURS,
    "extensions.InstalledOut.requires": OURS,
    "extensions.InstalledOut.tier": OURS,
    "extensions.InstalledOut.title": OURS,
    "extensions.MeansOut.missing": OURS,
    "extensions.MeansOut.needed": OURS,
    "extensions.MeansOut.title": OURS,
    "extensions.PluginFile.capabilities": OURS,
    "extensions.PluginFile.data_classes": OURS,
    "extensions.PluginFile.hooks": OURS,
    "extensions.PluginFile.hosts": OURS,
    "extensions.PluginFile.quality": OURS,
    "extensions.PluginFile.tier": OURS,
    "extensions.PluginSummary.name": "plugin_enablement.plugin",
    "extensions.PluginSummary.resting": "plugin_failure.count",
    "extensions.PluginSummary.summary": OURS,
    "extensions.PluginSummary.title": OURS,
    "extensions.SecretOut.at": "plugin_secret.set_at",
    "extensions.SecretOut.by": "plugin_secret.set_by_name",
    "extensions.SecretOut.field": "plugin_secret.field",
    "extensions.SettingsRead.left_out": "plugin_enablement.settings",
    "extensions.SettingsRead.name": "plugin_enablement.plugin",
    "extensions.SettingsRead.settings": "plugin_enablement.settings",
    "extensions.StoppedOut.scope": "scope.name_en",
    "extensions.Tried.cause": "plugin_failure.cause",
    "extensions.Tried.name": "plugin_enablement.plugin",
    "extensions.Tried.reached": "plugin_enablement.settings",
    "extensions.Uses.enabled": "plugin_standing.state",
    "hooks.ConnectionStep.done": "plugin_enablement.settings",
    "hooks.ConnectionStep.title": "plugin_enablement.settings",
    "panels.Acted.said": OURS,
    "returns.AdviceOut.contact": "shared_check_in.said",
    "returns.AdviceOut.text": "shared_check_in.said",
    "returns.AdviceOut.tone": "shared_check_in.said",
    "returns.Advised.answers": "shared_check_in.said",
    "returns.Advised.asked": OURS,
    "returns.Advised.failed": OURS,
    "returns.SaidOut.answer": "shared_check_in.said",
    "returns.SaidOut.question": "shared_check_in.said",
}
"""As in ``sources``."""
