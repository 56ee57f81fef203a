from __future__ import annotations

import pytest

from core.web.i18n_french import typeset, wrong_in

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("english", "french", "complaint"),
    [
        ("Of %(all)s", "De %(tout)s", "placeholders"),
        ("Choose:", "Choisissez :", "before :"),
        ("Choose:", "Choisissez:", "before :"),
        ("Really?", "Vraiment ?", "before ?"),
        ("Once; twice", "Une fois; deux", "before ;"),
        ("“Name”", "« Nom »", "after «"),
        ("“Name”", f"«{NBSP}Nom »", "before »"),
        ("The service's", "L'agence", "apostrophe"),
        ('"Name"', '"Nom"', "quotation"),
        ("Since March 1", "Depuis le 1er mars", "1er"),
        ("%(share)s%", "%(share)s %", "lone %"),
        ("Name", "Nom ", "ends with a space"),
    ],
)
def test_each_fault_is_named(english: str, french: str, complaint: str) -> None:
    assert any(complaint in fault for fault in wrong_in(english, french))


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("Choose one of: %(choices)s.", f"Choisissez{NBSP}: %(choices)s."),
        ("Example: 2026-03-01T09:00:00Z.", f"Exemple{NBSP}: 2026-03-01T09:00:00Z."),
        ("See https://localhost", "Voyez https://localhost"),
        ("“%(step)s”?", f"«{NBSP}%(step)s{NBSP}»{NBSP}?"),
        ("%(num)s officer", "Un membre"),
        ("Really?!", f"Vraiment{NBSP}?!"),
    ],
)
def test_good_french_passes(english: str, french: str) -> None:
    assert wrong_in(english, french) == []


def test_a_machine_sets_spaces_and_apostrophes() -> None:
    assert typeset("L'agence : « Nom » ; le 1er mars ?") == (
        f"L’agence{NBSP}: «{NBSP}Nom{NBSP}»{NBSP}; le 1ᵉʳ mars{NBSP}?"
    )


def test_what_is_set_stays_as_it_is() -> None:
    once = typeset("L'état est « ouvert » : bien")
    assert typeset(once) == once
