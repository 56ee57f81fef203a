"""What is given out from the command line: tokens, and a scope's first way in."""

from __future__ import annotations

import asyncio
import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from auth.client_keys import GRACE
from auth.models import ApiToken, ClientKey, IdentityProvider, IdentitySeat, RoleGrant, Seat
from contingent.__main__ import main
from core.audit.models import AuditLine
from core.context import Scope
from core.database.roles import APPLICATION, password_variable
from core.database.sessions import identity_session, tenant_session
from core.database.target import Target
from core.events.models import NotificationRow
from core.tokens import digest, read_token
from tests.auth.rig import Rig
from tests.way import World

WHY = "nobody can come in yet"
FIRST = ("--secret", "env:CLIENT_SECRET", "--algorithm", "ES256", "--acr", "2", "--acr", "3", "--max-age", "900")


class CommandLine:
    """Runs commands on the worker's database, each in a loop of its own, as a terminal would."""

    def __init__(self, target: Target, folder: Path) -> None:
        passwords = {password_variable(role): target.passwords[role] for role in APPLICATION}
        address = f"postgresql://{target.host}:{target.port}/{target.database}"
        self.environment = {"DATABASE_URL": address, "PORT": "8000", "CONTINGENT_DEMO": "1"} | passwords
        self.environment["CONTINGENT_VAR"] = str(folder)

    async def run(self, *words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, main, words, env=self.environment)


@pytest.fixture
def command_line(target: Target, rig: Rig) -> CommandLine:
    return CommandLine(target, rig.platform.database.settings.data_folder)


@pytest.fixture
async def scope(rig: Rig) -> Scope:
    return await rig.platform.agency()


async def test_a_token_is_printed_as_the_last_line_and_kept_as_a_digest(
    command_line: CommandLine, scope: Scope, rig: Rig
) -> None:
    ran = await command_line.run("token", "create", "--tenant", scope.slug, "--role", "coordinator")
    assert ran.exit_code == 0, ran.output
    text = ran.output.splitlines()[-1]
    found = read_token(text)
    assert found is not None
    assert found[0] == scope.slug
    assert "coordinator" in ran.output
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        row = (await session.scalars(select(ApiToken).where(ApiToken.tenant_id == scope.id))).one()
    assert row.secret_digest == digest(found[1])


async def test_ipobs_token_needs_no_slug(command_line: CommandLine, rig: Rig) -> None:
    ran = await command_line.run("token", "create", "--program", "--role", "analyst", "--days", "7")
    assert ran.exit_code == 0, ran.output
    assert ran.output.splitlines()[-1].startswith("ctg_ipob_")


async def test_a_token_is_listed_without_its_secret_and_revoked_by_its_id(
    command_line: CommandLine, scope: Scope
) -> None:
    made = await command_line.run("token", "create", "--tenant", scope.slug, "--role", "auditor", "--name", "SIEM")
    secret = made.output.splitlines()[-1]
    listed = (await command_line.run("token", "list", "--tenant", scope.slug)).output
    assert "SIEM" in listed
    assert "never used" in listed
    assert secret not in listed
    id_ = re.match(r"[0-9a-f-]{36}", listed)
    assert id_ is not None
    assert (await command_line.run("token", "revoke", "--tenant", scope.slug, id_[0])).output == "Ended.\n"
    assert "ended" in (await command_line.run("token", "list", "--tenant", scope.slug)).output
    again = await command_line.run("token", "revoke", "--tenant", scope.slug, id_[0])
    assert again.exit_code == 1
    other = await command_line.run("token", "revoke", "--program", id_[0])
    assert "no such token" in other.output


