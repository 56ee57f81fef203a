from __future__ import annotations

import re

from core.web.assets import asset, assets, by_address
from core.web.environment import render
from core.web.icons import ICONS, icon
from core.web.styleguide import sample, sample_page

KILOBYTE = 1024


def test_sheet_and_script_stay_within_their_budgets() -> None:
    assert len(assets()["ui.css"].packed) < 12 * KILOBYTE
    assert len(assets()["enhance.js"].body) < 12 * KILOBYTE


def test_the_style_guide_with_everything_is_lighter_than_a_dashboard_may_be() -> None:
    import gzip  # noqa: PLC0415 - only here

    html = render("styleguide.html", sample_page("fr"), sample("fr")).encode()
    whole = len(gzip.compress(html)) + sum(len(one.packed) for one in assets().values())
    assert whole < 60 * KILOBYTE


def test_an_address_changes_with_the_content_and_is_found_again() -> None:
    address = asset("ui.css")
    assert re.fullmatch(r"/static/ui\.[0-9a-f]{10}\.css", address)
    assert by_address()[address.rsplit("/", 1)[1]].name == "ui.css"


def test_the_sheet_is_one_file_without_comments() -> None:
    sheet = assets()["ui.css"].body.decode()
    assert "/*" not in sheet
    assert "url(" not in sheet
    assert "@import" not in sheet
    assert sheet.count("{") == sheet.count("}")


def test_every_icon_is_drawn_and_an_unknown_one_has_a_stand_in() -> None:
    for name in ICONS:
        assert re.search(r'd="M[-0-9A-Za-z .]+"', icon(name)), name
    assert icon("no such icon") == icon("doc")
