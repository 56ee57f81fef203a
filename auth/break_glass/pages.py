"""The page of break-glass accounts, and the sheet on which one half is read, once."""

from __future__ import annotations

from auth.break_glass.schemas import BreakGlassList, CustodianIn, Drawn
from auth.break_glass.service import (
    BREAK_GLASS_MANAGE,
    add_break_glass,
    draw_half,
    end_break_glass,
    list_break_glass,
    renew_break_glass,
)
from auth.red_button.service import ANSWERED
from core.text import t
from core.use_cases.declaration import Nothing
from core.web.pages import Nav, Pages
from core.web.view import Answer, To, View

PAGE = "/people/break-glass"

pages = Pages(
    "break_glass",
    scopes=ANSWERED,
    nav=[Nav("admin", t("Break-glass accounts"), PAGE, BREAK_GLASS_MANAGE, icon="lock", order=29)],
)


@pages.get(PAGE, permission=BREAK_GLASS_MANAGE)
async def accounts(view: View) -> Answer:
    """Show who keeps a secret, whether it could be used, and name another custodian."""
    found = await view.run(list_break_glass, Nothing())
    return view.render(
        "break_glass/accounts.html",
        accounts=found.accounts,
        needed=found.needed,
        ready=sum(one.ready for one in found.accounts),
        form=view.form(CustodianIn),
        entrance=entrance(view),
    )


@pages.post(PAGE, use_case=add_break_glass, form=accounts)
async def account_added(view: View, result: BreakGlassList) -> To:
    """Show the accounts with the new one."""
    return To(PAGE, t("Now show each half to whoever keeps it."))


@pages.post(f"{PAGE}/{{id}}/half", use_case=draw_half, form=accounts)
async def half_drawn(view: View, result: Drawn) -> Answer:
    """Show one half, this once: the answer itself is the only place where it ever stands."""
    return view.render("break_glass/half.html", drawn=result, account=result.account, entrance=entrance(view))


@pages.post(f"{PAGE}/{{id}}/renew", use_case=renew_break_glass, form=accounts)
async def account_renewed(view: View, result: BreakGlassList) -> To:
    """Show the accounts; the old halves are worthless."""
    return To(PAGE, t("The old halves are worthless. Show each new half to whoever keeps it."))


@pages.post(f"{PAGE}/{{id}}/end", use_case=end_break_glass, form=accounts)
async def account_ended(view: View, result: BreakGlassList) -> To:
    """Show the accounts that are left."""
    return To(PAGE, t("The account has ended."))


def entrance(view: View) -> str:
    """Return the address at which both halves are entered."""
    return f"{view.site.settings.address}/t/{view.ctx.scope.slug}/auth/break-glass"
