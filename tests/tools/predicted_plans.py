#!/usr/bin/env python3
"""Holds what `tvmci diff` predicts against what `terraform plan` says, over random changes of fleets.

usage: predicted_plans.py [--changes N] [--seed N] [--fleet NAME] [--tally FILE] [--tvmci PROGRAM] [--keep]

For each fleet: compile, apply to a mock AWS, then for each random change compile again and plan from the applied state.
Every resource must get the action that was predicted, and no other; what is predicted to be refused must be refused.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import moto_terraform as moto
import terraform
from mutations import mutate
from report import ROOT

FLEETS = {"tvm": ROOT / "examples/tvm", "launch": ROOT / "examples/launch", "everything": ROOT / "tests/compile/everything"}
OPERATIONS = {
    ("create",): "create",
    ("update",): "update",
    ("delete",): "destroy",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
}
QUIET = ("-no-color", "-input=false")


@dataclass
class Change:
    """A changed fleet: what was changed, its text, where it was compiled to, what is predicted."""

    told: list[str]
    fleet: Path
    out: Path
    predicted: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)


class Fleet:
    """One fleet with its changes, in a scratch folder."""

    def __init__(self, name: str, program: str, scratch: Path):
        self.name, self.program, self.scratch = name, program, scratch / name
        self.scratch.mkdir(parents=True)
        self.text = self.call("expand", str(FLEETS[name])).stdout
        # Files name the fleet's file in their first line, so all of them have the same name.
        self.base = self.scratch / "base/fleet.kdl"
        self.base.parent.mkdir()
        self.base.write_text(self.text)
        self.out = self.scratch / "base/out"
        self.compile(self.base, self.out)

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs tvmci."""
        return subprocess.run([self.program, *arguments, "--quiet"], capture_output=True, text=True)

    def compile(self, fleet: Path, out: Path) -> bool:
        """Whether a fleet compiles."""
        return self.call("compile", str(fleet), "--out", str(out)).returncode == 0

    def change(self, number: int, dice: random.Random) -> Change | None:
        """One to three random changes that compile and reach Terraform."""
        text, told = self.text, []
        for _ in range(dice.choice([1, 1, 2, 3])):
            if mutated := mutate(text, dice):
                text, what = mutated
                told.append(what)
        if not told:
            return None
        folder = self.scratch / str(number)
        folder.mkdir()
        fleet, out = folder / "fleet.kdl", folder / "out"
        fleet.write_text(text)
        if not self.compile(fleet, out) or same(out, self.out):
            shutil.rmtree(folder)
            return None
        done = self.call("diff", str(self.base), str(fleet), "--json", "-")
        review = json.loads(done.stdout)
        change = Change(told, fleet, out)
        for action in review["terraform"]:
            change.predicted[action["address"]] = action["operation"]
            if action["refused"]:
                change.refused.add(action["address"])
        return change


def same(a: Path, b: Path) -> bool:
    """Whether two outputs hold the same Terraform files."""
    a, b = a / "tvm-ci-terraform", b / "tvm-ci-terraform"
    texts = [{p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file() and ".tvmci" not in p.parts} for root in (a, b)]
    return texts[0] == texts[1]


class World:
    """An applied fleet in a mock AWS, from which changes are planned."""

    def __init__(self, fleet: Fleet, folder: Path, extra: dict[str, str], facts: dict[str, str]):
        self.fleet, self.folder, self.extra, self.facts = fleet, folder, extra, facts

    def plan(self, change: Change, worker: Path) -> tuple[dict[str, str], str]:
        """What terraform does to each resource, or its error."""
        for old in worker.glob("*.tf.json"):
            old.unlink()
        shutil.rmtree(worker / "cloud-init", ignore_errors=True)
        source = change.out / "tvm-ci-terraform"
        shutil.copytree(source, worker, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".terraform*", ".tvmci", "backend*"))
        configuration = moto.Configuration(worker)
        configuration.for_the_mock()
        for old, new in self.facts.items():
            if re.match(r"(vpc|subnet|sg|eipalloc|vol)-", old) or re.fullmatch(r"Z[0-9A-Z]{12,}", old):
                configuration.replace(old, new)
        configuration.save()
        done = terraform.run(worker, "plan", *QUIET, "-refresh=false", "-lock=false", "-out=change.plan", extra=self.extra)
        if done.returncode:
            return {}, done.stdout
        shown = json.loads(terraform.run(worker, "show", "-json", "change.plan", extra=self.extra).stdout)
        actions = {}
        for resource in shown["resource_changes"]:
            operation = OPERATIONS.get(tuple(resource["change"]["actions"]))
            if resource["mode"] == "managed" and operation:
                actions[resource["address"]] = operation
        return actions, ""


