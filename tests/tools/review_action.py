#!/usr/bin/env python3
"""Runs the scripts of .github/actions/review as the action does: review.sh in a git repository with a fleet, comment.sh against a
`gh` that keeps comments in a file.

usage: review_action.py [--tally FILE] [--tvmci PROGRAM]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from report import ROOT, Exceptions, Outcome, Report

ACTION = ROOT / ".github/actions/review"
# GitHub's API of a pull request's comments, as far as comment.sh uses it.
GH = """#!{python}
import json, os, sys
arguments, path = sys.argv[1:], os.environ["COMMENTS"]
if os.environ.get("GH_FAILS"):
    sys.exit("gh: HTTP 403")
assert arguments[0] == "api", arguments
comments = json.load(open(path))
method = arguments[arguments.index("--method") + 1] if "--method" in arguments else "GET"
place = next(a for a in arguments if a.startswith("repos/"))
if method == "GET":
    # Each page is a document of its own.
    for start in range(0, max(len(comments), 1), 2):
        print(json.dumps(comments[start : start + 2]))
    sys.exit()
body = json.load(open(arguments[arguments.index("--input") + 1]))["body"]
if method == "POST":
    assert place == "repos/example/ci/issues/7/comments", place
    comments.append({{"id": 100 + len(comments), "body": body}})
else:
    wanted = int(place.removeprefix("repos/example/ci/issues/comments/"))
    next(c for c in comments if c["id"] == wanted)["body"] = body
