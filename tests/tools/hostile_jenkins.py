#!/usr/bin/env python3
"""Texts that mean something to Job Builder, JCasC or YAML go through a fleet and must arrive as they are.

usage: hostile_jenkins.py [--tally FILE]

Jobs are read from the XML that Jenkins Job Builder makes. JCasC's own reader is Java; its two rules for texts are applied
here: `${…}` is replaced, and `^` before it takes its meaning away and is itself taken away.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jcasc
from real_tools import job_items
from report import ROOT, Exceptions, Outcome, Report

BINARY = ROOT / "target/debug/tvmci"
MANAGED = "<!-- Managed by Jenkins Job Builder -->"
TEXTS = [
    # Job Builder's own language, Python's formats and Jinja.
    *("{name}", "{{name}}", "{{{name}}}", "} {", "{0} {} {!r} {name:>10}", "{name|default}", "{obj:name}", "{%", "{# c #}"),
    # JCasC's.
    *("${HOME}", "${readFile:/etc/passwd}", "^${HOME}", "^^${HOME}", "$${HOME}", "${a:-b}", "${${a}}", "${", "{AQAAABAAAA}"),
    # YAML's.
    *("yes", "~", "null", "017", "0x1f", "1:30", "1e3", "2026-01-01", "=", "<<", "- a", "a: b", "a #b", "*a", "&a", "!a", "|", ">"),
    *("'", '"', "\\", "\\n", "%{x}", "${{ x }}", "<b>&amp;</b>", "é 🦀 \u2028", "two\nlines: {x}\n- ${y}", "tab\there"),
]


def kdl(text: str, variables: bool = True) -> str:
    """A text as a fleet writes it; `{{` would begin one of the fleet's own variables."""
    if variables:
        text = text.replace("{{", "\\{{")
    for character, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t"), ("\u2028", "\\u{2028}")):
        text = text.replace(character, written)
    return f'"{text}"'


def word(text: str) -> str:
    """What a choice can be of it: one line."""
    return re.split("[\n\t]", text)[0]


def fleet() -> str:
    """One pipeline and one credential for each text, one multibranch job for those that are expressions."""
    lines = ['import "base.kdl"']
    for number, text in enumerate(TEXTS):
        lines += [
            f'credential "text-{number}" {{ means {kdl(text)}; secret-text value={kdl(text)}; }}',
            f'job "text-{number}" {{',
            f'    means {kdl(text)}; pipeline "a/b"; keep "1d"',
            f'    parameter "P" type="text" default={kdl(text)} means={kdl(text)}',
            f'    parameter "C" type="choice" {{ values {kdl(word(text), variables=False)}; }}',
            "}",
        ]
    lines += [
        'environment "prod" { controller { plugins { basic-branch-build-strategies "81.v05e333931c7d"; }; }; }',
        'credential "github" { username-password user="u" password="agent-key"; }',
        'job "branches" {',
        '    multibranch "a/b" {',
        '        credential "github"',
        '        refspecs "+refs/heads/{m}:refs/remotes/@{remote}/{m}"',
        '        build-when { all { branches-matching "^[a-z]{2,3}${x}{{y}}$"; }; }',
        "    }",
        '    jenkinsfile "ci/{x}/{{y}}"; status "{context}"; keep "1d"',
        "}",
    ]
    return "\n".join(lines) + "\n"


def read(text: str) -> str:
    """A text as JCasC reads it."""
    return re.sub(r"\^\$\{|\$\{[^}]*\}?", lambda m: "${" if m[0].startswith("^") else "REPLACED", text)


def differences(expected: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    """What did not arrive."""
    for what, value in expected.items():
        if found.get(what) != value:
            yield f"{what}: wanted {value!r}, got {found.get(what)!r}"


def jobs(repository: Path, scratch: Path) -> Outcome:
    """Descriptions, parameters, paths, patterns and refspecs of jobs."""
    outcome = Outcome("hostile-jobs")
    items, complaint = job_items(repository, scratch / "xml")
    if complaint:
        outcome.found("test", "jobs", complaint)
    for number, text in enumerate(TEXTS):
        root = ET.parse(scratch / f"xml/text-{number}/config.xml").getroot()
        found = {
            "description": (root.findtext("description") or "").removesuffix(MANAGED),
            "default": root.findtext(".//hudson.model.TextParameterDefinition/defaultValue"),
            "meaning": root.findtext(".//hudson.model.TextParameterDefinition/description"),
            "choice": root.findtext(".//hudson.model.ChoiceParameterDefinition//string"),
        }
        expected = {"description": text, "default": text, "meaning": text, "choice": word(text)}
        for difference in differences(expected, found):
            outcome.found("changed", "jobs", difference)
    root = ET.parse(scratch / "xml/branches/config.xml").getroot()
    paths = {"refspec": ".//templates/*/value", "pattern": ".//regex", "path": ".//scriptPath", "context": ".//contextLabel"}
    expected = {
        "refspec": "+refs/heads/{m}:refs/remotes/@{remote}/{m}",
        "pattern": "^[a-z]{2,3}${x}{{y}}$",
        "path": "ci/{x}/{{y}}",
        "context": "{context}",
    }
    for difference in differences(expected, {what: root.findtext(path) for what, path in paths.items()}):
        outcome.found("changed", "jobs", difference)
    outcome.note = f"{len(items)} items"
    return outcome


def configuration(repository: Path) -> Outcome:
    """Descriptions and texts of credentials."""
    outcome = Outcome("hostile-casc")
    document = jcasc.load(repository / "casc/credentials.yaml")
    (domain,) = document["credentials"]["system"]["domainCredentials"]
    found = {body["id"]: body for credential in domain["credentials"] for body in credential.values()}
    for number, text in enumerate(TEXTS):
        body = found[f"text-{number}"]
        have = {"description": read(body["description"]), "secret": read(body["secret"])}
        for difference in differences({"description": text, "secret": text}, have):
            outcome.found("changed", "casc", difference)
    outcome.note = f"{len(TEXTS)} texts"
    return outcome


def main() -> int:
    """Parses the arguments, compiles the fleet and checks what became of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tally", type=Path, help="append the counts to this file instead of printing them")
    arguments = parser.parse_args()
    report = Report(Exceptions())
    with tempfile.TemporaryDirectory(prefix="tvmci-hostile-") as folder:
        scratch = Path(folder)
        for shared in (ROOT / "tests/shared").glob("*.kdl"):
            (scratch / shared.name).write_text(shared.read_text())
        (scratch / "fleet.kdl").write_text(fleet())
        command = [BINARY, "compile", scratch / "fleet.kdl", "--out", scratch / "out"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"FAILED  hostile texts  the fleet does not compile\n{done.stderr}")
            report.failed += 1
        else:
            repository = scratch / "out/tvm-ci-ansible"
            checks = [
                ("hostile-jobs", "jobs", lambda: jobs(repository, scratch)),
                ("hostile-casc", "casc", lambda: configuration(repository)),
            ]
            report.run(checks)
    return report.close(arguments.tally, judge_exceptions=False)


if __name__ == "__main__":
    sys.exit(main())
