"""Line icons of our own, drawn in the page itself: no request, and they follow the text's colour."""

from __future__ import annotations

from functools import cache

from markupsafe import Markup

ICONS = {
    "alert": "M10 3 18 17H2zM10 8v4.5M10 14.6v.1",
    "archive": "M3 4h14v4H3zM4.5 8v8.5h11V8M8 11.5h4",
    "back": "M12 5l-5 5 5 5",
    "bell": "M10 3a5 5 0 0 0-5 5c0 4-1.5 5-1.5 6h13c0-1-1.5-2-1.5-6a5 5 0 0 0-5-5zM8.5 16.5a1.6 1.6 0 0 0 3 0",
    "bookmark": "M5 3.5h10V17l-5-3.5L5 17z",
    "calendar": "M3.5 5h13v12h-13zM3.5 9h13M7 3v3.5M13 3v3.5",
    "cash": "M2.5 5.5h15v9h-15zM10 8a2 2 0 1 1 0 4 2 2 0 0 1 0-4z",
    "check": "M4 10.5 8.2 15 16 6",
    "circle": "M10 3.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z",
    "clock": "M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM10 6v4.5l3 1.8",
    "cross": "M5 5l10 10M15 5 5 15",
    "doc": "M5 2.5h7L15.5 6v11.5H5zM8 9h5M8 12.5h5",
    "down": "M5 8l5 5 5-5",
    "download": "M10 3v9M6 8.5l4 4 4-4M4 16.5h12",
    "eye": (
        "M2 10c2-3.5 4.7-5 8-5s6 1.5 8 5c-2 3.5-4.7 5-8 5s-6-1.5-8-5zM10 7.7a2.3 2.3 0 1 1 0 4.6 2.3 2.3 0 0 1 0-4.6z"
    ),
    "flag": "M5 18V3M5 4h9.5L13 7.5l1.5 3.5H5",
    "flow": "M3 4h4v12H3zM8.5 4h4v8h-4zM14 4h3.5v5H14z",
    "gear": (
        "M10 7.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6zM10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2"
        "M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M4.7 15.3l1.4-1.4M13.9 6.1l1.4-1.4"
    ),
    "globe": "M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM2.5 10h15M10 2.5c3.2 3 3.2 12 0 15-3.2-3-3.2-12 0-15",
    "heart": "M10 16.5S3 12 3 7.5A3.6 3.6 0 0 1 10 6a3.6 3.6 0 0 1 7 1.5c0 4.5-7 9-7 9z",
    "home": "M3 9.5 10 4l7 5.5V17h-4.5v-4.5h-5V17H3z",
    "inbox": "M3 11 5.5 4h9L17 11v5.5H3zM3 11h4l1 2.5h4l1-2.5h4",
    "info": "M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15zM10 9v5M10 6.2v.1",
    "key": "M7 8.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM9.6 9.6 16 3.5M13 6.4l2.3 2.3",
    "lock": "M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9",
    "log": "M4 4h12M4 8h12M4 12h8M4 16h8",
    "medal": "M7 3l3 5 3-5M10 8a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9z",
    "megaphone": "M3 8v4h3l7 4V4L6 8zM15.5 8a3 3 0 0 1 0 4",
    "menu": "M3 5h14M3 10h14M3 15h14",
    "next": "M8 5l5 5-5 5",
    "org": "M3 17V6l7-3 7 3v11M7 17v-5h6v5",
    "out": "M8 3.5H4v13h4M12 6.5l3.5 3.5-3.5 3.5M15 10H8",
    "pencil": "M4 16l.8-3.4L13.2 4l2.8 2.8-8.5 8.5zM11.5 5.8l2.7 2.7",
    "people": (
        "M7 4a2.6 2.6 0 1 1 0 5.2A2.6 2.6 0 0 1 7 4zM2.5 16c.3-3 2-4.5 4.5-4.5s4.2 1.5 4.5 4.5"
        "M13 5a2.2 2.2 0 1 1 0 4.4M14 11.7c2 .2 3.3 1.6 3.5 4.3"
    ),
    "plane": "M3 11.5 17.5 4 13 17l-3-5zM10 12l7.5-8",
    "plug": "M7 3v4M13 3v4M5 7h10v3a5 5 0 0 1-10 0zM10 15v3",
    "plus": "M10 4v12M4 10h12",
    "print": "M6 7V3h8v4M6 14H3V7h14v7h-3M6 11.5h8V17H6z",
    "search": "M9 3a6 6 0 1 1 0 12A6 6 0 0 1 9 3zM13.5 13.5 17 17",
    "share": (
        "M14.5 3a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM5.5 8a2 2 0 1 1 0 4 2 2 0 0 1 0-4z"
        "M14.5 13a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM7.3 9l5.4-3M7.3 11l5.4 3"
    ),
    "shield": "M10 2.5 16.5 5v4.5c0 4-2.7 6.7-6.5 8-3.8-1.3-6.5-4-6.5-8V5z",
    "sync": "M4 9a6 6 0 0 1 10.5-3L16 7.5M16 3.5v4h-4M16 11a6 6 0 0 1-10.5 3L4 12.5M4 16.5v-4h4",
    "timeline": "M3 5h8M6 10h9M9 15h8",
    "upload": "M10 13V4M6 7.5l4-4 4 4M4 16.5h12",
    "user": "M10 3.5a3.2 3.2 0 1 1 0 6.4 3.2 3.2 0 0 1 0-6.4zM4 17c.5-3.5 3-5 6-5s5.5 1.5 6 5",
}

TONE_ICONS = {"ok": "check", "info": "info", "warn": "alert", "bad": "cross", "idle": "circle"}
"""The shape that goes with each tone, so that no status is told by colour alone."""


@cache
def icon(name: str) -> Markup:
    """Return the icon's markup, hidden from assistive technology: the text beside it says it."""
    drawn = Markup('<svg class="i" viewBox="0 0 20 20" aria-hidden="true"><path d="%s"/></svg>')
    return drawn % ICONS.get(name, ICONS["doc"])
