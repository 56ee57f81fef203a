"""One's own notifications: reading them and marking them as read."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select, update

from core.context import SCOPE_KINDS
from core.errors import NotFound
from core.events.models import NotificationRow
from core.events.notifications import text_of, unread_count
from core.hooks.titles import with_title
from core.journal.permissions import NOTIFICATION_READ
from core.journal.schemas import ListNotifications, MarkRead, NotificationList, NotificationOut, NotificationsRead
from core.use_cases.declaration import NOW, use_case
from core.use_cases.work import Work

AT_ONCE = 50
EVERY_KIND = frozenset(SCOPE_KINDS)


@use_case(permission=NOTIFICATION_READ, input=ListNotifications, output=NotificationList, scopes=EVERY_KIND, reads=True)
async def list_notifications(work: Work, data: ListNotifications) -> NotificationList:
    """List one's own notifications, the latest first."""
    query = select(NotificationRow).where(*_mine(work))
    if data.state != "all":
        query = query.where(NotificationRow.read_at.is_(None))
    if data.after:
        query = query.where(NotificationRow.id < data.after)
    found = (await work.session.scalars(query.order_by(NotificationRow.id.desc()).limit(AT_ONCE + 1))).all()
    listed = [_shown(work, row) for row in found[:AT_ONCE]]
    unread = await unread_count(work.session, work.ctx.scope.id, work.ctx.actor.id)
    return NotificationList(listed, unread, listed[-1].id if len(found) > AT_ONCE else None)


@use_case(
    permission=NOTIFICATION_READ, input=MarkRead, output=NotificationsRead, scopes=EVERY_KIND, quiet=True, backdated=NOW
)
async def mark_read(work: Work, data: MarkRead) -> NotificationsRead:
    """Mark one of one's own notifications as read, or all of them."""
    link: str | None = None
    chosen = _mine(work)
    if data.id is not None:
        row = await work.get(NotificationRow, data.id)
        if row.seat_id != work.ctx.actor.id:
            raise NotFound
        link = row.link
        chosen.append(NotificationRow.id == row.id)
    unread = update(NotificationRow).where(*chosen, NotificationRow.read_at.is_(None))
    marked = await work.session.execute(unread.values(read_at=work.now).returning(NotificationRow.id))
    return NotificationsRead(len(marked.all()), link)


def _mine(work: Work) -> list[ColumnElement[bool]]:
    return [NotificationRow.tenant_id == work.ctx.scope.id, NotificationRow.seat_id == work.ctx.actor.id]


def _shown(work: Work, row: NotificationRow) -> NotificationOut:
    sentence = with_title(work.ctx, text_of(row))
    return NotificationOut(id=row.id, sentence=sentence, link=row.link, at=row.at, read=row.read_at is not None)
