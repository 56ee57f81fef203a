from __future__ import annotations

import re
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from core.web.figures.labels import SCALES, Spot, box_of, nudge, place
from core.web.figures.pen import Pen, shortened, text_width
from core.web.figures.projection import EQUATOR, WIDTH, project
from core.web.figures.world import Place, draw_map
from core.web.tables import Link

PEN = Pen("en", lambda path: f"/en/ipob{path}")
HAITI = Place("BINUH", "/missions/1", 18.54, -72.34, 24, 30, "Port-au-Prince")
COURT = Place("ICC", "/missions/2", 52.08, 4.31, 4, 4, "The Hague")
TIMOR = Place("UNMIT", "/missions/3", -8.56, 125.57, 3, None, "Dili")


def test_the_projection_keeps_the_equator_level_and_the_poles_in() -> None:
    assert project(0, 180) == (WIDTH, EQUATOR)
    assert project(90, 0)[1] > -20


def test_each_mission_is_a_link_with_its_name_and_numbers() -> None:
    svg = draw_map(PEN, [HAITI, COURT]).svg
    assert 'href="/en/ipob/missions/1"' in svg
    assert "<title>BINUH, Port-au-Prince: officers deployed: 24 of 30</title>" in svg
    assert 'class="k-below"' in svg
    assert 'class="k-on"' in svg


def test_only_the_kinds_that_are_drawn_are_explained_and_none_claims_what_is_not_known() -> None:
    assert [kind for kind, _ in draw_map(PEN, [HAITI, COURT]).legend] == ["k-on", "k-below"]
    assert [kind for kind, _ in draw_map(PEN, [TIMOR]).legend] == ["k-free"]


def test_the_map_widens_to_the_whole_world_where_a_mission_needs_it() -> None:
    assert 'class="world near"' in draw_map(PEN, [HAITI, COURT]).svg
    assert 'class="world whole"' in draw_map(PEN, [HAITI, TIMOR]).svg


def test_nothing_on_the_map_is_styled_inline() -> None:
    svg = draw_map(PEN, [HAITI, COURT, TIMOR]).svg
    assert "style=" not in svg
    assert not re.search(r"\son\w+=", svg)


def test_names_from_the_database_are_escaped() -> None:
    svg = draw_map(PEN, [Place("<script>", "/x", 0, 0, 40, 40)]).svg
    assert "<script>" not in svg


def test_the_table_beside_holds_the_same_numbers_and_adds_up() -> None:
    table = draw_map(PEN, [COURT, HAITI]).table
    assert [row["count"] for row in table.rows] == [24, 4]
    assert table.totals is not None
    assert table.totals["count"] == 28
    assert isinstance(table.rows[0]["mission"], Link)
    assert draw_map(PEN, [HAITI, TIMOR]).table.totals["authorized"] == 30, "the sum of what is known"  # type: ignore[index]


def test_a_map_without_missions_is_still_a_map() -> None:
    assert "land" in draw_map(PEN, []).svg


def test_the_area_of_a_circle_follows_the_number() -> None:
    svg = draw_map(PEN, [HAITI, Place("X", "/x", 0, 0, 6)]).svg
    large, small = sorted((float(radius) for radius in re.findall(r'r="([\d.]+)"', svg)), reverse=True)
    assert 3.6 < (large / small) ** 2 < 4.4


SPOTS = st.lists(
    st.builds(
        Spot, st.floats(20, 500), st.floats(20, 260), st.floats(6, 22), st.text("ABCMNOU", min_size=3, max_size=10)
    ),
    max_size=14,
)


@settings(max_examples=60)
@given(SPOTS)
def test_no_two_labels_overlap_at_any_width(spots: list[Spot]) -> None:
    nudge(spots)
    placed = [(spot, label) for spot, label in zip(spots, place(spots, 520, 286), strict=True) if label]
    for scale in SCALES:
        boxes = [box_of(spot, label, scale) for spot, label in placed]
        for one, two in combinations(boxes, 2):
            assert one[0] >= two[2] or two[0] >= one[2] or one[1] >= two[3] or two[1] >= one[3]


def test_circles_at_one_place_move_apart() -> None:
    spots = [Spot(100, 100, 10, "A"), Spot(100, 100, 8, "B"), Spot(104, 100, 9, "C")]
    nudge(spots)
    for one, two in combinations(spots, 2):
        assert ((one.x - two.x) ** 2 + (one.y - two.y) ** 2) ** 0.5 > one.radius + two.radius


def test_long_words_are_cut_to_the_room_there_is() -> None:
    cut = shortened("A rather long name of a mission", 80)
    assert cut.endswith("…")
    assert text_width(cut) <= 80
    assert shortened("Short", 80) == "Short"
