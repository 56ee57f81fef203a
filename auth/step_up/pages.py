"""The page of what is asked before an action, and the one where somebody arrives who has proved who they are."""

from __future__ import annotations

from auth.callers import SESSION_PAGE
from auth.service import EVERYWHERE, SEAT_MANAGE, SEAT_READ
from auth.step_up.rules import MINUTES
from auth.step_up.schemas import RuleIn, RuleList
from auth.step_up.service import end_step_up, list_step_up, set_step_up
from core.text import t
from core.use_cases.declaration import Nothing
from core.use_cases.step_up import ACTIONS
from core.web.pages import Nav, Pages
from core.web.view import Answer, To, View

RULES = "/people/step-up"

rules_pages = Pages("step-up", nav=[Nav("admin", t("Fresh sign-in"), RULES, SEAT_READ, icon="key", order=26)])
proved_pages = Pages("step-up-proved", scopes=EVERYWHERE)


@rules_pages.get(RULES, permission=SEAT_READ)
async def rules(view: View) -> Answer:
    """Show what is asked before which action, and what the reader's own sign-in would be enough for."""
    found = await view.run(list_step_up, Nothing())
    return view.render(
        "step_up/rules.html",
        rules=found.rules,
        titles=ACTIONS,
        minutes=MINUTES,
        meets=view.ctx.actor.meets,
        own=view.ctx.actor.assurance,
        form=view.form(RuleIn) if view.ctx.actor.may(SEAT_MANAGE) else None,
    )


@rules_pages.post(RULES, use_case=set_step_up, form=rules)
async def rule_set(view: View, result: RuleList) -> To:
    """Show the rules with the new one."""
    return To(RULES, t("This is asked from now on."))


@rules_pages.post(f"{RULES}/{{id}}/end", use_case=end_step_up, form=rules)
async def rule_ended(view: View, result: RuleList) -> To:
    """Show the rules without the ended one."""
    return To(RULES, t("This is asked no longer."))


@proved_pages.get(f"{SESSION_PAGE}/proved", permission=None)
async def proved(view: View) -> Answer:
    """Send somebody back to the window with the form that waits for them."""
    return view.render("step_up/proved.html")
