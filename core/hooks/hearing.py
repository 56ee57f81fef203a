"""The hooks of the contract that are called from the outbox: what has happened, HR's records, tasks, notifications."""

from __future__ import annotations

from core.context import Ctx
from core.hooks.hr import HrRecord, Receipt
from core.hooks.marking import hook
from core.hooks.types import Event, Nomination, Notification, Officer, Return, Run, Task, Tour


@hook(call="all", deadline=10, on_failure="retried", since="1.0", may_reject=True, writes=True)
async def nomination_changed(ctx: Ctx, event: Event, nomination: Nomination) -> None:
    """Hear that a nomination of the service's has changed.

    Runs in a worker after the change is written, with no transaction open: the change stands
    whatever comes of this. Each plugin has a delivery of its own, so that one that fails is
    told again and no other twice. It may come more than once and out of order.

    Args:
        ctx: The tenant, with the plugin's settings, store and services.
        event: What has happened; its ``id`` is the same each time that it is told.
        nomination: As it is now, which may be later than the event.

    Returns:
        ``None``: what the plugin has to do is done when it returns.

    Raises:
        Rejected: A service outside did not take it. It is told again, the administrator sees
            the reason, and it does not count as the plugin's failure.
    """


@hook(call="all", deadline=10, on_failure="retried", since="1.0", may_reject=True, writes=True)
async def tour_changed(ctx: Ctx, event: Event, tour: Tour) -> None:
    """Hear that a tour of one of the service's officers has changed.

    Runs in a worker after the change is written, with no transaction open: the change stands
    whatever comes of this. Each plugin has a delivery of its own, so that one that fails is
    told again and no other twice. It may come more than once and out of order.

    Args:
        ctx: The tenant, with the plugin's settings, store and services.
        event: What has happened; its ``id`` is the same each time that it is told.
        tour: As it is now. The cause of an absence is not in it.

    Returns:
        ``None``: what the plugin has to do is done when it returns.

    Raises:
        Rejected: A service outside did not take it. It is told again, the administrator sees
            the reason, and it does not count as the plugin's failure.
    """


@hook(call="all", deadline=10, on_failure="retried", since="1.0", may_reject=True, writes=True)
async def return_changed(ctx: Ctx, event: Event, return_file: Return) -> None:
    """Hear that the file of a return has changed.

    Runs in a worker after the change is written, with no transaction open: the change stands
    whatever comes of this. Each plugin has a delivery of its own, so that one that fails is
    told again and no other twice. It may come more than once and out of order.

    Args:
        ctx: The tenant, with the plugin's settings, store and services.
        event: What has happened; its ``id`` is the same each time that it is told.
        return_file: As it is now, without anything of health.

    Returns:
        ``None``: what the plugin has to do is done when it returns.

    Raises:
        Rejected: A service outside did not take it. It is told again, the administrator sees
            the reason, and it does not count as the plugin's failure.
    """


@hook(call="all", deadline=10, on_failure="retried", since="1.0", may_reject=True, writes=True)
async def officer_changed(ctx: Ctx, event: Event, officer: Officer) -> None:
    """Hear that an officer's record has changed.

    A load of worker records tells of nobody in particular: it would tell of thousands.

    Runs in a worker after the change is written, with no transaction open: the change stands
    whatever comes of this. Each plugin has a delivery of its own, so that one that fails is
    told again and no other twice. It may come more than once and out of order.

    Args:
        ctx: The tenant, with the plugin's settings, store and services.
        event: What has happened; its ``id`` is the same each time that it is told.
        officer: As it is now, without name or contact.

    Returns:
        ``None``: what the plugin has to do is done when it returns.

    Raises:
        Rejected: A service outside did not take it. It is told again, the administrator sees
            the reason, and it does not count as the plugin's failure.
    """


@hook(call="one", deadline=30, on_failure="retried", since="1.0", may_reject=True, writes=True)
async def hr_write_back(ctx: Ctx, record: HrRecord) -> Receipt | None:
    """Record this in the agency's HR system, and give a receipt.

    Runs in a worker after the change is written, with no transaction open, and asks the one plugin
    that the agency named as its HR system. Of one record no two calls run at once, and each tells it
    as it is by then: a tour that was moved meanwhile is told with its new days, under a new
    ``record.key``. A receipt that was lost on its way is asked for again under the same key.

    Args:
        ctx: The tenant, with the plugin's settings, store and services.
        record: Whose leave of absence, training, experience or return to duty. With
            ``record.reference`` it corrects what HR has; if it is ``withdrawn``, HR is to take that back.

    Returns:
        The receipt; it is kept and shown on the tour's page. ``None``: the HR system keeps nothing
        of this kind. Then it counts as told, and comes again only if it changes.

    Raises:
        Rejected: The HR system did not take it. It is tried again, and does not count as the
            plugin's failure. ``Rejected(reason, final=True)``: trying the same again is of no
            use. Then it is given up at once, and those who keep the records see the reason,
            mend it and send it again.
    """


@hook(call="all", deadline=0.5, on_failure="open", since="1.0")
def scheduled_tasks(ctx: Ctx) -> list[Task] | None:
    """Say what is to be run, and how often.

    Runs in a worker once a minute, with no transaction open. A task that is due is put into
    the outbox; while a run of it is still under way, no other is.

    Args:
        ctx: The tenant, with the plugin's settings. The store is read-only.

    Returns:
        The tasks, each with a key of its own. ``None`` or an empty list: none. A daily task
        whose time has passed when it is first seen begins on the following day. Without an
        answer nothing of this plugin is begun until it is asked again, a minute later; a run
        that has begun is tried again as ``run_task`` says.
    """


@hook(call="one", deadline=600, on_failure="retried", since="1.0", may_reject=True, writes=True)
async def run_task(ctx: Ctx, run: Run) -> None:
    """Do what a task of the plugin's own is for.

    Runs in a worker, with no transaction open. A plugin that was switched off since the task
    became due is not asked.

    Args:
        ctx: The tenant, with the plugin's settings, store and services.
        run: Which task. Its ``id`` is the same when a run is tried again.

    Returns:
        ``None``: the run is over when it returns.

    Raises:
        Rejected: A service outside did not answer. It is tried again, the administrator sees
            the reason, and it does not count as the plugin's failure.
    """


@hook(call="one", deadline=30, on_failure="retried", since="1.0", may_reject=True, writes=True)
async def deliver_notification(ctx: Ctx, notification: Notification) -> None:
    """Deliver a message to one reader by the plugin's own channel.

    Runs in a worker, with no transaction open: at once for a reader who wants each, and after
    ``ctx.notifications.put_digests`` for one who wants a message a day. A message that was read
    on the pages meanwhile is not delivered any more.

    Args:
        ctx: The tenant, with the plugin's settings, store and services.
        notification: To whom, in which language, and what. It is not to be kept.

    Returns:
        ``None``: it is delivered, or handed on to what delivers it, when the plugin returns.

    Raises:
        Rejected: The channel did not take it. It is tried again, the administrator sees the
            reason, and it does not count as the plugin's failure.
    """
