"""The host without a database that plugin tests are given: two tenants who share nothing, and a clock."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
import pytest

from contingent import NoApproval, Rejected, Source, Subject, Tour, specs
from contingent.kit.platform import Platform, Tenant, Tenants
from core.hooks.answers import PluginFailed
from core.hooks.registry import Registry

SUBJECT = Subject(kind="agreement", id=UUID(int=1))
NOBODY = {"nobody": True, "reason_en": "By-law 12", "reason_fr": "Règlement 12"}


@pytest.fixture
def pair() -> Tenants:
    platform = Platform(Registry().load())
    return Tenants(Tenant(platform, "alpha"), Tenant(platform, "beta"))


def test_each_tenant_is_answered_by_what_it_has_switched_on_with_its_own_settings(pair: Tenants) -> None:
    pair.alpha.enable("approval_chain", NOBODY)
    pair.beta.enable("approval_chain")
    assert pair.alpha.ask(specs.approval_chain, subject=SUBJECT) == [
        NoApproval(reason={"en": "By-law 12", "fr": "Règlement 12"})
    ]
    assert pair.beta.ask(specs.approval_chain, subject=SUBJECT) == [], "no answer is none"
    pair.alpha.disable("approval_chain")
    assert pair.alpha.ask(specs.approval_chain, subject=SUBJECT) == []


def test_what_all_are_asked_is_asked_once_and_everybody_answers(pair: Tenants) -> None:
    pair.alpha.enable("reintegration_plan", {"milestones": []})
    tour = Tour(id=UUID(int=1), officer_id=UUID(int=2), mission="M", start=date(2026, 1, 1), end=date(2026, 2, 1))
    assert pair.alpha.ask(specs.reintegration_milestones, tour=tour) == [[]]


def test_a_stream_gives_its_pages_and_a_refusal_is_raised(pair: Tenants) -> None:
    pair.alpha.enable("hr_file")
    pair.alpha.platform.context("alpha")
    upload = next(iter(pair.alpha.platform.trial.files["alpha"]))
    (page,) = pair.alpha.ask(specs.hr_fetch, source=Source(id=UUID(int=1), upload=upload), cursor=None)
    assert page.complete
    with pytest.raises(Rejected, match="No file was uploaded"):
        pair.alpha.ask(specs.hr_fetch, source=Source(id=UUID(int=1)), cursor=None)


def test_a_file_of_another_tenant_is_not_there(pair: Tenants) -> None:
    pair.alpha.enable("hr_file")
    pair.beta.platform.context("beta")
    upload = next(iter(pair.beta.platform.trial.files["beta"]))
    with pytest.raises(PluginFailed, match="raised NotFound"):
        pair.alpha.ask(specs.hr_fetch, source=Source(id=UUID(int=1), upload=upload), cursor=None)


def test_what_cannot_be_switched_on_says_why(pair: Tenants) -> None:
    with pytest.raises(AssertionError, match="there is no plugin 'never_installed'"):
        pair.alpha.enable("never_installed")
    with pytest.raises(msgspec.ValidationError):
        pair.alpha.enable("approval_chain", {"nobody": "perhaps"})
