"""The host without a database that plugin tests are given: two tenants who share nothing, and a clock."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from uuid import UUID

import msgspec
import pytest

from contingent import (
    Ctx,
    Manifest,
    Milestone,
    NoApproval,
    Rejected,
    Secret,
    Source,
    Subject,
    Tour,
    Words,
    hookimpl,
    specs,
)
from contingent.kit.platform import Platform, Tenant, Tenants
from core.hooks.answers import PluginFailed
from core.hooks.registry import Registry
from core.secret import made_of as secret_of

SUBJECT = Subject(kind="agreement", id=UUID(int=1))
TOUR = Tour(id=UUID(int=1), officer_id=UUID(int=2), mission="M", start=date(2026, 1, 1), end=date(2026, 2, 1))
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
    assert pair.alpha.ask(specs.reintegration_milestones, tour=TOUR) == [[]]


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


class Mail(msgspec.Struct):
    code: Secret | None = None


@hookimpl
async def reintegration_milestones(ctx: Ctx, tour: Tour) -> list[Milestone]:
    assert ctx.settings.code is not None
    shown = ctx.settings.code.reveal()
    return [Milestone(key=shown, title={"en": "Meet", "fr": "Se voir"}, owner="agency", due=tour.end)]


def test_settings_may_hold_a_secret_as_text_or_in_the_plugin_s_own_struct() -> None:
    title: Words = {"en": "A", "fr": "B"}
    registry = Registry()
    manifest = Manifest(name="mail", version="1.0", title=title, requires="contingent>=1.0,<2", settings=Mail)
    named = SimpleNamespace(manifest=manifest, reintegration_milestones=reintegration_milestones)
    assert registry.register(named) is None
    tenant = Tenant(Platform(registry), "alpha")
    for settings in ({"code": "k-1"}, Mail(code=secret_of("k-1"))):
        tenant.enable("mail", settings)
        ((milestone,),) = tenant.ask(specs.reintegration_milestones, tour=TOUR)
        assert milestone.key == "k-1"


def test_what_cannot_be_switched_on_says_why(pair: Tenants) -> None:
    with pytest.raises(AssertionError, match="there is no plugin 'never_installed'"):
        pair.alpha.enable("never_installed")
    with pytest.raises(msgspec.ValidationError):
        pair.alpha.enable("approval_chain", {"nobody": "perhaps"})
