"""French and English ship together: one missing sentence fails the build."""

from __future__ import annotations

from core.web.i18n_upkeep import check
from tests.contracts.sources import ROOT


def test_every_sentence_has_its_french_and_the_french_is_set_right() -> None:
    findings = [finding.replace(f"{ROOT}/", "") for finding in check()]
    assert not findings, "run python -m core.web.i18n update, then:\n" + "\n".join(findings)