@contextmanager
def applied(fleet: Fleet, changes: list[Change]) -> Iterator[World]:
    """The fleet as it was before the changes, for real as far as the mock is."""
    folder = terraform.copy(fleet.out / "tvm-ci-terraform", fleet.scratch / "terraform")
    configuration = moto.Configuration(folder)
    configuration.for_the_mock()
    # What a change looks up must exist as well.
    wanted = {image["name"]: image for image in moto.images(configuration)}
    for change in changes:
        for image in moto.images(moto.Configuration(change.out / "tvm-ci-terraform")):
            wanted.setdefault(image["name"], image)
    catalogue = [{**image, "ami_id": f"ami-{number:017x}"} for number, image in enumerate(wanted.values(), 1)]
    with moto.mock_aws(fleet.scratch, catalogue) as address:
        seed = moto.Seed(configuration, address)
        seed.everything()
        configuration.save()
        extra = {**moto.KEYS, "AWS_ENDPOINT_URL": address, "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": seed.region}
        for step, done in (
            ("init", terraform.init(folder, extra=extra)),
            ("apply", terraform.run(folder, "apply", *QUIET, "-auto-approve", extra=extra, patience=moto.PATIENCE)),
            # What AWS fills in after the apply belongs to the state that changes start from.
            ("refresh", terraform.run(folder, "apply", *QUIET, "-refresh-only", "-auto-approve", extra=extra)),
        ):
            if done.returncode:
                raise SystemExit(f"{fleet.name}: {step} failed\n{done.stdout[-4000:]}")
        yield World(fleet, folder, extra, seed.facts)


def judge(change: Change, actions: dict[str, str], error: str) -> list[str]:
    """How the plan and the prediction differ."""
    if error:
        kept = {a for a in re.findall(r"Resource ([\w.\[\]\"-]+) has", re.sub(r"\n[│\s]*", " ", error))}
        if kept and kept <= change.refused:
            return [f"{a}: predicted as refused, terraform does not refuse it" for a in sorted(change.refused - kept)]
        return [f"the plan failed: {error[-1500:]}"]
    found = [f"{a}: predicted as refused, terraform does not refuse it" for a in sorted(change.refused)]
    for address in sorted(actions.keys() | change.predicted.keys()):
        real, predicted = actions.get(address, "nothing"), change.predicted.get(address, "nothing")
        if real != predicted:
            found.append(f"{address}: terraform says {real}, predicted was {predicted}")
    return found


def check(fleet: Fleet, wanted: int, dice: random.Random) -> tuple[int, int]:
    """Makes the changes, plans them, prints what differs; gives how many agreed and how many did not."""
    start = time.monotonic()
    changes: list[Change] = []
    for number in range(wanted * 40):
        if len(changes) == wanted:
            break
        if change := fleet.change(number, dice):
            changes.append(change)
    made = time.monotonic() - start
    agreed = 0
    with applied(fleet, changes) as world:
        ready = time.monotonic() - start - made
        workers = []
        for number in range(2):
            worker = fleet.scratch / f"worker-{number}"
            shutil.copytree(world.folder, worker, symlinks=True)
            workers.append(worker)

        def work(share: int) -> list[tuple[Change, list[str]]]:
            return [(c, judge(c, *world.plan(c, workers[share]))) for c in changes[share::2]]

        with ThreadPoolExecutor(2) as pool:
            for change, found in (pair for share in pool.map(work, range(2)) for pair in share):
                agreed += not found
                if found:
                    print(f"FAILED  predicted plans  {fleet.name}: " + "; ".join(change.told))
                    print("\n".join(f"    {line}" for line in found), flush=True)
    total = time.monotonic() - start
    kinds: dict[str, int] = {}
    for change in changes:
        for operation in change.predicted.values():
            kinds[operation] = kinds.get(operation, 0) + 1
    note = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    print(f"{'ok' if agreed == len(changes) else 'FAILED'}  predicted plans  {fleet.name}: {agreed} of {len(changes)} agree ({note}; "
          f"changes {made:.0f} s, apply {ready:.0f} s, all {total:.0f} s)", flush=True)
    return agreed, len(changes) - agreed


def main() -> int:
    """Checks all fleets, or one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--changes", type=int, default=210, help="how many, over all fleets")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--fleet", choices=FLEETS)
    parser.add_argument("--tvmci", default=str(ROOT / "target/debug/tvmci"))
    parser.add_argument("--tally", type=Path)
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    if not terraform.version():
        print(f"skipped  predicted plans  {terraform.HOW_TO_GET}")
        if arguments.tally:
            arguments.tally.open("a").write("0 0 1\n")
        return 0
    scratch = Path(tempfile.mkdtemp(prefix="tvmci-predicted-"))
    names = [arguments.fleet] if arguments.fleet else list(FLEETS)
    passed = failed = 0
    try:
        for name in names:
            fleet = Fleet(name, arguments.tvmci, scratch)
            good, bad = check(fleet, -(-arguments.changes // len(names)), random.Random(f"{name} {arguments.seed}"))
            passed, failed = passed + good, failed + bad
    finally:
        if arguments.keep:
            print("kept:", scratch)
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    if arguments.tally:
        with arguments.tally.open("a") as tally:
            tally.write(f"{passed} {failed} 0\n")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
