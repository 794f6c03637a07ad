#!/usr/bin/env python3
"""Prints a fleet with many pools: that of tests/review, with so many more.

usage: large_fleet.py [POOLS]
"""

from __future__ import annotations

import sys

from report import ROOT

# What all pools get from their template; changing it is a change of one line that reaches each of them.
ONE_LINE = ('    disk "150GiB"\n', '    disk "200GiB"\n')


def large_fleet(pools: int) -> str:
    """The text of a fleet with that many pools; ten of them share a label, and a job asks for each label."""
    text = (ROOT / "tests/review/fleet.kdl").read_text()
    parts = [text]
    for label in range(-(-pools // 10)):
        parts.append(f'label "L{label}" {{ needs arch="x86_64"; }}')
        parts.append(f'job "job-{label}" from="project" {{ jenkinsfile "ci/{label}.groovy"; labels "L{label}"; status "s{label}"; }}')
    for number in range(pools):
        parts.append(
            f'pool "pool-{number:04}" from="agents" {{\n    labels "L{number // 10}"\n    instances "c6a.8xlarge"\n'
            f"    autoscale max={number % 50 + 1}\n}}"
        )
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    print(large_fleet(int(sys.argv[1]) if len(sys.argv) > 1 else 1000), end="")
