"""What must be true of a file beyond its types, and of all agency files together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise
from zoneinfo import available_timezones

from core.agencies import CONTRACT_FIELDS, PURPOSES
from core.web.shell import STRIPES
from core.web.site import RESERVED as ADDRESS_WORDS
from tenants.files import AgencyFile, ChainFile, LadderFile, RankEntry, RegimeFile, StepEntry
from tenants.lifecycle import AGENCY
from tenants.reading import Document, Problem
from tenants.words import ACTS, NEEDS, PRIVACY_RECORDS, SUPPLIERS

RESERVED = ADDRESS_WORDS | {"auth", "gac", "ipob", "operator", "psc", "scim"}
"""Words of addresses and slugs of the other scopes: no agency is called so."""

ROLES = ("administrator", "approver", "coordinator", "hr_clerk", "supervisor")
"""The roles of an agency that a step of a chain can name."""

_SLUG = re.compile(r"[a-z]{2}-[a-z0-9]+(-[a-z0-9]+)*")
_KEY = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*")


def check_agency(document: Document, agency: AgencyFile) -> list[Problem]:
    """Return every fault of one agency's file, apart from the names of other files."""
    found: list[tuple[str, str]] = []
    if agency.slug in RESERVED:
        found.append(("slug", f"expected a word that no address uses; {agency.slug!r} is reserved"))
    elif not is_agency_slug(agency.slug) or not agency.slug.startswith(f"{agency.province.lower()}-"):
        found.append(("slug", f"expected the province, a dash and a-z, 0-9 or dashes; found {agency.slug!r}"))
    if not re.fullmatch(r"[A-Z]{2}", agency.province):
        found.append(("province", f"expected two capital letters; found {agency.province!r}"))
    if agency.zone not in _zones():
        found.append(("zone", f"expected an IANA time zone such as America/Halifax; found {agency.zone!r}"))
    if not agency.languages or len(set(agency.languages)) != len(agency.languages):
        found.append(("languages", "expected en, fr or both, each once, the working language first"))
    found += _one_of("colour", agency.colour, STRIPES)
    found += _states(agency) + _agreements(agency) + _sharing(agency) + _privacy(agency)
    if (agency.provider.claim is None) != (agency.provider.value is None):
        found.append(("provider", "expected both claim and value, or neither"))
    found += _ranks(agency.ranks)
    found += _twice("plugins", [plugin.name for plugin in agency.plugins], "name")
    return [document.problem(key, expected) for key, expected in found]


def check_ladder(document: Document, ladder: LadderFile) -> list[Problem]:
    """Return every fault of a rank ladder."""
    found = [] if ladder.ranks else [("ranks", "expected at least one rank")]
    return [document.problem(key, expected) for key, expected in found + _ranks(ladder.ranks)]


def check_chain(document: Document, chain: ChainFile) -> list[Problem]:
    """Return every fault of a chain of approval."""
    found = (
        [] if any(step.kind == "decide" for step in chain.release) else [("release", "expected a step that decides")]
    )
    for part, steps in (("agreement", chain.agreement), ("release", chain.release)):
        found += _keys(part, [step.key for step in steps], "key")
        for place, step in enumerate(steps):
            found += [(f"{part}.{place}.{key}", expected) for key, expected in _step(step)]
    return [document.problem(key, expected) for key, expected in found]


def check_regime(document: Document, regime: RegimeFile) -> list[Problem]:
    """Return every fault of a privacy regime."""
    found: list[tuple[str, str]] = []
    for place, need in enumerate(regime.needs):
        found += _one_of(f"needs.{place}.what", need.what, NEEDS)
        found += _one_of(f"needs.{place}.supplied_by", need.supplied_by, SUPPLIERS)
    found += _twice("needs", [need.what for need in regime.needs], "what")
    return [document.problem(key, expected) for key, expected in found]


def check_together(files: Sequence[tuple[Document, AgencyFile]]) -> list[Problem]:
    """Return the faults that show only between agencies: a shared issuer that nothing tells apart."""
    found: list[Problem] = []
    issuers: dict[str, list[tuple[Document, AgencyFile]]] = {}
    for document, agency in files:
        issuers.setdefault(agency.provider.issuer, []).append((document, agency))
    for sharers in (one for one in issuers.values() if len(one) > 1):
        pins = [(agency.provider.claim, agency.provider.value) for _, agency in sharers]
        for (document, agency), pin in zip(sharers, pins, strict=True):
            if pin[0] is None or pins.count(pin) > 1:
                others = ", ".join(other.slug for _, other in sharers if other is not agency)
                expected = f"expected a claim and value of its own: the issuer is shared with {others}"
                found.append(document.problem("provider", expected))
    return found


