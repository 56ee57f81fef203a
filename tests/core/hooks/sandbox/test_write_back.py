"""An HR system's plugin in a sandbox: the same file, the same receipts and refusals as in the process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from contingent import Duty, HrRecord, Receipt, Rejected
from core.hooks.answers import Failure
from core.hooks.host import PluginHost
from core.hooks.specs import hr_write_back
from tests.core.hooks.sandbox.conftest import Cell

pytestmark = pytest.mark.sandbox

MakeCell = Callable[[str, str], Cell]

PLUGIN = """
from datetime import datetime, timezone
from contingent import Ctx, HrRecord, Manifest, Receipt, Rejected, hookimpl

manifest = Manifest(
    name="keeping", version="1.0", title={"en": "Keeping", "fr": "Tenue"}, requires="contingent>=1.0,<2", tier=TIER
)
NO = {"en": "No such person.", "fr": "Personne inconnue."}


@hookimpl
async def hr_write_back(ctx: Ctx, record: HrRecord) -> Receipt | None:
    if record.employee_number == "nobody":
        raise Rejected(NO, final=True)
    if record.employee_number == "later":
        raise Rejected(NO)
    if record.employee_number == "broken":
        raise ValueError(record.employee_number)
    if record.employee_number == "unkept":
        return None
    await ctx.store.put(str(record.key), {"on": record.duty.on.isoformat()})
    at = datetime(2026, 11, 2, 12, tzinfo=timezone.utc)
    return Receipt(reference=f"{record.kind}-{record.revision}", at=at, note={"en": "Done.", "fr": "Fait."})
"""


def record(number: str) -> HrRecord:
    return HrRecord(
        id=UUID(int=1),
        key=UUID(int=2),
        revision=3,
        kind="duty",
        employee_number=number,
        tour_id=UUID(int=4),
        mission="MINUSTAH",
        duty=Duty(on=date(2026, 11, 2)),
    )


@pytest.mark.parametrize("tier", [1, 2])
async def test_hr_write_back_gives_receipts_and_refusals_alike_in_both_tiers(make_cell: MakeCell, tier: int) -> None:
    cell = make_cell("keeping", PLUGIN.replace("TIER", str(tier)))
    if tier == 1:
        cell.host = PluginHost(cell.registry, cell.records)
    ctx = cell.tenant("ours")

    async def told(number: str) -> object:
        return await ctx.hooks.deliver("keeping", hr_write_back, record=record(number))

    receipt = await told("10472")
    assert isinstance(receipt, Receipt)
    assert (receipt.reference, receipt.note) == ("duty-3", {"en": "Done.", "fr": "Fait."})
    assert receipt.at is not None
    assert receipt.at.tzinfo is not None
    assert await told("unkept") is None
    finals = []
    for number in ("nobody", "later"):
        refused = await told(number)
        assert isinstance(refused, Rejected)
        assert refused.reason["fr"] == "Personne inconnue."
        finals.append(refused.final)
    assert finals == [True, False]
    broken = await told("broken")
    assert isinstance(broken, Failure)
    assert broken.cause == "raised"
