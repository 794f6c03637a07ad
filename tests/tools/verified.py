#!/usr/bin/env python3
"""`tvmci verify --require all` over every example and environment: the user's command, with every tool there is.

usage: verified.py [--tally FILE]

Where nothing but a tool is missing that counts as skipped, which CI=true does not allow.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import real_tools
from report import ROOT, Exceptions, Outcome, Report

PROGRAM = ROOT / "target/debug/tvmci"
FOLDERS = [ROOT / "target/tools/checkov/bin", Path(sys.executable).parent, real_tools.UNPACKED_PACKER.parent]


def verify(*arguments: str | Path) -> tuple[int, dict[str, Any], str]:
    """Runs it; gives its exit code, what it said for machines, and for people."""
    # checkov's folder has tools of its own, older ones: it is searched last.
    folders = [a for folder in (*FOLDERS[1:], FOLDERS[0]) for a in ("--tools", folder)]
    command = [PROGRAM, "verify", *arguments, *folders, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        return done.returncode, json.loads(done.stdout), done.stderr
    except json.JSONDecodeError:
        return done.returncode, {"tools": [], "diagnostics": []}, done.stdout + done.stderr


def check(example: str, environment: str) -> Outcome:
    """Every tool over one example in one environment."""
    outcome = Outcome("verify")
    code, report, said = verify(ROOT / "examples" / example, "--env", environment, "--require", "all")
    errors = [item for item in report["diagnostics"] if item["severity"] == "error"]
    if errors and all(item["code"] == "E0703" for item in errors):
        outcome.skipped = "; ".join(f"{item['message']}: {item['help']}" for item in errors)
        return outcome
    for item in errors:
        outcome.found(item["code"], f"{example}/{environment}", f"{item['message']}\n{item.get('help') or ''}")
    if code and not outcome.findings:
        outcome.found("exit", f"{example}/{environment}", f"it ends with {code}: {said}")
    versions = [f"{tool['tool']} {tool['version']}" for tool in report["tools"]]
    excepted = sum(tool["excepted"] for tool in report["tools"])
    outcome.note = f"{', '.join(versions)}; {excepted} excepted, with reasons in stdlib/verify/exceptions.json"
    return outcome


def broken_tools() -> Outcome:
    """Programs that cannot be started, that say nothing and that say nonsense are told as broken, by name."""
    outcome = Outcome("verify")
    texts = {
        "no interpreter": "#!/nowhere/python\n",
        "no program": "\x7fELF nothing",
        "says nothing": "#!/bin/sh\nexit 0\n",
        "says nonsense": "#!/bin/sh\necho nonsense\nexit 1\n",
    }
    listed = subprocess.run([PROGRAM, "verify", "--list"], capture_output=True, text=True, check=True).stdout
    # JCasC's schema is checked by the program itself.
    names = [line.split()[0] for line in listed.splitlines() if line[:1].strip() and not line.startswith("jcasc ")]
    for what, text in texts.items():
        with tempfile.TemporaryDirectory() as folder:
            for name in names:
                program = Path(folder) / name
                program.write_text(text)
                program.chmod(0o755)
            arguments = (ROOT / "examples/minimal", "--only", ",".join(names), "--tools", folder)
            code, report, said = verify(*arguments)
        told = {item["message"].split(" ")[0] for item in report["diagnostics"] if item["code"] == "E0702"}
        passed = [tool["tool"] for tool in report["tools"] if tool["status"] == "passed"]
        if passed:
            outcome.found("passed", what, f"{', '.join(passed)} passed although it {what}")
        if told != set(names):
            outcome.found("untold", what, f"only {sorted(told)} are told as broken: {said}")
        if code != 2:
            outcome.found("exit", what, f"it ends with {code}, not with 2: files or tools failed")
    outcome.note = f"{len(texts)} ways of {len(names)} tools"
    return outcome


def required_tools() -> Outcome:
    """A tool that is required and missing fails; one that is only missing does not."""
    outcome = Outcome("verify")
    for required, wanted in (("yamllint", 1), ("", 0)):
        command = [PROGRAM, "verify", ROOT / "examples/minimal", "--only", "yamllint", "--format", "json"]
        command += ["--require", required] if required else []
        done = subprocess.run(command, capture_output=True, text=True, env={"PATH": "/nowhere"})
        codes = [item["code"] for item in json.loads(done.stdout)["diagnostics"] if item["severity"] == "error"]
        if done.returncode != wanted or codes != ["E0703"] * wanted:
            outcome.found("required", required or "nothing", f"it ends with {done.returncode} and tells {codes}")
    return outcome


def main() -> int:
    """Runs it everywhere."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tally", type=Path, help="append the counts to this file instead of printing them")
    arguments = parser.parse_args()
    report = Report(Exceptions())
    report.run([("verify", "broken tools", broken_tools), ("verify", "required tools", required_tools)])
    places = [(p.parent.name, p.name) for p in sorted(ROOT.glob("golden/*/*")) if p.is_dir()]
    # One at a time: it runs tools side by side itself.
    report.run([("verify", f"{e}/{v}", partial(check, e, v)) for e, v in places], workers=1)
    return report.close(arguments.tally, judge_exceptions=False)


if __name__ == "__main__":
    sys.exit(main())
