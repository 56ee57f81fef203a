"""A bundle is what somebody known signed, byte for byte, or it is refused with every fault."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from contingent import Manifest
from core.hooks import bundles, saying
from core.hooks.bundles import Bundle, BundleRefused, Signature, Statement, make_bundle, read_bundle, state
from core.hooks.signing import fingerprint, public_line, sign
from tests.core.bundles.conftest import nested

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
MARK = fingerprint(KEY.public_key())
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(32))
KNOWN = {fingerprint(KEY.public_key()): "Lakeshore developers"}
SAID = saying.of(
    Manifest(name="homecoming", version="1.2", title={"en": "A", "fr": "É"}, requires="contingent>=1.0,<2"),
    {"approval_chain": ""},
)
ADDRESS = "homecoming.plugin"
FILES = {
    "homecoming/__init__.py": b"",
    "homecoming/plugin.py": b"manifest = 1\n",
    "homecoming/locale/fr.po": 'msgid "One"\nmsgstr "Un é"\n'.encode(),
}
SOUND = make_bundle(SAID, ADDRESS, FILES, KEY)


def faults(content: bytes, known: Mapping[str, str] = KNOWN) -> list[str]:
    with pytest.raises(BundleRefused) as refused:
        read_bundle(content, known)
    return [str(one) for one in refused.value.faults]


def contents(bundle: bytes = SOUND) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return {one.filename: archive.read(one) for one in archive.infolist()}


def written(entries: Mapping[str, bytes]) -> bytes:
    """Write the entries as a bundle is written, whatever they say."""
    files = {name.removeprefix("plugin/"): data for name, data in entries.items() if name.startswith("plugin/")}
    return bundles._write(entries["statement.json"], entries["signature.json"], files)


def signed(
    key: Ed25519PrivateKey = KEY, address: str = ADDRESS, files: Mapping[str, bytes] = FILES, **change: Any
) -> bytes:
    """Sign whatever is said, as somebody would who is known and means harm."""
    said = bundles._json(msgspec.structs.replace(state(SAID, address, files), **change))
    return bundles._write(said, bundles._json(Signature(public_line(key.public_key()), sign(key, said))), files)


def test_it_says_what_it_holds_and_who_signed_it() -> None:
    found = read_bundle(SOUND, KNOWN)
    assert isinstance(found, Bundle)
    assert (found.statement.name, found.statement.version, found.statement.address) == ("homecoming", "1.2", ADDRESS)
    assert found.files == FILES
    assert found.signer == "Lakeshore developers"
    assert found.statement == state(SAID, ADDRESS, FILES)


def test_it_is_the_same_every_time_in_whichever_order_files_come() -> None:
    assert make_bundle(SAID, ADDRESS, dict(reversed(FILES.items())), KEY) == SOUND == signed()


def test_every_fault_is_named_at_once() -> None:
    entries = contents()
    entries["plugin/homecoming/plugin.py"] = b"manifest = 2\n"
    entries["plugin/homecoming/more.py"] = b""
    del entries["plugin/homecoming/locale/fr.po"]
    assert faults(written(entries), {}) == [
        "The file homecoming/locale/fr.po is missing.",
        "The file homecoming/more.py was added: nobody signed it.",
        "The file homecoming/plugin.py was changed: its digest is another.",
        f"The bundle is signed with the key {MARK}, which is not known here: have it trusted first.",
    ]


@pytest.mark.parametrize(
    ("bundle", "says"),
    [
        (signed(STRANGER), "which is not known here"),
        (signed(files={**FILES, "../outside.py": b""}), "The path ../outside.py leads out of the plugin"),
        (signed(files={**FILES, "/etc/outside": b""}), "The path /etc/outside leads out"),
        (signed(files={**FILES, "homecoming/../../outside.py": b""}), "leads out of the plugin"),
        (signed(files={**FILES, "homecoming\\outside.py": b""}), "is not plainly written"),
        (signed(files={**FILES, "homecoming/.hidden": b""}), "is not plainly written"),
        (signed(files={**FILES, "homecoming/": b""}), "is not plainly written"),
        (signed(files={**FILES, "homecoming/PLUGIN.py": b""}), "is there twice"),
        (signed(files={**FILES, "core/hooks/dispatch.py": b""}), "is not in the plugin’s package homecoming"),
        (signed(address="core.plugin", files={"core/plugin.py": b""}), "A plugin’s package cannot be called core."),
        (signed(address="json.plugin", files={"json/plugin.py": b""}), "A plugin’s package cannot be called json."),
        (signed(address="alone", files={"alone.py": b"", "more.py": b""}), "more.py is not in the plugin’s package"),
        (
            signed(address="homecoming.other"),
            "The module homecoming.other, which has the manifest, is not in the bundle.",
        ),
        (signed(files={**FILES, "homecoming/large.py": b"#" * (2**20 + 1)}), "large.py is larger than 1024 KiB"),
        (signed(files={**FILES, **{f"homecoming/m{n}.py": b"" for n in range(500)}}), "more than 500 files"),
        (signed(title={"en": "A\x1b[2J", "fr": "B"}), "something of itself that cannot be shown"),
        (signed(title={"en": "A\u202egnp", "fr": "B"}), "something of itself that cannot be shown"),
        (SOUND + b" ", "something stands between or behind its files"),
        (b"#!/bin/sh\n" + SOUND, "something stands between or behind its files"),
        (b"", "is not a bundle, or it is damaged"),
        (b"PK\x03\x04", "is not a bundle, or it is damaged"),
        (b"#" * (8 * 2**20 + 1), "larger than 8 MiB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bundle_is_refused(bundle: bytes, says: str) -> None:
    assert any(says in one for one in faults(bundle)), faults(bundle)


def test_a_statement_that_was_changed_is_not_what_was_signed() -> None:
    entries = contents()
    entries["statement.json"] = entries["statement.json"].replace(b'"1.2"', b'"1.3"')
    assert [one for one in faults(written(entries)) if "The signature does not fit" in one]


def test_a_signature_made_for_another_purpose_does_not_fit() -> None:
    entries = contents()
    bare = KEY.sign(entries["statement.json"])
    entries["signature.json"] = bundles._json(Signature(public_line(KEY.public_key()), base64.b64encode(bare).decode()))
    assert [one for one in faults(written(entries)) if "The signature does not fit" in one]


def test_a_bundle_cannot_say_itself_whose_key_it_is() -> None:
    entries = contents()
    said = msgspec.json.decode(entries["signature.json"])
    entries["signature.json"] = msgspec.json.encode({**said, "key": f"{said['key']} Somebody trusted"})
    assert faults(written(entries)) == ["The bundle’s key is none that bundles are signed with."]


def test_a_packed_file_is_refused_before_it_is_unpacked() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents().items():
            archive.writestr(name, data)
        archive.writestr("plugin/homecoming/bomb.py", b"#" * 2**24)
    assert [one for one in faults(packed.getvalue()) if "bomb.py is larger than 1024 KiB, or packed" in one]


def test_a_file_that_is_there_twice_is_refused() -> None:
    twice = io.BytesIO(SOUND)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(twice, "a") as archive:
        archive.writestr("plugin/homecoming/plugin.py", b"manifest = 2\n")
    assert "The file plugin/homecoming/plugin.py is there twice." in faults(twice.getvalue())


@pytest.mark.parametrize("part", ["statement.json", "signature.json"])
def test_what_a_bundle_needs_is_named_when_it_is_missing_or_cannot_be_understood(part: str) -> None:
    entries = contents() | {part: b"{}"}
    assert f"The file {part} cannot be understood." in faults(written(entries))
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        for name, data in contents().items():
            if name != part:
                archive.writestr(name, data)
    assert f"The file {part} is missing." in faults(plain.getvalue())


def test_what_cannot_be_verified_later_is_not_made() -> None:
    with pytest.raises(BundleRefused, match="leads out of the plugin"):
        make_bundle(SAID, ADDRESS, {**FILES, "homecoming/../x.py": b""}, KEY)


@pytest.mark.parametrize("depth", [bundles.DEEPEST + 1, 200, 900, 100_000])
def test_what_is_nested_too_deeply_to_be_walked_through_is_refused_before_it_is_decoded(depth: int) -> None:
    assert faults(nested(depth)) == ["The file statement.json is nested too deeply."]
    assert read_bundle(nested(bundles.DEEPEST), KNOWN).statement.settings


def test_brackets_in_a_text_are_not_nested() -> None:
    title = {"en": '"\\' + "[{" * 200, "fr": "É"}
    assert read_bundle(signed(title=title), KNOWN).statement.title == title


def test_a_text_that_never_ends_is_refused_at_once() -> None:
    entries = contents() | {"statement.json": b'"' + b'\\"' * (bundles.LARGEST_FILE // 2 - 1)}
    assert "The file statement.json cannot be understood." in faults(written(entries))


@given(place=st.integers(0, len(SOUND) - 1), flip=st.integers(1, 255))
def test_no_byte_can_be_changed(place: int, flip: int) -> None:
    changed = bytearray(SOUND)
    changed[place] ^= flip
    assert faults(bytes(changed))


@given(start=st.integers(0, len(SOUND)), length=st.integers(1, 200), instead=st.binary(max_size=40))
def test_no_stretch_can_be_exchanged(start: int, length: int, instead: bytes) -> None:
    changed = SOUND[:start] + instead + SOUND[start + length :]
    if changed != SOUND:
        assert faults(changed)


def test_a_statement_holds_no_time_and_no_machine() -> None:
    assert set(Statement.__struct_fields__) == {
        "format", "name", "version", "title", "summary", "requires", "address", "tier", "quality",
        "capabilities", "hosts", "hosts_from", "data_classes", "store_fields", "hooks", "settings", "strict", "files",
    }  # fmt: skip
