"""The page of rules that give roles: those in force, and by claim or by group one to try and one to add."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from auth.claim_rules.groups import add_group_rule, try_group_rule
from auth.claim_rules.schemas import GroupOut, GroupRuleIn, GroupRuleTried, Preview, RuleIn, RuleList, RuleTried
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
    nav=[Nav("admin", t("Rules for roles"), RULES, SEAT_READ, icon="shield", order=25)],
)
group_pages = Pages("group-rules")


@pages.get(RULES, permission=SEAT_READ)
async def rules(view: View) -> Answer:
    """Show the rules in force; with a rule in the query, whom it would give its role."""
    found = await view.run(list_rules, Nothing())
    titles = {key: role.title for key, role in ROLES[view.ctx.scope.kind].items()}
    providers = [one for one in (await view.run(list_providers, Nothing())).providers if one.state != "off"]
    by_group = "group_id" in view.query and bool(found.groups)
    by_claim = "value" in view.query and not by_group
    preview: Preview | None = None
    if by_group:
        preview = await view.tried(try_group_rule)
    elif by_claim:
        preview = await view.tried(try_rule)
    claim = _asked(view, RuleTried) if by_claim else USUAL_CLAIM
    group = _asked(view, GroupRuleTried) if by_group else None
    manages = view.ctx.actor.may(SEAT_MANAGE)
    groups = _names(found.groups)
    adding_group = view.form(GroupRuleIn, group, prefix="group-add-")
    return view.render(
        "claim_rules/rules.html",
        rules=found.rules,
        claims=found.claims,
        groups=groups,
        directory=view.ctx.scope.kind == "agency",
        titles=titles,
        gains=_gains(preview, by_group=by_group) if preview is not None else None,
        sum=_sum(preview) if preview is not None and preview.people else None,
        tried="group" if by_group else "claim",
        several=len(providers) > 1,
        trying=_of_providers(view.form(RuleTried, claim), providers).offering("role", titles),
        trying_group=view.form(GroupRuleTried, group, prefix="group-")
        .offering("group_id", groups)
        .offering("role", titles),
        adding=_adding(view, claim, providers).offering("role", titles) if manages else None,
        adding_group=adding_group.offering("group_id", groups).offering("role", titles) if manages else None,
    )


@pages.post(RULES, use_case=add_rule, form=rules)
async def rule_added(view: View, result: RuleList) -> To:
    """Show the rules with the new one."""
    return To(RULES, t("The rule is added. It holds from each person’s next sign-in."))


@group_pages.post(f"{RULES}/groups", use_case=add_group_rule, form=rules)
async def group_rule_added(view: View, result: RuleList) -> To:
    """Show the rules with the new one."""
    return To(RULES, t("The rule is added, and whoever is in the group has the role."))


@pages.post(f"{RULES}/{{id}}/end", use_case=end_rule, form=rules)
async def rule_ended(view: View, result: RuleList) -> To:
    """Show the rules without the ended one."""
    return To(RULES, t("The rule has ended, and so have the roles it gave."))


def _asked(view: View, struct: type[msgspec.Struct]) -> dict[str, str]:
    """Return what the address asks of a rule that is tried: the form for a new one begins with it."""
    return {name: view.query[name] for name in struct.__struct_fields__ if name in view.query}


def _adding(view: View, tried: Mapping[str, str], providers: list[ProviderOut]) -> Form:
    """Return the form for another rule, which asks whose claims are meant where there are several providers."""
    in_force = [one.id for one in providers if one.state in ON]
    usual = {"provider_id": in_force[0] if len(in_force) == 1 else None}
    form = _of_providers(view.form(RuleIn, {**usual, **tried}, prefix="add-"), providers)
    return form.requiring("provider_id") if len(providers) > 1 else form


def _of_providers(form: Form, providers: list[ProviderOut]) -> Form:
    """Ask in a form whose claims are meant, where there are several providers."""
    if len(providers) < 2:
        return form.without("provider_id")
    names: dict[str, Text | str] = {str(one.id): f"{one.name} ({one.issuer})" for one in providers}
    return form.offering("provider_id", names)


def _names(groups: Sequence[GroupOut]) -> dict[str, Text | str]:
    """Return what each group is offered as; of several with one name, with the directory’s own identifier too."""
    called = Counter(one.name for one in groups)
    return {
        str(one.id): t(
            "%(name)s · members: %(count)s",
            name=one.name if called[one.name] == 1 else f"{one.name} ({one.external_id or one.id})",
            count=one.members,
        )
        for one in groups
    }


def _sum(preview: Preview) -> Text:
    has = sum(one.has for one in preview.people)
    return t("Would get the role: %(gain)s. Have it already: %(has)s.", gain=len(preview.people) - has, has=has)


def _gains(preview: Preview, *, by_group: bool) -> Table:
    left = (
        t("Accounts in the group that are nobody’s here: %(count)s. They give nothing until it is said whose they are.")
        if by_group
        else t(
            "Of %(count)s persons nothing is known: they have not signed in since this claim is noted. "
            "Groups and roles always are, another claim from the moment a rule names it."
        )
    )
    return Table(
        name="gains",
        caption=t("Whom this rule would give the role"),
        columns=[
            Column("name", t("Name"), "link"),
            Column("has", t("Today"), "badge"),
            *([Column("account", t("Account in the directory"))] if by_group else []),
            Column("seen_at", t("Last sign-in"), "instant"),
        ],
        rows=[
            {
                "name": Link(one.name, f"/people/{one.id}"),
                "has": Badge(t("Has the role already"), "idle") if one.has else Badge(t("Would get it"), "ok"),
                "account": one.account,
                "seen_at": one.seen_at,
            }
            for one in preview.people
        ],
        empty=t("Nobody in this group is known here.") if by_group else t("It fits nobody whose claims were seen."),
        note=Text(left.id, {"count": preview.unseen}) if preview.unseen else None,
    )
