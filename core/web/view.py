"""What a page's function works with, and what it may answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from core.context import Assurance, Ctx, Language
from core.database.sessions import tenant_session
from core.errors import Fault, Forbidden, Invalid, NotFound
from core.text import Text, t
from core.use_cases import intake
from core.use_cases.declaration import UseCase
from core.use_cases.execution import execute
from core.use_cases.fields import field_of
from core.use_cases.paging import AT_ONCE
from core.use_cases.step_up import EXPORT, require_step_up
from core.use_cases.work import Work
from core.web import exports
from core.web.bodies import gathered
from core.web.callers import Caller
from core.web.forms import Form, FormField, build_form, typed
from core.web.forms_kinds import kinds_of
from core.web.forms_sent import Sent
from core.web.i18n import say
from core.web.shell import Alert, marking_for
from core.web.tables import Table

if TYPE_CHECKING:
    from core.web.incoming import Incoming
    from core.web.site import Site

In = TypeVar("In", bound=msgspec.Struct)
Out = TypeVar("Out")


Asks = Callable[[], Awaitable[Mapping[str, Any]]]


@dataclass(slots=True)
class Answer:
    """A page to be rendered: template, values, status.

    ``asks``: asks plugins, once the page has been read, with no transaction open, and returns further values.
    """

    template: str
    values: Mapping[str, Any]
    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    asks: Asks | None = None


@dataclass(slots=True)
class Download:
    """A file to save: its bytes (or a stream of them), name and media type."""

    content: bytes | AsyncIterator[bytes]
    name: str
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class To:
    """Where to go next (a path below the scope, or a whole address), and what to say there."""

    path: str
    notice: Text | None = None


PageAnswer = Answer | Download | To


@dataclass(slots=True)
class View:
    """One page being made.

    ``params`` are the address's, ``query`` what follows its question mark (of a repeated name
    the last; all are in ``queries``). After a refused form, the page that showed it runs again
    with ``faults`` and ``values`` (what was sent) set, ``refused`` (the struct it was for), and
    ``conflict`` where somebody else changed the subject meanwhile; ``sent`` is all of it as it came, to the address
    ``sent_to``. After an accepted one, ``values`` are what was sent. So does a page whose form asks by the
    address what cannot be accepted (``tried``).
    """

    ctx: Ctx
    caller: Caller
    site: Site
    incoming: Incoming
    path: str
    params: Mapping[str, str]
    queries: Sequence[tuple[str, str]] = ()
    faults: Sequence[Fault] = ()
    values: Mapping[str, Any] | None = None
    conflict: bool = False
    refused: type[msgspec.Struct] | None = None
    sent_to: str | None = None
    sent: Mapping[str, str] = field(default_factory=dict)
    alerts: list[Alert] = field(default_factory=list)
    form_origins: list[str] = field(default_factory=list)
    open_work: Work | None = None
    explained: bool = False
    """The refused form is on the page, with its faults."""
    gone: bool = False
    """What was done has ended the reader's own session: the page offers nothing that needs one."""

    @property
    def language(self) -> Language:
        """The language of the address."""
        return self.ctx.language

    @property
    def query(self) -> dict[str, str]:
        """What follows the question mark, by name."""
        return dict(self.queries)

    @property
    def work(self) -> Work:
        """The page's read transaction. There is none after a form was accepted."""
        if self.open_work is None:
            raise RuntimeError("no transaction is open here: read in the page that is shown next")
        return self.open_work

    async def run(self, case: UseCase[In, Out], data: In) -> Out:
        """Run a reading use case, in the page's own transaction.

        One for health runs on the health pool, one that records a look in a transaction of its own.
        """
        if not case.reads:
            raise TypeError(f"{case.key} changes something: a page only reads; post a form to it")
        if self.ctx.scope.kind not in case.scopes:
            raise NotFound
        if case.health or case.records(self.ctx.scope.kind) or self.open_work is None:
            return await execute(case, self.ctx, data)
        if not self.ctx.actor.may_at_all(case.permission):
            raise Forbidden(case.permission)
        return await case(self.open_work, data)

    def form(
        self, struct: type[msgspec.Struct], values: Any = None, *, version: int | None = None, prefix: str = ""
    ) -> Form:
        """Return the form of an input struct.

        It is filled from ``values`` (a mapping, a struct or a row) or, after this very form
        was refused, with what was sent; ``version`` travels with it hidden, so that a stale
        form is refused. Where somebody changed a field meanwhile, its help shows both values.
        """
        given = _named(struct, values) or {}
        stored = build_form(struct, given, version=version, prefix=prefix)
        if self.refused is not struct or self.values is None or self._is_another(stored, given, self.values):
            return stored
        self.explained = True
        sent = _named(struct, self.values, absent="")
        form = build_form(struct, sent, self.faults, version=version, prefix=prefix)
        return with_both_values(form, stored) if self.conflict else form

    def faults_of(self, path: str, fields: Mapping[str, Any]) -> Sequence[Fault]:
        """Return what was wrong if the button at ``path``, with these hidden ``fields``, sent what was refused."""
        its = self.sent_to == path.partition("?")[0]
        return self.faults if its and all(self.sent.get(name) == str(value) for name, value in fields.items()) else ()

    def _is_another(self, form: Form, given: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
        """Say whether another form of the same struct was sent: its address or a hidden field names something else."""
        fixed = {*self.params, *(one.name for one in form.hidden)}
        return any(given.get(name) and name in sent and typed(given[name]) != typed(sent[name]) for name in fixed)

    def read(self, struct: type[In], **given: str) -> In:
        """Return what a list was asked for: the fields of ``struct`` found after the question mark, and ``given`` ones.

        A word that a field does not know is left out, and the page says so: an address that was kept, or typed,
        still leads to its list.
        """
        kinds = kinds_of(struct)
        asked = gathered(struct, [(name, value) for name, value in self.queries if name in kinds])
        for one in msgspec.structs.fields(struct):
            word, known = asked.get(one.encode_name), kinds[one.encode_name].words
            if known and isinstance(word, str) and word.strip() not in ("", *known):
                del asked[one.encode_name]
                label = field_of(one.type, one.name).label
                said = t("“%(filter)s” was set to a value that is not known here, and is left out.", filter=label)
                self.alert(Alert(said, "warn"))
        return intake.read(struct, asked | given)

    async def tried(self, case: UseCase[In, Out]) -> Out | None:
        """Return what a reading use case says to what a form of this page asks by its address.

        ``None`` where that cannot be accepted: the form of its input then shows what was asked, with every fault.
        """
        kinds = kinds_of(case.input)
        asked = gathered(case.input, [(name, value) for name, value in self.queries if name in kinds])
        try:
            return await self.run(case, Sent(asked).read(case, self.ctx))
        except Invalid as invalid:
            if self.refused is None:
                self.refused, self.faults, self.values = case.input, invalid.faults, self.query
            return None

    def filters(self, form: Form) -> Form:
        """Return the filters of a list; of one whose value is none of those that it offers, the page says so."""
        for one in form.strange:
            said = t("“%(filter)s” is set to a value that is not known here: choose another.", filter=one.label)
            self.alert(Alert(said, "warn"))
        return form.owning(*(one.name for one in form.strange))

    async def listed(self, case: UseCase[In, Out], asked: In, rows: str) -> Out:
        """Run a listing that comes in pages: the page asked for, or for a file every row, as ``exported`` gives it.

        ``rows`` names the answer's field that holds them; ``after`` and ``next`` are its cursors.
        """
        if self.query.get("format") not in exports.MEDIA_TYPES:
            sized = asked if "limit" in self.query else msgspec.structs.replace(asked, limit=AT_ONCE)
            return await self.run(case, sized)
        require_step_up(self.ctx.actor, EXPORT)
        found: Any = await self.run(case, msgspec.structs.replace(asked, after=None))
        every = list(getattr(found, rows))
        while found.next is not None:
            found = await self.run(case, msgspec.structs.replace(asked, after=found.next))
            every += getattr(found, rows)
        return cast("Out", msgspec.structs.replace(found, **{rows: every}))

    async def exported(self, *tables: Table) -> Download | None:
        """Return a table as a file where the address asks for one with ``format``: ``csv`` or ``xlsx``.

        Of several tables it is the one that ``table`` names, else the first. The line that says who took it along
        is committed before the file is given.
        """
        wanted = self.query.get("format")
        if wanted not in exports.MEDIA_TYPES:
            return None
        require_step_up(self.ctx.actor, EXPORT)
        named = self.query.get("table", tables[0].name)
        table = next((one for one in tables if one.name == named), None)
        if table is None:
            raise NotFound
        scope = self.ctx.scope
        about = exports.About(
            self.language,
            scope.name(self.language),
            scope.zone,
            self.ctx.clock.now(),
            marking=marking_for(scope, self.caller.marking),
            demonstration=self.site.settings.demonstration,
        )
        content, name, media_type = exports.export(table, about, wanted)
        return await self.taken_along(Download(content, name, media_type), rows=len(table.rows))

    async def taken_along(self, file: Download, *, rows: int | None = None, back: str | None = None) -> Download:
        """Return a file in which a list is taken along, once the line that says by whom is committed.

        Raises ``StepUpNeeded`` where the scope asks for a fresh sign-in before that; whoever has proved who they
        are comes ``back`` to the list, if that is at another address.
        """
        assurance = require_step_up(self.ctx.actor, EXPORT, back=back)
        told = {"filename": file.name, "list": self._asked_for()} | ({} if rows is None else {"rows": rows})
        await self.saw("list.export", ("list", self.ctx.scope.id), after=told, assurance=assurance)
        return file

    async def saw(
        self,
        action: str,
        subject: tuple[str, UUID],
        *,
        whose: UUID | None = None,
        after: dict[str, Any] | None = None,
        assurance: Assurance | None = None,
    ) -> None:
        """Write, in a transaction of its own, what the reader was shown where no use case tells: see ``Work.saw``."""
        async with tenant_session(self.ctx) as session:
            work = Work(self.ctx, session, self.ctx.today, self.ctx.clock.now(), assurance=assurance)
            await work.saw(action, subject, whose=whose, after=after)

    def _asked_for(self) -> str:
        """Return the list's address as it was narrowed."""
        left_out = ("format", "after")
        narrowed = urlencode([(name, value) for name, value in self.queries if value and name not in left_out])
        return f"{self.path}?{narrowed}" if narrowed else self.path

    def render(self, template: str, *, status: int = 200, asks: Asks | None = None, **values: Any) -> Answer:
        """Answer with a template; ``values`` are its own, and those that ``asks`` returns."""
        return Answer(template, values, status, asks=asks)

    def download(self, content: bytes, name: str, media_type: str) -> Download:
        """Answer with a file to save."""
        return Download(content, name, media_type)

    def url(self, path: str) -> str:
        """Return the address of ``path`` below this language and scope."""
        return f"/{self.language}/{self.ctx.scope.slug}{path}" if path.startswith("/") else path

    def say(self, text: Text) -> str:
        """Return a sentence in the reader's language."""
        return say(text, self.language, self.ctx.scope.zone)

    def alert(self, alert: Alert) -> None:
        """Show an alert on top of the page."""
        self.alerts.append(alert)

    def allow_form_action(self, origin: str) -> None:
        """Let this page's forms lead to another origin: only a sign-out form needs it."""
        self.form_origins.append(origin)


def with_both_values(form: Form, stored: Form) -> Form:
    """Return ``form`` with, beside each field that differs, the value that is stored now."""
    shown = {one.name: one for one in form.single}
    for field_now in stored.single:
        if field_now.name not in shown:
            continue
        now, sent = _readable(field_now), _readable(shown[field_now.name])
        if now != sent:
            form = form.with_help(
                field_now.name, t("You entered this. It is now: %(value)s", value=now or t("(empty)"))
            )
    return form


def _readable(one: FormField) -> Any:
    chosen = [choice.label for choice in one.choices if choice.chosen]
    if one.choices:
        return chosen
    if one.widget == "checkbox":
        return t("Yes") if one.checked else t("No")
    return one.value


def _named(struct: type[msgspec.Struct], values: Any, absent: Any = None) -> dict[str, Any] | None:
    """Return ``values`` by field name; with ``absent`` given, fields that were not sent have it."""
    if values is None:
        return None
    names = {one.encode_name: one.name for one in msgspec.structs.fields(struct)}
    if isinstance(values, Mapping):
        found = {name: values[name] for name in names if name in values}
    else:
        found = {name: getattr(values, own) for name, own in names.items() if hasattr(values, own)}
    return found if absent is None else dict.fromkeys(names, absent) | found
