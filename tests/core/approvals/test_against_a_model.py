"""Cases under any order of decisions, beside a model that is a list of votes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.approvals.subjects import SUBJECTS
from core.errors import ContingentError
from tests.core.approvals.bench import Bench, last_decision, step
from tests.platform import Platform

NAMES = ("Ana", "Ben", "Cleo")
ROLES = ("approver", "coordinator")
roles = st.fixed_dictionaries({name: st.sets(st.sampled_from(ROLES)) for name in NAMES})
chains = st.lists(st.tuples(st.sampled_from(ROLES), st.sampled_from(["any", "all", 2])), min_size=1, max_size=3)
acts = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(["approve"] * 5 + ["recall", "refuse", "return"])), max_size=7
)


@dataclass
class Model:
    """The rules, said again as plainly as possible."""

    people: dict[str, set[str]]
    chain: list[tuple[str, Any]]
    votes: list[tuple[int, str]] = field(default_factory=list)
    state: str = "open"

    def holders(self, place: int) -> set[str]:
        return {name for name, held in self.people.items() if self.chain[place][0] in held}

    def voted(self) -> set[str]:
        return {name for _, name in self.votes}

    def place(self) -> int:
        """Walk the chain from the start with the votes there are, and return the step that waits."""
        before: set[str] = set()
        for place, (_, how_many) in enumerate(self.chain):
            here = {name for at, name in self.votes if at == place}
            needed = {"any": 1, "all": 0}.get(how_many, how_many)
            holders = self.holders(place)
            if here:
                done = len(here) >= needed if needed else not holders - before - here
            else:
                done = bool(holders) and holders <= before and len(holders & before) >= max(needed, 1)
            if not done:
                return place
            before |= here
        return len(self.chain)

    def act(self, name: str, what: str) -> bool:
        """Take the act and say whether it was allowed."""
        if what == "recall" and self.state in ("open", "approved"):
            if not self.votes or self.votes[-1][1] != name:
                return False
            self.votes.pop()
            self.state = "open"
            return True
        if self.state != "open":
            return False
        place = self.place()
        if name not in self.holders(place) or name in self.voted():
            return False
        if what != "approve":
            self.state = {"refuse": "refused", "return": "returned"}[what]
            return True
        self.votes.append((place, name))
        if self.place() == len(self.chain):
            self.state = "approved"
        return True


@settings(max_examples=25)
@given(people=roles, chain=chains, order=acts)
async def test_a_case_is_where_the_model_says(
    platform: Platform, people: dict[str, set[str]], chain: list[tuple[str, Any]], order: list[tuple[str, str]]
) -> None:
    bench = Bench(platform, await platform.agency())
    model = Model(people, chain)
    for name, held in people.items():
        bench.person(name, *held)
    case = await bench.open(*(step(f"step-{n}", role, how_many) for n, (role, how_many) in enumerate(chain)))
    decisions: list[Any] = []
    for name, what in order:
        try:
            if what == "recall":
                if not decisions:
                    continue
                shown = await bench.recall(name, case, decisions[-1])
                decisions.pop()
            else:
                shown = await bench.decide(name, case, what, "Because.")
                decisions.append(last_decision(shown))
            allowed = True
        except ContingentError:
            allowed = False
        assert allowed is model.act(name, what), (name, what, model)
        if allowed:
            assert shown.state == model.state
            if shown.state == "open":
                waiting = [place for place, one in enumerate(shown.steps) if one.state == "open"]
                assert waiting == [model.place()], model
        assert bool(bench.toy.settled) is (model.state != "open")
    del SUBJECTS[bench.kind]
