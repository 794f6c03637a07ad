"""Runs terraform in a copy of a generated repository, with a provider mirror where there is one."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

Done = subprocess.CompletedProcess[str]
REGISTRY = "registry.terraform.io"
HOW_TO_GET = "terraform is not on PATH; install it from its vendor or the distribution (1.11 or newer)"


def mirror() -> Path | None:
    """The folder of provider plugins: TVMCI_TF_PLUGIN_DIR, else one of the usual places."""
    named = os.environ.get("TVMCI_TF_PLUGIN_DIR")
    if named:
        return Path(named)
    usual = [
        Path.home() / ".terraform.d/plugins",
        Path("/usr/local/share/terraform/plugins"),
        Path("/usr/share/terraform/plugins"),
        *(found.parent for found in sorted(Path("/opt").glob(f"*/{REGISTRY}"))),
    ]
    return next((p for p in usual if (p / REGISTRY / "hashicorp/aws").is_dir()), None)


def environment() -> dict[str, str]:
    """The environment for terraform: no questions, no version check, no configuration file that is not there."""
    env = {**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "TF_INPUT": "0"}
    # Naming a file that does not exist makes every command print a warning.
    if not Path(env.get("TF_CLI_CONFIG_FILE", os.devnull)).exists():
        del env["TF_CLI_CONFIG_FILE"]
    return env


@cache
def version() -> str | None:
    """The version of the terraform on PATH, or none."""
    if not shutil.which("terraform"):
        return None
    done = subprocess.run(["terraform", "version", "-json"], capture_output=True, text=True, env=environment())
    return json.loads(done.stdout)["terraform_version"]


def run(folder: Path, *arguments: str, extra: dict[str, str] | None = None, patience: int = 300) -> Done:
    """Runs terraform there; both outputs in `stdout`. Past `patience` seconds it is stopped and has failed."""
    command = ["terraform", *arguments]
    env = {**environment(), **(extra or {})}
    out = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    # A group of its own: its provider is stopped with it.
    with subprocess.Popen(command, cwd=folder, env=env, text=True, start_new_session=True, **out) as process:
        try:
            output = process.communicate(timeout=patience)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output = process.communicate()[0] + f"\nError: stopped after {patience} s"
    return subprocess.CompletedProcess(command, process.returncode, output)


def init(folder: Path, *arguments: str, extra: dict[str, str] | None = None, patience: int = 300) -> Done:
    """`terraform init`, from the mirror where there is one, else over the network."""
    place = mirror()
    # The lock file of the repository may lack the hashes of the mirror's package, and init would refuse it.
    (folder / ".terraform.lock.hcl").unlink(missing_ok=True)
    more = [f"-plugin-dir={place}"] if place else []
    return run(folder, "init", "-no-color", "-input=false", *more, *arguments, extra=extra, patience=patience)


@contextmanager
def served(folder: Path, extra: dict[str, str]) -> Iterator[dict[str, str]]:
    """Runs the AWS provider of an initialised folder beside terraform; gives the environment with which terraform uses it.

    Terraform else starts it several times a plan, which takes longer than the plan. Both keep their garbage: they live
    for seconds, or start with each plan from little.
    """
    quick = {"GOGC": "off", "GOMEMLIMIT": "1500MiB"}
    subsystems = ("", "_PROTO", "_FRAMEWORK", "_HELPER_SCHEMA", "_MUX")
    quiet = {"TF_LOG_PROVIDER": "off", **{f"TF_LOG_SDK{name}": "off" for name in subsystems}}
    env = {**environment(), **extra, **quick, **quiet}
    # A provider that is configured twice refuses its own client where this is set; the mock speaks plain HTTP.
    env.pop("AWS_CA_BUNDLE", None)
    plugins = folder / ".terraform/providers" / REGISTRY / "hashicorp/aws"
    program = next(plugins.resolve().glob("*/*/terraform-provider-aws*"))
    out = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([program, "-debug"], env=env, text=True, **out) as process:
        try:
            found = next(m for line in process.stdout or () if (m := re.search(r"TF_REATTACH_PROVIDERS='(.*)'", line)))
            yield {**extra, **quick, "TF_REATTACH_PROVIDERS": found[1]}
        finally:
            process.terminate()


def copy(repository: Path, scratch: Path) -> Path:
    """A copy to run in, without state and downloaded plugins."""
    target = scratch / repository.name
    ignored = shutil.ignore_patterns(".terraform", "*.tfstate*", ".git")
    shutil.copytree(repository, target, ignore=ignored)
    return target


def warnings(output: str) -> list[str]:
    """The titles of the warnings in terraform's plain output, without that about a mirror of one platform."""
    titles = re.findall(r"^\W{0,3}Warning: (.*)$", output, re.M)
    return [title for title in titles if not title.startswith("Incomplete lock file information")]
