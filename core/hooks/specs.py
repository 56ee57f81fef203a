"""The hooks. This file is the contract with plugin developers; ``contingent hooks`` prints it.

Grow it only together with a built-in plugin that needs the new hook.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from core.context import Ctx
from core.hooks.hearing import (
    deliver_notification,
    hr_write_back,
    nomination_changed,
    officer_changed,
    return_changed,
    run_task,
    scheduled_tasks,
    tour_changed,
)
from core.hooks.marking import hook
from core.hooks.panels import (
    Action,
    Advice,
    Answered,
    Chosen,
    Done,
    Faults,
    Homecoming,
    Overview,
    Panel,
    Place,
    Question,
)
from core.hooks.types import (
    ClaimLine,
    ConnectionStep,
    Finding,
    Milestone,
    NoApproval,
    Nomination,
    Period,
    Source,
    SourcePage,
    Step,
    Strength,
    Subject,
    Tour,
    Transition,
)

__all__ = [
    "approval_chain",
    "authorize_transition",
    "check_in_advice",
    "check_in_questions",
    "claim_lines",
    "dashboard_panels",
    "deliver_notification",
    "eligibility_findings",
    "hr_fetch",
    "hr_test_connection",
    "hr_write_back",
    "nomination_changed",
    "offered_actions",
    "officer_changed",
    "officer_panels",
    "reintegration_milestones",
    "return_changed",
    "run_action",
    "run_task",
    "scheduled_tasks",
    "tour_changed",
    "tour_panels",
]


@hook(call="one", deadline=30, on_failure="shown", since="1.0", writes=True)
async def hr_test_connection(ctx: Ctx, source: Source) -> list[ConnectionStep] | None:
    """Try whether the HR system can be reached, step by step.

    Runs when an administrator presses “Test”, with no transaction open; nothing is loaded
    and nothing recorded.

    Args:
        ctx: The tenant, with the plugin's store and files, and with the settings as they stand
            in the form, which are not saved.
        source: What would be read. For a file without an upload, test what can be tested.

    Returns:
        The steps in the order in which they were tried, up to and including the first that
        failed. A failed step is an answer, not an error. ``None`` is no answer.
    """


@hook(call="stream", deadline=60, whole=3600, on_failure="stopped", since="1.0", may_reject=True, writes=True)
async def hr_fetch(ctx: Ctx, source: Source, cursor: str | None) -> AsyncIterator[SourcePage]:
    """Read worker records, page by page, in the source's own columns.

    Runs in the request that brought a file, with no transaction open; each page is read before
    the next is asked for, and nothing is taken over before the last. The host maps the columns,
    drops what it must not keep and compares; the plugin only reads.

    Args:
        ctx: The tenant, with the plugin's settings, store and files.
        source: What to read.
        cursor: The ``next_cursor`` of a page, to go on after it; ``None``, as the host always
            asks so far, to begin.

    Yields:
        Pages of at most 5,000 rows and 8 MiB. The last one says whether it is ``complete``.
        Its ``lines`` say where each row stands in the source, and ``rejected`` which rows cannot be
        read, each with its line and the reason: these take no other with them.
        A run without a page has failed: an empty source never means that everybody left.

    Raises:
        Rejected: The source cannot be read and the reason is not the plugin's: a wrong
            encoding, no heading, a damaged file. The reader sees the reason.
    """
    yield SourcePage(columns={})  # never run: it makes the declaration a generator


@hook(call="one", deadline=2, on_failure="stopped", since="1.0")
async def approval_chain(ctx: Ctx, subject: Subject) -> list[Step] | NoApproval | None:
    """Say which steps must approve the subject, in order.

    Runs before the case is opened, with no transaction open; the store is read-only. The
    agency names one plugin per kind of subject. The answer is kept with the plugin's version
    and a digest of the subject; a case keeps the steps it began with.

    Args:
        ctx: The tenant, with the plugin's settings.
        subject: What is to be approved.

    Returns:
        At least one step; or ``NoApproval`` with its reason, where the settings allow it.
        ``None``, an empty list, an error or no answer in time approves nothing: the case
        waits for a chain and the administrator is told.
    """


@hook(call="all", deadline=2, on_failure="stopped", since="1.0")
async def reintegration_milestones(ctx: Ctx, tour: Tour) -> list[Milestone] | None:
    """Say what must be done about this return, by whom and by when.

    Runs when the return file is opened (eight weeks before the end) and again when the tour's
    end moves, with no transaction open; the store is read-only. The answers of all enabled
    plugins are merged: of milestones with one key the first plugin's is kept.

    Args:
        ctx: The tenant, with the plugin's settings.
        tour: The tour that ends. A tour that ended early has its real end.

    Returns:
        Milestones in any order. ``None`` or an empty list: nothing from this plugin. If a
        plugin fails, or all together give nothing, the plan is incomplete: the host's own
        least plan applies and the question is asked again.
    """


@hook(call="all", deadline=2, on_failure="open", since="1.0")
async def eligibility_findings(ctx: Ctx, nomination: Nomination, strength: Strength | None) -> list[Finding] | None:
    """Say what speaks for or against this nomination here.

    Runs when an agency puts an officer forward, when it sends the nomination for approval, when
    it sends it to IPOB, and when somebody presses “Ask the plugins again”; before the write, with
    no transaction open; the store is read-only. The findings stand on the nomination's page with
    the plugin that gave them, and are kept with its version and a digest of the arguments.

    Args:
        ctx: The tenant, with the plugin's settings.
        nomination: Who would go where. While it is being drafted its state is ``draft``.
        strength: How many officers the officer's unit has during the tour; ``None`` where the
            file names no unit.

    Returns:
        Findings in any order. One that blocks keeps the nomination from being approved and from
        being sent to IPOB, with its reason. ``None`` or an empty list: nothing to say. If a
        plugin fails, its findings are missing and the page says so.
    """


@hook(call="all", deadline=2, on_failure="closed", since="1.0", may_reject=True)
async def authorize_transition(ctx: Ctx, transition: Transition) -> None:
    """Refuse a step that an agency is about to take, or let it pass.

    Runs before the write, with no transaction open; the store is read-only. It is asked before
    these steps of a nomination: ``submit``, ``release``; and these of a return: ``adjust``,
    ``settle``, ``close``. It is not asked about what has happened already (movements of a tour,
    who is on the way or home), about decisions of a chain, nor about ways back: nobody is kept
    from withdrawing because a plugin fails. Tours are moved by IPOB.

    Args:
        ctx: The tenant, with the plugin's settings.
        transition: Which step of what, from which day.

    Returns:
        ``None``: nothing against it. The step is taken if every plugin says so.

    Raises:
        Rejected: It must not happen, with the reason. So does the host for a plugin that fails,
            is late, is left alone after failures, or is suspended: no answer is a refusal.
    """


@hook(call="all", deadline=2, on_failure="open", since="1.0", health=True)
async def check_in_questions(ctx: Ctx, homecoming: Homecoming) -> list[Question] | None:
    """Say what to ask an officer at a check-in after a return.

    Runs when the officer opens the check-in and again when they answer, with no transaction
    open. The questions of all enabled plugins are merged: of two with one key the first
    plugin's is kept. A plugin that answers receives class ``health``.

    Args:
        ctx: The tenant, with the plugin's settings.
        homecoming: The officer's return.

    Returns:
        Questions in the order in which they are asked; at most 20 are. ``None`` or an empty
        list: nothing from this plugin. If a plugin fails, the page says so, and the check-in
        goes on without its questions.
    """


@hook(call="all", deadline=2, on_failure="open", since="1.0", health=True)
async def check_in_advice(ctx: Ctx, answered: Answered) -> list[Advice] | None:
    """Say what follows from an officer's answers at a check-in.

    Runs when the officer has answered, with no transaction open, in a process that ends with
    the call. Neither answers nor advice are kept: they are shown to the officer, who may
    share the answers with health.

    Args:
        ctx: The tenant, with the plugin's settings.
        answered: The answers to the questions of all plugins, and the officer's return.

    Returns:
        Advice in the order in which it is shown. ``None`` or an empty list: nothing from this
        plugin. If a plugin fails, the page says so.
    """


@hook(call="all", deadline=0.5, on_failure="open", since="1.0")
def dashboard_panels(ctx: Ctx, overview: Overview) -> list[Panel] | None:
    """Say what to show on the service's overview.

    Runs each time the overview is opened, after it was read and before it is drawn, with no
    transaction open.

    Args:
        ctx: The tenant and the reader, with the plugin's settings.
        overview: What the reader may see of the service.

    Returns:
        Panels in their order; at most 3 are shown. ``None`` or an empty list: nothing. If a
        plugin fails, the page says how many did not answer.
    """


@hook(call="all", deadline=0.5, on_failure="open", since="1.0")
def officer_panels(ctx: Ctx, place: Place) -> list[Panel] | None:
    """Say what to show on an officer's file, and on the officer's own page of the return.

    Runs each time such a page is opened, after it was read and before it is drawn, with no
    transaction open.

    Args:
        ctx: The tenant and the reader, with the plugin's settings.
        place: The officer; on the page of the return the ``homecoming`` as well. ``own``: the
            officer is who reads.

    Returns:
        Panels in their order; at most 3 are shown. ``None`` or an empty list: nothing. If a
        plugin fails, the page says how many did not answer.
    """


@hook(call="all", deadline=0.5, on_failure="open", since="1.0")
def tour_panels(ctx: Ctx, tour: Tour) -> list[Panel] | None:
    """Say what to show on a tour's page, in the officer's own service.

    Runs each time the page is opened, after it was read and before it is drawn, with no
    transaction open.

    Args:
        ctx: The tenant and the reader, with the plugin's settings.
        tour: The tour.

    Returns:
        Panels in their order; at most 3 are shown. ``None`` or an empty list: nothing. If a
        plugin fails, the page says how many did not answer.
    """


@hook(call="all", deadline=0.5, on_failure="open", since="1.0")
def offered_actions(ctx: Ctx, place: Place) -> list[Action] | None:
    """Say what can be done on the page of an officer, a tour or a return.

    Runs each time such a page is opened, after it was read and before it is drawn, and again
    when an action was chosen, with no transaction open.

    Args:
        ctx: The tenant and the reader, with the plugin's settings.
        place: What the page is about, and whether it is the reader's own.

    Returns:
        Actions in their order; at most 5 are offered, each to those whom its ``who`` names.
        ``None`` or an empty list: nothing. If a plugin fails, the page says how many did not
        answer.
    """


@hook(call="one", deadline=10, on_failure="shown", since="1.0", writes=True)
async def run_action(ctx: Ctx, chosen: Chosen) -> Done | Faults | None:
    """Do what a person chose among the plugin's actions.

    Runs when the form is sent, once its answers fit the action's questions, with no
    transaction open. What is proposed in the answer is done in one transaction with the audit
    line, which names plugin and version. Sent twice it runs once; only if it failed or the host
    went down meanwhile does it run again, with the same ``chosen.id``.

    Args:
        ctx: The tenant and the person, with the plugin's settings and store.
        chosen: The action, where it was offered, and the answers.

    Returns:
        ``Done`` with a sentence for the person, or ``Faults``, each at its question. ``None``
        is no answer.
    """


@hook(call="all", deadline=2, on_failure="stopped", since="1.0")
async def claim_lines(ctx: Ctx, tour: Tour, period: Period) -> list[ClaimLine] | None:
    """Say what the agency may claim for this tour, for costs of this period.

    Runs when somebody reads the statement of a period, for every tour with at least one day in
    it, with no transaction open; the store is read-only. Nothing is submitted by answering. The
    answers of all enabled plugins are merged: of lines with one key the first plugin's is kept.
    What the host organization pays, such as the mission allowance, is never claimed.

    Args:
        ctx: The tenant, with the plugin's settings. Days after ``ctx.today`` have not been served.
        tour: The tour, with its real first and last day as far as they are known.
        period: The days for which is claimed. A line may lie in them alone.

    Returns:
        Lines in any order. ``None`` or an empty list: nothing from this plugin. If a plugin
        fails, or gives a line outside the period, the tour's sum and the statement's are not
        told, for an amount that lacks something looks as sound as a whole one.
    """
