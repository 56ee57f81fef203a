"""A plugin made of what its bundle says: manifest, hooks and settings. None of its code is run or compiled for it."""

from __future__ import annotations

import io
import keyword
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Optional

import msgspec
from babel.messages.pofile import PoFileError, read_po

from core.hooks.bundles import Bundle, Statement
from core.hooks.deprecations import of_bundle
from core.hooks.manifest import Manifest, unmet
from core.hooks.marking import Hook
from core.hooks.registry import Plugin, Source
from core.hooks.sandbox.code import make_code
from core.hooks.saying import encoded
from core.hooks.settings_schema import unsupported
from core.hooks.shapes import CONTAINERS, PLAIN, Named, Shape, sentences_of
from core.text import Text, t
from core.use_cases.fields import Field

SANDBOXED: Literal[2] = 2
"""The tier of every bundle, whatever it says of itself."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")


class Unusable(Exception):
    """A bundle that is whole and cannot be used: every fault, each a sentence."""

    def __init__(self, faults: Sequence[Text]) -> None:
        super().__init__("; ".join(str(one) for one in faults))
        self.faults = tuple(faults)


def make_plugin(bundle: Bundle, hooks: Mapping[str, Hook], source: Source) -> Plugin:
    """Return the plugin that the bundle holds. Raises ``Unusable`` with every fault that can be seen without its code.

    ``hooks`` are those of this platform.
    """
    said = bundle.statement
    faults = [*_faults_of_name(said), *_faults_of_hooks(said, hooks)]
    french = _french(bundle, faults)
    settings = _settings(said, french, faults)
    manifest = _manifest(said, settings, faults)
    if manifest is None or faults:
        raise Unusable(faults)
    code = make_code(said.address, bundle.files, encoded(said))
    places = {name: place for name, place in said.hooks.items() if place}
    return Plugin(
        manifest,
        None,
        frozenset(said.hooks),
        beside=source == "folder",
        code=code,
        places=places,
        source=source,
        publisher=bundle.signer,
        warned=of_bundle(said.hooks),
    )


def _faults_of_name(said: Statement) -> Iterator[Text]:
    if said.address.partition(".")[0] != said.name:
        yield t("Its package has to be called as the plugin is: %(name)s.", name=said.name)
    reason = unmet(said.requires)
    if reason:
        yield t("It does not fit this platform: %(why)s.", why=reason)


def _faults_of_hooks(said: Statement, hooks: Mapping[str, Hook]) -> Iterator[Text]:
    if not said.hooks:
        yield t("It implements no hook, so it would never be called.")
    for name in said.hooks:
        if name not in hooks:
            yield t("It implements %(hook)s, which is no hook of this platform.", hook=name)
        elif hooks[name].health and "health" not in said.data_classes:
            yield t("It implements %(hook)s and does not say that it receives health data.", hook=name)


def _manifest(said: Statement, settings: type[msgspec.Struct] | None, faults: list[Text]) -> Manifest | None:
    alike: Any = {
        name: getattr(said, name)
        for name in ("name", "version", "title", "requires", "summary", "quality", "store_fields")
    }
    asks: Any = {name: frozenset(getattr(said, name)) for name in ("capabilities", "data_classes")}
    reaches: Any = {"hosts": tuple(said.hosts), "hosts_from": tuple(said.hosts_from)}
    try:
        return Manifest(**alike, **asks, **reaches, settings=settings, tier=SANDBOXED)
    except ValueError as error:
        faults.append(t("What it says of itself does not hold: %(why)s.", why=str(error)))
        return None


def _french(bundle: Bundle, faults: list[Text]) -> dict[str, str]:
    """Return the French of the plugin's sentences, as far as its settings show them."""
    said = bundle.statement
    wanted = sentences_of(said.settings or ())
    if not wanted:
        return {}
    file = bundle.files.get("/".join([*said.address.split(".")[:-1], "locale", "fr.po"]), b"")
    try:
        catalogue = read_po(io.BytesIO(file), locale="fr_CA", abort_invalid=True)
    except (PoFileError, ValueError, LookupError):
        faults.append(t("Its French (locale/fr.po) cannot be read."))
        return {}
    known = {one.id: one.string for one in catalogue if one.id and not one.fuzzy and isinstance(one.string, str)}
    missing = [sentence for sentence in wanted if not known.get(sentence)]
    if missing:
        faults.append(t("Its settings say in English only: %(sentences)s.", sentences=" · ".join(missing)))
    return {sentence: known[sentence] for sentence in wanted if known.get(sentence)}


