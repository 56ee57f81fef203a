"""The page of how a plugin fares. It runs no plugin's code."""

from __future__ import annotations

from core.extensions.figure_tables import facts, hooks_table, openings_table, versions_table
from core.extensions.figures import get_figures
from core.extensions.known import heading
from core.extensions.lifecycle import PLUGIN_READ
from core.extensions.replay_drawing import render_replay, replay_of
from core.extensions.replaying import Replayed, replay_hook
from core.extensions.schemas import ByName
from core.text import t
from core.web.pages import Pages
from core.web.view import Answer, View

figure_pages = Pages("plugin-figures", scopes={"agency"})


@figure_pages.get("/plugins/{name}/figures", permission=PLUGIN_READ)
async def figures(view: View) -> Answer:
    """Show how often a plugin is called, how long it takes, and how it holds up."""
    found = await view.run(get_figures, ByName(view.params["name"]))
    return view.render(
        "extensions/figures.html",
        found=found,
        heading=heading(view.ctx, found.name),
        spans=[hooks_table(found.hooks, span, view.language) for span in ("hour", "day")],
        facts=facts(found),
        openings=openings_table(found.openings, view.language),
        versions=versions_table(found.versions),
        replay=replay_of(view, found.name, [one.hook for one in found.hooks]),
    )


@figure_pages.post("/plugins/{name}/hooks/{hook}/replay", use_case=replay_hook, form=figures)
async def hook_replayed(view: View, result: Replayed) -> Answer:
    """Show what came of calling the hook in the sandbox."""
    return render_replay(view, result, [(f"/plugins/{result.name}/figures", t("How it fares"))])