async def test_a_directorys_token_is_made_without_a_role_and_says_where_it_writes(
    command_line: CommandLine, scope: Scope, rig: Rig
) -> None:
    made = await command_line.run("token", "create", "--tenant", scope.slug, "--scim", "--name", "Entra ID")
    assert made.exit_code == 0, made.output
    assert f"SCIM at http://localhost:8000/t/{scope.slug}/scim/v2" in made.output
    listed = await command_line.run("token", "list", "--tenant", scope.slug)
    assert "Entra ID  SCIM  until" in listed.output
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        row = (await session.scalars(select(ApiToken).where(ApiToken.tenant_id == scope.id))).one()
        line = (await session.scalars(select(AuditLine).where(AuditLine.action == "api_token.create"))).one()
    assert (row.kind, row.roles) == ("scim", [])
    assert line.after is not None
    assert line.after["kind"] == "scim"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--role", "auditor"), "Say whose it is"),
        (("--program", "--tenant", "qc-x", "--role", "auditor"), "Say whose it is"),
        (("--tenant", "qc-nowhere", "--role", "auditor"), "There is no scope called qc-nowhere"),
        (("--program", "--role", "coordinator"), "ipob has no role coordinator"),
        (("--program", "--role", "analyst", "--days", "400"), "from 1 to 366 days"),
        (("--program",), "Say what it is for: --role ROLE"),
        (("--program", "--role", "analyst", "--scim"), "Say what it is for: --role ROLE"),
        (("--program", "--scim"), "ipob is no agency"),
    ],
)
async def test_a_wrong_token_is_refused_with_what_would_be_right(
    command_line: CommandLine, rig: Rig, words: tuple[str, ...], said: str
) -> None:
    ran = await command_line.run("token", "create", *words)
    assert ran.exit_code != 0
    assert said in ran.output


async def test_a_scopes_first_provider_and_person_come_from_the_command_line(
    command_line: CommandLine, scope: Scope, rig: Rig
) -> None:
    issuer = "https://login.example.org"
    accepted = await command_line.run(
        "access", "provider", "--tenant", scope.slug, "--issuer", issuer, "--client-id", "contingent",
        "--secret", "env:CLIENT_SECRET", "--pinned", "organization=x", "--untested", "nobody can come in yet",
    )  # fmt: skip
    assert accepted.exit_code == 0, accepted.output
    assert f"http://localhost:8000/t/{scope.slug}/auth/callback" in accepted.output
    seated = await command_line.run(
        "access", "person", "--tenant", scope.slug, "--name", "Uriel Labonté", "--issuer", issuer,
        "--subject", scope.slug, "--role", "administrator", "--language", "fr",
    )  # fmt: skip
    assert seated.exit_code == 0, seated.output
    assert f"/fr/{scope.slug}" in seated.output
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        provider = (await session.scalars(select(IdentityProvider).where(IdentityProvider.tenant_id == scope.id))).one()
        seat = (await session.scalars(select(Seat).where(Seat.tenant_id == scope.id))).one()
        grant = (await session.scalars(select(RoleGrant).where(RoleGrant.tenant_id == scope.id))).one()
        lines = (await session.execute(select(AuditLine.action, AuditLine.actor_name))).all()
    assert (provider.issuer, provider.algorithms, provider.secret_ref) == (issuer, ["RS256"], "env:CLIENT_SECRET")
    assert (provider.pinned_claim, provider.pinned_value) == ("organization", "x")
    assert (seat.name, seat.language, grant.role) == ("Uriel Labonté", "fr", "administrator")
    assert set(lines) == {("identity_provider.add", "command line"), ("seat.add", "command line")}
    async with identity_session(rig.platform.database) as session:
        assert await session.scalar(select(IdentitySeat.seat_id).where(IdentitySeat.scope_id == scope.id)) == seat.id


async def test_what_is_asked_of_a_provider_changes_alone_and_is_taken_away_only_by_saying_so(
    command_line: CommandLine, scope: Scope, rig: Rig
) -> None:
    named = ("access", "provider", "--tenant", scope.slug, "--issuer", "https://login.example.org", "--client-id", "x")
    said = [
        (await command_line.run(*named, *words)).output
        for words in (
            ("--untested", WHY, *FIRST),
            ("--pinned", "organization=x"),
            ("--amr-all", "mfa", "--acr-values", "urn:okta:loa:2fa:any"),
            ("--any-assurance",),
        )
    ]
    asked = ["acr=2|3 max_age=900", "acr=2|3 max_age=900", "amr_all=mfa acr_values=urn:okta:loa:2fa:any", "nothing"]
    assert [f"how people sign in there: {rule}." in one for rule, one in zip(asked, said, strict=True)] == [True] * 4
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        row = (await session.scalars(select(IdentityProvider).where(IdentityProvider.tenant_id == scope.id))).one()
        chosen = select(AuditLine.action, AuditLine.before, AuditLine.after).order_by(AuditLine.id)
        lines = (await session.execute(chosen.where(AuditLine.tenant_id == scope.id))).all()
    assert (row.secret_ref, row.client_auth, row.algorithms) == ("env:CLIENT_SECRET", "client_secret_basic", ["ES256"])
    assert (row.pinned_claim, row.assurance) == ("organization", {})
    assert [line.action for line in lines] == ["identity_provider.add", *["identity_provider.change"] * 3]
    assert lines[3].before["assurance"] == asked[2]
    assert "assurance" not in lines[3].after


