"""The public keys by which a service knows its developers: its administrator adds them, and takes trust from them."""

from __future__ import annotations

from sqlalchemy import select

from core.bundles.lifecycle import A_PERSON
from core.bundles.models import PluginKey
from core.bundles.reading import own_plugins
from core.bundles.schemas import AddKey, OwnPlugins, RevokeKey
from core.errors import Fault, Invalid, Refused
from core.extensions.lifecycle import PLUGIN_MANAGE
from core.hooks.service import raise_generation
from core.hooks.signing import PRIVATE_HEADING, BadKey, fingerprint, public_line, read_public_line
from core.text import Text, t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.step_up import PLUGIN
from core.use_cases.work import Work

SUBJECT = "plugin_key"
NO_KEY = t("This is no public key of the kind that is needed. Expected a line such as: ssh-ed25519 AAAA… name")
PRIVATE = t(
    "This is the private half, which is for who signs alone. Have a new key made, for others have seen this one; "
    "then paste the line of the file that ends in .pub."
)


@use_case(permission=PLUGIN_MANAGE, input=AddKey, output=OwnPlugins, backdated=NOW, step_up=PLUGIN, in_person=A_PERSON)
async def add_plugin_key(work: Work, data: AddKey) -> OwnPlugins:
    """Trust a developer's public key: bundles that are signed with it may be brought."""
    line = data.line.strip()
    if line.encode().startswith(PRIVATE_HEADING):
        raise _invalid(PRIVATE)
    try:
        key, _ = read_public_line(line)
    except BadKey:
        raise _invalid(NO_KEY) from None
    mark = fingerprint(key)
    there = await work.session.scalar(select(PluginKey).filter_by(tenant_id=work.ctx.scope.id, fingerprint=mark))
    if there is not None and there.revoked_at is not None:
        raise _invalid(t("This key was revoked here: have a new one made."))
    if there is not None:
        raise _invalid(t("This key is trusted already, as “%(label)s”.", label=there.label))
    row = PluginKey(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        label=data.label,
        line=public_line(key),
        fingerprint=mark,
        added_by=work.ctx.actor.id,
        added_by_name=work.ctx.actor.name,
        added_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    await work.audit("plugin_key.add", (SUBJECT, row.id), after={"label": data.label, "fingerprint": mark})
    return await own_plugins(work)


@use_case(permission=PLUGIN_MANAGE, input=RevokeKey, output=OwnPlugins, backdated=NOW, step_up=PLUGIN)
async def revoke_plugin_key(work: Work, data: RevokeKey) -> OwnPlugins:
    """Trust a key no more: all that is signed with it stops at once."""
    row: PluginKey = await work.get(PluginKey, data.id)
    if row.revoked_at is not None:
        raise Refused(t("This key is revoked already."), t("Nothing that was signed with it runs."))
    row.revoked_at, row.revoked_by, row.reason = work.now, work.ctx.actor.id, data.reason
    row.revoked_by_name = work.ctx.actor.name
    told = {"label": row.label, "fingerprint": row.fingerprint}
    await work.audit("plugin_key.revoke", (SUBJECT, row.id), before=told, reason=data.reason)
    await work.session.flush()
    await raise_generation(work)
    return await own_plugins(work)


def _invalid(text: Text) -> Invalid:
    return Invalid([Fault("/line", text)])
