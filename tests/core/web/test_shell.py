from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from core.context import Scope
from core.web.shell import STRIPES, NavLink, NavSection, Page, Signed

AGENCY = Scope(UUID(int=1), "agency", "qc-spvm", "Montréal Police", "Police de Montréal")
NAV = [NavSection(None, [NavLink("Overview", "/"), NavLink("Calls", "/calls"), NavLink("New", "/calls/new")])]
PAGE = Page(
    language="fr", path="/calls", today=date(2026, 11, 23), scope=AGENCY, query={"state": "open", "q": "é"}, nav=NAV
)


def test_addresses_stand_below_language_and_scope() -> None:
    assert PAGE.url("/calls") == "/fr/qc-spvm/calls"
    assert PAGE.url("/") == "/fr/qc-spvm/"
    assert PAGE.url("#part") == "#part"
    assert replace(PAGE, scope=None).url("/about") == "/fr/about"


def test_the_language_switch_leads_to_the_same_page_with_the_same_filters() -> None:
    assert PAGE.other_address == "/en/qc-spvm/calls?state=open&q=%C3%A9"
    assert PAGE.other_title == "English"


def test_a_change_of_the_query_keeps_the_rest() -> None:
    assert PAGE.here(q=None, sort="-due") == "/fr/qc-spvm/calls?state=open&sort=-due"
    assert replace(PAGE, query={"l": ["en", "fr"]}).here() == "/fr/qc-spvm/calls?l=en&l=fr"


@pytest.mark.parametrize(
    ("path", "current"),
    [("/calls", "/calls"), ("/calls/7", "/calls"), ("/calls/new", "/calls/new"), ("/", "/"), ("/callsign", None)],
)
def test_only_the_nearest_line_of_the_navigation_is_current(path: str, current: str | None) -> None:
    here = replace(PAGE, path=path)
    assert [link.path for link in NAV[0].links if here.current(link.path)] == ([current] if current else [])


def test_a_page_that_another_line_leads_to_is_found_there() -> None:
    here = replace(PAGE, path="/strange/7", place="/calls")
    assert [link.path for link in NAV[0].links if here.current(link.path)] == ["/calls"]


def test_the_federal_marking_stands_on_the_programs_pages_only() -> None:
    program = Scope(UUID(int=2), "program", "ipob", "IPOB", "MPI")
    assert str(replace(PAGE, scope=program).shown_marking) == "Protected B when completed"
    assert PAGE.shown_marking is None
    assert replace(PAGE, marking="Confidential").shown_marking == "Confidential"


def test_a_scope_always_has_the_same_colour_or_its_own() -> None:
    assert PAGE.colour in STRIPES
    assert PAGE.colour == replace(PAGE, path="/").colour
    assert replace(PAGE, stripe="teal").colour == "teal"
    assert replace(PAGE, stripe="url(evil)").colour in STRIPES


@pytest.mark.parametrize(
    ("name", "initials"), [("Insp. Maude Gagnon", "MG"), ("Cher", "C"), ("Jean-Paul van der Meer", "JM"), ("", "")]
)
def test_initials_leave_titles_out(name: str, initials: str) -> None:
    assert Signed(name, "Approver").initials == initials
