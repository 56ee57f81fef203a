"""``tenants`` and ``auth`` join the application through the kernel's own hooks."""

from __future__ import annotations

import contingent
from auth.plugin import ROOMS
from contingent.assembly import ESSENTIAL
from core.database.rooms import MODEL_MODULES
from core.hooks.kernel import Kernel


def test_the_tables_of_essential_plugins_are_migrated_with_the_others() -> None:
    assert set(Kernel(*ESSENTIAL).models()) <= set(MODEL_MODULES)


def test_each_essential_plugin_has_rooms_of_pages() -> None:
    assert Kernel(*ESSENTIAL).routes() == ["tenants", *ROOMS]


def test_plugins_are_not_offered_the_kernels_hooks() -> None:

    assert not any(name.startswith(("kernel", "register_")) for name in contingent.__all__)
