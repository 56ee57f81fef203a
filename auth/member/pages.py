"""The officer's page of their own member access, and the service's page of everybody's."""

from __future__ import annotations

import msgspec

from auth.callers import entrance
from auth.member.ending import MEMBER_END, list_member_access, switch_member_access
from auth.member.schemas import AccessList, AddPasskey, Begun, Codes, OwnAccess, RenamePasskey
from auth.member.service import (
    MEMBER_ENROL,
    add_passkey,
    begin_passkey,
    drop_passkey,
    own_access,
    passkey_to_make,
    print_codes,
    rename_passkey,
)
from core.text import t
from core.use_cases.declaration import ById, Nothing
from core.web.pages import Nav, Pages
from core.web.view import Answer, To, View

OWN, ALL = "/my/access", "/people/member-access"

mine = Pages("my-access", nav=[Nav("main", t("My member access"), OWN, f"{MEMBER_ENROL}:own", "key", 49)])
everybodys = Pages("member-access", nav=[Nav("admin", t("Member access"), ALL, MEMBER_END, "lock", 28)])


@mine.get(OWN, permission=MEMBER_ENROL)
async def own(view: View) -> Answer:
    """Show one's own member access: passkeys, codes, and until when it lasts."""
    found = await view.run(own_access, Nothing())
    renaming = {
        str(one.id): view.form(RenamePasskey, {"id": one.id, "name": one.name}, prefix=f"name-{one.id}-").without("id")
        for one in found.passkeys
    }
    return view.render("member/own.html", own=found, renaming=renaming, entrance=_entrance(view))


@mine.post(f"{OWN}/passkeys", use_case=begin_passkey, form=own)
async def passkey_begun(view: View, result: Begun) -> To:
    """Go on to the page on which the browser makes it."""
    return To(f"{OWN}/passkeys/{result.id}")


@mine.get(f"{OWN}/passkeys/{{id}}", permission=MEMBER_ENROL)
async def new_passkey(view: View) -> Answer:
    """Ask for the passkey's name, and let the browser make it."""
    asked = await view.run(passkey_to_make, ById(view.params["id"]))
    options = msgspec.json.encode(asked.options).decode()
    form = view.form(AddPasskey).without("id", "passkey")
    return view.render("member/passkey.html", id=view.params["id"], options=options, form=form)


@mine.post(f"{OWN}/passkeys/{{id}}", use_case=add_passkey, form=new_passkey)
async def passkey_added(view: View, result: OwnAccess) -> To:
    """Show one's own access with the new passkey."""
    return To(OWN, t("The passkey is added. It opens your own file from now on."))


@mine.post(f"{OWN}/passkeys/{{id}}/name", use_case=rename_passkey, form=own)
async def passkey_renamed(view: View, result: OwnAccess) -> To:
    """Show one's own access."""
    return To(OWN, t("The passkey has its new name."))


@mine.post(f"{OWN}/passkeys/{{id}}/removal", use_case=drop_passkey, form=own)
async def passkey_dropped(view: View, result: OwnAccess) -> To:
    """Show one's own access without the passkey."""
    return To(OWN, t("The passkey is removed: it opens nothing any more."))


@mine.post(f"{OWN}/codes", use_case=print_codes, form=own)
async def codes_made(view: View, result: Codes) -> Answer:
    """Show the codes, this once: the answer itself is the only place where they ever stand."""
    return view.render("member/codes.html", codes=result.codes, entrance=_entrance(view))


@everybodys.get(ALL, permission=MEMBER_END)
async def everybody(view: View) -> Answer:
    """Show which officers have member access, and let one be ended or allowed again."""
    found = await view.run(list_member_access, Nothing())
    return view.render("member/everybody.html", accesses=found.accesses)


@everybodys.post(f"{ALL}/{{id}}/switch", use_case=switch_member_access, form=everybody)
async def access_switched(view: View, result: AccessList) -> To:
    """Show the list again."""
    return To(ALL, t("Done. The officer is not told by the platform: tell them."))


def _entrance(view: View) -> str:
    return f"{view.site.settings.address}{entrance(view.ctx.scope.slug)}"
