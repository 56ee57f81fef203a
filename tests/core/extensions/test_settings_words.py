"""What a change of settings changed is told, of each entry of a list too."""

from __future__ import annotations

import msgspec
import pytest

from core.extensions.settings_words import changes
from core.hooks.settings_values import stored
from core.web.i18n import say
from plugins.duty_cover.settings import Settings, UnitMinimum


def of_patrol(first: int, second: int) -> list[object]:
    """Return two rules of one unit, each for other bands, as they are kept."""
    units = [
        UnitMinimum(unit="Patrol", minimum=first, lowest_band=1, highest_band=3),
        UnitMinimum(unit="Patrol", minimum=second, lowest_band=4, highest_band=7),
    ]
    kept: list[object] = stored(Settings(units=units))["units"]
    return kept


@pytest.mark.parametrize(("before", "after"), [((3, 5), (2, 5)), ((3, 5), (3, 4))])
def test_a_change_of_either_of_two_entries_that_are_called_alike_is_told(
    before: tuple[int, int], after: tuple[int, int]
) -> None:
    (line,) = changes(Settings, {"units": [of_patrol(*before), of_patrol(*after)]}, "en")
    assert not isinstance(line, str)
    ((was, is_now),) = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert (line.params["before"], line.params["after"]) == (str(was), str(is_now))


class Plain(msgspec.Struct, frozen=True):
    """One of each that may stand empty."""

    paper: bool = False
    days: int = 30


def test_what_was_never_set_and_says_nothing_is_no_change() -> None:
    assert changes(Plain, {"paper": [None, False]}, "en") == []
    assert [say(one, "en").split(": ")[1] for one in changes(Plain, {"paper": [None, True]}, "en")] == ["(empty) → Yes"]
    assert [say(one, "en").split(": ")[1] for one in changes(Plain, {"paper": [True, False]}, "en")] == ["Yes → No"]
    assert len(changes(Plain, {"days": [None, 30]}, "en")) == 1
