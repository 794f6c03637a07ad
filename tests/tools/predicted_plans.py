#!/usr/bin/env python3
"""Holds what `tvmci diff` predicts against what `terraform plan` says, over random changes of fleets.

usage: predicted_plans.py [--changes N] [--seed N] [--fleet NAME] [--tally FILE] [--tvmci PROGRAM] [--keep] [-v]

For each fleet: expand, compile, apply to a mock AWS, then for each change compile again and plan from the applied state. Every
resource must get the action that was predicted, and no other; what is predicted to be refused must be refused. The changes are
drawn from all that `mutations.py` can make, some of each kind of entity in turn, and a fifth of them are two at once.
The same seed draws the same changes. Changes that Terraform has nothing to do for are looked at as well, but not counted.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import moto_terraform as moto
import terraform
from mutations import Deck, Edit, apply
from report import ROOT

FLEETS = {"tvm": ROOT / "examples/tvm", "launch": ROOT / "examples/launch", "everything": ROOT / "tests/compile/everything"}
# Blocks that pass through, so that there is something of them to change.
PASSED = """
terraform {
    resource "aws_sns_topic" "alarms" {
        name "alarms"
        display_name "Alarms"
    }
    resource "aws_sqs_queue" "events" {
        name "events"
        visibility_timeout_seconds 60
    }
    resource "aws_cloudwatch_metric_alarm" "queue_grows" {
        alarm_name "queue-grows"
        metric_name "Queue"
        namespace "CI"
        statistic "Average"
        comparison_operator "GreaterThanThreshold"
        period 60
        evaluation_periods 10
        threshold 5
        (array)alarm_actions "${aws_sns_topic.alarms.arn}"
    }
}
"""
# By what Terraform calls them. Moved resources and data sources that are read count as nothing.
OPERATIONS = {"create": "create", "update": "update", "delete": "destroy", "replace": "replace"}
TABLE = "stdlib/aws/terraform-resources.tsv"
QUIET = ("-no-color", "-input=false")
# Kinds of which more is drawn in each round.
WEIGHTS = {"pool": 3, "controller": 2, "network": 2}
# Draws of a kind without a change of Terraform after which the kind is left alone; those of one that never had any.
PATIENCE, FIRST_PATIENCE = 14, 6
# Changes of each kind that alter Terraform's files and nothing that Terraform does, at most.
WITHOUT_EFFECT = 2


@dataclass
class Change:
    """A changed fleet: what was changed, where it lies, where it was compiled to, what is predicted."""

    kind: str
    told: list[str]
    fleet: Path
    out: Path
    predicted: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    # Whether Terraform reads what changed.
    read: bool = False


class Fleet:
    """One fleet with its changes, in a scratch folder."""

    def __init__(self, name: str, program: str, scratch: Path):
        self.name, self.program, self.scratch = name, program, scratch / name
        self.scratch.mkdir(parents=True)
        self.text = self.call("expand", str(FLEETS[name])).stdout + PASSED
        # Files name the fleet's file in their first line, so all of them have the same name.
        self.base = self.scratch / "base/fleet.kdl"
        self.base.parent.mkdir()
        self.base.write_text(self.text)
        self.out = self.scratch / "base/out"
        self.compile(self.base, self.out)

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs tvmci."""
        return subprocess.run([self.program, *arguments, "--quiet"], capture_output=True, text=True)

    def compile(self, fleet: Path, out: Path) -> None:
        """Compiles a fleet, which must hold no mistake."""
        done = self.call("compile", str(fleet), "--out", str(out))
        if done.returncode:
            raise SystemExit(f"{self.name}: {fleet} does not compile\n{done.stderr}")

    def change(self, number: int, edits: list[Edit]) -> Change | None:
        """The fleet with these edits, if it compiles and something generated changes."""
        folder = self.scratch / str(number)
        folder.mkdir()
        fleet = folder / "fleet.kdl"
        fleet.write_text(apply(self.text, edits))
        done = self.call("diff", str(self.base), str(fleet), "--json", "-")
        if done.returncode != 1 or not done.stdout:
            shutil.rmtree(folder)
            return None
        review = json.loads(done.stdout)
        change = Change(edits[0].kind if len(edits) == 1 else "two at once", [edit.told for edit in edits], fleet, folder / "out")
        for action in review["terraform"]:
            change.predicted[action["address"]] = action["operation"]
            if action["refused"]:
                change.refused.add(action["address"])
        change.read = any(re.match(r"tvm-ci-terraform/(.*\.tf\.json|cloud-init/)", file["path"]) for file in review["files"])
        return change

    def draw(self, wanted: int, dice: random.Random) -> tuple[list[Change], list[Change], list[str]]:
        """So many changes that do something, some that do nothing, and what is wrong with those that Terraform never sees."""
        deck = Deck(self.text, dice)
        kinds = sorted(deck.piles)
        effective: list[tuple[list[Edit], Change]] = []
        without: list[Change] = []
        wrong: list[str] = []
        idle: Counter[str] = Counter()
        quiet: Counter[str] = Counter()
        fruitful: set[str] = set()
        numbers = itertools.count()
        alone = wanted - wanted // 5
        with ThreadPoolExecutor(2) as pool:
            while kinds and len(effective) < alone:
                wanted_kinds = [kind for kind in kinds for _ in range(WEIGHTS.get(kind, 1))]
                drawn = [[edit] for kind in wanted_kinds if (edit := deck.draw(kind))]
                for edits, change in zip(drawn, pool.map(self.change, numbers, drawn), strict=True):
                    kind = edits[0].kind
                    idle[kind] += 1
                    if change is None:
                        continue
                    if not change.read:
                        if change.predicted:
                            wrong.append(f"{'; '.join(change.told)}: Terraform's files are the same, predicted was {change.predicted}")
                    elif change.predicted and len(effective) < alone:
                        effective.append((edits, change))
                        idle[kind] = 0
                        fruitful.add(kind)
                    elif not change.predicted and quiet[kind] < WITHOUT_EFFECT:
                        quiet[kind] += 1
                        without.append(change)
                patience = {kind: PATIENCE if kind in fruitful else FIRST_PATIENCE for kind in kinds}
                kinds = [kind for kind in kinds if deck.piles[kind] and idle[kind] < patience[kind]]
            pairs = [(a + b) for (a, _), (b, _) in itertools.combinations(effective, 2) if not a[0].lines.keys() & b[0].lines.keys()]
            for edits in dice.sample(pairs, min(len(pairs), 2 * wanted)):
                if len(effective) >= wanted:
                    break
                if (change := self.change(next(numbers), edits)) and change.predicted:
                    effective.append((edits, change))
            chosen = [change for _, change in effective] + without
            list(pool.map(lambda change: self.compile(change.fleet, change.out), chosen))
        return [change for _, change in effective], without, wrong


