#!/usr/bin/env python3
"""Runs the scripts of first boot over a folder and files in place of a machine and its disks.

usage: boot_scripts.py [--tally FILE]

Each check is one situation: what is there before, what must be there after. Disks are files, `mount` is a stand-in that
takes notes, owners are noted and not set, so that nothing here needs root. The controller's script must never write
to a disk that is not blank: each such disk is compared byte by byte.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from report import ROOT, Exceptions, Outcome, Report

SCRIPTS = ROOT / "stdlib/text/terraform"
MIB = 1 << 20
VOLUME = "vol-0123456789abcdef0"
# Programs that would need root, or touch the machine.
STAND_INS = {
    "mount": 'echo "mount $*" >>"$NOTES"; touch "$NOTES.mounted"',
    "mountpoint": 'test -e "$NOTES.mounted"',
    "chown": 'echo "chown $*" >>"$NOTES"',
    "getent": 'case $2 in root) home=/root ;; *) home=/home/$2 ;; esac; echo "$2:x:1000:1000::$home:/bin/bash"',
    "id": 'echo "${@: -1}"',
    "install": """
args=()
while (($#)); do
    case $1 in
        -o | -g) echo "install $1 $2" >>"$NOTES"; shift 2 ;;
        *) args+=("$1"); shift ;;
    esac
done
exec "$REAL_INSTALL" "${args[@]}"
""",
}
# Where xfsprogs is missing, any file system shows which disk was formatted.
MKFS = 'exec mke2fs -q -t ext4 "${@: -1}"'


class Machine:
    """A folder that stands for a machine."""

    def __init__(self, script: str, settings: str, files: dict[str, str]):
        self.script = SCRIPTS / script
        self.folder = Path(tempfile.mkdtemp(prefix="tvmci-boot-"))
        self.root, self.dev, self.sys = (self.folder / name for name in ("root", "dev", "sys"))
        self.dev.mkdir()
        (self.sys / "block").mkdir(parents=True)
        for name, text in {"etc/fstab": "LABEL=root / ext4 defaults 0 1\n", **files}.items():
            self.write(name, text)
        self.write(f"etc/jenkins-{script.removesuffix('.sh')}/settings", settings)
        programs = self.folder / "bin"
        programs.mkdir()
        stand_ins = dict(STAND_INS)
        if not shutil.which("mkfs.xfs", path=self.path()):
            stand_ins["mkfs.xfs"] = MKFS
        for name, text in stand_ins.items():
            (programs / name).write_text(f"#!/usr/bin/env bash\n{text}\n")
            (programs / name).chmod(0o755)

    def path(self) -> str:
        """The programs of the machine, after the stand-ins; an ordinary user's path lacks the folders of disk tools."""
        return os.pathsep.join([str(self.folder / "bin"), os.environ["PATH"], "/usr/sbin", "/sbin"])

    def write(self, name: str, text: str) -> None:
        """A file of the machine."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def read(self, name: str) -> str:
        """What a file of the machine holds; nothing where it is missing."""
        path = self.root / name
        return path.read_text() if path.exists() else ""

    def disk(self, name: str, serial: str = "", size: int = 320 * MIB) -> Path:
        """A blank disk; NVMe disks have a serial number, padded as the kernel shows it."""
        block = self.sys / "block" / name
        (block / "device").mkdir(parents=True)
        if serial:
            (block / "device/serial").write_text(f"{serial:<20}\n")
        path = self.dev / name
        with path.open("wb") as out:
            out.truncate(size)
        return path

    def boot(self) -> tuple[int, str]:
        """Runs the script; its exit code and what it said."""
        env = {
            **os.environ,
            "PATH": self.path(),
            "BOOT_ROOT": str(self.root),
            "BOOT_DEV": str(self.dev),
            "BOOT_SYS": str(self.sys),
            "BOOT_PATIENCE": "0",
            "NOTES": str(self.folder / "notes"),
            "REAL_INSTALL": shutil.which("install") or "/usr/bin/install",
        }
        done = subprocess.run(["bash", str(self.script)], env=env, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def remove(self) -> None:
        """The end of it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def controller() -> Machine:
    """A controller's machine with its root disk and no volume."""
    folders = "0755 /var/jenkins\n0700 /var/jenkins/keys\n0755 /var/jenkins/volume\n0755 /var/jenkins/volume/jobs\n"
    settings = f"JOBS_VOLUME={VOLUME}\nJOBS_DEVICE=/dev/sdf\nJOBS_FOLDER=/var/jenkins/volume\n"
    machine = Machine("controller.sh", settings, {"etc/jenkins-controller/folders": folders})
    machine.disk("nvme0n1", "vol0fedcba9876543210")
    return machine


