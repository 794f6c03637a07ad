#!/usr/bin/env python3
"""Runs the scripts of the generated repositories with stand-ins for aws, gh, packer, terraform and curl on PATH.

usage: generated_scripts.py [--tally FILE]

Each check is one situation: what the outside world answers, what the script must do with it. The stand-ins answer out of a
table and write down what they were asked; whatever the table does not hold is an error, so that no script asks for more
than a situation knows of. Scripts are those of golden/tvm/prod; a script of any golden without a situation is a failure.
Steps of images and scripts of first boot have tests of their own: provisioning.py, boot_scripts.py.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from report import ROOT, Exceptions, Outcome, Report

REPOSITORIES = ROOT / "golden/tvm/prod"
PROGRAMS = ("aws", "gh", "packer", "terraform", "curl", "session-manager-plugin")
HEAD, MERGE, OTHER = "a" * 40, "b" * 40, "c" * 40
# Prints the first answer whose words stand in this order in what it is asked; `--jq` is applied as gh does.
STAND_IN = '''#!{python}
import json, os, subprocess, sys
asked = [os.path.basename(sys.argv[0]), *sys.argv[1:]]
with open(os.environ["NOTES"], "a") as notes:
    notes.write(json.dumps(asked) + "\\n")
for words, code, answer in json.load(open(os.environ["ANSWERS"])):
    rest = iter(asked)
    if all(word in rest for word in words):
        text = answer if isinstance(answer, str) else json.dumps(answer)
        if "--jq" in asked:
            jq = ["jq", "-r", asked[asked.index("--jq") + 1]]
            text = subprocess.run(jq, input=text, text=True, capture_output=True, check=True).stdout
        if "-out" in " ".join(asked) and asked[0] == "terraform":
            open(next(a for a in asked if a.startswith("-out=")).removeprefix("-out="), "w").write("plan")
        sys.stdout.write(text)
        if code:
            sys.stderr.write("refused")
        sys.exit(code)
sys.exit(f"the situation has no answer for {{asked}}")
'''


@dataclass
class Run:
    """What a script did."""

    code: int
    out: str
    said: str
    asked: list[list[str]]

    def calls(self, *words: str) -> list[list[str]]:
        """The calls that hold these words in this order."""
        found = []
        for call in self.asked:
            rest = iter(call)
            if all(word in rest for word in words):
                found.append(call)
        return found


class Bench:
    """A copy of a repository, and a PATH that leads to stand-ins."""

    def __init__(self, repository: str):
        self.folder = Path(tempfile.mkdtemp(prefix="tvmci-scripts-"))
        self.repository = self.folder / repository
        shutil.copytree(REPOSITORIES / repository, self.repository)
        self.programs = self.folder / "bin"
        self.programs.mkdir()
        for name in PROGRAMS:
            (self.programs / name).write_text(STAND_IN.format(python=sys.executable))
            (self.programs / name).chmod(0o755)
        self.faults: list[str] = []

    def run(self, script: str, *arguments: str, answers: list[tuple[list[str], int, Any]], **environment: str) -> Run:
        """Runs a script of the repository."""
        notes = self.folder / "notes"
        notes.write_text("")
        (self.folder / "answers").write_text(json.dumps(answers))
        done = subprocess.run(
            [self.repository / "scripts" / script, *arguments],
            cwd=self.repository,
            env={
                "PATH": f"{self.programs}:/usr/local/bin:/usr/bin:/bin",
                "HOME": str(self.folder),
                "NOTES": str(notes),
                "ANSWERS": str(self.folder / "answers"),
                **environment,
            },
            text=True,
            capture_output=True,
            timeout=60,
        )
        asked = [json.loads(line) for line in notes.read_text().splitlines()]
        return Run(done.returncode, done.stdout, done.stderr, asked)

    def expect(self, held: bool, text: str) -> None:
        """Notes what does not hold."""
        if not held:
            self.faults.append(text)

    def ends(self, run: Run, code: int, words: str = "") -> None:
        """How a script ends, and what it says then."""
        said = run.out + run.said
        self.expect(run.code == code and words in said, f"it ends with {run.code} instead of {code}, saying: {said.strip()}")

    def git(self, *arguments: str) -> str:
        """Runs git in the repository, as nobody in particular."""
        names = {f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        env = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull}
        return subprocess.run(
            ["git", *arguments], cwd=self.repository, env=env, text=True, capture_output=True, check=True
        ).stdout.strip()


Situation = Callable[[Bench], None]
SITUATIONS: list[tuple[str, str, str, Situation]] = []


def situation(repository: str, script: str, name: str) -> Callable[[Situation], Situation]:
    """Registers a situation of a script."""

    def register(function: Situation) -> Situation:
        SITUATIONS.append((f"tvm-ci-{repository}", script, name, function))
        return function

    return register


# --- collect-garbage.sh ---------------------------------------------------------------------------------------------

FAMILY = "ci-base-x64"


def image(number: int, family: str = FAMILY, snapshots: tuple[str, ...] = ()) -> dict[str, Any]:
    """A build of a family; a higher number is newer."""
    disks = [{"Ebs": {"SnapshotId": s}} for s in snapshots or (f"snap-{family}-{number}",)]
    return {
        "ImageId": f"ami-{family}-{number}",
        "Name": f"{family}-{number}",
        "CreationDate": f"2026-01-{number:02}T00:00:00.000Z",
        "BlockDeviceMappings": [*disks, {"VirtualName": "ephemeral0"}],
    }


def account(
    images: list[dict[str, Any]],
    instances: tuple[str, ...] = (),
    templates: dict[str, dict[str, str]] | None = None,
    groups: tuple[dict[str, Any], ...] = (),
    broken: str = "",
) -> list[tuple[list[str], int, Any]]:
    """What AWS answers. `templates` maps a template to its versions' images, `broken` is a call that is refused."""
    families: dict[str, list[dict[str, Any]]] = {}
    for one in images:
        families.setdefault(one["Name"].rsplit("-", 1)[0], []).append(one)
    answers: list[tuple[list[str], int, Any]] = [([broken], 254, "")] if broken else []
    running = [{"Instances": [{"ImageId": i}]} for i in instances]
    answers.append((["describe-instances"], 0, {"Reservations": running}))
    names = [{"LaunchTemplateId": name} for name in templates or {}]
    answers.append((["describe-launch-templates"], 0, {"LaunchTemplates": names}))
    for template, versions in (templates or {}).items():
        data = {version: {"LaunchTemplateData": {"ImageId": id_}} for version, id_ in versions.items()}
        both = [data["$Default"], data["$Latest"], {"LaunchTemplateData": {}}]
        words = ["describe-launch-template-versions", "--launch-template-id", template, "--versions"]
        answers.append(([*words, "$Default", "$Latest"], 0, {"LaunchTemplateVersions": both}))
        for version, one in data.items():
            answers.append(([*words, version], 0, {"LaunchTemplateVersions": [one]}))
    answers.append((["describe-auto-scaling-groups"], 0, {"AutoScalingGroups": list(groups)}))
    for family, builds in families.items():
        answers.append((["describe-images", f"Name=tag:image_family,Values={family}"], 0, {"Images": builds}))
    answers.append((["describe-images"], 0, {"Images": []}))
    answers.append((["deregister-image"], 0, ""))
    answers.append((["delete-snapshot"], 0, ""))
    return answers


