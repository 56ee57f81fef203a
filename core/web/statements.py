"""The two statements that every page's foot leads to: accessibility and privacy."""

from __future__ import annotations

from core.web.public_pages import PublicPages, PublicView
from core.web.view import Answer

public = PublicPages("statements")


@public.get("/accessibility")
async def accessibility(view: PublicView) -> Answer:
    """Say to which standard the pages are built and whom to tell of a barrier."""
    return view.render("accessibility.html")


@public.get("/privacy")
async def privacy(view: PublicView) -> Answer:
    """Say what is kept of people and of readers, and whom to ask."""
    return view.render("privacy.html")