def agent(files: dict[str, str] | None = None) -> Machine:
    """An agent's machine with what cloud-init wrote."""
    written = {"jenkins.keys": "ssh-ed25519 AAAA controller\n", **(files or {})}
    settings = "EXECUTORS=2\nREMOTE_FS=/home/jenkins/work\n"
    return Machine("agent.sh", settings, {f"etc/jenkins-agent/{name}": text for name, text in written.items()})


def digest(path: Path) -> str:
    """The content of a disk."""
    with path.open("rb") as disk:
        return hashlib.file_digest(disk, "sha256").hexdigest()


def type_of(path: Path) -> str:
    """The file system on a disk."""
    command = ["blkid", "-p", "-s", "TYPE", "-o", "value", str(path)]
    search = os.environ["PATH"] + ":/usr/sbin:/sbin"
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PATH": search}).stdout.strip()


# --- The situations -------------------------------------------------------------------------------------------------

Situation = Callable[[], list[str]]
SITUATIONS: dict[str, Situation] = {}


def situation(name: str) -> Callable[[Situation], Situation]:
    """Registers a check; it gives what is wrong."""

    def register(function: Situation) -> Situation:
        SITUATIONS[name] = function
        return function

    return register


def expect(faults: list[str], held: bool, text: str) -> None:
    """Notes what does not hold."""
    if not held:
        faults.append(text)


def boots(machine: Machine, faults: list[str]) -> None:
    """The script must succeed."""
    code, said = machine.boot()
    expect(faults, code == 0, f"it ends with {code}: {said}")


def leaves_alone(machine: Machine, disk: Path) -> list[str]:
    """The script must fail and change nothing on the disk."""
    before = digest(disk)
    code, said = machine.boot()
    faults: list[str] = []
    expect(faults, code != 0 and "left alone" in said, f"it ends with {code}: {said}")
    expect(faults, digest(disk) == before, "it wrote to the disk")
    expect(faults, "volume" not in machine.read("etc/fstab"), "the disk is in fstab")
    machine.remove()
    return faults


@situation("controller: a blank volume is formatted and mounted by its UUID")
def _() -> list[str]:
    machine, faults = controller(), []
    volume = machine.disk("nvme1n1", VOLUME.replace("-", ""))
    boots(machine, faults)
    table = machine.read("etc/fstab").splitlines()
    expect(faults, bool(type_of(volume)), "there is no file system")
    expect(faults, type_of(machine.dev / "nvme0n1") == "", "the root disk was formatted")
    expect(faults, table[0] == "LABEL=root / ext4 defaults 0 1", "the root disk's line is gone")
    expect(faults, len(table) == 2 and table[1].startswith("UUID="), f"fstab is {table}")
    expect(faults, (machine.root / "var/jenkins/volume/jobs").is_dir(), "there is no folder for jobs")
    expect(faults, (machine.root / "var/jenkins/keys").stat().st_mode & 0o777 == 0o700, "others can list the keys")
    notes = (machine.folder / "notes").read_text()
    expect(faults, f"mount {machine.root}/var/jenkins/volume\n" in notes, "nothing is mounted")
    expect(faults, notes.count("install -o 1000\n") == 4, "the folders do not belong to Jenkins")
    before = digest(volume), table
    boots(machine, faults)
    expect(faults, (digest(volume), machine.read("etc/fstab").splitlines()) == before, "a second run changes something")
    machine.remove()
    return faults


