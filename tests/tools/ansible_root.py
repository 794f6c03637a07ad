"""Runs the playbooks for real against a throw-away Debian root, by the chroot connection.

Docker, systemd and Jenkins do not run there: `controller_engine=false` leaves out what needs them. What is claimed:
a deploy without its secrets changes nothing and names them; secrets that lie in AWS are read there (a mock), those of the
environment go before; a second run changes nothing; every file has the owner, the mode and the
content that it should have; what nobody describes any more is deleted; units are sound to systemd; a configuration
that Jenkins refuses fails the reload; no secret is ever printed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import moto_terraform
from report import ROOT

LOCK = threading.Lock()
BASE = ROOT / "target/tools/debian-root"
RELEASE = "bookworm"
PACKAGES = "python3,systemd,acl,tzdata"
DIGEST = "registry.example.org/jenkins@sha256:" + "0123456789abcdef" * 4
JENKINS_USER = 1000
LOOKUP = re.compile(r"lookup\('ansible\.builtin\.env', '(\w+)'\)")
STORED = re.compile(
    r"lookup\('ansible\.builtin\.env', '(\w+)'\)\s+"
    r"or lookup\('amazon\.aws\.(ssm_parameter|secretsmanager_secret)', '([^']+)', region='([\w-]+)'"
)
# What systemd says about a root in which nothing runs.
HARMLESS = re.compile(r"^$|Failed to (prepare filename|open|connect|create)|Unit (docker\.service|network-online)")


def missing() -> str:
    """Why it cannot be done here; nothing if it can."""
    if os.geteuid() != 0:
        return "a Debian root needs the rights of root (chroot)"
    if not BASE.exists() and not shutil.which("debootstrap"):
        return "debootstrap is missing: apt-get install debootstrap (tests/tools/setup does)"
    return ""


def base() -> Path:
    """The root that each run begins with; made once, from the mirror that apt is configured with."""
    # Checks run side by side.
    with LOCK:
        if not BASE.exists():
            make(BASE.with_suffix(".new")).rename(BASE)
    return BASE


def make(fresh: Path) -> Path:
    """A minimal Debian with Python, and a Docker of paper, because units name it."""
    fresh.parent.mkdir(parents=True, exist_ok=True)
    lists = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"], text=True, capture_output=True
    )
    mirror = [uri for uri in lists.stdout.split() if "security" not in uri][:1]
    command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", RELEASE, str(fresh), *mirror]
    # Mirrors are between two states now and then.
    for pause in (0, 15, 60):
        time.sleep(pause)
        if fresh.exists():
            shutil.rmtree(fresh)
        done = subprocess.run(command, text=True, capture_output=True)
        if done.returncode == 0:
            break
    else:
        raise RuntimeError(f"debootstrap failed: {(done.stdout + done.stderr)[-800:]}")
    docker = fresh / "usr/bin/docker"
    docker.write_text("#!/bin/sh\n")
    docker.chmod(0o755)
    (fresh / "etc/systemd/system/docker.service").write_text("[Service]\nExecStart=/usr/bin/docker\n")
    return fresh


@dataclass
class Stored:
    """A secret that lies in AWS."""

    name: str
    plugin: str
    path: str
    region: str

    def put(self, address: str, value: str) -> None:
        """Stores it in the mock."""
        import boto3  # slow to load; only here

        keys = {"aws_access_key_id": "mock", "aws_secret_access_key": "mock"}
        service = "ssm" if self.plugin == "ssm_parameter" else "secretsmanager"
        client = boto3.client(service, region_name=self.region, endpoint_url=address, **keys)
        if service == "ssm":
            client.put_parameter(Name=self.path, Value=value, Type="SecureString")
        else:
            client.create_secret(Name=self.path, SecretString=value)


@dataclass
class Jenkins:
    """A Jenkins of paper: answers reloads, and writes down what it was asked."""

    user: str
    nodes: list[str]
    refuses: bool = False
    requests: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str) -> tuple[int, str]:
        """Status and body."""
        self.requests.append(f"{method} {path}")
        if path == "/configuration-as-code/reload":
            # A configuration that is refused is told on a page like any other.
            return (200, "<html>") if self.refuses else (302, "")
        if path == "/whoAmI/api/json":
            return 200, f'{{"name": "{self.user}"}}'
        if path.startswith("/computer/api/json"):
            names = ", ".join(f'{{"displayName": "{name}"}}' for name in ["Built-In Node", *self.nodes])
            return 200, f'{{"computer": [{names}]}}'
        return 200, ""

    def serve(self) -> ThreadingHTTPServer:
        """Answers on a free port of loopback until it is shut down."""
        jenkins = self

        class Handler(BaseHTTPRequestHandler):
            def reply(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, body = jenkins.answer(self.command, self.path)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                if status == 302:
                    self.send_header("Location", "/")
                self.end_headers()
                self.wfile.write(body.encode())

            do_GET = do_POST = reply  # noqa: N815 - the names are http.server's

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


class Machine:
    """One throw-away root, and the repository that is run against it."""

    def __init__(self, repository: Path, scratch: Path, found: Callable[[str, str], None]):
        self.repository = repository
        self.scratch = scratch
        self.found = found
        self.root = scratch / "root"
        subprocess.run(["cp", "-a", str(base().resolve()), str(self.root)], check=True)
        roles = "".join(f.read_text() for f in sorted(repository.glob("roles/*/defaults/main.yml")))
        self.secrets = {name: f"not-to-be-seen-{name.lower()}" for name in sorted(set(LOOKUP.findall(roles)))}
        self.defaults = roles
        self.stored = [Stored(*found) for found in dict.fromkeys(STORED.findall(roles))]
        self.given = dict(self.secrets)
        self.aws: dict[str, str] = {}
        self.inventory = scratch / "inventory.ini"
        groups = ["controller", *(["static_agents"] if (repository / "roles/agents").is_dir() else [])]
        host = f"ansible_connection=community.general.chroot ansible_host={self.root} ansible_user=root"
        self.inventory.write_text(
            "".join(f"[{g}]\n{g.replace('_', '-')} {host} ansible_become=false\n" for g in groups)
        )

    def run(self, playbook: str, *arguments: str, secrets: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a playbook; what it prints must not hold a secret."""
        environment = {
            **os.environ,
            **(self.given if secrets else {}),
            # Without a mock to ask, nothing of AWS may be asked.
            "AWS_EC2_METADATA_DISABLED": "true",
            **self.aws,
            "ANSIBLE_HOME": str(self.scratch / "home"),
            "ANSIBLE_LOCAL_TEMP": str(self.scratch / "tmp"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "LC_ALL": "C.UTF-8",
        }
        command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(self.inventory), playbook]
        done = subprocess.run(
            [*command, *arguments],
            cwd=self.repository,
            env=environment,
            text=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )
        for name, value in self.secrets.items():
            if value in done.stdout + done.stderr:
                self.found("secret-shown", f"{playbook} {' '.join(arguments)} prints {name}")
        return done

    def mock(self, address: str) -> None:
        """Lets AWS be the mock at this address, in which nothing lies yet."""
        self.aws = {**moto_terraform.KEYS, "AWS_ENDPOINT_URL": address}

    def store(self) -> None:
        """Moves every other secret of AWS there, out of the environment; of the rest an older value lies there."""
        for number, stored in enumerate(self.stored):
            if number % 2 == 0:
                stored.put(self.aws["AWS_ENDPOINT_URL"], self.given.pop(stored.name))
            else:
                stored.put(self.aws["AWS_ENDPOINT_URL"], "of-yesterday")

    def must(self, done: subprocess.CompletedProcess[str], code: str) -> None:
        """A run that has to succeed."""
        if done.returncode:
            self.found(code, (done.stdout + done.stderr)[-4000:])

    def expect(self, path: str, owner: int, mode: int, content: str | None = None) -> None:
        """One file or folder of the root."""
        place = self.root / path.lstrip("/")
        if not place.exists():
            self.found("missing", f"{path} is not there")
            return
        stat = place.stat()
        if (stat.st_uid, stat.st_gid, stat.st_mode & 0o7777) != (owner, owner, mode):
            have = f"{stat.st_uid}:{stat.st_gid} {stat.st_mode & 0o7777:04o}"
            self.found("owner-or-mode", f"{path} is {have}, not {owner}:{owner} {mode:04o}")
        if content is not None and place.read_text() != content:
            self.found("content", f"{path} does not hold what it should")


