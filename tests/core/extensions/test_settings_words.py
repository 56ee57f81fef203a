"""What a change of settings says of itself."""

from __future__ import annotations

import msgspec

from core.extensions.settings_words import changes
from core.web.i18n import say


class Settings(msgspec.Struct, frozen=True):
    """One of each that may stand empty."""

    paper: bool = False
    days: int = 30


def test_what_was_never_set_and_says_nothing_is_no_change() -> None:
    assert changes(Settings, {"paper": [None, False]}, "en") == []
    assert [say(one, "en").split(": ")[1] for one in changes(Settings, {"paper": [None, True]}, "en")] == [
        "(empty) → Yes"
    ]
    assert [say(one, "en").split(": ")[1] for one in changes(Settings, {"paper": [True, False]}, "en")] == ["Yes → No"]
    assert len(changes(Settings, {"days": [None, 30]}, "en")) == 1
