#!/usr/bin/env python3
"""Holds moto-coverage.md against what we emit and what deployed.py claims: every resource type is in its table.

usage: coverage.py [--tally FILE]

Types are those of the goldens and those that the compiler's sources name, so that one that no example emits yet counts too.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

import deployed
from report import ROOT, Exceptions, Outcome, Report

PAGE = Path(__file__).with_name("moto-coverage.md")
ROW = re.compile(r"^\| `(aws_\w+)` \| (asserted|applied|planned) \| (.*?) \|$", re.M)
SOURCES = ROOT / "compiler/targets/terraform"
# Names in the sources that are data, not resources.
DATA = {"aws_ami", "aws_iam_policy_document", "aws_ecr_lifecycle_policy_document"}


def emitted() -> set[str]:
    """The resource types that goldens hold."""
    found: set[str] = set()
    for path in (ROOT / "golden").glob("*/*/tvm-ci-terraform/*.tf.json"):
        found |= set(json.loads(path.read_text()).get("resource", {}))
    return found


def named() -> set[str]:
    """The resource types that the compiler's sources name."""
    text = "".join(path.read_text() for path in SOURCES.rglob("*.rs"))
    provider = set((ROOT / "stdlib/aws/terraform-resources.tsv").read_text().split())
    return (set(re.findall(r'"(aws_[a-z0-9_]+)"', text)) & provider) - DATA


def check() -> Outcome:
    """The table against both."""
    outcome = Outcome("moto-coverage")
    rows = {type_: (how, note) for type_, how, note in ROW.findall(PAGE.read_text())}
    types = emitted() | named()
    for type_ in sorted(types - set(rows)):
        outcome.found("missing", PAGE.name, f"{type_} is emitted: is it asserted, applied or planned?")
    for type_ in sorted(set(rows) - types):
        outcome.found("stale", PAGE.name, f"{type_} is not emitted")
    for type_, (how, note) in sorted(rows.items()):
        claim = deployed.ASSERTED.get(type_)
        if how == "asserted" and note != claim:
            outcome.found("claim", PAGE.name, f"{type_} is claimed by {claim!r}, not by {note!r}")
        if how != "asserted" and claim:
            outcome.found("claim", PAGE.name, f"{type_} is asserted by {claim!r}")
        if how != "asserted" and not note.strip():
            outcome.found("reason", PAGE.name, f"{type_} is {how} only, and nothing says why")
    for type_ in sorted(set(deployed.ASSERTED) - types):
        outcome.found("stale", "deployed.py", f"{type_} is claimed and not emitted")
    kinds = [how for how, _ in rows.values()]
    outcome.note = ", ".join(f"{kinds.count(how)} {how}" for how in ("asserted", "applied", "planned"))
    return outcome


def main() -> int:
    """Checks the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tally", type=Path, help="append the counts to this file instead of printing them")
    arguments = parser.parse_args()
    report = Report(Exceptions())
    report.add("every resource type", check(), 0)
    return report.close(arguments.tally, judge_exceptions=False)


if __name__ == "__main__":
    sys.exit(main())
