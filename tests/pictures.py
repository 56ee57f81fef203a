"""``make pictures``: takes the README's pictures from a demonstration that runs in another terminal."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from contingent.demo.personas import personas_for
from core.settings import read_settings

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
SIZE = ViewportSize(width=1440, height=900)


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: its file, who looks (somebody of a scope with a role), and at which page."""

    name: str
    scope: str
    role: str
    path: str
    follow: str | None = None
    """A selector of the link to follow from there."""


SHOTS = (
    Shot("dashboard", "ipob", "analyst", "/"),
    Shot("decision", "qc-spvm", "approver", "/approvals", "main a[href*='/approvals/']"),
)


def main() -> int:
    """Take every picture and say where it is."""
    address = read_settings().address
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        for shot in SHOTS:
            page = looking(browser, address, shot)
            target = FOLDER / f"{shot.name}.png"
            page.screenshot(path=target)
            print(f"{target} ({target.stat().st_size // 1024} KiB)")
        browser.close()
    return 0


def looking(browser: Browser, address: str, shot: Shot) -> Page:
    """Return the page of the shot, as the first person with the role who has something to follow there sees it."""
    for person in personas_for(shot.scope):
        if shot.role not in person.roles:
            continue
        page = browser.new_context(viewport=SIZE, locale="en-CA", reduced_motion="reduce").new_page()
        page.goto(f"{address}/t/{shot.scope}/auth/start")
        page.get_by_role("button", name=person.name).first.click()
        page.wait_for_url(f"{address}/**")
        page.goto(f"{address}/en/{shot.scope}{shot.path}")
        if shot.follow is None:
            return page
        if page.locator(shot.follow).count():
            page.locator(shot.follow).first.click()
            page.wait_for_load_state()
            return page
        page.context.close()
    raise SystemExit(f"{shot.name}: nobody with the role {shot.role} in {shot.scope} has anything at {shot.path}")


if __name__ == "__main__":
    sys.exit(main())