class World:
    """An applied fleet in a mock AWS, from which changes are planned."""

    def __init__(self, fleet: Fleet, folder: Path, extra: dict[str, str], facts: dict[str, str]):
        self.fleet, self.folder, self.extra, self.facts = fleet, folder, extra, facts

    def plan(self, change: Change, worker: Path, extra: dict[str, str]) -> tuple[dict[str, str], str]:
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
        done = terraform.run(worker, "plan", "-json", *QUIET, "-refresh=false", "-lock=false", extra=extra)
        events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode:
            errors = [event["diagnostic"] for event in events if event["type"] == "diagnostic" and event["@level"] == "error"]
            return {}, "\n".join(f"{error['summary']}: {error['detail']}" for error in errors) or done.stdout
        planned = [event["change"] for event in events if event["type"] == "planned_change"]
        return {c["resource"]["addr"]: OPERATIONS[c["action"]] for c in planned if c["action"] in OPERATIONS}, ""


@contextmanager
def applied(fleet: Fleet, changes: list[Change]) -> Iterator[World]:
    """The fleet as it was before the changes, for real as far as the mock is."""
    folder = terraform.copy(fleet.out / "tvm-ci-terraform", fleet.scratch / "terraform")
    configuration = moto.Configuration(folder)
    configuration.for_the_mock()
    # What a change looks up must exist as well.
    wanted = {}
    for state in (configuration, *(moto.Configuration(change.out / "tvm-ci-terraform") for change in changes)):
        for image in moto.images(state):
            # Those named by their id keep it.
            by_id = image["name"].startswith("image-by-id")
            key = image["ami_id"] if by_id else image["name"]
            wanted.setdefault(key, image if by_id else {**image, "ami_id": f"ami-{len(wanted) + 1:017x}"})
    catalogue = list(wanted.values())
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


def table_faults(folder: Path, extra: dict[str, str]) -> list[str]:
    """What the table of facts says otherwise than the schema of the provider of an initialised folder."""
    done = terraform.run(folder, "providers", "schema", "-json", extra=extra)
    schemas = next(iter(json.loads(done.stdout)["provider_schemas"].values()))["resource_schemas"]

    def filled_in(block: dict, prefix: str = "") -> list[str]:
        own = [prefix + name for name, a in block.get("attributes", {}).items() if a.get("optional") and a.get("computed")]
        return own + [path for name, b in block.get("block_types", {}).items() for path in filled_in(b["block"], f"{prefix}{name}.")]

    found = []
    for line in (ROOT / TABLE).read_text().splitlines():
        if line.startswith("#"):
            continue
        kind, replaces, _, filled, stops, _, tags = line.split("\t")
        block = schemas[kind]["block"]
        expected = ",".join(sorted(set(filled_in(block)) - {"id", "tags_all"})) or "-"
        if filled != expected:
            found.append(f"{TABLE}: {kind}: filled_in is {expected}")
        if tags != ("yes" if "tags_all" in block["attributes"] else "no"):
            found.append(f"{TABLE}: {kind}: default_tags is the other")
        known = block["attributes"].keys() | block.get("block_types", {}).keys()
        for name in f"{replaces},{stops}".split(","):
            if name != "-" and name.split(".")[0] not in known:
                found.append(f"{TABLE}: {kind}: there is no {name}")
    return found


