"""Whether the French of a plugin is set as ours is."""

from __future__ import annotations

from pathlib import Path

from babel.messages.pofile import read_po

from core.web.i18n_french import wrong_in


def wrong_french(package: Path) -> list[str]:
    """Return what is wrong with the French of a plugin's package, sentence by sentence."""
    with (package / "locale" / "fr.po").open("rb") as file:
        messages = [message for message in read_po(file, locale="fr") if message.id]
    assert messages
    return [f"{one.string!r} {fault}" for one in messages for fault in wrong_in(str(one.id), str(one.string))]
