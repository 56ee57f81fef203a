"""From a key to a verified bundle, by the commands a developer and an operator use."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from contingent.__main__ import main
from core.hooks.signing import public_line
from tests.core.bundles.conftest import KEY, nested


def call(*words: object) -> Result:
    return CliRunner().invoke(main, ["plugin", *map(str, words)])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("bundled")
    assert call("new", "to_bundle", "--in", where).exit_code == 0
    return where / "to_bundle"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    made = call("key", tmp_path / "me.key", "--name", "Lakeshore  developers")
    assert made.exit_code == 0, made.output
    return tmp_path / "me.key"


def bundle(project: Path, key: Path) -> Path:
    made = call("bundle", project, "--key", key, "--out", key.parent)
    assert made.exit_code == 0, made.output
    return key.parent / "to_bundle-0.1.0.bundle"


def test_the_private_half_is_for_its_owner_alone_and_never_written_over(key: Path) -> None:
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    again = call("key", key, "--name", "Somebody else")
    assert (again.exit_code, key.read_bytes()) == (1, before)
    assert "a key is never written over" in again.output


def test_a_bundle_names_who_signed_it_and_what_it_asks_for(project: Path, key: Path) -> None:
    file = bundle(project, key)
    shown = call("verify", file, "--key", f"{key}.pub")
    assert shown.exit_code == 0, shown.output
    assert "signed by Lakeshore developers (SHA256:" in shown.output
    assert "capabilities: none" in shown.output
    for path in ("plugin.py", "service.py", "settings.py", "locale/fr.po", "README.md"):
        assert f"  to_bundle/{path}\n" in shown.output
    assert "tests" not in shown.output


def test_bundling_twice_gives_the_same_bytes(project: Path, key: Path) -> None:
    file = bundle(project, key)
    first = file.read_bytes()
    (project / "to_bundle" / "__pycache__").mkdir(exist_ok=True)
    (project / "to_bundle" / "__pycache__" / "more.pyc").write_bytes(b"x")
    (project / "to_bundle" / "plugin.py").touch()
    file.unlink()
    assert bundle(project, key).read_bytes() == first
    assert "is as it was" in call("bundle", project, "--key", key, "--out", key.parent).output


def test_another_bundle_of_the_same_version_is_not_written_over(project: Path, key: Path) -> None:
    file = bundle(project, key)
    file.write_bytes(b"another")
    refused = call("bundle", project, "--key", key, "--out", key.parent)
    assert (refused.exit_code, file.read_bytes()) == (1, b"another")
    assert "raise the plugin's version" in refused.output


def test_whom_nobody_here_knows_is_not_trusted(project: Path, key: Path) -> None:
    shown = call("verify", bundle(project, key))
    assert shown.exit_code == 1
    assert "which is not known here" in shown.output


def test_one_that_is_nested_too_deeply_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "deep.bundle").write_bytes(nested(900))
    (tmp_path / "me.pub").write_text(public_line(KEY.public_key(), "Lakeshore developers"), encoding="utf-8")
    shown = call("verify", tmp_path / "deep.bundle", "--key", tmp_path / "me.pub")
    assert shown.exit_code == 1
    assert shown.output.splitlines()[-1] == "The file statement.json is nested too deeply."


def test_another_file_than_the_pinned_one_is_refused(project: Path, key: Path) -> None:
    file = bundle(project, key)
    shown = call("verify", file, "--key", f"{key}.pub", "--digest", "sha256:" + "0" * 64)
    assert shown.exit_code == 1
    assert "it is another file than you expect" in shown.output
    printed = call("bundle", project, "--key", key, "--out", key.parent).output.splitlines()[-1]
    assert call("verify", file, "--key", f"{key}.pub", "--digest", printed).exit_code == 0


def test_a_private_key_is_not_taken_for_a_public_one(project: Path, key: Path) -> None:
    shown = call("verify", bundle(project, key), "--key", key)
    assert shown.exit_code == 1
    assert "it stays with who signs" in shown.output


def test_a_key_with_a_passphrase_asks_for_it(project: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked.key"
    made = CliRunner().invoke(
        main, ["plugin", "key", str(locked), "--name", "Us", "--passphrase"], input="secret\nsecret\n"
    )
    assert made.exit_code == 0
    words = ["plugin", "bundle", str(project), "--key", str(locked), "--out", str(tmp_path)]
    assert "the passphrase is wrong" in CliRunner().invoke(main, words, input="wrong\n").output
    assert CliRunner().invoke(main, words, input="secret\n").exit_code == 0


def test_a_plugin_that_is_not_sound_gets_no_bundle(tmp_path: Path, key: Path) -> None:
    assert call("new", "not_sound", "--in", tmp_path).exit_code == 0
    (tmp_path / "not_sound" / "not_sound" / "locale" / "fr.po").unlink()
    refused = call("bundle", tmp_path / "not_sound", "--key", key, "--out", tmp_path)
    assert refused.exit_code == 1
    assert "and no locale/fr.po beside them" in refused.output
    assert not list(tmp_path.glob("*.bundle"))


def test_a_link_that_leads_elsewhere_is_not_followed(tmp_path: Path, key: Path) -> None:
    assert call("new", "with_link", "--in", tmp_path).exit_code == 0
    (tmp_path / "with_link" / "with_link" / "passwords.txt").symlink_to("/etc/passwd")
    refused = call("bundle", tmp_path / "with_link", "--key", key, "--out", tmp_path)
    assert (refused.exit_code, "a bundle holds files only" in refused.output) == (1, True)


def test_other_peoples_packages_do_not_fit_into_a_bundle(project: Path, key: Path) -> None:
    refused = call("bundle", project.parents[1] / "nowhere", "--key", key)
    assert refused.exit_code == 2
    hr_file = Path(__file__).parents[3] / "plugins" / "hr_file"
    refused = call("bundle", hr_file, "--key", key, "--out", key.parent)
    assert refused.exit_code == 1
    assert "It imports python_calamine: a bundle brings no packages of other people." in refused.output
