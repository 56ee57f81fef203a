"""What somebody typed is shown to them again where they typed it, with what is wrong at each field."""

from __future__ import annotations

import re

from auth.matrix.deriving import declared
from core.web.forms import build_form
from tests.contracts.sources import PACKAGES, files, place, text

UNFOLDING = re.compile(r"<details\b(?![^>]*\.faulty)(?:(?!</details>).)*?\bui\.form\(", re.DOTALL)


def test_every_form_with_fields_names_the_page_that_shows_it_again() -> None:
    lost = []
    for post in (post for room in declared().pages for post in room.posted if post.form is None):
        asked = {one.name for one in build_form(post.use_case.input).shown} - set(re.findall(r"{(\w+)", post.pattern))
        # A reason beside a button is asked for by the browser, and stands in a panel of its own.
        if asked - {"reason"}:
            lost.append(f"{post.pattern}: {sorted(asked)}")
    assert lost == []


def test_a_form_behind_a_button_is_open_while_it_has_faults() -> None:
    guilty = [
        place(path, text(path)[: found.start()].count("\n") + 1)
        for path in files(".html", under=PACKAGES)
        for found in UNFOLDING.finditer(text(path))
    ]
    assert not guilty, f"write ui.unfolded, or open it while its form is faulty: {guilty}"