def exercise(repository: Path, scratch: Path, found: Callable[[str, str], None]) -> str:
    """Runs everything; complaints go to `found`. Gives back what was done, in a few words."""
    machine = Machine(repository, scratch, found)
    with ExitStack() as stack:
        if machine.stored:
            machine.mock(stack.enter_context(moto_terraform.mock_aws(scratch, [])))
        deploys(machine, found)
        units(machine)
        reload(machine)
    note = f", {len(machine.secrets) - len(machine.given)} of them in AWS" if machine.stored else ""
    return f"{len(machine.secrets)} secrets{note}"


def deploys(machine: Machine, found: Callable[[str, str], None]) -> None:
    """Deploys that must stop, a first one, a second one."""
    quiet = ("-e", "controller_engine=false")
    first = (*quiet, "-e", f"controller_image={DIGEST}")

    done = machine.run("site.yml", *first, secrets=False)
    told = re.search(r"nothing was changed: no value for ([\w, ]+)", done.stdout)
    if done.returncode == 0:
        found("missing-secret", "a deploy without secrets does not stop")
    elif not told:
        found("missing-secret", f"a deploy without secrets does not say so: {done.stdout[-2000:]}")
    else:
        # The token is Ansible's own; all others are files on the controller.
        wanted = set(re.findall(r"- name: (\w+)\n\s+file: ", machine.defaults))
        if unnamed := wanted - set(told.group(1).split(", ")):
            found("missing-secret", f"these have no value and are not named: {', '.join(sorted(unnamed))}")
    if (machine.root / "var/jenkins").exists():
        found("missing-secret", "a deploy that stopped has written something")
    done = machine.run("site.yml", *quiet)
    if done.returncode == 0:
        found("missing-image", "a first installation without an image does not stop")

    machine.store()
    strays = [machine.root / "var/jenkins/keys/of-yesterday", machine.root / "var/jenkins/casc/of-yesterday.yaml"]
    for stray in strays:
        stray.parent.mkdir(parents=True)
        stray.write_text("old")
    machine.must(machine.run("site.yml", *first, "--diff", "-vvv"), "first-run")
    files(machine)
    for stray in strays:
        if stray.exists():
            found("stray", f"{stray.name} is still there")
    again = machine.run("site.yml", *quiet)
    machine.must(again, "second-run")
    for line in again.stdout.splitlines():
        if re.search(r"changed=[1-9]", line):
            found("second-run", f"a second run changes something: {line}")


