"""From a draft into force and out of it: what each step asks for."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from auth.claim_rules.service import list_rules
from auth.linking.service import get_links
from auth.relying_party.client_auth import PRIVATE_KEY
from auth.service import SEAT_MANAGE, SEAT_READ
from auth.setup import gates
from auth.setup.gates import Gate
from auth.setup.schemas import AssuranceIn, ChangeProvider, CopyProvider, ProviderIn
from auth.setup.service import (
    add_provider,
    change_provider,
    copy_provider,
    get_provider,
    link_tested,
    list_providers,
    set_assurance,
)
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.text import t
from core.use_cases.declaration import ById, Nothing
from core.use_cases.execution import execute
from tests.auth.dying import dies_at
from tests.auth.hostile import CLIENT, OTHER_ISSUER, sets
from tests.auth.relying_party.kept import lines
from tests.auth.rig import Rig, sent_with
from tests.auth.setup.wizard import NEW, WHY, Wizard, add_rule_of, open_wizard


async def test_from_a_draft_to_a_sign_in_through_it(wizard: Wizard) -> None:
    made = await wizard.add()
    assert (made.provider.state, made.test, made.findings) == ("draft", None, None)
    await wizard.test()
    await execute(link_tested, wizard.ctx, ById(id=wizard.id))
    assert (await wizard.move("confirm")).provider.state == "tested"
    assert (await wizard.move("enforce")).provider.state == "enforced"
    browser = wizard.rig.browser()
    chosen = await browser.get(f"/t/{wizard.scope.slug}/auth/start?provider={wizard.id}")
    wizard.rig.other.claims = wizard.rig.other.userinfo = sets(sub="new-1")

    signed = await wizard.rig.finish(browser, wizard.scope, sent_with(chosen), iss=OTHER_ISSUER)
    assert signed.status_code == 303
    assert "Uriel Labonté" in (await browser.get(f"/en/{wizard.scope.slug}/session")).text
    told = [line["state"] for line in await lines(wizard.rig, wizard.scope, "identity_provider.enforce")]
    assert told == ["enforced"]


async def test_it_is_not_put_in_force_before_a_passed_test(wizard: Wizard) -> None:
    await wizard.add()
    with pytest.raises(Refused):
        await wizard.move("confirm")
    with pytest.raises(Refused, match="not possible now"):
        await wizard.move("enforce")
    await wizard.test(aud="somebody-else")
    with pytest.raises(Refused):
        await wizard.move("confirm")
    assert (await wizard.row()).state == "draft"


@pytest.mark.parametrize(
    "change",
    [{"client_id": "another"}, {"algorithm": "RS256"}, {"pinned_claim": "org", "pinned_value": "police"}],
)
async def test_changing_the_set_up_voids_the_test(wizard: Wizard, change: dict[str, Any]) -> None:
    await wizard.add()
    await wizard.test()
    await execute(link_tested, wizard.ctx, ById(id=wizard.id))
    await wizard.move("confirm")
    changed = await execute(change_provider, wizard.ctx, ChangeProvider(**(NEW | change), id=wizard.id))
    assert changed.provider.state == "draft"
    assert changed.test is not None
    assert not changed.test.holds
    with pytest.raises(Refused):
        await wizard.move("confirm")


async def test_a_stricter_rule_voids_the_test_and_a_new_name_does_not(wizard: Wizard) -> None:
    await wizard.add()
    await wizard.test()
    renamed = await execute(change_provider, wizard.ctx, ChangeProvider(**(NEW | {"name": "Autre"}), id=wizard.id))
    assert renamed.test is not None
    assert renamed.test.holds
    ruled = await execute(set_assurance, wizard.ctx, AssuranceIn(id=wizard.id, amr_all="mfa"))
    assert ruled.test is not None
    assert not ruled.test.holds
    await wizard.test(amr=["pwd"])
    failed = (await wizard.file()).test
    assert failed is not None
    assert failed.why == "assurance"
    await wizard.test(amr=["pwd", "mfa"])
    assert (await wizard.move("confirm")).provider.state == "tested"


async def test_a_test_holds_for_seven_days(wizard: Wizard) -> None:
    await wizard.add()
    await wizard.test()
    await execute(link_tested, wizard.ctx, ById(id=wizard.id))
    await wizard.move("confirm")
    wizard.rig.platform.clock.advance(timedelta(days=7))
    assert [gate.met for gate in (await wizard.file()).enforcing] == [True, True, True]
    wizard.rig.platform.clock.advance(timedelta(seconds=1))
    assert [gate.key for gate in (await wizard.file()).enforcing if not gate.met] == ["test"]
    with pytest.raises(Refused):
        await wizard.move("enforce")
    assert (await wizard.row()).state == "tested"


async def test_a_later_test_that_fails_takes_the_place_of_one_that_passed(wizard: Wizard) -> None:
    await wizard.add()
    await wizard.test()
    await wizard.test(nonce="another")
    with pytest.raises(Refused):
        await wizard.move("confirm")


async def test_a_further_precondition_is_one_more_entry_of_the_list(
    wizard: Wizard, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def sealed_envelope(work: Any, row: Any) -> Gate:
        return Gate("envelope", t("Somebody who administers this service can come in through it"), met=False)

    monkeypatch.setattr(gates, "ENFORCING", gates.ENFORCING)
    gates.ENFORCING.append(sealed_envelope)
    try:
        with pytest.raises(Refused):
            await wizard.enforced()
        assert (await wizard.row()).state == "tested"
        assert [gate.key for gate in (await wizard.file()).enforcing] == [
            "test",
            "administrator",
            "break_glass",
            "envelope",
        ]
    finally:
        gates.ENFORCING.remove(sealed_envelope)


BAD: dict[str, str] = {
    "name": " ",
    "issuer": "http://login.example.org",
    "client_auth": "client_secret_basic",
    "secret_ends_on": "tomorrow",
    "algorithm": "none",
    "pinned_value": "police",
    "refresh": "sometimes",
}


@pytest.mark.parametrize(
    ("changes", "faulty"),
    [
        ({}, ["name", "issuer", "client_id", "secret", "secret_ends_on", "algorithm", "pinned_value", "refresh"]),
        (
            {"issuer": ""},
            ["name", "issuer", "client_id", "secret", "secret_ends_on", "algorithm", "pinned_value", "refresh"],
        ),
        (
            {"name": "New", "client_id": "x", "secret_ends_on": ""},
            ["issuer", "secret", "algorithm", "pinned_value", "refresh"],
        ),
        (
            {"issuer": "https://login.example.org", "secret": "s", "pinned_claim": "x" * 201},
            ["name", "client_id", "secret_ends_on", "algorithm", "pinned_claim", "refresh"],
        ),
    ],
)
async def test_every_fault_is_told_at_once_in_the_order_of_the_form_what_cannot_be_read_and_what_cannot_be_right(
    wizard: Wizard, changes: dict[str, str], faulty: list[str]
) -> None:
    answer = await wizard.send(BAD | changes)
    assert answer.status_code == 422
    assert re.findall(r'href="#f-(\w+)"', answer.text) == faulty
    assert [one for one in faulty if f'id="f-{one}-error"' not in answer.text] == []


async def test_a_secret_that_has_ended_is_not_taken_and_its_day_matters_for_a_secret_alone(wizard: Wizard) -> None:
    good = {"name": "New", "issuer": "https://login.example.org", "client_id": "x", "algorithm": "RS256"}
    ended = good | {"client_auth": "client_secret_basic", "secret": "s", "secret_ends_on": "2020-01-31"}
    answer = await wizard.send(ended)
    assert re.findall(r'href="#f-(\w+)"', answer.text) == ["secret_ends_on"]
    assert (await wizard.send(ended | {"client_auth": "none"})).status_code == 303


async def test_of_a_change_too(wizard: Wizard) -> None:
    await wizard.add()
    answer = await wizard.send(BAD, f"/{wizard.id}")
    assert re.findall(r'href="#f-(\w+)"', answer.text) == [
        "name",
        "issuer",
        "client_id",
        "secret_ends_on",
        "algorithm",
        "pinned_value",
        "refresh",
    ]


async def test_whether_it_is_asked_again_is_set_tested_and_goes_along_with_a_copy(wizard: Wizard) -> None:
    assert (await wizard.add()).provider.refresh == "never"
    with pytest.raises(Invalid) as refused:
        await execute(change_provider, wizard.ctx, ChangeProvider(**NEW, refresh="sometimes", id=wizard.id))
    assert [fault.pointer for fault in refused.value.faults] == ["/refresh"]
    await wizard.test()
    changed = await execute(change_provider, wizard.ctx, ChangeProvider(**NEW, refresh="offline", id=wizard.id))
    assert changed.test is not None
    assert not changed.test.holds
    assert "offline_access" in sent_with(await wizard.start())["scope"].split()
    told = await lines(wizard.rig, wizard.scope, "identity_provider.change")
    assert told[-1]["refresh"] == "offline"
    copy = await execute(copy_provider, wizard.ctx, CopyProvider(id=wizard.id, name="Annuaire 2028", reason=WHY))
    assert copy.provider.refresh == "offline"


async def test_what_becomes_of_programs_is_set_kept_in_the_log_and_goes_along_with_a_copy(wizard: Wizard) -> None:
    assert (await wizard.add()).provider.programs == "go_on"
    with pytest.raises(Invalid) as refused:
        await execute(change_provider, wizard.ctx, ChangeProvider(**NEW, programs="perhaps", id=wizard.id))
    assert [fault.pointer for fault in refused.value.faults] == ["/programs"]
    await wizard.test()
    changed = await execute(change_provider, wizard.ctx, ChangeProvider(**NEW, programs="end", id=wizard.id))
    assert changed.test is not None
    assert changed.test.holds, "it does not decide whether somebody comes in"
    assert (await lines(wizard.rig, wizard.scope, "identity_provider.change"))[-1]["programs"] == "end"
    copy = await execute(copy_provider, wizard.ctx, CopyProvider(id=wizard.id, name="Annuaire 2028", reason=WHY))
    assert copy.provider.programs == "end"


@pytest.mark.parametrize(("language", "words"), [("en", "only signed out there"), ("fr", "simplement fermé")])
async def test_the_page_asks_what_becomes_of_programs_and_says_when_they_end_in_any_case(
    wizard: Wizard, language: str, words: str
) -> None:
    await wizard.add(programs="end")
    page = (await wizard.browser.get(f"/{language}/{wizard.scope.slug}/sign-in/{wizard.id}")).text
    assert words in page.replace("\xa0", " ")
    assert 'value="end" checked' in page or 'value="end" selected' in page


@pytest.mark.parametrize(("language", "words"), [("en", "Never is right where"), ("fr", "« Jamais » convient")])
async def test_the_page_asks_whether_it_is_asked_again_and_says_when_that_is_right(
    wizard: Wizard, language: str, words: str
) -> None:
    await wizard.add(refresh="given")
    page = (await wizard.browser.get(f"/{language}/{wizard.scope.slug}/sign-in/{wizard.id}")).text
    assert words in page.replace("\xa0", " ")
    assert 'value="given" checked' in page or 'value="given" selected' in page


async def test_one_that_people_sign_in_through_is_changed_by_a_tested_copy(wizard: Wizard) -> None:
    await wizard.enforced()
    with pytest.raises(Refused):
        await execute(change_provider, wizard.ctx, ChangeProvider(**NEW, id=wizard.id))
    with pytest.raises(Refused):
        await execute(set_assurance, wizard.ctx, AssuranceIn(id=wizard.id))
    before = wizard.id
    manager = wizard.rig.platform.ctx(wizard.scope, SEAT_READ, SEAT_MANAGE)
    await add_rule_of(wizard, before, manager)
    copy = await execute(copy_provider, wizard.ctx, CopyProvider(id=before, name="Annuaire 2028", reason=WHY))
    wizard.id = str(copy.provider.id)
    assert (copy.provider.state, copy.provider.issuer, copy.provider.client_id) == ("draft", OTHER_ISSUER, CLIENT)
    rules = (await execute(list_rules, manager, Nothing())).rules
    assert sorted(str(one.provider_id) for one in rules) == sorted([before, wizard.id])
    await wizard.test(groups=["admins"])
    test = (await wizard.file()).test
    assert test is not None
    assert test.roles == ["administrator"]
    await wizard.move("confirm")
    assert (await wizard.move("enforce")).provider.state == "enforced"
    await wizard.move("retire", before)
    assert (await wizard.move("switch_off", before)).provider.state == "off"


async def test_a_secret_is_sealed_never_shown_and_goes_to_no_other_issuer(wizard: Wizard) -> None:
    made = await wizard.add(client_auth="client_secret_post", secret="tr0ub4dor-in-use")
    row = await wizard.row()
    assert made.provider.has_secret
    assert row.secret_sealed is not None
    assert b"tr0ub4dor" not in row.secret_sealed
    page = await wizard.browser.get(f"/en/{wizard.scope.slug}/sign-in/{wizard.id}")
    assert "tr0ub4dor" not in page.text
    assert "tr0ub4dor" not in str(await lines(wizard.rig, wizard.scope, "identity_provider.add"))
    await wizard.test()
    assert wizard.rig.other.form["client_secret"] == ["tr0ub4dor-in-use"]
    kept = NEW | {"client_auth": "client_secret_post"}
    await execute(change_provider, wizard.ctx, ChangeProvider(**(kept | {"algorithm": "RS256"}), id=wizard.id))
    assert (await wizard.row()).secret_sealed == row.secret_sealed
    elsewhere = kept | {"issuer": "https://evil.example.net"}
    with pytest.raises(Invalid) as invalid:
        await execute(change_provider, wizard.ctx, ChangeProvider(**elsewhere, id=wizard.id))
    assert [fault.pointer for fault in invalid.value.faults] == ["/secret"]
    copy = await execute(copy_provider, wizard.ctx, CopyProvider(id=wizard.id, name="Copie", reason=WHY))
    wizard.id = str(copy.provider.id)
    await wizard.test()
    assert wizard.rig.other.form["client_secret"] == ["tr0ub4dor-in-use"]
    assert (await wizard.row()).secret_sealed != row.secret_sealed, "sealed for its own place"


async def test_a_key_of_ours_signs_and_is_published(wizard: Wizard) -> None:
    await wizard.add(client_auth=PRIVATE_KEY)
    published = (await wizard.browser.get(f"/t/{wizard.scope.slug}/auth/jwks.json")).json()["keys"]
    assert len(published) == 1
    await wizard.test()
    assert wizard.rig.other.form["client_assertion_type"] == ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
    test = (await wizard.file()).test
    assert test is not None
    assert test.why is None


@pytest.mark.parametrize(
    ("wrong", "pointers"),
    [
        ({"issuer": "http://login.example.net"}, ["/issuer"]),
        ({"issuer": "https://10.0.0.8"}, ["/issuer"]),
        ({"issuer": "https://169.254.169.254/latest"}, ["/issuer"]),
        ({"issuer": "https://[::1]/"}, ["/issuer"]),
        ({"issuer": "https://user:pass@login.example.net"}, ["/issuer"]),
        ({"client_auth": "client_secret_basic"}, ["/secret"]),
        ({"client_auth": "tls", "algorithm": "none", "issuer": "ftp://x"}, ["/client_auth", "/algorithm", "/issuer"]),
        ({"algorithm": "HS256"}, ["/algorithm"]),
        ({"pinned_claim": "org"}, ["/pinned_value"]),
        ({"pinned_claim": "email", "pinned_value": "a@example.org"}, ["/pinned_claim"]),
        ({"person_claim": "Email"}, ["/person_claim"]),
    ],
)
async def test_every_fault_of_a_set_up_is_told_at_once(
    wizard: Wizard, wrong: dict[str, Any], pointers: list[str]
) -> None:
    with pytest.raises(Invalid) as invalid:
        await wizard.add(**wrong)
    assert sorted(fault.pointer for fault in invalid.value.faults) == sorted(pointers)
    assert len((await execute(list_providers, wizard.ctx, Nothing())).providers) == 1


async def test_the_metadata_address_is_as_good_as_the_issuer(wizard: Wizard) -> None:
    made = await wizard.add(issuer=f"{OTHER_ISSUER}/.well-known/openid-configuration")
    assert made.provider.issuer == OTHER_ISSUER


async def test_what_is_another_services_is_not_found(rig: Rig, wizard: Wizard) -> None:
    foreign = await open_wizard(rig)
    theirs = str((await foreign.add()).provider.id)
    for doing in (
        wizard.file(theirs),
        wizard.move("switch_off", theirs),
        execute(link_tested, wizard.ctx, ById(id=theirs)),
        execute(change_provider, wizard.ctx, ChangeProvider(**NEW, id=theirs)),
        execute(copy_provider, wizard.ctx, CopyProvider(id=theirs, name="x", reason=WHY)),
        execute(set_assurance, wizard.ctx, AssuranceIn(id=theirs)),
    ):
        with pytest.raises(NotFound):
            await doing


@pytest.mark.parametrize("which", [1, 2])
async def test_a_process_that_dies_while_it_links_ones_tested_account_leaves_no_way_in_without_a_line(
    wizard: Wizard, monkeypatch: pytest.MonkeyPatch, which: int
) -> None:
    await wizard.add()
    await wizard.test()
    with monkeypatch.context() as patched:
        dies_at(patched, which)
        with pytest.raises(ConnectionError):
            await execute(link_tested, wizard.ctx, ById(id=wizard.id))
    assert len(await lines(wizard.rig, wizard.scope, "identity.link")) == (which == 2)
    found = await execute(get_links, wizard.ctx, ById(str(wizard.ctx.actor.id)))
    assert [one for one in found.accounts if one.origin == "test"] == []
    await wizard.test()
    await execute(link_tested, wizard.ctx, ById(id=wizard.id))
    found = await execute(get_links, wizard.ctx, ById(str(wizard.ctx.actor.id)))
    assert [one.subject for one in found.accounts if one.origin == "test"] == ["new-1"]


async def test_who_may_only_read_sees_no_test_and_changes_nothing(wizard: Wizard) -> None:
    await wizard.add()
    await wizard.test()
    reader = wizard.rig.platform.ctx(wizard.scope, SEAT_READ)

    assert (await execute(get_provider, reader, ById(id=wizard.id))).test is None
    with pytest.raises(Forbidden):
        await execute(add_provider, reader, ProviderIn(**NEW))


async def test_only_the_account_of_ones_own_fresh_test_is_linked_and_never_another_ones(wizard: Wizard) -> None:
    await wizard.add()
    with pytest.raises(Refused):
        await execute(link_tested, wizard.ctx, ById(id=wizard.id))
    await wizard.test()
    await wizard.rig.seat(wizard.scope, "member", subject="new-1", issuer=OTHER_ISSUER)
    with pytest.raises(Refused, match="leads into a seat here"):
        await execute(link_tested, wizard.ctx, ById(id=wizard.id))
    assert await lines(wizard.rig, wizard.scope, "identity.link") == []
