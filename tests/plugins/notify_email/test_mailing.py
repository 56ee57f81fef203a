"""From a notification to a mail in somebody's box: confirmed addresses only, over TLS, at once or once a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from auth.models import Seat
from core.database.sessions import tenant_session
from core.events.models import NotificationRow
from core.extensions.notifying import ENTERED
from core.extensions.scheduling import begin_due
from core.extensions.schemas import WithReason
from core.extensions.service import disable_plugin
from core.hooks.service import suspend
from core.journal.permissions import NOTIFICATION_READ
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.http.ring import fields_of, main_of
from tests.plugins.notify_email.post import ALIX, Post, code_in
from tests.plugins.notify_email.server import serving

pytestmark = pytest.mark.http


async def test_only_a_confirmed_address_is_written_to_and_a_message_names_nobody(post: Post) -> None:
    assert (await post.enter()).status_code == 303
    await post.tell()
    await post.station.work()
    (mail,) = post.box.came
    assert mail["To"] == ALIX
    assert "Tremblay" not in mail.get_content(), "whose address it is stands in doubt"
    code = code_in(post.box)
    wrong = await post.post("confirm", channel="notify_email", code=f"{(int(code) + 1) % 10**8:08}")
    assert main_of(wrong).count("That was not the code") == 2, "in the summary and at the field"
    assert 'aria-invalid="true"' in main_of(wrong)
    row = await post.row()
    assert row is not None
    assert (row.confirmed_at, row.tries) == (None, 1)
    assert (await post.post("confirm", channel="notify_email", code=f"{code[:4]} {code[4:]}")).status_code == 303
    assert "Confirmed" in main_of(await post.browser.get(post.address))
    await post.tell()
    await post.station.work()
    _, told = post.box.came
    text = told.get_content()
    assert "Une nouvelle notification vous attend" in text, "in the reader’s language"
    assert f"/fr/{post.station.scope.slug}/notifications" in text
    assert "Éthier" not in text
    assert told["Content-Language"] == "fr"
    assert told["Auto-Submitted"] == "auto-generated"


async def test_a_code_is_good_for_five_tries_and_five_codes_a_day_are_sent(post: Post) -> None:
    await post.enter()
    await post.station.work()
    code = code_in(post.box)
    for _ in range(5):
        await post.post("confirm", channel="notify_email", code="00000000" if code != "00000000" else "1")
    refused = await post.post("confirm", channel="notify_email", code=code)
    assert "There is no code to enter" in refused.text
    for number in range(4):
        assert (await post.enter(f"alix{number}@example.org")).status_code == 303
    assert "5 codes were sent today" in (await post.enter("alix9@example.org")).text


@pytest.mark.parametrize(
    "address",
    [
        "alix@example.org,noor@example.org",
        "Alix <alix@example.org>",
        "alix@example.org;",
        "a@b@example.org",
        "@example.org",
        "a@\x01",
    ],
)
async def test_what_is_not_just_one_address_is_none(post: Post, address: str) -> None:
    assert "This is not an e-mail address." in (await post.enter(address)).text


async def test_removing_the_address_and_entering_it_again_brings_no_more_codes(post: Post) -> None:
    for _ in range(5):
        assert (await post.enter()).status_code == 303
        await post.post("notify_email/remove")
    assert "5 codes were sent today" in (await post.enter()).text
    await post.station.work()
    assert len([row for row in await post.station.deliveries() if row.event == ENTERED]) == 5
    post.station.platform.clock.advance(timedelta(days=1))
    assert (await post.enter()).status_code == 303, "tomorrow it may be entered again"


async def test_for_a_channel_that_is_off_nothing_is_put_aside_and_for_one_that_is_suspended_it_waits(
    post: Post,
) -> None:
    await post.confirm()
    before = len(await post.station.deliveries())
    await execute(disable_plugin, post.station.ctx(), WithReason(name="notify_email"))
    await post.tell()
    await post.station.own_work()
    assert len(await post.station.deliveries()) == before
    await post.station.enable("notify_email")
    ctx = post.station.ctx()
    async with tenant_session(ctx) as session:
        await suspend(Work(ctx, session, ctx.today, ctx.clock.now()), "notify_email")
    await post.tell()
    await post.station.own_work()
    assert len(await post.station.deliveries()) == before + 1


async def test_whoever_wants_a_message_a_day_gets_one_if_something_new_is_unread(post: Post) -> None:
    await post.confirm("daily")
    clock = post.station.platform.clock
    await begin_due(post.station.ctx())
    await post.tell()
    await post.tell()
    await post.station.work()
    assert not post.box.came
    clock.set(datetime(2026, 11, 24, 12, 1, tzinfo=UTC))
    await begin_due(post.station.ctx())
    await post.station.work()
    (mail,) = post.box.came
    assert "Notifications que vous n’avez pas encore lues : 2" in mail.get_content().replace("\N{NO-BREAK SPACE}", " ")
    clock.set(datetime(2026, 11, 25, 12, 1, tzinfo=UTC))
    await begin_due(post.station.ctx())
    await post.station.work()
    assert len(post.box.came) == 1, "nothing new has come"


async def test_what_was_read_meanwhile_and_whose_seat_was_closed_is_not_written_to(post: Post) -> None:
    await post.confirm()
    await post.tell()
    ctx = post.station.ctx()
    async with tenant_session(ctx) as session:
        for row in await session.scalars(select(NotificationRow).where(NotificationRow.tenant_id == ctx.scope.id)):
            row.read_at = ctx.clock.now()
    await post.station.work()
    await post.tell()
    async with tenant_session(ctx) as session:
        seat = await session.get(Seat, (ctx.scope.id, post.seat))
        assert seat is not None
        seat.active = False
    await post.station.work()
    assert not post.box.came
    assert {row.cause for row in await post.station.deliveries() if row.state == "dropped"} == {"gone"}


async def test_an_address_that_was_removed_and_a_plugin_that_is_off_get_nothing(post: Post) -> None:
    await post.confirm()
    await post.tell()
    await execute(disable_plugin, post.station.ctx(), WithReason(name="notify_email"))
    await post.station.work()
    await post.station.enable("notify_email")
    await post.post("notify_email/remove")
    await post.tell()
    await post.station.work()
    assert not post.box.came
    assert await post.row() is None


async def test_a_server_without_the_right_certificate_gets_neither_password_nor_message(
    post: Post, tmp_path: Path
) -> None:
    await post.confirm()
    with serving(tmp_path, name="mail.example.net") as other:
        await post.configure(port=other.port, authority=other.certificate, user="ipob", password="opensesame")
        await post.tell()
        await post.station.work()
        assert not other.came
        assert not other.logged_in
    (row,) = [one for one in await post.station.deliveries() if one.state == "waiting"]
    assert row.reason is not None
    assert "could not be reached safely" in row.reason["en"]


async def test_it_signs_in_where_the_server_asks_and_what_the_server_refuses_is_tried_again_with_the_same_identifier(
    post: Post,
) -> None:
    await post.confirm()
    await post.configure(user="ipob", password="opensesame")
    post.box.answer = "451 try later, alix@example.org"
    await post.tell()
    await post.station.work()
    (row,) = [one for one in await post.station.deliveries() if one.state == "waiting"]
    assert row.reason == {
        "en": "The mail server refused with code 451.",
        "fr": "Le serveur de courriel a refusé (code 451).",
    }
    post.box.answer = "250 OK"
    await post.station.later(seconds=2)
    (mail,) = post.box.came
    assert mail["Message-ID"] == f"<{row.event_id}@police.example.org>"
    assert post.box.logged_in == ["ipob", "ipob"]
    await post.configure(user="ipob", password="wrong")
    await post.tell()
    await post.station.work()
    assert len(post.box.came) == 1


async def test_a_server_that_speaks_tls_from_the_start_is_signed_in_to_and_takes_the_message(
    post: Post, tmp_path: Path
) -> None:
    await post.confirm()
    with serving(tmp_path, at_once=True) as other:
        more = {"port": other.port, "authority": other.certificate, "encryption": "tls"}
        await post.configure(**more, user="ipob", password="opensesame")
        await post.tell()
        await post.station.work()
        (mail,) = other.came
    assert mail["To"] == ALIX
    assert other.logged_in == ["ipob"]


async def test_nobody_sees_or_removes_anothers_address(post: Post) -> None:
    await post.confirm()
    other = post.station.ring.browser(post.station.scope, NOTIFICATION_READ)
    page = await other.get(post.address)
    assert ALIX not in page.text
    answer = await other.post(f"{post.address}/notify_email/remove", data=fields_of(page))
    assert answer.status_code == 404
    assert await post.row() is not None
