"""What the dossier explains by hand is what the code has: nothing is left out, nothing is invented."""

from __future__ import annotations

import re
from dataclasses import fields

from click.testing import CliRunner

from auth.access_commands import access
from auth.dossier import facts
from auth.dossier.page import FILES, FOR, dossier
from auth.dossier.reading import classes_read_by, read_beyond, read_by, secret_columns
from auth.matrix.entrances import ENTRANCES
from core.database.roles import AGENCY, APPLICATION, HEALTH, PROGRAM
from core.database.tables import DataClass, TableClass
from core.settings import Settings
from tests.contracts.sources import ROOT, text


def test_every_secret_column_is_explained_and_no_other() -> None:
    assert facts.SECRETS.keys() == secret_columns(), "say in auth/dossier/facts.py how it is kept and for how long"


def test_every_entrance_is_on_one_of_the_ways() -> None:
    named = [entrance for way in facts.WAYS for entrance in way.entrances]
    patterns = {entrance.pattern for entrance in ENTRANCES}
    assert [one for one in patterns if not any(_leads(name, one) for name in named)] == []
    assert [name for name in named if not any(_leads(name, one) for one in patterns)] == []


def _leads(name: str, pattern: str) -> bool:
    return pattern == name or (name != "/" and pattern.startswith(f"{name}/"))


def test_every_login_of_the_application_has_its_line() -> None:
    assert FOR.keys() == set(APPLICATION)


def test_every_setting_that_matters_is_one() -> None:
    assert facts.SETTINGS.keys() <= {one.name for one in fields(Settings)}


def test_the_libraries_are_those_of_the_lock() -> None:
    lock = dict(re.findall(r"^([a-z0-9-]+)==([^ ]+) ", text(ROOT / "requirements.lock"), re.MULTILINE))
    page = dossier("en")
    assert [name for name in facts.LIBRARIES if f"| `{name}` | {lock[name]} |" not in page] == []


def test_what_the_dossier_says_of_the_wall_is_the_wall() -> None:
    assert TableClass.AGENCY not in read_by(PROGRAM)
    assert [role for role in APPLICATION if DataClass.HEALTH in classes_read_by(role)] == [HEALTH]
    assert read_beyond(AGENCY) == []


def test_a_new_reach_beyond_the_wall_has_to_be_looked_at() -> None:
    # Who of IPOB looked stands in the agency's own log of looks, which IPOB writes.
    assert read_beyond(PROGRAM) == ["look.by_seat", "look.by_name"]


def test_the_command_writes_both_languages(tmp_path: object) -> None:
    ran = CliRunner().invoke(access, ["dossier", "--write", str(tmp_path)])
    assert ran.exit_code == 0, ran.output
    assert all(name in ran.output for name in FILES.values())
