#!/usr/bin/env python3
"""Measures `tvmci diff` of two large fleets beside `tvmci compile` of one: whole processes, the best of several runs.

usage: benchmark_diff.py [--pools N] [--runs N] [--tvmci PROGRAM]     (cargo build --release first)

Prints time, processor time and peak memory; holds nothing, since machines differ.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from large_fleet import ONE_LINE, large_fleet
from report import ROOT


@dataclass(frozen=True, order=True)
class Cost:
    """What a process took: seconds, seconds of processors, megabytes at its peak."""

    wall: float
    processor: float
    memory: float


def measure(command: list[str], folder: Path) -> Cost:
    """Runs a command to its end."""
    start = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    process.returncode = code
    if code not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with {code}")
    return Cost(time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def main() -> int:
    """Measures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pools", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tvmci", type=Path, default=ROOT / "target/release/tvmci")
    arguments = parser.parse_args()
    program = str(arguments.tvmci.resolve())
    with tempfile.TemporaryDirectory(prefix="tvmci-benchmark-") as scratch:
        folder = Path(scratch)
        text = large_fleet(arguments.pools)
        (folder / "main.kdl").write_text(text)
        (folder / "fleet.kdl").write_text(text.replace(*ONE_LINE))
        (folder / "one.kdl").write_text(text.replace("autoscale max=90", "autoscale max=100"))
        diff = [program, "diff", "--quiet", "main.kdl"]
        commands = {
            "check": [program, "check", "--quiet", "main.kdl"],
            "compile, nothing written": [program, "compile", "--quiet", "main.kdl", "--out", "out", "--dry-run"],
            "diff, one pool changed": [*diff, "one.kdl"],
            "diff, every pool changed": [*diff, "fleet.kdl"],
            "the same with all forms": [*diff, "fleet.kdl", "--html", "p.html", "--markdown", "c.md", "--json", "r.json"],
        }
        print(f"{arguments.pools} pools, best of {arguments.runs}")
        for name, command in commands.items():
            cost = min(measure(command, folder) for _ in range(arguments.runs))
            print(f"{name:26} {cost.wall:6.2f} s  {cost.processor:6.2f} s of processors  {cost.memory:6.0f} MB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
