"""The pages of what waits for a plugin. They run no plugin's code."""

from __future__ import annotations

from dataclasses import replace

from core.extensions.deliveries import (
    DeliveryOut,
    ListDeliveries,
    OneDelivery,
    Sent,
    get_delivery,
    list_deliveries,
    resend_deliveries,
    resend_delivery,
)
from core.extensions.delivery_tables import deliveries_table, delivery_facts, title_of
from core.extensions.known import heading
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_READ
from core.extensions.replay_drawing import render_replay, replay_of
from core.extensions.replaying import Replayed, replay_delivery
from core.text import t
from core.web.pages import Pages
from core.web.tables import cursor
from core.web.view import Answer, To, View

delivery_pages = Pages("deliveries", scopes={"agency"})


@delivery_pages.get("/plugins/{name}/deliveries", permission=PLUGIN_READ)
async def deliveries(view: View) -> Answer:
    """List what was told to a plugin: what it did not take first."""
    asked = view.read(ListDeliveries, name=view.params["name"])
    found = await view.run(list_deliveries, asked)
    return view.render(
        "extensions/deliveries.html",
        found=found,
        heading=heading(view.ctx, view.params["name"]),
        table=replace(deliveries_table(found, view.language), after=cursor(asked.after)),
        may_manage=view.ctx.actor.may(PLUGIN_MANAGE),
    )


@delivery_pages.get("/plugins/{name}/deliveries/{id}", permission=PLUGIN_READ)
async def delivery(view: View) -> Answer:
    """Show one message to a plugin, with its attempts and why it was not taken."""
    found = await view.run(get_delivery, OneDelivery(name=view.params["name"], id=view.params["id"]))
    return view.render(
        "extensions/delivery.html",
        found=found,
        plugin=view.params["name"],
        heading=heading(view.ctx, view.params["name"]),
        title=title_of(found, view.language),
        facts=delivery_facts(found, view.language),
        replay=replay_of(view, view.params["name"], [found.hook]),
        may_manage=view.ctx.actor.may(PLUGIN_MANAGE),
    )


@delivery_pages.post("/plugins/{name}/deliveries/{id}/resend", use_case=resend_delivery, form=delivery)
async def delivery_resent(view: View, result: DeliveryOut) -> To:
    """Show the message, which waits again."""
    return To(f"/plugins/{view.params['name']}/deliveries/{result.id}", t("It is sent again. Look here in a moment."))


@delivery_pages.post("/plugins/{name}/deliveries/resend", use_case=resend_deliveries, form=deliveries)
async def deliveries_resent(view: View, result: Sent) -> To:
    """Show the messages, of which those given up wait again."""
    return To(f"/plugins/{result.plugin}/deliveries", t("Sent again: %(count)s.", count=result.count))


@delivery_pages.post("/plugins/{name}/deliveries/{id}/replay", use_case=replay_delivery, form=delivery)
async def delivery_replayed(view: View, result: Replayed) -> Answer:
    """Show what came of telling it again in the sandbox."""
    path = f"/plugins/{result.name}/deliveries"
    return render_replay(view, result, [(path, t("Messages")), (f"{path}/{view.params['id']}", t("Message"))])