@situation("controller: a volume with a file system keeps it, and what is on it")
def _() -> list[str]:
    machine, faults = controller(), []
    volume = machine.disk("nvme7n1", VOLUME.replace("-", ""))
    subprocess.run(["mke2fs", "-q", "-t", "ext4", str(volume)], check=True, env={"PATH": machine.path()})
    before = digest(volume)
    boots(machine, faults)
    expect(faults, digest(volume) == before, "it wrote to the disk")
    expect(faults, " /var/jenkins/volume ext4 " in machine.read("etc/fstab"), "fstab names another file system")
    machine.remove()
    return faults


@situation("controller: a disk that holds anything is never formatted")
def _() -> list[str]:
    faults = []
    marks = {"in its first bytes": 0, "a megabyte in": MIB, "in the last of 16 MiB": 16 * MIB - 1}
    for where, offset in marks.items():
        machine = controller()
        volume = machine.disk("nvme1n1", VOLUME.replace("-", ""))
        with volume.open("r+b") as disk:
            disk.seek(offset)
            disk.write(b"!")
        faults += [f"{where}: {fault}" for fault in leaves_alone(machine, volume)]
    return faults


@situation("controller: partitions, LVM and encryption are no blank disks")
def _() -> list[str]:
    faults = []
    # Offsets and signatures as in libblkid: a DOS table, an LVM label, a LUKS header, swap behind the first page.
    signatures = {
        "partitions": [(446, bytes([0, 0, 2, 0, 0x83, 0, 0, 0, 0, 8, 0, 0, 0, 0x20, 0, 0])), (510, b"\x55\xaa")],
        "LVM": [(512, b"LABELONE" + bytes(16) + b"LVM2 001")],
        "encryption": [(0, b"LUKS\xba\xbe\0\1")],
        "swap": [(4086, b"SWAPSPACE2")],
    }
    for what, parts in signatures.items():
        machine = controller()
        volume = machine.disk("nvme1n1", VOLUME.replace("-", ""))
        with volume.open("r+b") as disk:
            for offset, text in parts:
                disk.seek(offset)
                disk.write(text)
        before = digest(volume)
        code, said = machine.boot()
        expect(faults, digest(volume) == before, f"{what}: it wrote to the disk ({code}: {said})")
        machine.remove()
    return faults


@situation("controller: a disk that cannot be read is not taken for a blank one")
def _() -> list[str]:
    machine, faults = controller(), []
    volume = machine.disk("nvme1n1", VOLUME.replace("-", ""))
    volume.unlink()
    volume.mkdir()
    code, said = machine.boot()
    expect(faults, code != 0, f"it ends well: {said}")
    expect(faults, volume.is_dir(), "it made something else of it")
    machine.remove()
    return faults


@situation("controller: on Xen the volume is found by the name of its attachment")
def _() -> list[str]:
    machine, faults = controller(), []
    other, volume = machine.disk("xvdb"), machine.disk("xvdf")
    boots(machine, faults)
    expect(faults, bool(type_of(volume)), "the volume has no file system")
    expect(faults, type_of(other) == "", "another disk was formatted")
    machine.remove()
    return faults


@situation("controller: without the volume nothing happens to other disks")
def _() -> list[str]:
    machine, faults = controller(), []
    other = machine.disk("nvme1n1", "vol0aaaaaaaaaaaaaaaa")
    before = digest(other)
    code, said = machine.boot()
    expect(faults, code != 0 and f"volume {VOLUME} is not attached" in said, f"it ends with {code}: {said}")
    expect(faults, digest(other) == before, "it wrote to another disk")
    expect(faults, not (machine.root / "var").exists(), "it made folders where the volume should be")
    machine.remove()
    return faults


