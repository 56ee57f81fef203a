"""An address to which nothing could be sent is refused where it is entered."""

from __future__ import annotations

import pytest

from core.errors import Invalid
from core.use_cases import intake
from core.web.i18n import say
from plugins.webhooks.settings import Settings


@pytest.mark.parametrize(
    "address", ["https://a.example.org", "https://a.example.org:8443/in?from=us", "https://[::1]/"]
)
def test_an_address_begins_with_https_and_names_a_machine(address: str) -> None:
    assert intake.read(Settings, {"address": address}).address == address


@pytest.mark.parametrize(
    "address",
    ["nonsense", "ftp://a.example.org", "https://", "https:///in", "https://u:p@a.example.org", "https://a b"],
)
def test_whatever_else_is_refused_with_a_sentence_in_both_languages(address: str) -> None:
    with pytest.raises(Invalid) as refused:
        intake.read(Settings, {"address": address})
    (fault,) = refused.value.faults
    assert say(fault.text, "en").startswith("The address to send to begins with https://")
    assert say(fault.text, "fr").startswith("L’adresse d’envoi commence par https://")
