"""A plugin in one file: its code, its French, what it asks for, a digest of each file, and who signed.

A bundle is a ZIP archive without compression, so that anybody can look into it, written in one way only: the same
plugin signed with the same key gives the same bytes, and what is written otherwise is refused. So there is nothing
between or behind its files, no file twice, and nothing that two programs could read differently.

``statement.json`` says what the bundle is and names every file with its SHA-256; ``signature.json`` holds the key
and the signature over the statement's bytes; the files are below ``plugin/``.
"""

from __future__ import annotations

import hashlib
import io
import re
import sys
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.hooks.saying import Said
from core.hooks.signing import BadKey, fingerprint, is_signed, public_line, read_public_line, sign
from core.text import Text, t

K = TypeVar("K", bound=msgspec.Struct)

MOST_FILES = 500
LARGEST_FILE = 1024 * 1024
LARGEST_BUNDLE = 8 * 1024 * 1024
"""Bytes."""
DEEPEST = 32
"""Brackets within brackets in what a bundle says of itself; settings that a form can show come to ten."""

STATEMENT, SIGNATURE, FILES = "statement.json", "signature.json", "plugin/"
TAKEN = frozenset({"auth", "contingent", "core", "msgspec", "plugins", "pluggy", "tenants"})
"""Names that a plugin's package cannot have, beside those of the standard library: it would stand in their place."""