def judge(change: Change, actions: dict[str, str], error: str) -> list[str]:
    """How the plan and the prediction differ."""
    if error:
        kept = {a for a in re.findall(r"Resource ([\w.\[\]\"-]+) has", error)}
        if kept and kept <= change.refused:
            return [f"{a}: predicted as refused, terraform does not refuse it" for a in sorted(change.refused - kept)]
        return [f"the plan failed: {error[-1500:]}"]
    found = [f"{a}: predicted as refused, terraform does not refuse it" for a in sorted(change.refused)]
    for address in sorted(actions.keys() | change.predicted.keys()):
        real, predicted = actions.get(address, "nothing"), change.predicted.get(address, "nothing")
        if real != predicted:
            found.append(f"{address}: terraform says {real}, predicted was {predicted}")
    return found


def check(fleet: Fleet, wanted: int, dice: random.Random, verbose: bool, with_table: bool) -> tuple[Counter[str], int]:
    """Makes the changes, plans them, prints what differs; gives how many agreed, by kind, and how many did not."""
    start = time.monotonic()
    effective, without, wrong = fleet.draw(wanted, dice)
    made = time.monotonic() - start
    changes = effective + without
    agreed: Counter[str] = Counter()
    failed = 0
    with applied(fleet, changes) as world:
        ready = time.monotonic() - start - made
        if with_table:
            wrong += table_faults(world.folder, world.extra)
        workers = []
        for number in range(2):
            worker = fleet.scratch / f"worker-{number}"
            shutil.copytree(world.folder, worker, symlinks=True)
            workers.append(worker)

        def work(share: int) -> list[tuple[Change, list[str]]]:
            with terraform.served(workers[share], world.extra) as extra:
                return [(c, judge(c, *world.plan(c, workers[share], extra))) for c in changes[share::2]]

        with ThreadPoolExecutor(2) as pool:
            for change, found in (pair for share in pool.map(work, range(2)) for pair in share):
                if verbose and not found:
                    print("ok  " + "; ".join(change.told) + f"  {change.predicted}")
                if found:
                    failed += 1
                    print(f"FAILED  predicted plans  {fleet.name}: " + "; ".join(change.told))
                    print("\n".join(f"    {line}" for line in found), flush=True)
                elif change.predicted:
                    agreed[change.kind] += 1
    for line in wrong:
        print(f"FAILED  predicted plans  {fleet.name}: {line}")
    failed += len(wrong)
    total = time.monotonic() - start
    operations = Counter(operation for change in effective for operation in change.predicted.values())
    note = ", ".join(f"{count} {operation}" for operation, count in sorted(operations.items()))
    print(f"{'FAILED' if failed else 'ok'}  predicted plans  {fleet.name}: {sum(agreed.values())} of {len(effective)} changes agree "
          f"({note}), {len(without)} more without effect; drawn in {made:.0f} s, applied in {ready:.0f} s, all {total:.0f} s", flush=True)  # fmt: skip
    return agreed, failed


def main() -> int:
    """Checks all fleets, or one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--changes", type=int, default=210, help="how many, over all fleets")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--fleet", choices=FLEETS)
    parser.add_argument("--tvmci", default=str(ROOT / "target/debug/tvmci"))
    parser.add_argument("--tally", type=Path)
    parser.add_argument("--keep", action="store_true", help="leave the scratch folder for a look")
    parser.add_argument("-v", "--verbose", action="store_true", help="also tell what agrees")
    arguments = parser.parse_args()
    if not terraform.version():
        print(f"skipped  predicted plans  {terraform.HOW_TO_GET}")
        if arguments.tally:
            arguments.tally.open("a").write("0 0 1\n")
        return 0
    scratch = Path(tempfile.mkdtemp(prefix="tvmci-predicted-"))
    names = [arguments.fleet] if arguments.fleet else list(FLEETS)
    agreed: Counter[str] = Counter()
    failed = 0

    def one(name: str) -> tuple[Counter[str], int]:
        fleet = Fleet(name, arguments.tvmci, scratch)
        dice = random.Random(f"{name} {arguments.seed}")
        return check(fleet, -(-arguments.changes // len(names)), dice, arguments.verbose, name == names[0])

    try:
        # An apply to the mock mostly waits: the plans of another fleet are made meanwhile.
        with ThreadPoolExecutor(2) as pool:
            for good, bad in pool.map(one, names):
                agreed, failed = agreed + good, failed + bad
    finally:
        if arguments.keep:
            print("kept:", scratch)
        else:
            shutil.rmtree(scratch, ignore_errors=True)
    print("by kind: " + ", ".join(f"{kind} {count}" for kind, count in sorted(agreed.items())))
    if arguments.tally:
        with arguments.tally.open("a") as tally:
            tally.write(f"{sum(agreed.values())} {failed} 0\n")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
