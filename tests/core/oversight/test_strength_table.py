from __future__ import annotations

from datetime import date

from core.oversight.strength import Strength, StrengthIn
from core.oversight.strength_table import strength_table

DAY = date(2026, 11, 27)


def test_services_stand_by_name_and_what_else_is_counted_keeps_its_order() -> None:
    rows = [
        {"agency": "ca-rcmp", "rank": "band_1", "officers": 5},
        {"agency": "ca-rcmp", "rank": "band_2", "officers": 6},
        {"agency": "on-durham", "rank": "band_1", "officers": 7},
    ]
    found = Strength(as_of=DAY, known_on=DAY, by=["agency", "rank"], rows=rows, suppressed=0)
    names = {"ca-rcmp": "Royal Canadian Mounted Police", "on-durham": "Durham Regional Police Service"}
    table = strength_table(found, StrengthIn(by="agency,rank"), {}, names)
    assert [row["officers"] for row in table.rows] == [7, 5, 6]


def test_a_mission_is_called_as_the_reader_calls_it() -> None:
    rows = [{"mission": "CPMU", "officers": 17}]
    found = Strength(as_of=DAY, known_on=DAY, by=["mission"], rows=rows, suppressed=0)
    table = strength_table(found, StrengthIn(by="mission", mission="CPMU"), {}, {"CPMU": "MPCU"})
    assert [row["mission"] for row in table.rows] == ["MPCU"]
    assert table.filters[-1][1] == "MPCU"