async def test_a_provider_without_a_passed_test_is_put_in_force_with_a_reason_that_is_kept_or_not_at_all(
    command_line: CommandLine, scope: Scope, rig: Rig
) -> None:
    named = ("access", "provider", "--tenant", scope.slug, "--issuer", "https://login.example.org", "--client-id", "x")
    for words, said in (((), "--untested REASON"), (("--untested", " "), "expected a reason")):
        refused = await command_line.run(*named, *words)
        assert (refused.exit_code, said in refused.output) == (2, True), refused.output
    chosen = select(IdentityProvider).where(IdentityProvider.tenant_id == scope.id)
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        assert (await session.scalars(chosen)).all() == []
    assert (await command_line.run(*named, "--untested", WHY)).exit_code == 0
    async with tenant_session(rig.ctx(scope)) as session:
        (row,) = await session.scalars(chosen)
        assert row.state == "enforced"
        row.state = "off"
    assert (await command_line.run(*named)).exit_code == 2, "nor one that was let go"
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        reasons = select(AuditLine.reason).where(AuditLine.tenant_id == scope.id)
        assert (await session.scalars(reasons)).all() == [WHY]


@pytest.mark.parametrize("said", [("refresh", "never", "offline"), ("programs", "go_on", "end")])
async def test_a_provider_is_asked_again_and_ends_programs_only_where_that_is_said(
    command_line: CommandLine, scope: Scope, rig: Rig, said: tuple[str, str, str]
) -> None:
    setting, usual, other = said
    named = ("access", "provider", "--tenant", scope.slug, "--issuer", "https://login.example.org", "--client-id", "x")
    kept = []
    for words in (
        ("--untested", WHY),
        (f"--{setting}", other),
        ("--pinned", "organization=x"),
        (f"--{setting}", usual),
    ):
        await command_line.run(*named, *words)
        async with tenant_session(rig.ctx(scope), read_only=True) as session:
            chosen = select(IdentityProvider).where(IdentityProvider.tenant_id == scope.id)
            kept.append(getattr(await session.scalar(chosen), setting))
    assert kept == [usual, other, other, usual]
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        lines = select(AuditLine.after).where(AuditLine.tenant_id == scope.id).order_by(AuditLine.id)
        told = [(after or {}).get(setting) for after in await session.scalars(lines)]
    assert told == [None, other, other, None]


async def test_a_key_takes_the_place_of_the_secret_and_is_renewed(
    command_line: CommandLine, scope: Scope, rig: Rig
) -> None:
    named = ("--tenant", scope.slug, "--issuer", "https://login.example.org", "--client-id", "x")
    none = await command_line.run("access", "client-key", *named)
    assert "Make the first" in none.output
    await command_line.run("access", "provider", *named, "--secret", "env:CLIENT_SECRET", "--untested", WHY)
    for _ in range(2):
        made = await command_line.run("access", "provider", *named, "--signing-key", "ES256")
        assert f"http://localhost:8000/t/{scope.slug}/auth/jwks.json" in made.output, made.output
    renewed = await command_line.run("access", "client-key", *named, "--algorithm", "PS256", "--overlap", "48")
    assert "PS256 key" in renewed.output, renewed.output
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        row = (await session.scalars(select(IdentityProvider).where(IdentityProvider.tenant_id == scope.id))).one()
        kept = select(ClientKey).where(ClientKey.tenant_id == scope.id).order_by(ClientKey.active_from)
        first, second = list(await session.scalars(kept))
    assert (row.client_auth, row.secret_ref) == ("private_key_jwt", None)
    assert second.kid in renewed.output
    assert (second.active_from - second.created_at).total_seconds() == 48 * 3600
    assert first.withdrawn_at == second.active_from + GRACE
    leaked = await command_line.run("access", "client-key", *named, "--at-once")
    assert leaked.exit_code == 0, leaked.output
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        left = select(ClientKey).where(ClientKey.tenant_id == scope.id, ClientKey.withdrawn_at.is_(None))
        (only,) = list(await session.scalars(left))
    assert only.kid in leaked.output
    assert only.active_from == only.created_at


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--issuer", "http://login.example.org", "--client-id", "x"), "without https"),
        (("--issuer", "https://10.0.0.1", "--client-id", "x"), "not a public address"),
        (("--issuer", "https://a.example", "--client-id", "x", "--algorithm", "none"), "expected some of"),
        (("--issuer", "https://a.example", "--client-id", "x", "--algorithm", "HS256"), "expected some of"),
        (("--issuer", "https://a.example", "--client-id", "x", "--pinned", "organization"), "CLAIM=VALUE"),
        (("--issuer", "https://a.example", "--client-id", "x", "--person", "upn"), "text for display"),
        (("--issuer", "https://a.example", "--client-id", "x", "--acr", "2 3"), "without spaces"),
        (("--issuer", "https://a.example", "--client-id", "x", "--max-age", "-1"), "x>=0"),
        (("--issuer", "https://a.example", "--client-id", "x", "--acr", "2", "--any-assurance"), "no other part"),
        (("--issuer", "https://a.example", "--client-id", "x", "--secret", "env:X", "--signing-key", "ES256"), "one."),
    ],
)
async def test_a_wrong_provider_is_refused(
    command_line: CommandLine, scope: Scope, words: tuple[str, ...], said: str
) -> None:
    ran = await command_line.run("access", "provider", "--tenant", scope.slug, *words)
    assert ran.exit_code == 2
    assert said in ran.output


