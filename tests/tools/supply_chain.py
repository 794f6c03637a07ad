#!/usr/bin/env python3
"""Holds the crates of the build against .cargo/deny.toml: licences, sources, crates that must not come in, duplicates.

usage: supply_chain.py [--tally FILE]

Licence expressions are read as SPDX writes them (`OR` needs one side, `AND` both; `/` is the older form of `OR`). A
licence that is allowed and that no crate needs, and a duplicate that is excused and no longer there, are findings too.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def satisfied(expression: str, allowed: set[str], used: set[str]) -> bool:
    """Whether a licence expression can be met by allowed licences; adds those that meet it to `used`."""
    tokens = re.findall(r"\(|\)|\bOR\b|\bAND\b|[\w.+-]+(?: WITH [\w.-]+)?", expression.replace("/", " OR "))
    position = 0

    def term() -> set[str] | None:
        nonlocal position
        token = tokens[position]
        position += 1
        if token == "(":
            found = alternatives()
            position += 1
            return found
        return {token} if token in allowed else None

    def all_of() -> set[str] | None:
        nonlocal position
        found = term()
        while position < len(tokens) and tokens[position] == "AND":
            position += 1
            more = term()
            found = found | more if found is not None and more is not None else None
        return found

    def alternatives() -> set[str] | None:
        nonlocal position
        found = all_of()
        while position < len(tokens) and tokens[position] == "OR":
            position += 1
            more = all_of()
            found = found if found is not None else more
        return found

    met = alternatives()
    used.update(met or ())
    return met is not None


def findings() -> list[str]:
    """What the build does that the configuration forbids."""
    rules = tomllib.loads((ROOT / ".cargo/deny.toml").read_text())
    done = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--locked"], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode:
        return [f"cargo metadata --locked: {done.stderr.strip()}"]
    packages = json.loads(done.stdout)["packages"]
    allowed, used, found = set(rules["licenses"]["allow"]), set(), []
    for package in packages:
        name = f"{package['name']} {package['version']}"
        if not satisfied(package["license"] or "none", allowed, used):
            found.append(f"{name}: its licence {package['license']} is not allowed")
        source = package["source"]
        if source and "crates.io-index" not in source:
            found.append(f"{name}: it comes from {source}")
    found += [f"licence {licence} is allowed and no crate needs it" for licence in sorted(allowed - used)]
    banned = {entry["crate"] for entry in rules["bans"]["deny"]}
    found += [f"{p['name']} must not come in" for p in packages if p["name"] in banned]
    versions = Counter(package["name"] for package in packages)
    excused = {entry["crate"] for entry in rules["bans"]["skip"]}
    several = {name for name, count in versions.items() if count > 1}
    found += [f"{name} comes in several versions" for name in sorted(several - excused)]
    found += [f"{name} is excused and comes in one version" for name in sorted(excused - several)]
    return found


def main() -> int:
    """Prints the findings."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tally", type=Path, help="append the counts to this file")
    arguments = parser.parse_args()
    found = findings()
    for finding in found:
        print(f"FAILED  supply chain  {finding}")
    if not found:
        print("ok  supply chain  licences, sources, duplicates")
    if arguments.tally:
        with arguments.tally.open("a") as tally:
            tally.write(f"{int(not found)} {len(found)} 0\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
