"""Loading the demonstration: the world, the force of 2008, today's picture."""

from __future__ import annotations

from contingent.assembly import Assembly, assembled
from contingent.demo.acting import Cast, read_everything
from contingent.demo.cover import watch_strength
from contingent.demo.force_2008 import load_force, strength_2008
from contingent.demo.homecoming import bring_home
from contingent.demo.rates import agree_rates
from contingent.demo.today import OFFICERS, complete_files, load_today
from contingent.demo.workers import load_workers
from contingent.demo.world import load_missions, open_missions, open_world
from contingent.progress import Progress
from core.errors import Misconfigured
from core.events.worker import drain
from core.extensions.consenting import with_consent
from core.extensions.service import enable_plugin
from core.settings import Settings

CHECK_IN = "wellbeing_check_in"
"""The plugin that services with a member abroad have switched on, so that there is a check-in to look at."""
SPARE = 6
"""Officers of each service who are on no way yet, so that there is somebody to begin with."""
MEMBERS_ABROAD = ("qc-spvm", "qc-sq", "on-toronto", "on-opp")
"""Services whose own member is abroad today, with a tour and perhaps a return to look at; the others' may volunteer."""


async def load(settings: Settings, progress: Progress) -> None:
    """Load everything into an empty, migrated database.

    Raises ``Misconfigured`` outside the demonstration.
    """
    if not settings.demonstration:
        raise Misconfigured("the demonstration is loaded only with CONTINGENT_DEMO=1: never set it in production")
    async with assembled(settings) as assembly:
        assembly.load_rooms()
        cast = Cast(assembly)
        progress("Opening twenty-seven services and their people")
        await open_world(assembly)
        missions = await load_missions(cast)
        await open_missions(assembly)
        in_2008 = dict(strength_2008())
        officers = {}
        start = 0
        for agency, today in OFFICERS.items():
            count = in_2008.get(agency, 0) + today + SPARE
            progress("Loading each service's worker file", agency)
            officers[agency] = await load_workers(cast, agency, count, start=start)
            start += count
        await load_force(cast, missions["MINUSTAH"], officers, progress)
        progress("Completing the officers' files")
        await read_everything(cast, [agency for agency, _ in strength_2008()])
        serving = {agency: ids[in_2008.get(agency, 0) :] for agency, ids in officers.items()}
        for agency in MEMBERS_ABROAD:
            serving[agency] = [serving[agency][-1], *serving[agency][:-1]]
        await complete_files(cast, serving)
        await watch_strength(cast)
        await agree_rates(cast)
        await load_today(cast, missions, serving, progress)
        await deliver(assembly, progress, "Delivering what follows from the tours")
        await bring_home(cast, progress)
        for agency in MEMBERS_ABROAD:
            administrator = await cast.ctx(agency, "administrator")
            await cast.run(administrator, enable_plugin, with_consent(administrator, CHECK_IN))
        await deliver(assembly, progress, "Delivering what follows from the returns")


async def deliver(assembly: Assembly, progress: Progress, step: str) -> None:
    """Run what the worker would run by now: notifications, plans of return, what services are told."""

    def say(ran: int) -> None:
        progress(step, f"{ran:,} jobs")

    progress(step)
    await drain(assembly.database, assembly.context, assembly.clock, each=say)
