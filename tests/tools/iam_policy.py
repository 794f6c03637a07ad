"""Evaluates IAM policies as AWS documents it (Policy evaluation logic): a Deny wins, then an Allow, else nothing is allowed.

moto has no SimulatePrincipalPolicy, and where it enforces policies it does not look at conditions and, but for S3, not at
resources. So this is our own evaluation, of documents that the mock's API gives back. Identity policies and a bucket's
policy of one account; no boundaries, sessions or organisations.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterable
from typing import Any

Statement = dict[str, Any]


def listed(value: Any) -> list[Any]:
    """IAM writes one thing as itself and several as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def matches(pattern: str, value: str, fold: bool = False) -> bool:
    """`*` and `?` are all that means something; brackets, which fnmatch would read, do not."""
    pattern = re.sub(r"\[", "[[]", pattern)
    return fnmatch.fnmatchcase(value.lower(), pattern.lower()) if fold else fnmatch.fnmatchcase(value, pattern)


def met(operator: str, wanted: Iterable[str], have: str | None) -> bool:
    """One condition on one key of the request."""
    if operator == "Null":
        return (have is None) == ("true" in wanted)
    optional = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    if have is None:
        return optional or operator in ("StringNotEquals", "StringNotLike", "ArnNotEquals", "ArnNotLike")
    tests = {
        "StringEquals": lambda w: w == have,
        "StringLike": lambda w: matches(w, have),
        "ArnEquals": lambda w: matches(w, have),
        "ArnLike": lambda w: matches(w, have),
        "Bool": lambda w: w.lower() == have.lower(),
    }
    if operator in tests:
        return any(tests[operator](w) for w in wanted)
    positive = operator.replace("Not", "")
    if positive in tests:
        return not any(tests[positive](w) for w in wanted)
    raise ValueError(f"the condition operator {operator} is not known here")


def applies(statement: Statement, action: str, resource: str, context: dict[str, str]) -> bool:
    """Whether a statement speaks of a request."""
    if "NotAction" in statement:
        if any(matches(a, action, fold=True) for a in listed(statement["NotAction"])):
            return False
    elif not any(matches(a, action, fold=True) for a in listed(statement.get("Action"))):
        return False
    if "NotResource" in statement:
        if any(matches(r, resource) for r in listed(statement["NotResource"])):
            return False
    elif "Resource" in statement and not any(matches(r, resource) for r in listed(statement["Resource"])):
        return False
    keys = {key.lower(): value for key, value in context.items()}
    return all(
        met(operator, [str(v) for v in listed(values)], keys.get(key.lower()))
        for operator, tests in statement.get("Condition", {}).items()
        for key, values in tests.items()
    )


def statements(document: str | dict[str, Any]) -> list[Statement]:
    """The statements of a policy document."""
    read = json.loads(document) if isinstance(document, str) else document
    return listed(read.get("Statement"))


def allowed(policies: list[Statement], action: str, resource: str, context: dict[str, str] | None = None) -> bool:
    """Whether the statements allow a request."""
    context = context or {}
    effects = {s["Effect"] for s in policies if applies(s, action, resource, context)}
    return "Allow" in effects and "Deny" not in effects


def denied(policies: list[Statement], action: str, resource: str, context: dict[str, str] | None = None) -> bool:
    """Whether a statement denies a request, whatever else allows it."""
    return any(s["Effect"] == "Deny" and applies(s, action, resource, context or {}) for s in policies)
