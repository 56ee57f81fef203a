"""The page of programs that are let in, and the one on which a new token is read, once."""

from __future__ import annotations

from auth.accounts.schemas import ENDED, KINDS, AccountIn, AccountList, AccountOut, Made, Rotate
from auth.accounts.service import SERVED, TOKEN_MANAGE, add_account, end_account, list_accounts, rotate_token
from auth.roles import ROLES
from core.text import Text, t
from core.use_cases.declaration import Nothing
from core.web.forms import Form
from core.web.pages import Nav, Pages
from core.web.view import Answer, To, View

PROGRAMS = "/programs"
FIRST = {"kind": "api", "days": 90, "reads_only": True}
NEXT = {"overlap_hours": 24, "days": 90}

pages = Pages(
    "accounts",
    scopes=SERVED,
    nav=[Nav("admin", t("Programs"), PROGRAMS, TOKEN_MANAGE, icon="key", order=27)],
)


@pages.get(PROGRAMS, permission=TOKEN_MANAGE)
async def programs(view: View) -> Answer:
    """Show which programs are let in, and let another one in."""
    found = await view.run(list_accounts, Nothing())
    titles: dict[str, Text | str] = {
        key: role.title for key, role in ROLES[view.ctx.scope.kind].items() if not role.apart
    }
    agency = view.ctx.scope.kind == "agency"  # Nobody else has a directory that says who works there.
    kinds = KINDS if agency else {"api": KINDS["api"]}
    adding = view.form(AccountIn, FIRST, prefix="add-").offering("kind", kinds)
    if agency:
        adding = adding.offering("role", titles, nothing=t("No role (a directory)"))
    else:
        adding = adding.offering("role", titles).requiring("role").with_help("role", t("The least that is enough."))
    return view.render(
        "accounts/programs.html",
        accounts=found.accounts,
        ended=found.ended,
        causes=ENDED,
        titles=titles,
        kinds=KINDS,
        adding=adding,
        rotating={str(one.id): _rotating(view, one) for one in [*found.accounts, *found.ended] if _comes_again(one)},
    )


@pages.post(PROGRAMS, use_case=add_account, form=programs)
async def program_added(view: View, result: Made) -> Answer:
    """Show the token, this once: the answer itself is the only place where it ever stands."""
    return _made(view, result)


@pages.post(f"{PROGRAMS}/{{id}}/rotate", use_case=rotate_token, form=programs)
async def token_rotated(view: View, result: Made) -> Answer:
    """Show the new token, this once."""
    return _made(view, result)


@pages.post(f"{PROGRAMS}/{{id}}/end", use_case=end_account, form=programs)
async def program_ended(view: View, result: AccountList) -> To:
    """Show the programs that are left."""
    return To(PROGRAMS, t("The program is shut out."))


def _comes_again(one: AccountOut) -> bool:
    return one.end_cause != "shut_out"


def _rotating(view: View, one: AccountOut) -> Form:
    form = view.form(Rotate, NEXT, prefix=f"rotate-{one.id}-").without("id")
    return form.requiring("overlap_hours") if one.ended_at is None else form.without("overlap_hours")


def _made(view: View, made: Made) -> Answer:
    address = f"{view.site.settings.address}/t/{view.ctx.scope.slug}/scim/v2"
    return view.render(
        "accounts/made.html",
        made=made,
        account=made.account,
        directory=address if made.account.kind == "scim" else None,
    )
