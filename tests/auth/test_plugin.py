"""What the kernel learns of ``auth``."""

from __future__ import annotations

from auth.callers import TheCallers
from auth.plugin import register_models, register_permissions, register_routes
from core.hooks.kernel import Kernel


def test_the_kernel_gets_models_room_and_roles_from_the_essential_plugin() -> None:
    kernel = Kernel("auth.plugin")
    assert kernel.models() == list(register_models())
    assert kernel.routes() == list(register_routes())
    assert kernel.middleware() == []
    assert kernel.permissions() == dict(register_permissions())


def test_roles_of_the_same_name_differ_by_the_kind_of_scope() -> None:
    roles = register_permissions()
    assert "milestone.health" in roles["agency.health"]
    assert "milestone.health" not in roles["program.health"]


def test_who_may_not_is_told_which_roles_may_in_the_order_of_the_roles() -> None:
    assert str(TheCallers.giving("agency", "nomination.write")) == "Peace operations coordinator"
    assert "Member" in str(TheCallers.giving("agency", "interest.declare")), "what gives it for one's own counts too"
    assert TheCallers.giving("agency", "nothing.gives_this") is None
