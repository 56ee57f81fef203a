"""An agency with all that its file only names: between a file, which is short, and the database, which is whole."""

from __future__ import annotations

from typing import Any

import msgspec

from core.agencies import CONTRACT_FIELDS
from core.errors import Invalid
from core.hooks.registry import Plugin, Registry
from core.use_cases.intake import read
from tenants.files import AgencyFile, Both, ChainFile, NeedEntry, RankEntry, StepEntry
from tenants.files import Plugin as PluginEntry
from tenants.library import Library
from tenants.reading import Document, FaultyFile, Problem

CHAIN_PLUGIN = "approval_chain"
"""The plugin that takes its steps from the agency's chain, where its settings name none."""


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """``agency`` with complete plugin settings, and what its ladder, chain and regime stand for."""

    agency: AgencyFile
    ranks: list[RankEntry]
    regime: Both
    needs: list[NeedEntry]
    acts: list[str]


def resolve(agency: AgencyFile, library: Library, registry: Registry, document: Document | None = None) -> Resolved:
    """Return the agency with everything its file names. Raises ``FaultyFile`` for settings no plugin takes."""
    document = document or Document(f"{agency.slug}.toml", "")
    chain = library.chains[agency.governance.chain]
    regime = library.regimes[agency.governance.regime]
    problems: list[Problem] = []
    plugins = []
    for place, entry in enumerate(agency.plugins):
        try:
            plugins.append(_complete(entry, _plugin(registry, entry.name), chain))
        except Invalid as error:
            for fault in error.faults:
                key = f"plugins.{place}{fault.pointer.replace('/', '.')}"
                problems.append(document.problem(key, str(fault.text)))
        except LookupError as error:
            problems.append(document.problem(f"plugins.{place}.name", str(error)))
    if problems:
        raise FaultyFile(problems)
    return Resolved(
        agency=in_order(msgspec.structs.replace(agency, plugins=plugins, ranks=[])),
        ranks=agency.ranks or library.ladders[agency.governance.ladder].ranks,
        regime=regime.title,
        needs=regime.needs,
        acts=[step.act for step in chain.agreement if step.gate and step.act is not None],
    )


def in_order(agency: AgencyFile) -> AgencyFile:
    """Return the agency with its lists in the one order by which file and database can be compared."""
    sharing = agency.sharing
    if sharing is not None:
        fields = sorted(sharing.fields, key=lambda one: CONTRACT_FIELDS.index(one.field))
        sharing = msgspec.structs.replace(sharing, fields=fields)
    agreements = [
        msgspec.structs.replace(one, acts=sorted(one.acts, key=lambda act: (act.on, act.kind)))
        for one in agency.agreements
    ]
    return msgspec.structs.replace(
        agency,
        plugins=sorted(agency.plugins, key=lambda one: one.name),
        agreements=sorted(agreements, key=lambda one: (one.starts, one.reference)),
        sharing=sharing,
        privacy=sorted(agency.privacy, key=lambda one: (one.made, one.kind, one.reference)),
    )


def condense(resolved: Resolved, library: Library, registry: Registry) -> AgencyFile:
    """Return the shortest file that ``resolve`` turns into ``resolved``."""
    agency = resolved.agency
    ladder = library.ladders.get(agency.governance.ladder)
    chain = library.chains.get(agency.governance.chain)
    plugins = []
    for entry in agency.plugins:
        plugin = registry.plugins.get(entry.name)
        usual = _usual(plugin, chain) if plugin else {}
        own = {key: _given(value) for key, value in entry.settings.items() if key not in usual or usual[key] != value}
        plugins.append(msgspec.structs.replace(entry, settings=own))
    same = ladder is not None and ladder.ranks == resolved.ranks
    return msgspec.structs.replace(agency, plugins=plugins, ranks=[] if same else resolved.ranks)


def steps_of(chain: ChainFile) -> list[dict[str, Any]]:
    """Return the steps of each officer's release as the settings of ``approval_chain`` hold them."""
    return [_step(step) for step in chain.release]


def _step(step: StepEntry) -> dict[str, Any]:
    counted = isinstance(step.how_many, int)
    return {
        "key": step.key,
        "title_en": step.title.en,
        "title_fr": step.title.fr,
        "kind": step.kind,
        "role": step.role,
        "how_many": "count" if counted else step.how_many,
        "count": step.how_many if counted else 1,
        "deadline_days": step.deadline_days,
        "on_paper": step.on_paper,
    }


def _given(value: Any) -> Any:
    """Return a setting without what is not set: a file has no word for nothing."""
    if isinstance(value, dict):
        return {key: _given(one) for key, one in value.items() if one is not None}
    return [_given(one) for one in value] if isinstance(value, list) else value


def _plugin(registry: Registry, name: str) -> Plugin:
    if name not in registry.plugins:
        known = ", ".join(sorted(registry.plugins)) or "none is installed"
        raise LookupError(f"expected an installed plugin ({known}); found {name!r}")
    return registry.plugins[name]


def _complete(entry: PluginEntry, plugin: Plugin, chain: ChainFile) -> PluginEntry:
    """Return the entry with every setting; raise ``Invalid`` at ``/settings/…`` if the plugin does not take one."""
    try:
        settings = _read(plugin, _own(entry.name, chain) | entry.settings)
    except Invalid as error:
        faults = [msgspec.structs.replace(fault, pointer=f"/settings{fault.pointer}") for fault in error.faults]
        raise Invalid(faults) from None
    return msgspec.structs.replace(entry, settings=settings)


def _usual(plugin: Plugin, chain: ChainFile | None) -> dict[str, Any]:
    """Return the settings that the plugin has when the file gives none."""
    return _read(plugin, _own(plugin.name, chain) if chain else {})


def _own(name: str, chain: ChainFile) -> dict[str, Any]:
    return {"steps": steps_of(chain)} if name == CHAIN_PLUGIN else {}


def _read(plugin: Plugin, values: dict[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = msgspec.to_builtins(read(plugin.manifest.settings or _NoSettings, values))
    return settings


class _NoSettings(msgspec.Struct, frozen=True):
    """What a plugin without settings takes."""
