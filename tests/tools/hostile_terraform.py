#!/usr/bin/env python3
"""Texts that mean something to Terraform or YAML go through a fleet and must arrive as they are.

usage: hostile_terraform.py [--tally FILE]

What the generated files hold becomes outputs, user data too, and Terraform itself evaluates them: no provider is needed.
User data is then read as cloud-init reads it.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import terraform
import yaml
from hostile_jenkins import BINARY, differences, kdl
from report import ROOT, Exceptions, Outcome, Report

TEXTS = [
    # Terraform's own language.
    *("${path.module}", "%{ if true }x%{ endif }", "$${a}", "%%{a}", "$", "${", "%{", "$$", "${\"${a}\"}", "a ${b} %{c}"),
    # Quotes, and what ends them.
    *("'", '"', "\\", "\\n", "\\${a}", "é 🦀", "two\nlines: ${x}", "tab\there", "{{ x }}", "<b>&amp;</b>"),
    # YAML's.
    *("yes", "~", "017", "1:30", "- a", "a: b", "a #b", "*a", "&a", "!a", "|", "@a", "#cloud-config"),
]
# A path takes no quotes, no `$` and no blanks, but it takes this.
FOLDER = "/var/%{if}/{{x}}/%%{y}"
COMMENT = "%{ if true } $${x} ${path.module} 'c' \"d\""
KEY = f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHostile0Hostile0Hostile0Hostile0Hostile00 {COMMENT}"


def fleet() -> str:
    """A tag, a role and a registry for each text; a key, a working folder and a mount with what they can hold."""
    lines = ['import "base.kdl"', f'key "root" {{ public {kdl(KEY, variables=False)}; opens "agent-root" "controller"; }}']
    for number, text in enumerate(TEXTS):
        lines.append(f'role "r{number}" {{ means {kdl(text)}; session-manager; }}')
        lines.append(f'registry "g{number}" {{ expire after="1d" means={kdl(text)}; }}')
    pool = f'means {kdl(COMMENT)}; remote-fs "{FOLDER}"; mounts "files"; role "r0"'
    lines += [
        f'cache "files" {{ efs mount="{FOLDER}"; }}',
        # What base.kdl defines is changed by an overlay.
        'environment "prod" {',
        *("aws { tags {", *(f'    "tag {number}" {kdl(text)}' for number, text in enumerate(TEXTS)), "}; }"),
        'image "agent" { step "nfs-client"; }',
        f'pool "cpu" {{ {pool}; }}',
        "}",
    ]
    return "\n".join(lines) + "\n"


def evaluated(repository: Path, scratch: Path) -> tuple[dict[str, Any], str]:
    """What Terraform makes of the values, by a name for each; or its complaint."""
    files = {path.name: json.loads(path.read_text()) for path in repository.glob("*.tf.json")}
    locals_: dict[str, Any] = {}
    for document in files.values():
        locals_.update(document.get("locals", {}))
    pool, registry = files["pool-cpu.tf.json"], files["registry.tf.json"]["data"]["aws_ecr_lifecycle_policy_document"]
    values: dict[str, Any] = {
        "tags": "${local.tags}",
        "agent": pool["resource"]["aws_launch_template"]["cpu"]["user_data"],
        "controller": files["controller.tf.json"]["resource"]["aws_instance"]["controller"]["user_data"],
        "group tags": pool["resource"]["aws_autoscaling_group"]["cpu"]["tag"],
        "template": pool["resource"]["aws_launch_template"]["cpu"]["description"],
        "roles": {n: files[f"role-r{n}.tf.json"]["resource"]["aws_iam_role"][f"r{n}"]["description"] for n in range(len(TEXTS))},
        "registries": {n: registry[f"g{n}"]["rule"][0]["description"] for n in range(len(TEXTS))},
    }
    # What only AWS knows.
    text = json.dumps({**locals_, "values": values})
    for unknown in ("aws_ebs_volume.jobs.id", "aws_efs_file_system.files.dns_name"):
        text = text.replace(f"${{{unknown}}}", "known-later")
    known = {k: v for k, v in json.loads(text).items() if not re.search(r"\$\{(aws_|data\.)", json.dumps(v))}
    document = {"locals": known, "output": {"values": {"value": "${local.values}"}}}
    folder = scratch / "evaluated"
    folder.mkdir()
    (folder / "main.tf.json").write_text(json.dumps(document))
    (folder / "cloud-init").symlink_to(repository / "cloud-init")
    for arguments in (("init",), ("apply", "-auto-approve", "-no-color", "-input=false")):
        done = terraform.run(folder, *arguments)
        if done.returncode:
            return {}, done.stdout
    return json.loads(terraform.run(folder, "output", "-json").stdout)["values"]["value"], ""


def files_of(user_data: str) -> dict[str, str]:
    """The files that cloud-init would write."""
    first, _, rest = user_data.partition("\n")
    if first != "#cloud-config":
        return {}
    return {entry["path"]: entry["content"] for entry in yaml.safe_load(rest)["write_files"]}


def check(repository: Path, scratch: Path) -> Outcome:
    """Compares what Terraform evaluated with what the fleet says."""
    outcome = Outcome(f"hostile-terraform {terraform.version()}")
    found, complaint = evaluated(repository, scratch)
    if complaint:
        outcome.found("test", "terraform", complaint)
        return outcome
    agent = base64.b64decode(found["agent"]).decode()
    written = {name: files_of(text) for name, text in (("agent", agent), ("controller", found["controller"]))}
    tags = {tag["key"]: tag["value"] for tag in found["group tags"]}
    # IAM takes Latin-1 only.
    descriptions = [text.replace("🦀", "-") for text in TEXTS]
    expected: dict[str, Any] = {
        **{f"tag {n}": text for n, text in enumerate(TEXTS)},
        **{f"group's tag {n}": text for n, text in enumerate(TEXTS)},
        **{f"role {n}": text for n, text in enumerate(descriptions)},
        **{f"registry {n}": text for n, text in enumerate(TEXTS)},
        "template": COMMENT,
        "settings": f"EXECUTORS=1\nREMOTE_FS='{FOLDER}'\n",
        "mounts": f"known-later:/ {FOLDER}\n",
        "root's keys": KEY + "\n",
        "controller's keys": [KEY],
        "agent's script": (ROOT / "stdlib/text/terraform/agent.sh").read_text().partition("\n")[2],
        "controller's script": (ROOT / "stdlib/text/terraform/controller.sh").read_text().partition("\n")[2],
    }
    here = "/etc/jenkins-agent/"

    def script(text: str) -> str:
        """Without the first two lines: the interpreter, and the note that it is generated."""
        return text.split("\n", 2)[2]

    have: dict[str, Any] = {
        **{f"tag {n}": found["tags"][f"tag {n}"] for n in range(len(TEXTS))},
        **{f"group's tag {n}": tags[f"tag {n}"] for n in range(len(TEXTS))},
        **{f"role {n}": found["roles"][str(n)] for n in range(len(TEXTS))},
        **{f"registry {n}": found["registries"][str(n)] for n in range(len(TEXTS))},
        "template": found["template"],
        "settings": written["agent"].get(here + "settings"),
        "mounts": written["agent"].get(here + "mounts"),
        "root's keys": written["agent"].get(here + "root.keys"),
        "controller's keys": yaml.safe_load(found["controller"])["ssh_authorized_keys"],
        "agent's script": script(written["agent"]["/usr/local/sbin/prepare-agent"]),
        "controller's script": script(written["controller"]["/usr/local/sbin/prepare-controller"]),
    }
    for difference in differences(expected, have):
        outcome.found("changed", "terraform", difference)
    outcome.note = f"{len(expected)} values"
    return outcome


def main() -> int:
    """Parses the arguments, compiles the fleet and checks what became of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tally", type=Path, help="append the counts to this file instead of printing them")
    arguments = parser.parse_args()
    report = Report(Exceptions())
    if not terraform.version():
        report.skip("hostile-terraform", "texts", terraform.HOW_TO_GET)
        return report.close(arguments.tally, judge_exceptions=False)
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
            report.run([("hostile-terraform", "texts", lambda: check(scratch / "out/tvm-ci-terraform", scratch))])
    return report.close(arguments.tally, judge_exceptions=False)


if __name__ == "__main__":
    sys.exit(main())
