"""Why a machine gave no answer is a sentence's part in both languages, and no exception's name."""

from __future__ import annotations

import pytest

from contingent import failure_in_words


@pytest.mark.parametrize(
    ("failed", "english", "french"),
    [
        ("hr.example.org: ConnectError", "hr.example.org: no connection", "hr.example.org\u00a0: aucune connexion"),
        (
            "hr.example.org: ReadTimeout",
            "hr.example.org: no answer in time",
            "hr.example.org\u00a0: aucune réponse à temps",
        ),
        (
            "hr.example.org does not lead to a public address",
            "hr.example.org: not a public address",
            "hr.example.org\u00a0: l’adresse n’est pas publique",
        ),
        ("hr.example.org: Unheard", "hr.example.org: no sound answer", "hr.example.org\u00a0: aucune réponse valable"),
        ("compressed though asked not to", "no sound answer", "aucune réponse valable"),
        ("TimeoutError", "no answer in time", "aucune réponse à temps"),
    ],
)
def test_a_failure_is_told_by_its_machine_and_in_words(failed: str, english: str, french: str) -> None:
    assert failure_in_words(failed) == {"en": english, "fr": french}
