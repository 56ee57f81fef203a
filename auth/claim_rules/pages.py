"""The page of rules from claims to roles: those in force, one to try, one to add."""

from __future__ import annotations

import msgspec

from auth.claim_rules.schemas import Preview, RuleIn, RuleList, RuleTried
from auth.claim_rules.service import RULED, add_rule, end_rule, list_rules, try_rule
from auth.roles import ROLES
from auth.service import SEAT_MANAGE, SEAT_READ
from auth.setup.lifecycle import ON
from auth.setup.schemas import ProviderOut
from auth.setup.service import list_providers
from core.text import Text, t
from core.use_cases.declaration import Nothing
from core.web.forms import Form
from core.web.pages import Nav, Pages
from core.web.tables import Badge, Column, Link, Table
from core.web.view import Answer, To, View

RULES = "/people/rules"
USUAL_CLAIM = {"claim": "groups"}

pages = Pages(
    "claim-rules",
    scopes=RULED,
    nav=[Nav("admin", t("Roles from sign-in"), RULES, SEAT_READ, icon="shield", order=25)],
)


@pages.get(RULES, permission=SEAT_READ)
async def rules(view: View) -> Answer:
    """Show the rules in force; with a rule in the query, whom it would give its role."""
    found = await view.run(list_rules, Nothing())
    titles = {key: role.title for key, role in ROLES[view.ctx.scope.kind].items()}
    providers = [one for one in (await view.run(list_providers, Nothing())).providers if one.state != "off"]
    tried = view.read(RuleTried) if "value" in view.query else None
    preview: Preview | None = None
    if tried is not None:
        preview = await view.run(try_rule, tried)
    return view.render(
        "claim_rules/rules.html",
        rules=found.rules,
        claims=found.claims,
        titles=titles,
        tried=tried,
        preview=preview,
        gains=_gains(preview) if preview is not None else None,
        trying=view.form(RuleTried, tried or USUAL_CLAIM).offering("role", titles),
        several=len(providers) > 1,
        adding=_adding(view, tried, providers).offering("role", titles) if view.ctx.actor.may(SEAT_MANAGE) else None,
    )


@pages.post(RULES, use_case=add_rule, form=rules)
async def rule_added(view: View, result: RuleList) -> To:
    """Show the rules with the new one."""
    return To(RULES, t("The rule is added. It holds from each person’s next sign-in."))


@pages.post(f"{RULES}/{{id}}/end", use_case=end_rule, form=rules)
async def rule_ended(view: View, result: RuleList) -> To:
    """Show the rules without the ended one."""
    return To(RULES, t("The rule has ended, and so have the roles it gave."))


def _adding(view: View, tried: RuleTried | None, providers: list[ProviderOut]) -> Form:
    """Return the form for another rule, which asks whose claims are meant where there are several providers."""
    in_force = [one.id for one in providers if one.state in ON]
    usual = {"provider_id": in_force[0] if len(in_force) == 1 else None}
    form = view.form(RuleIn, usual | (msgspec.structs.asdict(tried) if tried else USUAL_CLAIM), prefix="add-")
    if len(providers) < 2:
        return form.without("provider_id")
    names: dict[str, Text | str] = {str(one.id): f"{one.name} ({one.issuer})" for one in providers}
    return form.offering("provider_id", names).requiring("provider_id")


def _gains(preview: Preview) -> Table:
    return Table(
        name="gains",
        caption=t("Whom this rule would give the role"),
        columns=[
            Column("name", t("Name"), "link"),
            Column("has", t("Today"), "badge"),
            Column("seen_at", t("Last sign-in"), "instant"),
        ],
        rows=[
            {
                "name": Link(one.name, f"/people/{one.id}"),
                "has": Badge(t("Has the role already"), "idle") if one.has else Badge(t("Would get it"), "ok"),
                "seen_at": one.seen_at,
            }
            for one in preview.people
        ],
        empty=t("Nobody whose claims were seen."),
        note=Text(
            t("Of %(count)s persons nothing is known: they have not signed in since claims are kept.").id,
            {"count": preview.unseen},
        )
        if preview.unseen
        else None,
    )
