"""File and database are compared key by key, and any agency that can be written can be read again."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from core.hooks.registry import Registry
from tenants.comparison import compare
from tenants.files import AgencyFile, Both, Plugin, RankEntry, Standing
from tenants.library import Library, own_library
from tenants.reading import Document, parse
from tenants.resolving import condense, in_order, resolve
from tenants.toml_writing import write_agency

# What a file can hold: text that is more than spaces, without what TOML has no escape for.
WORDS = (
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60).map(str.strip).filter(bool)
)
BOTH = st.builds(Both, en=WORDS, fr=WORDS)
DATES = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@given(
    name=BOTH,
    marking=BOTH,
    city=WORDS,
    reasons=st.lists(WORDS, min_size=1, max_size=4),
    start=DATES,
    lapses=st.none() | DATES,
    enabled=st.booleans(),
)
@settings(max_examples=60)
def test_what_is_written_is_read_again(  # noqa: PLR0917 - what a file can hold
    name: Both,
    marking: Both,
    city: str,
    reasons: list[str],
    start: date,
    lapses: date | None,
    enabled: bool,
) -> None:
    known = own_library().agencies["qc-spvm"]
    privacy = [msgspec.structs.replace(one, lapses=lapses) for one in known.privacy]
    changed = msgspec.structs.replace(
        known,
        name=name,
        marking=marking,
        city=city,
        states=[Standing(state="active", since=start, reason=reason) for reason in reasons],
        privacy=privacy,
        plugins=[Plugin(name="hr_file", enabled=enabled)],
    )
    assert parse(Document("x", write_agency(changed)), AgencyFile) == changed


def test_every_file_survives_resolving_and_condensing(library: Library, registry: Registry) -> None:
    for agency in library.agencies.values():
        assert condense(resolve(agency, library, registry), library, registry) == in_order(agency)


def test_own_ranks_and_settings_stay_in_the_file(library: Library, registry: Registry) -> None:
    steps = [{"key": "chief", "title_en": "Chief", "title_fr": "Chefferie", "role": "approver"}]
    own: dict[str, Any] = {
        "ranks": [RankEntry(code="agent", band=1, en="Agent", masculine="Agent", feminine="Agente")],
        "plugins": [Plugin(name="approval_chain", settings={"steps": steps})],
    }
    agency = msgspec.structs.replace(library.agencies["qc-laval"], **own)
    written = condense(resolve(agency, library, registry), library, registry)
    assert written.ranks == agency.ranks
    assert [step["key"] for step in written.plugins[0].settings["steps"]] == ["chief"]
    assert parse(Document("x", write_agency(written)), AgencyFile) == written


def test_each_difference_names_its_key_and_both_values(library: Library, registry: Registry) -> None:
    file = resolve(library.agencies["qc-spvm"], library, registry)
    agency = file.agency
    assert agency.sharing is not None
    fewer = msgspec.structs.replace(agency.sharing, fields=agency.sharing.fields[:-1])
    longer = [msgspec.structs.replace(one, expires=date(2030, 1, 1)) for one in agency.agreements]
    other = msgspec.structs.replace(agency, sharing=fewer, agreements=longer, city="Laval")
    database = msgspec.structs.replace(file, agency=other, acts=[])
    found = {one.key: (one.in_file, one.in_database) for one in compare(file, database)}
    assert found == {
        "city": ("Montréal", "Laval"),
        "agreements[DEMO-SPVM-2006].expires": (date(2011, 3, 31), date(2030, 1, 1)),
        "agreements[DEMO-SPVM-2024].expires": (date(2029, 3, 31), date(2030, 1, 1)),
        "sharing.fields[qualifications].field": ("qualifications", None),
        "sharing.fields[qualifications].purpose": ("selection", None),
        "sharing.fields[qualifications].retention_days": (730, None),
        "acts": (["agglomeration_resolution", "order_in_council"], None),
    }
    assert not compare(file, file)
