"""The pages of the journal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

from sqlalchemy import select

from core.audit.verification import export
from core.context import SCOPE_KINDS, Ctx
from core.database.directory import ScopeRow
from core.database.sessions import tenant_session
from core.documents.purposes import DOCUMENT_READ, FOR_WHAT
from core.documents.service import SEEN, open_document
from core.events.notifications import unread_count
from core.extensions.known import heading
from core.journal.channel_pages import channel_pages
from core.journal.job_words import job_words
from core.journal.notifications import list_notifications, mark_read
from core.journal.permissions import AUDIT_READ, LOOK_READ, NOTIFICATION_READ, QUEUE_READ
from core.journal.queue import read_queue, replay_job
from core.journal.schemas import ListLines, ListLooks, ListNotifications, NotificationsRead
from core.journal.service import list_lines, list_looks, read_line
from core.journal.tables import changes_table, dead_table, lines_table, looks_table, who
from core.journal.words import DEEDS, SUBJECTS, deed_words, subject_words
from core.lists.showing import show_list
from core.text import t
from core.use_cases.declaration import ById, Nothing
from core.use_cases.listings import Listing
from core.web.i18n import say
from core.web.pages import Nav, Pages
from core.web.shell import marking_for
from core.web.tables import cursor
from core.web.view import Answer, Download, PageAnswer, To, View

TOUR_CAUSE = "tour.cause"
"""Who holds this may know why somebody is not available."""
EXPORT_TYPE = "application/x-ndjson"

EVERYWHERE = frozenset(SCOPE_KINDS)


async def _unread(view: View) -> int:
    return await unread_count(view.work.session, view.ctx.scope.id, view.ctx.actor.id)


__all__ = ["agency_pages", "channel_pages", "operator_pages", "pages"]

pages = Pages(
    "journal", scopes=EVERYWHERE, nav=[Nav("admin", t("Audit log"), "/audit", AUDIT_READ, icon="log", order=80)]
)
agency_pages = Pages(
    "looks", scopes={"agency"}, nav=[Nav("admin", t("Looks at our people"), "/looks", LOOK_READ, icon="eye", order=75)]
)
operator_pages = Pages(
    "queue", scopes={"platform"}, nav=[Nav("admin", t("Queue"), "/queue", QUEUE_READ, icon="flow", order=70)]
)


@pages.get("/audit", permission=AUDIT_READ, listing=Listing(t("Audit log")))
async def audit(view: View) -> PageAnswer:
    """Show what was done in this scope, by whom, to what, when and why."""
    asked = view.read(ListLines)
    found = await view.listed(list_lines, asked, "lines")
    table = lines_table(found.lines, next=cursor(found.next))
    form = view.form(ListLines, asked)
    form = form.offering("subject", SUBJECTS, nothing=t("Anything")).offering("action", DEEDS, nothing=t("Anything"))
    return await show_list(view, "journal/audit.html", table, form=form)


@pages.get("/audit/chain", permission=AUDIT_READ)
async def audit_chain(view: View) -> Download:
    """Give the sealed log as a file that can be verified without this platform, under the rule on lists as any other.

    The marking stands in its first line.
    """
    ctx, invented = view.ctx, view.site.settings.demonstration
    name = f"audit-{ctx.scope.slug}-{ctx.today.isoformat()}{'-demonstration' * invented}.jsonl"
    marking = say(marking_for(ctx.scope, view.caller.marking), view.language, ctx.scope.zone)
    return await view.taken_along(Download(_exported(ctx, marking), name, EXPORT_TYPE), back="/audit")


@pages.get("/audit/{id}", permission=AUDIT_READ)
async def audit_line(view: View) -> Answer:
    """Show one line with what was there before and after."""
    line = await view.run(read_line, ById(view.params["id"]))
    return view.render(
        "journal/line.html",
        line=line,
        subject=subject_words(line.subject_kind),
        deed=deed_words(line.action),
        who=who(line),
        table=changes_table(line, partial(heading, view.ctx), may_see_cause=view.ctx.actor.may(TOUR_CAUSE)),
    )


@agency_pages.get("/looks", permission=LOOK_READ, listing=Listing(t("Looks at our people")))
async def looks(view: View) -> PageAnswer:
    """Show each time somebody outside opened something about this service's people."""
    asked = view.read(ListLooks)
    found = await view.listed(list_looks, asked, "looks")
    wanted = select(ScopeRow).where(ScopeRow.id.in_({look.by_scope for look in found.looks}))
    names = {row.id: row.scope().name(view.language) for row in await view.work.session.scalars(wanted)}
    sought = any((asked.start, asked.end, asked.subject_id))
    table = looks_table(found.looks, names, sought=sought, next=cursor(found.next))
    return await show_list(view, "journal/looks.html", table, form=view.form(ListLooks, asked))


@pages.get("/notifications", permission=NOTIFICATION_READ)
async def notifications(view: View) -> Answer:
    """Show what one was told."""
    asked = view.read(ListNotifications)
    found = await view.run(list_notifications, asked)
    return view.render("journal/notifications.html", found=found, state=asked.state, after=asked.after)


@pages.post("/notifications/{id}/open", use_case=mark_read)
async def notification_opened(view: View, result: NotificationsRead) -> To:
    """Go to what the notification is about; it counts as read."""
    return To(result.link or "/notifications")


@pages.post("/notifications/read", use_case=mark_read, form=notifications)
async def notifications_read(view: View, result: NotificationsRead) -> To:
    """Show that nothing is left to read."""
    return To("/notifications", t("All marked as read: %(number)s.", number=result.marked))


@pages.get("/documents/{id}", permission=DOCUMENT_READ, narrowed=FOR_WHAT)
async def document(view: View) -> Download:
    """Give a file to save; it is never shown in the browser."""
    meta, content = await open_document(view.work, view.params["id"])
    await view.saw(SEEN, ("document", meta.id), whose=meta.officer_id, after={"filename": meta.filename})
    return Download(content, meta.filename, meta.media_type)


@operator_pages.get("/queue", permission=QUEUE_READ, listing=Listing(t("Jobs that gave up")))
async def queue(view: View) -> PageAnswer:
    """Show how many jobs wait and which gave up."""
    found = await view.run(read_queue, Nothing())
    wanted = select(ScopeRow).where(ScopeRow.slug.in_({job.scope for job in found.dead}))
    names = {row.slug: row.scope().name(view.language) for row in await view.work.session.scalars(wanted)}
    again = [(job.id, job_words(job.subscriber), names.get(job.scope, job.scope)) for job in found.dead]
    return await show_list(view, "journal/queue.html", dead_table(found.dead, names), queue=found, again=again)


@operator_pages.post("/queue/{id}/replay", use_case=replay_job, form=queue)
async def job_replayed(view: View, result: Nothing) -> To:
    """Show the queue; the job is on its way."""
    return To("/queue", t("The job has all its attempts again."))


async def _exported(ctx: Ctx, marking: str) -> AsyncIterator[bytes]:
    async with tenant_session(ctx, read_only=True) as session:
        async for line in export(session, ctx.scope.id, ctx.scope.slug, marking=marking):
            yield line
