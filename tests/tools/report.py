"""What the checks of this folder print and count: one line per check, the summary, the exceptions."""

from __future__ import annotations

import fnmatch
import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXCEPTIONS = Path(__file__).with_name("exceptions.json")


@dataclass(frozen=True)
class Finding:
    """One complaint of one tool. `path` starts with EXAMPLE/ENV/REPOSITORY."""

    tool: str
    code: str
    path: str
    text: str


@dataclass
class Outcome:
    """What one check gives back. Any finding that no exception covers makes it a failure."""

    tool: str
    findings: list[Finding] = field(default_factory=list)
    note: str = ""
    skipped: str = ""

    def found(self, code: str, path: str, text: str) -> None:
        """Adds a complaint."""
        self.findings.append(Finding(self.tool.split()[0], code, path, text))


class Exceptions:
    """The findings that are accepted, each with a reason; one that matches nothing is a failure."""

    def __init__(self, path: Path = EXCEPTIONS):
        self.path = path
        self.entries = json.loads(path.read_text()) if path.exists() else []
        self.used = [False] * len(self.entries)
        for entry in self.entries:
            if set(entry) != {"tool", "code", "path", "reason"} or not entry["reason"].strip():
                raise SystemExit(f"{path.name}: an entry needs tool, code, path and a reason: {entry}")

    def covers(self, finding: Finding) -> bool:
        """Says whether a finding is accepted, and remembers which entry said so."""
        accepted = False
        for index, entry in enumerate(self.entries):
            if (
                entry["tool"] == finding.tool
                and entry["code"] == finding.code
                and fnmatch.fnmatchcase(finding.path, entry["path"])
            ):
                self.used[index] = accepted = True
        return accepted

    def unused(self, tools: Iterable[str]) -> list[dict]:
        """The entries of these tools that nothing matched."""
        ran = set(tools)
        return [e for e, used in zip(self.entries, self.used, strict=True) if not used and e["tool"] in ran]


class Report:
    """Counts and prints. With CI=true a skip is a failure."""

    def __init__(self, exceptions: Exceptions | None = None):
        self.exceptions = exceptions or Exceptions()
        self.passed = self.failed = self.skipped = 0
        self.strict = os.environ.get("CI", "").lower() in ("1", "true")
        self.tools: set[str] = set()

    def add(self, where: str, outcome: Outcome, seconds: float) -> None:
        """Prints the line of one check and what the tool complained about."""
        name = outcome.tool.split()[0]
        open_findings = [f for f in outcome.findings if not self.exceptions.covers(f)]
        if outcome.skipped:
            self.skip(outcome.tool, where, outcome.skipped)
            return
        self.tools.add(name)
        word = "FAILED" if open_findings else "ok"
        note = f"  {outcome.note}" if outcome.note else ""
        print(f"{word}  {outcome.tool}  {where}  {seconds:.1f} s{note}", flush=True)
        for finding in open_findings:
            print(f"    {finding.path} [{finding.code}]\n      " + finding.text.strip().replace("\n", "\n      "))
        if open_findings:
            self.failed += 1
        else:
            self.passed += 1

    def skip(self, tool: str, where: str, reason: str) -> None:
        """Prints and counts a check that could not run."""
        if self.strict:
            print(f"FAILED  {tool}  {where}  skipped, and CI allows no skip: {reason}", flush=True)
            self.failed += 1
        else:
            print(f"skipped  {tool}  {where}  {reason}", flush=True)
            self.skipped += 1

    def run(self, checks: Sequence[tuple[str, str, Callable[[], Outcome]]], workers: int = 2) -> None:
        """Runs (tool, where, check) side by side and prints them in the order given."""

        def timed(tool: str, check: Callable[[], Outcome]) -> tuple[Outcome, float]:
            start = time.monotonic()
            try:
                outcome = check()
            except Exception as error:  # a check that breaks is a failed check, not the end of the others
                outcome = Outcome(tool)
                outcome.found("broken-check", "-", f"{type(error).__name__}: {error}")
            return outcome, time.monotonic() - start

        with ThreadPoolExecutor(workers) as pool:
            running = [(where, pool.submit(timed, tool, check)) for tool, where, check in checks]
            for where, future in running:
                self.add(where, *future.result())

    def close(self, tally: Path | None = None, judge_exceptions: bool = True) -> int:
        """Judges the exceptions, prints or hands on the counts, gives the exit code.

        With `tally` the three counts are appended to that file instead of printed, for the caller to add up.
        """
        if judge_exceptions:
            for entry in self.exceptions.unused(self.tools):
                print(f"FAILED  exceptions  {self.exceptions.path.name}: matches nothing: {json.dumps(entry)}")
                self.failed += 1
        if tally:
            with tally.open("a") as out:
                out.write(f"{self.passed} {self.failed} {self.skipped}\n")
        else:
            print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped", flush=True)
        return 1 if self.failed else 0