def files(machine: Machine) -> None:
    """What a first run leaves behind."""
    machine.expect("/var/jenkins/keys", JENKINS_USER, 0o700)
    listed = re.findall(r"- name: (\w+)\n\s+file: (\S+)\n\s+end: (\"\"|\"\\n\")", machine.defaults)
    if not listed:
        machine.found("missing", "no secret is listed in roles/controller/defaults/main.yml")
    for name, file, end in listed:
        content = machine.secrets[name] + ("\n" if "n" in end else "")
        machine.expect(f"/var/jenkins/keys/{file}", JENKINS_USER, 0o600, content)
    for source in sorted(machine.repository.glob("casc/*.yaml")):
        machine.expect(f"/var/jenkins/casc/{source.name}", JENKINS_USER, 0o600, source.read_text())
    for source in sorted(machine.repository.glob("roles/controller/files/*.service")):
        machine.expect(f"/etc/systemd/system/{source.name}", 0, 0o644, source.read_text())
    environment = (machine.repository / "roles/controller/files/jenkins.env").read_text()
    machine.expect("/var/jenkins/jenkins.env", 0, 0o600, environment)
    machine.expect("/var/jenkins/jenkins.image", 0, 0o644, f"JENKINS_IMAGE={DIGEST}\n")
    for folder in ("home", "persistent_data/jobs", "persistent_data/userContent"):
        machine.expect(f"/var/jenkins/{folder}", JENKINS_USER, 0o755)
    if (machine.repository / "roles/agents").is_dir():
        for file in ("/home/jenkins/.ssh/authorized_keys", "/home/jenkins/.ssh/environment"):
            machine.expect(file, JENKINS_USER, 0o600)
        machine.expect("/root/.ssh/authorized_keys", 0, 0o600)
        keys = (machine.root / "home/jenkins/.ssh/authorized_keys").read_text().splitlines()
        if not keys or any(not re.match(r"(ssh|ecdsa|sk)-\S+ AAAA\S+", key) for key in keys):
            machine.found("content", "authorized_keys of user jenkins does not hold one key in each line")


def units(machine: Machine) -> None:
    """systemd's own opinion of the units."""
    names = [source.name for source in sorted(machine.repository.glob("roles/controller/files/*.service"))]
    command = ["chroot", str(machine.root), "systemd-analyze", "verify", *(f"/etc/systemd/system/{n}" for n in names)]
    done = subprocess.run(command, text=True, capture_output=True)
    for line in done.stderr.splitlines():
        if not HARMLESS.search(line):
            machine.found("unit", line)


def reload(machine: Machine) -> None:
    """A reload that Jenkins takes, and one that it refuses."""
    user = re.search(r"controller_api_user: (\S+)", machine.defaults)
    listed = re.search(r"controller_nodes:((?:\n  - .*)*)", machine.defaults)
    nodes = re.findall(r"- \"?([^\"\n]+)\"?", listed.group(1)) if listed else []
    jenkins = Jenkins(user.group(1) if user else "", nodes)
    server = jenkins.serve()
    try:
        volume = machine.root / "var/jenkins/persistent_data"
        subprocess.run(["mount", "-t", "tmpfs", "none", str(volume)], check=True)
        try:
            port = server.server_address[1]
            arguments = ("-e", f"controller_api=http://127.0.0.1:{port}", "-e", "controller_start_retries=1", "-vvv")
            machine.must(machine.run("reload-config.yml", *arguments), "reload")
            if jenkins.requests.count("POST /configuration-as-code/reload") != 1:
                machine.found("reload", f"the configuration is not loaded once: {jenkins.requests}")
            jenkins.refuses = True
            if machine.run("reload-config.yml", *arguments).returncode == 0:
                machine.found("reload", "a configuration that Jenkins refuses goes unnoticed")
        finally:
            subprocess.run(["umount", str(volume)], check=True)
    finally:
        server.shutdown()