def _settings(said: Statement, french: Mapping[str, str], faults: list[Text]) -> type[msgspec.Struct] | None:
    if said.settings is None:
        return None
    try:
        made = _struct("Settings", said.settings, french, strict=said.strict)
        fault = unsupported(made)
    except (TypeError, ValueError, LookupError, RecursionError) as error:
        fault = str(error)
    if fault:
        faults.append(t("Its settings cannot be shown as a form: %(why)s.", why=fault))
        return None
    return made


def _struct(
    name: str, fields: Sequence[Named], french: Mapping[str, str], *, strict: bool = False
) -> type[msgspec.Struct]:
    """Return the struct of these fields. Raises ``TypeError`` or ``ValueError`` where there can be none such."""
    for one in fields:
        if not _NAME.fullmatch(one.name) or keyword.iskeyword(one.name):
            raise ValueError(f"{one.name!r} cannot name a field")
    return msgspec.defstruct(
        name,
        [_field(one, french) for one in fields],
        kw_only=True,
        frozen=True,
        rename={one.name: one.key for one in fields},
        forbid_unknown_fields=strict,
    )


def _field(one: Named, french: Mapping[str, str]) -> tuple[Any, ...]:
    kind = _annotation(one.shape, one.name, french)
    if one.default is msgspec.UNSET:
        return one.name, kind
    if one.shape.kind == "secret":
        return one.name, kind, None
    made = msgspec.convert(one.default, kind, strict=True)
    if isinstance(made, list):
        factory: Callable[[], Any] = list if not made else lambda: msgspec.convert(one.default, kind)
        return one.name, kind, msgspec.field(default_factory=factory)
    return one.name, kind, made


def _annotation(shape: Shape, name: str, french: Mapping[str, str]) -> Any:
    bounds: dict[str, Any] = {"ge": shape.least, "le": shape.most}
    bounds |= {"min_length": shape.shortest, "max_length": shape.longest}
    extra = {"field": _about(shape, french)} if shape.label is not None else None
    plain = _plain(shape, name, french)
    if extra or any(one is not None for one in bounds.values()):
        plain = Annotated[plain, msgspec.Meta(extra=extra, **bounds)]
    return Optional[plain] if shape.optional else plain  # noqa: UP045 - made of values, not written


def _plain(shape: Shape, name: str, french: Mapping[str, str]) -> Any:
    if shape.kind == "choice":
        return Literal[tuple(shape.words)]
    if shape.kind == "group":
        return _struct(name.capitalize(), shape.fields, french)
    if shape.kind != "list":
        return PLAIN[shape.kind]
    if shape.item is None:
        raise ValueError(f"{name} is a list of nothing")
    container = CONTAINERS[shape.container]
    item = _annotation(shape.item, name, french)
    return container[item, ...] if container is tuple else container[item]


def _about(shape: Shape, french: Mapping[str, str]) -> Field:
    def said(sentence: str | None) -> Text | None:
        return None if sentence is None else Text(sentence, {}, {"fr": french.get(sentence, sentence)})

    choices = None if shape.choices is None else {value: _sure(said(label)) for value, label in shape.choices.items()}
    label, widget = _sure(said(shape.label)), shape.widget or "line"
    return msgspec.convert(
        {
            "label": label,
            "help": said(shape.help),
            "widget": widget,
            "choices": choices,
            "unticked": said(shape.unticked),
            "depends": shape.depends,
        },
        Field,
    )


def _sure(sentence: Text | None) -> Text:
    assert sentence is not None
    return sentence
