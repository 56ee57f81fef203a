"""Small files, and names that say what is inside."""

from __future__ import annotations

import re
from collections import Counter
from statistics import median

from tests.contracts.sources import FEATURE_ROOMS, PACKAGES, ROOT, files, place, text

MEDIAN = 120
LARGEST = 400
MANY = 40
"""Modules in one folder from which on nobody finds one by its name alone."""
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "base", "misc", "stuff"}


def test_the_median_file_has_at_most_120_lines_and_none_more_than_400() -> None:
    lengths = {place(path): len(text(path).splitlines()) for path in files(".py", ".html", ".css", ".js")}
    too_long = {name: length for name, length in lengths.items() if length > LARGEST}
    assert not too_long, f"split these where they do two things: {too_long}"
    assert median(length for length in lengths.values() if length) <= MEDIAN


def test_no_module_or_folder_has_a_name_that_says_nothing() -> None:
    guilty = {
        place(path)
        for path in files(".py", ".html", ".css", ".js")
        for part in path.relative_to(ROOT).parts
        if part.split(".")[0] in EMPTY_NAMES
    }
    assert not guilty, f"name these after what they hold: {sorted(guilty)}"


def test_modules_are_lower_case_words() -> None:
    guilty = [
        place(path) for path in files(".py") if not path.stem.replace("_", "").isalnum() or not path.stem.islower()
    ]
    assert not guilty


def test_a_folder_of_many_modules_says_where_each_belongs() -> None:
    lost = []
    for folder, found in Counter(path.parent for path in files(".py", under=PACKAGES)).items():
        if found > MANY:
            modules = {path.stem for path in files(".py") if path.parent == folder} - {"__init__"}
            named = set(re.findall(r"``(\w+)``", text(folder / "__init__.py")))
            lost += [f"{place(folder)}: {name}" for name in sorted(modules - named)]
    assert not lost, f"name them in the docstring of their folder's __init__.py: {lost}"


def test_every_feature_room_is_a_folder_that_says_what_it_is() -> None:
    silent = []
    for room in FEATURE_ROOMS:
        start = ROOT / "core" / room / "__init__.py"
        if start.exists() and not text(start).startswith('"""'):
            silent.append(place(start))
    assert not silent, f"one sentence each, please: {silent}"
