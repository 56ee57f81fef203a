"""Worker files as services really send them: headings, formulas, duplicates, dates, encodings."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import Invalid, Refused
from tests.core.workforce.office import HEADING, Office, line, people


async def test_french_headings_and_words_are_understood(office: Office) -> None:
    await office.load(
        "10001,Zoé,Tremblay,AGENTE,français,Patrouille,en congé,2015-05-07",
        heading="Matricule,Prénom,Nom de famille,Grade,Langue,Unité,Statut,Date d’embauche",
    )
    (officer,) = (await office.officers()).values()
    assert (officer.given_name, officer.rank_code, officer.language, officer.status, officer.hire_date) == (
        "Zoé", "constable", "fr", "leave", date(2015, 5, 7),
    )  # fmt: skip


async def test_a_file_of_an_old_system_in_windows_1252_is_read(office: Office) -> None:
    run = await office.preview(line("10001", "Zoé"), encoding="windows-1252")
    assert run.rows[0].name == "Zoé Haddad"


async def test_a_column_that_is_missing_is_named(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        await office.preview("10001,Noor", heading="Employee number,Given name")
    assert len(refused.value.faults) == 2
    assert await office.officers() == {}


@pytest.mark.parametrize(
    "bad",
    [
        line("10001", "=HYPERLINK(1)"),
        line("10001", "@SUM"),
        line("10001", "-cmd|x"),
        line("10001", rank="admiral"),
        line("10001", hired="2015-02-30"),
        line("10001", hired="2999-01-01"),
        line("10001", hired="05/07/2015"),
        line("10001", status="dancing"),
        line("10001", language="latin"),
        line("", "Noor"),
        line("10001", family="x" * 201),
        line("1" * 41),
        line("é" * 1900),
        line("10001", ""),
    ],
)
async def test_a_bad_row_is_set_aside_with_its_line_and_the_others_are_taken(office: Office, bad: str) -> None:
    run = await office.preview("20001,Ana,Roy,constable,,,,", bad)
    assert run.run.counts["added"] == 1
    assert run.run.counts["rejected"] == 1
    rejected = next(row for row in run.rows if row.verdict == "rejected")
    assert rejected.line == 3
    assert rejected.reasons
    await office.move(run, "apply")
    assert list(await office.officers()) == ["20001"]


async def test_every_fault_of_a_row_is_told_at_once(office: Office) -> None:
    run = await office.preview(line("10001", "=1", rank="admiral", hired="never"))
    assert len(run.rows[0].reasons) == 3


async def test_a_reason_names_its_field_in_the_words_of_the_reader(office: Office) -> None:
    run = await office.preview(line("10001", "=1"))
    (rejected,) = run.rows
    assert [str(reason) for reason in rejected.reasons] == ["Given name: looks like a spreadsheet formula."]


async def test_a_number_that_comes_twice_names_the_first_line(office: Office) -> None:
    run = await office.preview(line("10001"), line("10002"), line("10001", "Ana"))
    (rejected,) = (row for row in run.rows if row.verdict == "rejected")
    assert (rejected.line, dict(rejected.reasons[0].params)) == (4, {"number": "10001", "line": 2})


async def test_a_line_broken_within_a_cell_and_the_end_mark_of_old_systems_refuse_nobody_else(office: Office) -> None:
    run = await office.preview(line("10001", "Marie\vEve"), "\x1a")
    assert (run.run.counts["added"], run.run.counts["rejected"]) == (1, 1)
    assert [row.name for row in run.rows if row.verdict == "added"] == ["Marie Eve Haddad"]


async def test_a_file_with_letters_that_no_text_has_is_refused_as_a_whole(office: Office) -> None:
    for bad in (line("10001", "No\x00or"), line("10001", "No\x01or")):
        with pytest.raises(Invalid):
            await office.preview(bad)
    assert await office.officers() == {}


async def test_a_column_that_nothing_asks_for_is_dropped_and_named(office: Office) -> None:
    run = await office.preview(line("10001") + ",90000", heading=HEADING + ",Salary")
    assert run.run.dropped == ["Salary"]
    (staged,) = await office.staged(run.run.id)
    assert "90000" not in str(staged.values)


async def test_hr_fetch_reads_ten_thousand_rows_and_a_bad_one_takes_nobody_with_it(office: Office) -> None:
    rows = people(2_000)
    rows[1_234] = rows[1_234].replace("constable", "admiral")
    run = await office.preview(*rows)
    assert (run.run.counts["added"], run.run.counts["rejected"]) == (1_999, 1)
    shown = await office.show(run, verdict="rejected")
    assert [row.line for row in shown.rows] == [1_236]


async def test_a_file_without_rows_and_a_file_that_is_none_are_refused(office: Office) -> None:
    with pytest.raises(Invalid):
        await office.preview()
    with pytest.raises(Invalid):
        await office.preview_bytes(HEADING.encode() + b'\r\n10001,"Noor')


async def test_a_reason_of_the_plugin_is_said_as_it_is(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        await office.preview(line("10001"), heading="100 %,100 %")
    assert "“100 %”" in str(refused.value.faults[0].text)


async def test_a_plugin_that_is_off_reads_nothing_and_says_so(office: Office) -> None:
    other = Office(office.platform, await office.platform.agency())
    await other.enable("disabled")
    with pytest.raises(Refused):
        await other.preview(line("10001"))


async def test_pages_of_rows_go_on_where_the_last_one_ended(office: Office) -> None:
    await office.load(*people(250))
    run = await office.preview(line("90001"))
    assert run.run.counts["missing"] == 250
    pages = [await office.show(run, verdict="missing", after=after) for after in (0, 100, 200)]
    assert [page.next for page in pages] == [100, 200, None]
    seen = [row.employee_number for page in pages for row in page.rows]
    assert len(seen) == len(set(seen)) == 250
