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


class Narrowing(FilterVisitor[Condition]):
    """Finds the equalities that a filter cannot do without: id, userName, displayName, externalId."""

    def visit_comparison(self, node: Comparison) -> Condition:
        """Return the equality as a condition on a column that has an index."""
        path = node.attr_path
        if node.op != CompareOperator.eq or not isinstance(node.value, str) or path.sub_attr is not None:
            return None
        return _equal(path.attr.lower(), node.value) if storable(node.value) else false()

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
        """Leave it to the evaluator."""
        return None


def _equal(name: str, value: str) -> Condition:
    match name:
        case "id":
            return _with_id(value)
        case "username":
            return and_(ScimResource.kind == "User", ScimResource.name_key == folded(value))
        case "displayname":
            # A user's own display name has no column.
            return or_(ScimResource.kind == "User", ScimResource.name_key == folded(value))
        case "externalid":
            return ScimResource.external_id == exact(value)
    return None


def _with_id(value: str) -> ColumnElement[bool]:
    try:
        return ScimResource.id == UUID(value)
    except ValueError:
        return false()
