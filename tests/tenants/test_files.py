"""The project's own files are sound; each kind of fault is named with file, line, key and expectation."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.agencies import CONTRACT_FIELDS
from core.hooks.registry import Registry
from tenants import words
from tenants.library import HERE, Library, load_agency, load_library
from tenants.reading import FaultyFile, Problem, line_of
from tenants.resolving import resolve
from tests.tenants.conftest import ROOT

Change = Callable[[str, str, str], list[Problem]]


def test_there_are_twenty_seven_sound_agencies(library: Library) -> None:
    assert not library.problems
    assert len(library.agencies) == 27
    assert set(library.scopes) == {"ipob", "psc", "gac", "operator"}


def test_every_agency_runs_the_three_built_in_plugins_with_settings_they_take(
    library: Library, registry: Registry
) -> None:
    for agency in library.agencies.values():
        names = [one.name for one in resolve(agency, library, registry).agency.plugins]
        assert names == ["approval_chain", "hr_file", "reintegration_plan"], agency.slug


def test_every_shared_file_is_used(library: Library) -> None:
    used = [agency.governance for agency in library.agencies.values()]
    assert {one.ladder for one in used} == set(library.ladders)
    assert {one.chain for one in used} == set(library.chains)
    assert {one.regime for one in used} == set(library.regimes)


def test_services_whose_participation_is_unverified_say_so(library: Library) -> None:
    grades = [agency.participation.confidence for agency in library.agencies.values()]
    assert (grades.count("A"), grades.count("B"), grades.count("C")) == (18, 3, 6)
    assert all(agency.participation.note for agency in library.agencies.values())


def test_two_agencies_share_a_provider_and_are_told_apart_by_a_claim(library: Library) -> None:
    shared = [one for one in library.agencies.values() if one.provider.issuer == "qc-partage"]
    assert {(one.slug, one.provider.claim, one.provider.value) for one in shared} == {
        ("qc-bromont", "organization", "qc-bromont"),
        ("qc-saint-jerome", "organization", "qc-saint-jerome"),
    }
    assert library.scopes["ipob"].provider.issuer == library.agencies["ca-rcmp"].provider.issuer


def test_ranks_have_feminine_forms_in_french(library: Library) -> None:
    for ladder in library.ladders.values():
        forms = {rank.code: rank.feminine for rank in ladder.ranks}
        assert forms.get("sergeant", forms.get("sergent")) == "Sergente"
        assert not any("'" in rank.masculine + rank.feminine for rank in ladder.ranks), "’ in French"


def test_every_contract_field_has_words() -> None:
    assert tuple(words.FIELDS) == CONTRACT_FIELDS


def test_the_province_decides_nothing_in_code(library: Library) -> None:
    provinces = {agency.province for agency in library.agencies.values()} - {"CA"}
    literal = re.compile(rf"""["']({"|".join(provinces)})["']""")
    guilty = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for package in ("core", "tenants", "auth", "contingent", "plugins")
        for path in sorted((ROOT / package).rglob("*.py"))
        for found in literal.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not guilty, f"what a province needs is data in tenants/: {guilty}"


@pytest.fixture
def change(tmp_path: Path) -> Change:
    """Copy the files, replace text in one, and return the problems that are found."""
    folder = tmp_path / "files"
    for shelf in ("agencies", "ladders", "chains", "regimes"):
        shutil.copytree(HERE / shelf, folder / shelf)
    shutil.copy(HERE / "scopes.toml", folder)

    def changed(name: str, old: str, new: str) -> list[Problem]:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return list(load_library(folder).problems)

    return changed


SPVM = "agencies/qc-spvm.toml"
FAULTS = [
    (SPVM, 'city = "Montréal"', "", "city", "Fill this in"),
    (SPVM, 'city = "Montréal"', "city = 7", "city", "Expected text"),
    (SPVM, 'city = "Montréal"', 'city = "Montréal"\nmayor = "x"', "mayor", "no such field"),
    (SPVM, 'kind = "municipal"', 'kind = "village"', "kind", "Choose one of: federal, provincial, regional, municipal"),
    (SPVM, 'slug = "qc-spvm"', 'slug = "qc-police"', "slug", "the name of the file"),
    (SPVM, 'slug = "qc-spvm"', 'slug = "spvm"', "slug", "expected the province, a dash"),
    (SPVM, 'slug = "qc-spvm"', 'slug = "api"', "slug", "'api' is reserved"),
    (SPVM, 'province = "QC"', 'province = "Québec"', "province", "two capital letters"),
    (SPVM, "America/Toronto", "Montréal", "zone", "an IANA time zone"),
    (SPVM, '["fr", "en"]', '["fr", "fr"]', "languages", "each once"),
    (SPVM, '["fr", "en"]', '["fr", "es"]', "languages", "Choose one of|not what is expected"),
    (SPVM, 'colour = "blue"', 'colour = "pink"', "colour", "expected one of red, blue"),
    (SPVM, 'ladder = "spvm"', 'ladder = "spcum"', "governance.ladder", "expected a file of ladders/"),
    (SPVM, 'chain = "qc-agglo"', 'chain = "x"', "governance.chain", "expected a file of chains/"),
    (SPVM, 'regime = "qc-access"', 'regime = "x"', "governance.regime", "expected a file of regimes/"),
    (SPVM, "since = 1995-01-01", "since = 1995-02-30", "", "expected TOML"),
    (SPVM, "since = 1995-01-01", 'since = "soon"', "states.0.since", "a date that exists"),
    (SPVM, "expires = 2011-03-31", "expires = 2001-03-31", "agreements.0.expires", "2006-04-01 or later"),
    (SPVM, 'kind = "order_in_council"', 'kind = "decree"', "agreements.0.acts.", "expected one of agglomeration"),
    (SPVM, "on = 2006-03-18", "on = 2011-04-01", "agreements.0.acts.2.on", "2011-03-31, its last day, or earlier"),
    (SPVM, 'field = "gender"', 'field = "weight"', "sharing.fields.4.field", "expected one of given_name"),
    (SPVM, 'field = "gender"', 'field = "band"', "sharing.fields.4.field", "each only once"),
    (SPVM, 'purpose = "cost"', 'purpose = "fun"', "sharing.fields.6.purpose", "expected one of selection"),
    (SPVM, "retention_days = 90", "retention_days = 0", "sharing.fields.7.retention_days", "at least 1 day"),
    (SPVM, 'kind = "written_agreement"', 'kind = "promise"', "privacy.1.kind", "expected one of privacy_assessment"),
    (SPVM, "lapses = 2029-03-31", "lapses = 2019-03-31", "privacy.0.lapses", "2024-02-05 or later"),
    (SPVM, 'name = "hr_file"', 'name = "approval_chain"', "plugins.1.name", "each only once"),
    ("agencies/qc-bromont.toml", 'sponsor = "qc-saint-jerome"', 'sponsor = "x"', "governance.sponsor", "agencies/"),
    ("agencies/qc-bromont.toml", 'claim = "organization"', "", "provider", "both claim and value"),
    ("agencies/qc-bromont.toml", 'value = "qc-bromont"', 'value = "qc-saint-jerome"', "provider", "is shared with"),
    (
        "agencies/ab-calgary.toml",
        "since = 2025-09-01",
        "since = 2010-03-03",
        "states.1.since",
        "a day after 2010-03-03",
    ),
    ("agencies/ab-calgary.toml", '"on_hold"', '"onboarding"', "states.1.state", "expected one of on_hold, withdrawn"),
    ("ladders/rcmp.toml", "band = 7", "band = 8", "ranks.12.band", "from 1 to 7"),
    ("ladders/rcmp.toml", 'code = "corporal", band = 2', 'code = "corporal", band = 4', "ranks.2.band", "at least 4"),
    ("ladders/rcmp.toml", 'code = "corporal"', 'code = "constable"', "ranks.1.code", "each only once"),
    ("chains/qc-council.toml", 'act = "order_in_council"', "", "agreement.3.act", "expected one of"),
    ("chains/qc-council.toml", 'role = "supervisor"', 'role = "mayor"', "release.0.role", "expected one of"),
    ("chains/qc-council.toml", "deadline_days = 15", "deadline_days = 0", "release.1.deadline_days", "at least 1 day"),
    ("regimes/qc-access.toml", 'what = "sharing"', 'what = "luck"', "needs.1.what", "expected one of agreement"),
    (
        "regimes/qc-access.toml",
        'supplied_by = "privacy"',
        'supplied_by = "x"',
        "needs.1.supplied_by",
        "expected one of",
    ),
    ("scopes.toml", 'kind = "program"', 'kind = "agency"', "scopes.0.kind", "Choose one of"),
]


@pytest.mark.parametrize(("name", "old", "new", "key", "expected"), FAULTS)
def test_a_fault_names_file_line_key_and_expectation(  # noqa: PLR0917 - one row of the table above
    change: Change, name: str, old: str, new: str, key: str, expected: str
) -> None:
    found = [one for one in change(name, old, new) if one.file == name]
    match = [one for one in found if one.key.startswith(key) and re.search(expected, one.expected)]
    assert match, [str(one) for one in found]
    nowhere = (old, new) == ('city = "Montréal"', "")
    assert str(match[0]).startswith(f"{name}  " if nowhere else f"{name}:{match[0].line}  ")
    assert nowhere or match[0].line


def test_all_faults_are_told_at_once(change: Change) -> None:
    problems = change(SPVM, 'kind = "municipal"\nprovince = "QC"\ncity = "Montréal"', 'kind = "village"\nprovince = 7')
    assert {one.key for one in problems} == {"kind", "province", "city"}


def test_one_faulty_ladder_is_one_fault_and_not_one_for_each_agency(change: Change) -> None:
    problems = change("ladders/qc-municipal.toml", "band = 1", "band = 0")
    assert {(one.file, one.key) for one in problems} == {("ladders/qc-municipal.toml", "ranks.0.band")}


def test_a_line_is_found_in_tables_lists_and_inline_lists() -> None:
    text = "a = 1\n[b]\nc = 2\n[[d]]\ne = 3\n[[d]]\ne = 4\nf = [\n  { g = 1 },\n  { g = 2 },\n]\n"
    keys = {"a": 1, "b.c": 3, "d.0.e": 5, "d.1.e": 7, "d.1.f.1.g": 10, "b.missing": 2, "nothing": 0}
    assert {key: line_of(text, key) for key in keys} == keys


def test_a_file_that_is_not_text_is_refused(tmp_path: Path, library: Library) -> None:
    path = tmp_path / "qc-x.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FaultyFile, match="expected text in UTF-8"):
        load_agency(path, library)