@situation("agent: the controller gets in, builds know their executors, the folder is there")
def _() -> list[str]:
    machine, faults = agent(), []
    boots(machine, faults)
    home = "home/jenkins/.ssh"
    expect(faults, machine.read(f"{home}/authorized_keys") == "ssh-ed25519 AAAA controller\n", "the key is not there")
    expect(faults, machine.read(f"{home}/environment") == "CI_NUM_EXECUTORS=2\n", "the environment is wrong")
    for name, mode in ((home, 0o700), (f"{home}/authorized_keys", 0o600), (f"{home}/environment", 0o600)):
        found = (machine.root / name).stat().st_mode & 0o777
        expect(faults, found == mode, f"{name} has mode {found:o}")
    expect(faults, (machine.root / "home/jenkins/work").is_dir(), "there is no working folder")
    expect(faults, not (machine.root / "root").exists(), "root was opened though no key opens it")
    machine.remove()
    return faults


@situation("agent: keys that are there stay, none comes twice, and a second run changes nothing")
def _() -> list[str]:
    keys = "ssh-ed25519 AAAA one\nssh-ed25519 BBBB two\nssh-ed25519 AAAA one\n"
    machine, faults = agent({"jenkins.keys": keys, "root.keys": "k a\nk a\n"}), []
    machine.write("root/.ssh/authorized_keys", "ssh-rsa CCCC from-ec2\n")
    boots(machine, faults)
    opened = "ssh-ed25519 AAAA one\nssh-ed25519 BBBB two\n"
    expect(faults, machine.read("home/jenkins/.ssh/authorized_keys") == opened, "a key comes twice or is missing")
    expect(faults, machine.read("root/.ssh/authorized_keys") == "ssh-rsa CCCC from-ec2\nk a\n", "root's keys are wrong")

    def everything() -> dict[Path, tuple[bytes, int]]:
        files = (path for path in machine.root.rglob("*") if path.is_file())
        return {path: (path.read_bytes(), path.stat().st_ino) for path in files}

    before = everything()
    boots(machine, faults)
    expect(faults, everything() == before, "a second run changes something")
    machine.remove()
    return faults


@situation("agent: a cache that is out of reach is in fstab with nofail")
def _() -> list[str]:
    machine, faults = agent({"mounts": "fs-1.efs.us-west-2.amazonaws.com:/ /var/cache/ci\n"}), []
    boots(machine, faults)
    boots(machine, faults)
    table = [line.split() for line in machine.read("etc/fstab").splitlines()]
    mine = [line for line in table if line[1] == "/var/cache/ci"]
    expect(faults, len(mine) == 1, f"fstab has it {len(mine)} times")
    expect(faults, bool(mine) and {"nofail", "_netdev"} <= set(mine[0][3].split(",")), f"its options are {mine}")
    expect(faults, (machine.root / "var/cache/ci").is_dir(), "there is no folder to mount it on")
    machine.remove()
    return faults


def main() -> int:
    """Runs all situations."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tally", type=Path, help="append the counts to this file instead of printing them")
    arguments = parser.parse_args()
    report = Report(Exceptions())

    def as_check(name: str, check: Situation) -> tuple[str, str, Callable[[], Outcome]]:
        def run() -> Outcome:
            outcome = Outcome("boot-script")
            for fault in check():
                outcome.found("wrong", name, fault)
            return outcome

        return "boot-script", name, run

    if shutil.which("blkid", path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
        report.run([as_check(name, check) for name, check in SITUATIONS.items()])
    else:
        report.skip("boot-script", "all", "blkid is missing (util-linux)")
    return report.close(arguments.tally, judge_exceptions=False)


if __name__ == "__main__":
    sys.exit(main())
