"""Filters of a search, as far as the database can narrow them down.

What is narrowed here may still hold too much, never too little: the library's own evaluator then
decides on each resource. So SQL need not know the whole filter language to be right.
"""

from __future__ import annotations

from unicodedata import normalize
from uuid import UUID

from scim2_models.path import (
    CompareOperator,
    Comparison,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)
from sqlalchemy import ColumnElement, and_, false, or_

from auth.scim.leniency import storable
from auth.scim.models import ScimResource

Condition = ColumnElement[bool] | None
"""``None`` where a part of the filter says nothing that the database could use."""


def exact(value: str) -> str:
    """Return ``value`` as attributes that distinguish capitals are compared."""
    return normalize("NFC", value)


def folded(value: str) -> str:
    """Return ``value`` as other attributes are compared: the library's ``default_comparison_key``."""
    return normalize("NFC", exact(value).lower())


KEYED = frozenset({"displayname", "emails.value", "employeenumber"})
"""Attributes whose values stand in a row's ``keys``."""


def key(name: str, value: str) -> str:
    """Return how a value of one of the ``KEYED`` attributes is written there."""
    return f"{name}={folded(value)}"


class Narrowing(FilterVisitor[Condition]):
    """Finds the equalities that a filter cannot do without.

    ``within``: the attribute whose values a filter in brackets selects from.
    """

    def __init__(self, within: str = "") -> None:
        self._within = within

    def visit_comparison(self, node: Comparison) -> Condition:
        """Return the equality as a condition on a column."""
        if node.op != CompareOperator.eq or not isinstance(node.value, str):
            return None
        path = node.attr_path
        name = ".".join(part for part in (self._within, path.attr, path.sub_attr) if part).lower()
        # A list of values that is compared as one is compared by each one's value.
        return _equal("emails.value" if name == "emails" else name, node.value) if storable(node.value) else false()

    def visit_present(self, node: Present) -> Condition:
        """Leave it to the evaluator."""
        return None

    def visit_not(self, node: Not) -> Condition:
        """Leave it to the evaluator: what holds too much would, denied, hold too little."""
        return None

    def visit_logical_expr(self, node: LogicalExpr) -> Condition:
        """Return what all terms of a conjunction that say something ask for, or what each of a disjunction does."""
        found = [self.visit(term) for term in node.terms]
        known = [one for one in found if one is not None]
        if node.op == LogicalOperator.and_:
            return and_(*known) if known else None
        return or_(*known) if len(known) == len(found) else None

    def visit_value_path(self, node: ValuePath) -> Condition:
        """Return what one value of the list has to be for any to be selected."""
        return Narrowing(node.attr_path.attr).visit(node.val_filter)


def _equal(name: str, value: str) -> Condition:
    if name in KEYED:
        return ScimResource.keys.contains([key(name, value)])
    match name:
        case "id":
            return _with_id(value)
        case "username":
            return and_(ScimResource.kind == "User", ScimResource.name_key == folded(value))
        case "externalid":
            return ScimResource.external_id == exact(value)
    return None


def _with_id(value: str) -> ColumnElement[bool]:
    try:
        return ScimResource.id == UUID(value)
    except ValueError:
        return false()