_PATH = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}/){0,9}[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
"""A text, be it cut off, so that it is passed over whole; or a bracket."""
_BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The first day an archive can tell of: a bundle knows no time."""


class Statement(Said, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a bundle says it is. Its bytes are what is signed."""

    format: Literal[1] = 1
    address: str
    """The module with the manifest: ``homecoming.plugin``."""
    files: Mapping[str, str]
    """The SHA-256 of each file in hexadecimal digits, by path from the root of imports."""


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who vouches for the statement."""

    key: str
    """The public key, as OpenSSH writes it, without a name: that is for the reader to say."""
    signature: str


class Bundle(msgspec.Struct, frozen=True):
    """A bundle that is whole, unchanged and signed by somebody known."""

    statement: Statement
    files: Mapping[str, bytes]
    signer: str
    """Whose key it is, in the words of who verifies."""
    fingerprint: str


class BundleRefused(Exception):
    """A bundle that cannot be trusted: every fault that was found, each a sentence."""

    def __init__(self, faults: Sequence[Text]) -> None:
        super().__init__("\n".join(str(one) for one in faults))
        self.faults = tuple(faults)


def make_bundle(said: Said, address: str, files: Mapping[str, bytes], key: Ed25519PrivateKey) -> bytes:
    """Return the bundle of these files, signed; the same every time. Raises ``BundleRefused``."""
    statement = state(said, address, files)
    faults = [*_faults_of_files(files), *_faults_of_place(statement)]
    if faults:
        raise BundleRefused(faults)
    written = _json(statement)
    return _write(written, _json(Signature(public_line(key.public_key()), sign(key, written))), files)


def state(said: Said, address: str, files: Mapping[str, bytes]) -> Statement:
    """Return what a bundle of these files says it is: whoever loads one compares."""
    return Statement(
        **{one.name: getattr(said, one.name) for one in msgspec.structs.fields(Said)},
        address=address,
        files={path: _digest(files[path]) for path in sorted(files)},
    )


def read_bundle(content: bytes, known: Mapping[str, str]) -> Bundle:
    """Return what a bundle holds. Raises ``BundleRefused`` with every fault.

    ``known``: whose key has which fingerprint. Nothing of the bundle is run, and nothing is written anywhere.
    """
    if len(content) > LARGEST_BUNDLE:
        raise BundleRefused([t("The bundle is larger than %(most)s MiB.", most=LARGEST_BUNDLE // 2**20)])
    found, faults = _entries(content)
    whole = not faults
    files = {name.removeprefix(FILES): data for name, data in found.items() if name.startswith(FILES)}
    faults += [
        t("The bundle has a file that does not belong there: %(path)s.", path=_shown(name))
        for name in found
        if not name.startswith(FILES) and name not in (STATEMENT, SIGNATURE)
    ]
    faults += _faults_of_files(files)
    statement = _decode(found.get(STATEMENT), Statement, STATEMENT, faults)
    signature = _decode(found.get(SIGNATURE), Signature, SIGNATURE, faults)
    if statement is not None:
        faults += [*_faults_of_contents(statement, files, whole=whole), *_faults_of_place(statement)]
    signer, mark = _signer(found.get(STATEMENT, b""), signature, known, faults)
    if not faults and _write(found[STATEMENT], found[SIGNATURE], files) != content:
        faults.append(t("The file is not written as bundles are: something stands between or behind its files."))
    if faults or statement is None:
        raise BundleRefused(faults)
    return Bundle(statement, files, signer, mark)


def _entries(content: bytes) -> tuple[dict[str, bytes], list[Text]]:
    found: dict[str, bytes] = {}
    faults: list[Text] = []
    room = LARGEST_BUNDLE
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for one in archive.infolist()[: MOST_FILES + 3]:
                # What an entry says of its size may be a lie, and two may claim the same bytes.
                plain = one.compress_type == zipfile.ZIP_STORED and not one.flag_bits & 1
                if one.filename in found:
                    faults.append(t("The file %(path)s is there twice.", path=_shown(one.filename)))
                elif not plain or one.file_size > min(LARGEST_FILE, room):
                    faults.append(_too_large(one.filename))
                else:
                    found[one.filename] = _read(archive, one)
                    room -= one.file_size
    except Exception:  # noqa: BLE001 - whatever the library says of a file that is none
        raise BundleRefused([t("The file is not a bundle, or it is damaged.")]) from None
    return found, faults


def _read(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    """Return the entry's bytes; of one whose checksum is wrong nothing, which no digest fits."""
    try:
        return archive.read(one)
    except zipfile.BadZipFile:
        return b""


def _faults_of_files(files: Mapping[str, bytes]) -> Iterator[Text]:
    if len(files) > MOST_FILES:
        yield t("The bundle has more than %(most)s files.", most=MOST_FILES)
    lower: set[str] = set()
    for path in sorted(files):
        if not _PATH.fullmatch(path):
            yield t("The path %(path)s leads out of the plugin, or is not plainly written.", path=_shown(path))
        elif path.lower() in lower:
            yield t("The file %(path)s is there twice.", path=path)
        if len(files[path]) > LARGEST_FILE:
            yield _too_large(path)
        lower.add(path.lower())


def _faults_of_contents(statement: Statement, files: Mapping[str, bytes], *, whole: bool) -> Iterator[Text]:
    """``whole``: no file was left unread, so that one which is not there is missing."""
    for path in sorted(statement.files.keys() | files.keys()):
        if path not in files:
            if not whole:
                continue
            yield t("The file %(path)s is missing.", path=_shown(path))
        elif path not in statement.files:
            yield t("The file %(path)s was added: nobody signed it.", path=_shown(path))
        elif _digest(files[path]) != statement.files[path]:
            yield t("The file %(path)s was changed: its digest is another.", path=_shown(path))


def _faults_of_place(statement: Statement) -> Iterator[Text]:
    plain = msgspec.to_builtins(statement)
    # Of settings, a help or a default may have several lines.
    said = "".join(_texts(plain.pop("settings"))).replace("\n", "") + "".join(_texts(plain))
    if any(unicodedata.category(one).startswith("C") for one in said):
        yield t("The bundle says something of itself that cannot be shown.")
    top = statement.address.partition(".")[0]
    if top in TAKEN or top in sys.stdlib_module_names or not top.isidentifier():
        yield t("A plugin’s package cannot be called %(name)s.", name=_shown(top))
    if f"{statement.address.replace('.', '/')}.py" not in statement.files:
        yield t("The module %(name)s, which has the manifest, is not in the bundle.", name=_shown(statement.address))
    alone = "." not in statement.address
    for path in sorted(statement.files):
        if path != f"{top}.py" if alone else not path.startswith(f"{top}/"):
            yield t("The file %(path)s is not in the plugin’s package %(name)s.", path=_shown(path), name=_shown(top))


def _signer(
    statement: bytes, signature: Signature | None, known: Mapping[str, str], faults: list[Text]
) -> tuple[str, str]:
    if signature is None:
        return "", ""
    try:
        key, name = read_public_line(signature.key)
    except BadKey:
        key, name = None, ""
    if key is None or name:
        faults.append(t("The bundle’s key is none that bundles are signed with."))
        return "", ""
    mark = fingerprint(key)
    if not is_signed(key, statement, signature.signature):
        faults.append(
            t("The signature does not fit: what was signed with the key %(key)s is something else.", key=mark)
        )
    elif mark not in known:
        faults.append(
            t("The bundle is signed with the key %(key)s, which is not known here: have it trusted first.", key=mark)
        )
    return known.get(mark, ""), mark


def _decode(content: bytes | None, kind: type[K], name: str, faults: list[Text]) -> K | None:
    if content is None:
        faults.append(t("The file %(path)s is missing.", path=name))
        return None
    # Before it is decoded: all that walks through it later has less of the stack left than the decoder.
    if _is_too_deep(content):
        faults.append(t("The file %(path)s is nested too deeply.", path=name))
        return None
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        faults.append(t("The file %(path)s cannot be understood.", path=name))
        return None


def _is_too_deep(content: bytes) -> bool:
    """Say whether it has more than ``DEEPEST`` brackets within one another; those in texts do not count."""
    depth = 0
    for one in _BRACKETS.finditer(content):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(one[0], 0)
        if depth > DEEPEST:
            return True
    return False


def _write(statement: bytes, signature: bytes, files: Mapping[str, bytes]) -> bytes:
    """Return the archive: its files in one order, of one age, with one set of rights."""
    contents = {STATEMENT: statement, SIGNATURE: signature, **{FILES + path: files[path] for path in sorted(files)}}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, _BEGINNING)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content)
    return written.getvalue()


def _too_large(path: str) -> Text:
    return t("The file %(path)s is larger than %(most)s KiB, or packed.", path=_shown(path), most=LARGEST_FILE // 1024)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from (key, *_texts(one))
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _shown(text: str) -> str:
    """Return a text of unknown origin so that it can be printed: no control characters, not endless."""
    return ascii(text[:120])[1:-1]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _json(value: msgspec.Struct) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"