def is_agency_slug(slug: str) -> bool:
    """Say whether ``slug`` can be an agency's: two letters, a dash, and no word that addresses need."""
    return _SLUG.fullmatch(slug) is not None and slug not in RESERVED


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _ranks(ranks: Sequence[RankEntry]) -> list[tuple[str, str]]:
    found = _keys("ranks", [rank.code for rank in ranks], "code")
    for place, rank in enumerate(ranks):
        if not 1 <= rank.band <= 7:
            found.append((f"ranks.{place}.band", f"expected a band from 1 to 7; found {rank.band}"))
    for place, (lower, higher) in enumerate(pairwise(ranks), start=1):
        if higher.band < lower.band:
            found.append((f"ranks.{place}.band", f"expected at least {lower.band}, the band of the rank below it"))
    return found


def _states(agency: AgencyFile) -> list[tuple[str, str]]:
    if not agency.states:
        return [("states", "expected at least one state with the day since which it holds")]
    found = []
    for place, (before, after) in enumerate(pairwise(agency.states), start=1):
        if after.since <= before.since:
            found.append((f"states.{place}.since", f"expected a day after {before.since}"))
        ways = [one.target for one in AGENCY.transitions if before.state in one.sources]
        if after.state not in ways:
            expected = f"expected one of {', '.join(ways)} after {before.state}; found {after.state}"
            found.append((f"states.{place}.state", expected))
    return found


def _agreements(agency: AgencyFile) -> list[tuple[str, str]]:
    found = _twice("agreements", [agreement.reference for agreement in agency.agreements], "reference")
    for place, agreement in enumerate(agency.agreements):
        key = f"agreements.{place}"
        if agreement.expires < agreement.starts:
            found.append((f"{key}.expires", f"expected {agreement.starts} or later"))
        found += _twice(f"{key}.acts", [act.kind for act in agreement.acts], "kind")
        for number, act in enumerate(agreement.acts):
            found += _one_of(f"{key}.acts.{number}.kind", act.kind, ACTS)
            if agreement.starts <= agreement.expires < act.on:
                found.append((f"{key}.acts.{number}.on", f"expected {agreement.expires}, its last day, or earlier"))
    return found


def _sharing(agency: AgencyFile) -> list[tuple[str, str]]:
    if agency.sharing is None:
        return []
    found = _twice("sharing.fields", [one.field for one in agency.sharing.fields], "field")
    for place, one in enumerate(agency.sharing.fields):
        found += _one_of(f"sharing.fields.{place}.field", one.field, CONTRACT_FIELDS)
        found += _one_of(f"sharing.fields.{place}.purpose", one.purpose, PURPOSES)
        if one.retention_days < 1:
            found.append((f"sharing.fields.{place}.retention_days", "expected at least 1 day"))
    return found


def _privacy(agency: AgencyFile) -> list[tuple[str, str]]:
    found = []
    for place, one in enumerate(agency.privacy):
        found += _one_of(f"privacy.{place}.kind", one.kind, PRIVACY_RECORDS)
        if one.lapses is not None and one.lapses < one.made:
            found.append((f"privacy.{place}.lapses", f"expected {one.made} or later"))
    return found


def _step(step: StepEntry) -> list[tuple[str, str]]:
    found = _one_of("role", step.role, ROLES)
    if step.kind == "act":
        found += _one_of("act", step.act or "", ACTS)
    elif step.act is not None or step.gate:
        found.append(("act", 'expected only on steps of kind "act"'))
    if isinstance(step.how_many, int) and step.how_many < 1:
        found.append(("how_many", "expected any, all, or a number of at least 1"))
    if step.deadline_days is not None and step.deadline_days < 1:
        found.append(("deadline_days", "expected at least 1 day"))
    return found


def _one_of(key: str, value: str, choices: Iterable[str] | Mapping[str, object]) -> list[tuple[str, str]]:
    known = list(choices)
    return [] if value in known else [(key, f"expected one of {', '.join(known)}; found {value!r}")]


def _keys(part: str, keys: Sequence[str], name: str) -> list[tuple[str, str]]:
    faulty = [
        (f"{part}.{place}.{name}", f"expected a-z, 0-9, dashes or underscores; found {key!r}")
        for place, key in enumerate(keys)
        if not _KEY.fullmatch(key)
    ]
    return faulty + _twice(part, keys, name)


def _twice(part: str, values: Sequence[str], name: str) -> list[tuple[str, str]]:
    return [
        (f"{part}.{place}.{name}", f"expected each only once; {value!r} is there before")
        for place, value in enumerate(values)
        if value in values[:place]
    ]