json.dump(comments, open(path, "w"))
"""


class Workshop:
    """A folder with what a runner has: a repository, the program, `gh`, GitHub's files."""

    def __init__(self, folder: Path, program: Path):
        self.folder, self.repository, self.temp = folder, folder / "repository", folder / "temp"
        tools = folder / "bin"
        for place in (self.repository, self.temp, tools):
            place.mkdir()
        (tools / "tvmci").symlink_to(program)
        (tools / "gh").write_text(GH.format(python=sys.executable))
        (tools / "gh").chmod(0o755)
        self.comments = folder / "comments.json"
        self.env = {
            **os.environ,
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_REPOSITORY": "example/ci",
            "PULL_REQUEST": "7",
            "COMMENTS": str(self.comments),
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        for name in ("GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS", "GH_FAILS"):
            self.env.pop(name, None)

    def call(self, *command: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        """Runs a command in the repository."""
        env = {**self.env, **more}
        return subprocess.run([str(c) for c in command], cwd=self.repository, env=env, capture_output=True, text=True)

    def review(self, **more: str) -> tuple[int, dict[str, str], str]:
        """Runs review.sh; gives its exit code, the outputs that it set, what it printed."""
        outputs = self.temp / "outputs"
        outputs.write_text("")
        settings = {"FLEET": "fleet.kdl", "FLEET_ENV": "", "OUT": "out", "BASE": "HEAD", "GITHUB_OUTPUT": str(outputs), **more}
        done = self.call(ACTION / "review.sh", **settings)
        set_ = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
        return done.returncode, set_, done.stdout + done.stderr


def review(shop: Workshop) -> Outcome:
    """Exit codes, outputs, annotations of review.sh."""
    outcome = Outcome("review-action")

    def holds(name: str, true: bool, seen: Any) -> None:
        if not true:
            outcome.found(name, "review.sh", f"{seen}")

    fleet = shop.repository / "fleet.kdl"
    text = (ROOT / "tests/review/fleet.kdl").read_text()
    fleet.write_text(text)
    shop.call("git", "init", "--quiet")
    shop.call("tvmci", "compile", "fleet.kdl", "--out", "out")
    shop.call("git", "add", ".")
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    done = shop.call("git", *identity, "commit", "--quiet", "--message", "The fleet")
    holds("commit", done.returncode == 0, done.stderr)

    code, outputs, said = shop.review()
    holds("same", (code, outputs.get("differs")) == (0, "false"), (code, outputs, said))

    fleet.write_text(text.replace("autoscale max=90", "autoscale max=100"))
    code, outputs, said = shop.review()
    holds("stale", (code, outputs.get("differs")) == (1, "true"), (code, outputs, said))
    holds("stale-told", "::error file=fleet.kdl::The generated files are stale" in said, said)

    shop.call("tvmci", "compile", "fleet.kdl", "--out", "out")
    summary = shop.temp / "summary.md"
    code, outputs, said = shop.review(GITHUB_STEP_SUMMARY=str(summary))
    holds("fresh", (code, outputs.get("differs")) == (0, "true"), (code, outputs, said))
    comment = Path(outputs["comment"]).read_text()
    holds("comment", comment.startswith("<!-- tvmci diff prod -->\n") and "90 → 100" in comment, comment[:300])
    holds("summary", comment in summary.read_text(), summary.read_text()[:300])
    holds("page", "90 → 100" in Path(outputs["page"]).read_text(), "the page does not show the change")

    code, outputs, said = shop.review(BASE="no-such-revision")
    holds("no-base", code == 2 and not outputs, (code, outputs, said))

    fleet.write_text(text.replace('image "gpu-agent"\n', 'image "gpu-agnet"\n'))
    code, outputs, said = shop.review()
    holds("mistake", code == 1 and not outputs and "::error file=fleet.kdl,line=" in said, (code, outputs, said))
    return outcome


def comment(shop: Workshop) -> Outcome:
    """comment.sh makes one comment for each environment, and renews it."""
    outcome = Outcome("review-action")

    def holds(name: str, true: bool, seen: Any) -> None:
        if not true:
            outcome.found(name, "comment.sh", f"{seen}")

    foreign = [{"id": 1, "body": "LGTM"}, {"id": 2, "body": None}, {"id": 3, "body": "quotes\n<!-- tvmci diff prod -->"}]
    shop.comments.write_text(json.dumps(foreign))

    def write(environment: str, body: str) -> subprocess.CompletedProcess[str]:
        path = shop.temp / "comment.md"
        path.write_text(f"<!-- tvmci diff {environment} -->\n{body}\n")
        return shop.call(ACTION / "comment.sh", path)

    def bodies() -> list[str]:
        return [c["body"] for c in json.loads(shop.comments.read_text())[len(foreign) :]]

    done = write("prod", 'first: "quoted" $dollar `code` \\backslash')
    holds("made", done.returncode == 0 and "made a comment" in done.stdout, done)
    holds("text", bodies() == ['<!-- tvmci diff prod -->\nfirst: "quoted" $dollar `code` \\backslash\n'], bodies())
    done = write("prod", "second")
    holds("renewed", done.returncode == 0 and "renewed comment" in done.stdout, done)
    holds("one", bodies() == ["<!-- tvmci diff prod -->\nsecond\n"], bodies())
    done = write("staging", "another")
    holds("of-each-environment", len(bodies()) == 2 and done.returncode == 0, (bodies(), done))
    write("prod", "third")
    holds("its-own", bodies()[0].endswith("third\n") and bodies()[1].endswith("another\n"), bodies())
    holds("foreign", json.loads(shop.comments.read_text())[: len(foreign)] == foreign, shop.comments.read_text())
    shop.env["GH_FAILS"] = "yes"
    done = write("prod", "fourth")
    holds("fails", done.returncode != 0 and "third" in bodies()[0], (done, bodies()))
    return outcome


def main() -> int:
    """Runs both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tvmci", type=Path, default=ROOT / "target/debug/tvmci")
    parser.add_argument("--tally", type=Path)
    arguments = parser.parse_args()
    report = Report(Exceptions())
    if missing := [tool for tool in ("bash", "git", "jq") if not shutil.which(tool)]:
        report.skip("review-action", "scripts", f"missing: {', '.join(missing)}")
        return report.close(arguments.tally, judge_exceptions=False)
    program = arguments.tvmci.resolve()

    def in_workshop(check: Any) -> Outcome:
        with tempfile.TemporaryDirectory(prefix="tvmci-action-") as folder:
            return check(Workshop(Path(folder), program))

    report.run([("review-action", check.__name__, lambda check=check: in_workshop(check)) for check in (review, comment)])
    return report.close(arguments.tally, judge_exceptions=False)


if __name__ == "__main__":
    sys.exit(main())