async def test_a_mission_is_opened_and_its_contingent_commanded_between_two_days(
    command_line: CommandLine, world: World, rig: Rig
) -> None:
    for _ in range(2):
        ran = await command_line.run("tenant", "mission", world.acronym)
        assert ran.exit_code == 0, ran.output
        assert ran.output.startswith("unway: Mission of the tests")
    unknown = await command_line.run("tenant", "mission", "NOSUCH")
    assert (unknown.exit_code, "NOSUCH" in unknown.output) == (1, True)
    options = {"tenant": "unway", "role": "commander", "issuer": "https://id.example", "subject": "ada", "name": "Ada"}
    seated = ["access", "person", *(word for name, value in options.items() for word in (f"--{name}", value))]
    endless = await command_line.run(*seated)
    assert (endless.exit_code, "--until" in endless.output) == (2, True)
    turned = await command_line.run(*seated, "--from", "2026-03-02", "--until", "2026-03-01")
    assert (turned.exit_code, "before the first day" in turned.output) == (2, True)
    ran = await command_line.run(*seated, "--from", "2026-03-02", "--until", "2026-09-01")
    assert ran.exit_code == 0, ran.output
    scope = await world.cast.scope("unway")
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        grants = (await session.scalars(select(RoleGrant))).all()
    assert [(one.role, one.starts_on, one.ends_on) for one in grants] == [
        ("commander", date(2026, 3, 2), date(2026, 9, 2))
    ]


async def test_signing_in_is_stopped_and_let_go_on_where_no_page_is_left(
    command_line: CommandLine, scope: Scope, rig: Rig
) -> None:
    await rig.accept(scope)
    await rig.seat(scope, "administrator")
    browser = rig.browser()
    assert (await rig.sign_in(browser, scope)).status_code == 303
    away = ("--tenant", scope.slug, "--reason", "a theft")
    ran = await command_line.run("access", "stop", *away)
    assert ran.exit_code == 0, ran.output
    assert "Nobody signs in" in ran.output
    assert (await browser.get(f"/en/{scope.slug}/session")).status_code == 303
    assert (await rig.sign_in(rig.browser(), scope)).status_code == 403
    assert "stopped already" in (await command_line.run("access", "stop", *away)).output
    ran = await command_line.run("access", "resume", *away)
    assert ran.exit_code == 0, ran.output
    assert "not stopped" in (await command_line.run("access", "resume", *away)).output
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        chosen = select(AuditLine.action).where(AuditLine.action.startswith("sign_in_stop"))
        kept = list(await session.scalars(chosen.order_by(AuditLine.id)))
        told = len((await session.scalars(select(NotificationRow).where(NotificationRow.tenant_id == scope.id))).all())
    assert (kept, told) == (["sign_in_stop.press", "sign_in_stop.resume"], 2)