def gone(run: Run) -> list[str]:
    """The images that were deregistered."""
    return [call[call.index("--image-id") + 1] for call in run.calls("deregister-image")]


@situation("packer", "collect-garbage.sh", "deletes what is older than the newest three, and its snapshots")
def _(bench: Bench) -> None:
    images = [image(n) for n in (3, 1, 5, 2, 4)]
    run = bench.run("collect-garbage.sh", "--delete", answers=account(images))
    bench.ends(run, 0, "2 builds")
    bench.expect(sorted(gone(run)) == [f"ami-{FAMILY}-1", f"ami-{FAMILY}-2"], f"it deregisters {gone(run)}")
    snapshots = sorted(call[-1] for call in run.calls("delete-snapshot"))
    bench.expect(snapshots == [f"snap-{FAMILY}-1", f"snap-{FAMILY}-2"], f"it deletes the snapshots {snapshots}")


@situation("packer", "collect-garbage.sh", "without --delete it only tells")
def _(bench: Bench) -> None:
    run = bench.run("collect-garbage.sh", answers=account([image(n) for n in range(1, 6)]))
    bench.ends(run, 0, f"would delete ami-{FAMILY}-1 {FAMILY}-1")
    changing = [call for call in run.asked if not call[2].startswith("describe-")]
    bench.expect(changing == [], f"it changes something: {changing}")


