#!/usr/bin/env python3
"""checkov's policies over every example and environment, by `tvmci verify`.

usage: policies.py [--tally FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target/debug/tvmci"
CHECKOV = ROOT / "target/tools/checkov/bin"


def verify(place: tuple[str, str]) -> dict:
    """What `tvmci verify` says of one example in one environment."""
    example, environment = place
    command = [PROGRAM, "verify", ROOT / "examples" / example, "--env", environment, "--only", "checkov"]
    command += ["--tools", CHECKOV, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True)
    return json.loads(done.stdout)


def main() -> int:
    """Runs it everywhere and prints a line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tally", type=Path)
    arguments = parser.parse_args()
    places = [(p.parent.name, p.name) for p in sorted(ROOT.glob("golden/*/*")) if p.is_dir()]
    passed = failed = skipped = 0
    with ThreadPoolExecutor(2) as pool:
        for (example, environment), report in zip(places, pool.map(verify, places)):
            tool = report["tools"][0]
            name = f"checkov {tool['version']}  {example}/{environment}"
            if tool["status"] == "missing" and not os.environ.get("CI"):
                skipped += 1
                print(f"skipped  {name}  checkov is missing: tests/tools/setup installs it")
            elif tool["status"] == "passed":
                passed += 1
                print(f"ok  {name}  {tool['excepted']} excepted, with reasons in stdlib/verify/exceptions.json")
            else:
                failed += 1
                print(f"FAILED  {name}  {tool['status']}")
                for item in report["diagnostics"]:
                    if item["severity"] == "error":
                        print(f"    {item['message']}\n        {item['help']}")
    if arguments.tally:
        with arguments.tally.open("a") as tally:
            tally.write(f"{passed} {failed} {skipped}\n")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