@situation("packer", "collect-garbage.sh", "has nothing to delete")
def _(bench: Bench) -> None:
    run = bench.run("collect-garbage.sh", "--delete", answers=account([image(n) for n in (1, 2, 3)]))
    bench.ends(run, 0, "0 builds")
    bench.expect(gone(run) == [], f"it deregisters {gone(run)}")


@situation("packer", "collect-garbage.sh", "keeps what machines, templates and groups can start, whatever its age")
def _(bench: Bench) -> None:
    images = [image(n) for n in range(1, 10)]
    named = {"LaunchTemplateId": "lt-2", "Version": "7"}
    mixed = {"LaunchTemplate": {"LaunchTemplateSpecification": named, "Overrides": [{"InstanceType": "x"}]}}
    override = {"LaunchTemplateSpecification": {"LaunchTemplateId": "lt-2", "Version": "8"}}
    groups = (
        {"MixedInstancesPolicy": mixed},
        {"MixedInstancesPolicy": {"LaunchTemplate": {"LaunchTemplateSpecification": {}, "Overrides": [override]}}},
        {"LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "$Latest"}},
        {"LaunchConfigurationName": "of-old"},
    )
    templates = {
        "lt-1": {"$Default": f"ami-{FAMILY}-1", "$Latest": f"ami-{FAMILY}-2"},
        "lt-2": {"$Default": "ami-x", "$Latest": "ami-x", "7": f"ami-{FAMILY}-3", "8": f"ami-{FAMILY}-4"},
    }
    answers = account(images, (f"ami-{FAMILY}-5",), templates, groups)
    run = bench.run("collect-garbage.sh", "--delete", answers=answers)
    bench.ends(run, 0, "1 builds")
    bench.expect(gone(run) == [f"ami-{FAMILY}-6"], f"it deregisters {gone(run)}")


@situation("packer", "collect-garbage.sh", "does not touch images of other families, nor of other owners")
def _(bench: Bench) -> None:
    images = [image(n, "of-another-team") for n in range(1, 10)]
    run = bench.run("collect-garbage.sh", "--delete", answers=account(images))
    bench.ends(run, 0, "0 builds")
    strangers = [call for call in run.calls("describe-images") if "self" not in call]
    bench.expect(strangers == [], f"it asks for images of others: {strangers}")
    bench.expect(gone(run) == [], f"it deregisters {gone(run)}")


@situation("packer", "collect-garbage.sh", "deletes nothing if anybody cannot be asked")
def _(bench: Bench) -> None:
    images = [image(n) for n in range(1, 10)]
    calls = ("describe-instances", "describe-launch-templates", "describe-launch-template-versions", "describe-auto-scaling-groups")
    templates = {"lt-1": {"$Default": f"ami-{FAMILY}-1", "$Latest": f"ami-{FAMILY}-1"}}
    for call in (*calls, "describe-images"):
        run = bench.run("collect-garbage.sh", "--delete", answers=account(images, templates=templates, broken=call))
        bench.expect(run.code != 0, f"it ends well although {call} is refused")
        bench.expect(gone(run) == [], f"it deregisters {gone(run)} although {call} is refused")


@situation("packer", "collect-garbage.sh", "a snapshot that cannot be deleted does not stop it; an image that cannot does")
def _(bench: Bench) -> None:
    images = [image(n, snapshots=(f"snap-{n}", "snap-shared")) for n in range(1, 6)]
    run = bench.run("collect-garbage.sh", "--delete", answers=account(images, broken="delete-snapshot"))
    bench.ends(run, 0, "kept snap-shared")
    bench.expect(len(gone(run)) == 2, f"it deregisters {gone(run)}")
    run = bench.run("collect-garbage.sh", "--delete", answers=account(images, broken="deregister-image"))
    bench.expect(run.code != 0, "it ends well although an image cannot be deregistered")
    bench.expect(run.calls("delete-snapshot") == [], "it deletes the snapshots of an image that is still there")


@situation("packer", "collect-garbage.sh", "refuses what it does not know")
def _(bench: Bench) -> None:
    run = bench.run("collect-garbage.sh", "--dry-run", answers=[])
    bench.ends(run, 2, "usage")
    bench.expect(run.asked == [], f"it asks {run.asked}")


# --- The other scripts of images ------------------------------------------------------------------------------------


@situation("packer", "build-image.sh", "builds the commit that is checked out, open to this machine alone")
def _(bench: Bench) -> None:
    bench.git("init", "-q")
    bench.git("add", ".")
    bench.git("commit", "-q", "-m", "x")
    answers = [(["curl"], 0, "192.0.2.7\n"), (["packer", "build"], 0, "")]
    run = bench.run("build-image.sh", "ci-base", answers=answers)
    bench.ends(run, 0)
    call = (run.calls("packer") or [[]])[0]
    wanted = [f"revision={bench.git('rev-parse', 'HEAD')}", "ssh_source=192.0.2.7/32", "images/ci-base.pkr.json"]
    bench.expect([a for a in call if a in wanted] == wanted, f"packer is asked for {call}")
    run = bench.run("build-image.sh", "ci-base", answers=[(["curl"], 0, "192.0.2.7\n"), (["packer"], 1, "")])
    bench.expect(run.code != 0, "it ends well although packer fails")
    run = bench.run("build-image.sh", "ci-base", answers=[(["curl"], 22, "")])
    bench.expect(run.code != 0 and run.calls("packer") == [], "it builds without knowing this machine's address")
    run = bench.run("build-image.sh", answers=[])
    bench.expect(run.code != 0 and run.asked == [], "it builds without the name of an image")


@situation("packer", "require-imdsv2.sh", "marks only what lacks the mark")
def _(bench: Bench) -> None:
    images = [{"ImageId": "ami-1"}, {"ImageId": "ami-2", "ImdsSupport": "v2.0"}]
    answers = [
        (["describe-images", "Name=tag:image_family,Values=x"], 0, {"Images": images}),
        (["describe-images"], 0, {"Images": []}),
        (["modify-image-attribute"], 0, ""),
    ]
    environment = {"AWS_REGION": "us-west-2", "IMAGE_FAMILIES": "x y"}
    run = bench.run("require-imdsv2.sh", answers=answers, **environment)
    bench.ends(run, 0, "ami-1 (x) requires IMDSv2")
    marked = [call[call.index("--image-id") + 1] for call in run.calls("modify-image-attribute", "v2.0")]
    bench.expect(marked == ["ami-1"], f"it marks {marked}")
    run = bench.run("require-imdsv2.sh", answers=[(["describe-images"], 254, "")], **environment)
    bench.expect(run.code != 0, "it ends well although AWS refuses")
    run = bench.run("require-imdsv2.sh", answers=[], AWS_REGION="us-west-2")
    bench.expect(run.code != 0 and run.asked == [], "it runs without families")


@situation("packer", "select-images.sh", "chooses what an event is about, and what is built on it")
def _(bench: Bench) -> None:
    plan = json.loads((bench.repository / "images.json").read_text())["images"]
    everything = sorted(one["name"] for one in plan)

    def chosen(**environment: str) -> list[str]:
        run = bench.run("select-images.sh", answers=[], **environment)
        bench.ends(run, 0, "images=")
        return sorted(json.loads(run.out.removeprefix("images=") or "[]"))

    def same(what: str, have: list[str], want: list[str]) -> None:
        bench.expect(have == sorted(want), f"{what}: {have} instead of {sorted(want)}")

    bench.git("init", "-q")
    bench.git("add", ".")
    bench.git("commit", "-q", "-m", "first")
    before = bench.git("rev-parse", "HEAD")
    same("a new branch", chosen(EVENT="push", BEFORE="0" * 40), everything)
    (bench.repository / "README.md").write_text("x")
    bench.git("commit", "-q", "-a", "-m", "no image")
    same("a change of no image", chosen(EVENT="push", BEFORE=before), [])
    (bench.repository / "images/jenkins-stock-agent.pkr.json").write_text("{}")
    bench.git("commit", "-q", "-a", "-m", "an image")
    same("a parent", chosen(EVENT="push", BEFORE=before), ["jenkins-stock-agent", "jenkins-gpu-agent"])
    (bench.repository / "scripts/nvidia-driver/install.sh").write_text("x")
    bench.git("commit", "-q", "-a", "-m", "a step")
    same("a step of one image", chosen(EVENT="push", BEFORE=bench.git("rev-parse", "HEAD~1")), ["jenkins-gpu-agent"])
    same("by hand, all", chosen(EVENT="workflow_dispatch", IMAGE="all"), everything)
    same("by hand, none of this name", chosen(EVENT="workflow_dispatch", IMAGE="nothing"), [])
    same("a schedule of nobody", chosen(EVENT="schedule", SCHEDULE="1 2 3 4 5"), [])
    same("a schedule", chosen(EVENT="schedule", SCHEDULE=plan[0]["schedule"]), everything)
    run = bench.run("select-images.sh", answers=[], EVENT="pull_request")
    bench.ends(run, 2, "no images are built on pull_request")


# --- Scripts of Terraform's repository ------------------------------------------------------------------------------

PLANNED = {
    "resource_changes": [
        {"address": "a.same", "change": {"actions": ["no-op"], "before": {"x": 1}, "after": {"x": 1}}},
        {"address": "a.new", "change": {"actions": ["create"], "before": None, "after": {"x": "secret-value"}}},
        {"address": "a.other", "change": {"actions": ["delete", "create"], "before": {"x": 1}, "after": {"x": 2}}},
    ]
}


def terraform_answers(plan: dict[str, Any], refused: str = "") -> list[tuple[list[str], int, Any]]:
    """What Terraform answers; `refused` is the command that fails."""
    return [
        (["terraform", "init"], int(refused == "init"), "init says much\n"),
        (["terraform", "plan"], int(refused == "plan"), "plan says much\n"),
        (["terraform", "show", "-json"], int(refused == "show"), plan),
        (["terraform", "show", "-no-color"], 0, "for people"),
    ]


def planned(bench: Bench, plan: dict[str, Any]) -> dict[str, str]:
    """The outputs of a plan that works."""
    run = bench.run("plan.sh", "folder", "-lock=false", answers=terraform_answers(plan))
    bench.ends(run, 0)
    return dict(line.split("=", 1) for line in run.out.splitlines())


@situation("terraform", "plan.sh", "tells counts and a digest, and nothing else to GitHub's outputs")
def _(bench: Bench) -> None:
    outputs = planned(bench, PLANNED)
    bench.expect(set(outputs) == {"digest", "counts", "changes"}, f"its outputs are {set(outputs)}")
    bench.expect(outputs.get("counts") == "2 to add, 0 to change, 1 to destroy", f"it counts {outputs.get('counts')}")
    bench.expect(outputs.get("changes") == "true", "it sees no changes")
    left = sorted(path.name for path in (bench.repository / "folder").iterdir())
    bench.expect(left == ["counts", "digest", "plan.txt", "tfplan"], f"it leaves {left}, values in clear among them")
    for path in (bench.repository / "folder").iterdir():
        bench.expect("secret-value" not in path.read_text(), f"{path.name} holds a value")


@situation("terraform", "plan.sh", "has nothing to change")
def _(bench: Bench) -> None:
    outputs = planned(bench, {"resource_changes": PLANNED["resource_changes"][:1]})
    bench.expect(outputs.get("changes") == "false", "it sees changes")
    bench.expect(outputs.get("counts") == "0 to add, 0 to change, 0 to destroy", f"it counts {outputs.get('counts')}")
    outputs = planned(bench, {"output_changes": {"url": {"actions": ["update"], "after": "x"}}})
    bench.expect(outputs.get("changes") == "true", "a changed output is no change")


@situation("terraform", "plan.sh", "the digest is that of what would be done, not of what is there")
def _(bench: Bench) -> None:
    first = planned(bench, PLANNED)["digest"]
    drifted = json.loads(json.dumps(PLANNED))
    drifted["resource_changes"][2]["change"]["before"] = {"x": 7}
    bench.expect(planned(bench, drifted)["digest"] == first, "another value before makes another digest")
    other = json.loads(json.dumps(PLANNED))
    other["resource_changes"][1]["change"]["after"] = {"x": "another"}
    bench.expect(planned(bench, other)["digest"] != first, "another value after makes the same digest")
    less = {"resource_changes": PLANNED["resource_changes"][:2]}
    bench.expect(planned(bench, less)["digest"] != first, "one resource less makes the same digest")


@situation("terraform", "plan.sh", "fails where Terraform fails, and holds providers to the lock file")
def _(bench: Bench) -> None:
    for command in ("init", "plan", "show"):
        run = bench.run("plan.sh", "folder", answers=terraform_answers(PLANNED, command))
        bench.expect(run.code != 0 and "digest=" not in run.out, f"it ends with {run.code} although {command} fails")
    (bench.repository / ".terraform.lock.hcl").write_text("")
    run = bench.run("plan.sh", "folder", answers=terraform_answers(PLANNED))
    bench.expect(len(run.calls("init", "-lockfile=readonly")) == 1, "the lock file may be changed")
    changing = [call for call in run.asked if call[1] not in ("init", "plan", "show")]
    bench.expect(changing == [], f"it does more than plan: {changing}")
    bench.expect(bench.run("plan.sh", answers=[]).code != 0, "it plans into no folder")


def pull(**changes: Any) -> dict[str, Any]:
    """A pull request that is admitted, but for the changes."""
    whole = {"user": {"login": "Maintainer-A"}, "state": "open", "base": {"ref": "main"}, "head": {"sha": HEAD}}
    return {**whole, "merge_commit_sha": MERGE, **changes}


def admitted(bench: Bench, answer: dict[str, Any], parents: list[str], code: int = 0, **environment: str) -> Run:
    """Asks whether a pull request is planned."""
    commit = {"parents": [{"sha": p} for p in parents]}
    answers = [
        (["gh", "api", "repos/o/r/pulls/7"], code, answer),
        (["gh", "api", f"repos/o/r/commits/{MERGE}"], code, commit),
    ]
    given = {"GITHUB_REPOSITORY": "o/r", "NUMBER": "7", "COMMIT": HEAD, "GH_TOKEN": "x", **environment}
    return bench.run("admit.sh", answers=answers, **given)


@situation("terraform", "admit.sh", "admits a deployer's commit, and names the merge of just that")
def _(bench: Bench) -> None:
    run = admitted(bench, pull(), [OTHER, HEAD])
    bench.ends(run, 0)
    bench.expect(run.out == f"commit={HEAD}\nref={MERGE}\n", f"its outputs are {run.out!r}")


@situation("terraform", "admit.sh", "refuses strangers, closed ones, other branches, commits that moved")
def _(bench: Bench) -> None:
    cases = [
        ("not on the list", pull(user={"login": "somebody"}), [OTHER, HEAD], {}),
        ("not on the list", pull(user={"login": "maintainer"}), [OTHER, HEAD], {}),
        ("not on the list", pull(user={"login": ".*"}), [OTHER, HEAD], {}),
        ("closed", pull(state="closed"), [OTHER, HEAD], {}),
        ("not for main", pull(base={"ref": "other"}), [OTHER, HEAD], {}),
        ("not " + HEAD, pull(head={"sha": OTHER}), [OTHER, HEAD], {}),
        ("does not merge", pull(merge_commit_sha=None), [OTHER, HEAD], {}),
        ("has not merged", pull(), [OTHER, OTHER], {}),
        ("has not merged", pull(), [HEAD], {}),
        ("not the number", pull(), [OTHER, HEAD], {"NUMBER": "7/../8"}),
        ("not a whole commit", pull(), [OTHER, HEAD], {"COMMIT": "aaaa"}),
    ]
    for words, answer, parents, environment in cases:
        run = admitted(bench, answer, parents, **environment)
        bench.ends(run, 1, words)
        bench.expect("ref=" not in run.out, f"{words}: it names a commit")
    run = admitted(bench, pull(), [OTHER, HEAD], code=1)
    bench.expect(run.code != 0 and run.out == "", "it admits although GitHub cannot be asked")


def reviewed(bench: Bench, pulls: list[Any], statuses: list[Any], code: int = 0) -> Run:
    """Asks whether a plan is the one that was reviewed."""
    answers = [
        (["gh", f"repos/o/r/commits/{MERGE}/pulls"], code, pulls),
        (["gh", f"repos/o/r/commits/{HEAD}/statuses?per_page=100"], code, statuses),
    ]
    given = {"GITHUB_REPOSITORY": "o/r", "GITHUB_SHA": MERGE, "DIGEST": "d1", "GH_TOKEN": "x"}
    return bench.run("reviewed-plan.sh", answers=answers, **given)


@situation("terraform", "reviewed-plan.sh", "applies what was reviewed and nothing else")
def _(bench: Bench) -> None:
    merged = [{"merged_at": None, "head": {"sha": OTHER}}, {"merged_at": "2026", "head": {"sha": HEAD}}]

    def status(digest: str, state: str = "success", context: str = "Terraform plan") -> dict[str, str]:
        return {"context": context, "state": state, "description": f"1 to add; {digest}"}

    bench.ends(reviewed(bench, merged, [status("d1")]), 0, "the one that was reviewed")
    bench.ends(reviewed(bench, merged, [status("d1"), status("d0")]), 0, "the one that was reviewed")
    bench.ends(reviewed(bench, merged, [status("d0"), status("d1")]), 1, "not what was reviewed")
    bench.ends(reviewed(bench, merged, [status("d1", "failure")]), 1, "was not planned")
    bench.ends(reviewed(bench, merged, [status("d1", context="other")]), 1, "was not planned")
    bench.ends(reviewed(bench, merged, []), 1, "was not planned")
    bench.ends(reviewed(bench, merged[:1], [status("d1")]), 1, "was not merged by a pull request")
    bench.ends(reviewed(bench, [], [status("d1")]), 1, "was not merged by a pull request")
    bench.expect(reviewed(bench, merged, [status("d1")], code=1).code != 0, "it applies although GitHub cannot be asked")


# --- Scripts of Ansible's repository --------------------------------------------------------------------------------


@situation("ansible", "session-proxy.sh", "shows the machine a key and opens a session to it alone")
def _(bench: Bench) -> None:
    answers = [(["send-ssh-public-key"], 0, ""), (["start-session"], 0, "")]
    run = bench.run("session-proxy.sh", "i-1", "ubuntu", answers=answers)
    bench.ends(run, 0)
    shown = run.calls("send-ssh-public-key", "--instance-id", "i-1", "--instance-os-user", "ubuntu")
    bench.expect(len(shown) == 1 and shown[0][-1].endswith("/.session/key.pub"), f"it shows {shown}")
    bench.expect(len(run.calls("start-session", "--target", "i-1")) == 1, f"it asks {run.asked}")
    run = bench.run("session-proxy.sh", "i-1", "ubuntu", answers=[(["send-ssh-public-key"], 254, ""), answers[1]])
    bench.ends(run, 0, "takes no key of this run")
    run = bench.run("session-proxy.sh", "i-1", "ubuntu", answers=[answers[0], (["start-session"], 254, "")])
    bench.expect(run.code != 0, "it ends well without a session")
    (bench.programs / "session-manager-plugin").unlink()
    run = bench.run("session-proxy.sh", "i-1", "ubuntu", answers=answers)
    bench.ends(run, 1, "session-manager-plugin is missing")


def without_situation() -> list[str]:
    """Scripts that a golden has and that no situation is about."""
    covered = {(repository, script) for repository, script, _, _ in SITUATIONS}
    generated = {
        (path.parent.parent.name, path.name)
        for pattern in ("scripts/*.sh", ".github/**/*.sh")
        for path in (ROOT / "golden").glob(f"*/*/*/{pattern}")
    }
    return [f"{repository}/scripts/{script}" for repository, script in sorted(generated - covered)]


def check(repository: str, function: Situation) -> Outcome:
    """Runs one situation."""
    outcome = Outcome("script")
    bench = Bench(repository)
    try:
        function(bench)
    finally:
        shutil.rmtree(bench.folder)
    for fault in bench.faults:
        outcome.found("wrong", repository, fault)
    return outcome


def main() -> int:
    """Runs all situations."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tally", type=Path, help="append the counts to this file instead of printing them")
    arguments = parser.parse_args()
    report = Report(Exceptions())
    missing = Outcome("script", note=f"{len({s for _, s, _, _ in SITUATIONS})} scripts have situations")
    for name in without_situation():
        missing.found("no-situation", name, "no situation is about it")
    report.add("all goldens", missing, 0)
    if not shutil.which("jq"):
        report.skip("script", "all", "jq is missing: apt-get install jq")
        return report.close(arguments.tally, judge_exceptions=False)

    def as_check(repository: str, script: str, name: str, function: Situation) -> tuple[str, str, Callable[[], Outcome]]:
        return "script", f"{script}: {name}", lambda: check(repository, function)

    report.run([as_check(*entry) for entry in SITUATIONS])
    return report.close(arguments.tally, judge_exceptions=False)


if __name__ == "__main__":
    sys.exit(main())
