#!/usr/bin/env python3
"""Applies a generated Terraform repository to a mock AWS (moto) on loopback.

usage: moto_terraform.py [--fleet FILE [--env NAME]] [--state FILE] [--keep] TERRAFORM_DIR

Works on a copy. What the configuration expects to find (images, networks, zones, log buckets, …) is read out of its data
blocks and literal ids and made in the mock first. Then: init, validate, plan, apply, a second plan that must be empty, with a
fleet what deployed.py claims of it and whether those claims can fail, destroy.
Every step must succeed without warnings. The copy differs from the original in this only: no backend, no assumed role,
no `import` blocks (the mock has nothing to adopt), no waiting for a group's machines, ids of existing things replaced by the
mock's, and before destroy no protection against it.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import terraform
from fleet import Fleet

# Seconds for one command; a working apply of a large fleet takes one minute.
PATIENCE = 420
KEYS = {"AWS_ACCESS_KEY_ID": "mock", "AWS_SECRET_ACCESS_KEY": "mock"}
NEWEST = "202601010000"
CANONICAL = "099720109477"
UBUNTU = [
    (f"ubuntu/images/hvm-ssd{kind}/ubuntu-{release}-{arch}-server-20260101", "arm64" if arch == "arm64" else "x86_64")
    for kind, release in (("", "jammy-22.04"), ("-gp3", "noble-24.04"))
    for arch in ("amd64", "arm64")
]
SERVER = Path(__file__).with_name("mock_aws.py")


# --- The configuration ----------------------------------------------------------------------------------------------


def listed(value: Any) -> list[Any]:
    """Terraform's JSON writes one block as an object and several as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


class Configuration:
    """The *.tf.json files of a folder, to look at and to change."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.files = {path: json.loads(path.read_text()) for path in sorted(folder.glob("*.tf.json"))}
        if not self.files:
            raise SystemExit(f"no *.tf.json in {folder}")

    def save(self) -> None:
        """Writes the files back."""
        for path, document in self.files.items():
            path.write_text(json.dumps(document, indent=2))

    def blocks(self, kind: str) -> Iterator[Any]:
        """The blocks of a top-level kind, in all files."""
        for document in self.files.values():
            yield from listed(document.get(kind))

    def data(self, type_: str) -> Iterator[dict[str, Any]]:
        """The bodies of all data blocks of a type."""
        for block in self.blocks("data"):
            for bodies in listed(block.get(type_)):
                for body in bodies.values():
                    yield from listed(body)

    def resources(self, type_: str) -> Iterator[dict[str, Any]]:
        """The bodies of all resources of a type."""
        for block in self.blocks("resource"):
            for bodies in listed(block.get(type_)):
                for body in bodies.values():
                    yield from listed(body)

    def providers(self) -> Iterator[dict[str, Any]]:
        """The configurations of the AWS provider."""
        for block in self.blocks("provider"):
            yield from listed(block.get("aws"))

    def default(self, value: Any) -> Any:
        """A value, or the default of the variable or the local that it names."""
        for _ in range(5):
            found = re.fullmatch(r"\$\{(var|local)\.(\w+)\}", value) if isinstance(value, str) else None
            if not found:
                return value
            kind, name = found.groups()
            if kind == "var":
                value = next((listed(b[name])[0].get("default") for b in self.blocks("variable") if name in b), None)
            else:
                value = next((b[name] for b in self.blocks("locals") if name in b), None)
        return value

    def region(self) -> str:
        """The region of the provider."""
        regions = (self.default(p.get("region")) for p in self.providers() if "alias" not in p)
        return next((r for r in regions if isinstance(r, str) and "${" not in r), "us-west-2")

    def unset_variables(self) -> Iterator[tuple[str, str]]:
        """Variables without a default, with their type."""
        for block in self.blocks("variable"):
            for name, bodies in block.items():
                body = listed(bodies)[0] if bodies else {}
                if "default" not in body:
                    yield name, body.get("type", "string")

    def literals(self, pattern: str) -> list[str]:
        """Every text that matches somewhere in the files, once, in order."""
        found: dict[str, None] = {}
        for document in self.files.values():
            found.update(dict.fromkeys(re.findall(pattern, json.dumps(document))))
        return list(found)

    def replace(self, old: str, new: str) -> None:
        """Replaces a literal everywhere."""
        for path, document in self.files.items():
            self.files[path] = json.loads(json.dumps(document).replace(old, new))

    def for_the_mock(self) -> None:
        """Takes out what only works with the real AWS."""
        for block in self.blocks("terraform"):
            block.pop("backend", None)
            block.pop("cloud", None)
        for provider in self.providers():
            for argument in (
                "assume_role",
                "assume_role_with_web_identity",
                "profile",
                "allowed_account_ids",
                "shared_credentials_files",
            ):
                provider.pop(argument, None)
            provider["s3_use_path_style"] = True
            provider["skip_metadata_api_check"] = True
        for group in self.resources("aws_autoscaling_group"):
            # The mock does not always bring up as many machines as it was asked for.
            group["wait_for_capacity_timeout"] = "0"
        for document in self.files.values():
            document.pop("import", None)

    def unprotect(self) -> None:
        """Turns Terraform's protection against destruction off."""
        for path, document in self.files.items():
            self.files[path] = json.loads(
                json.dumps(document).replace('"prevent_destroy": true', '"prevent_destroy": false')
            )


# --- The mock -------------------------------------------------------------------------------------------------------


def images(configuration: Configuration) -> list[dict[str, Any]]:
    """Images for moto: Ubuntu's, and one for each that a data block or a literal id asks for."""
    common = {
        "description": "", "hypervisor": "xen", "image_type": "machine", "platform": None, "public": False,
        "root_device_name": "/dev/sda1", "root_device_type": "ebs", "sriov": "simple", "state": "available",
        "virtualization_type": "hvm",
    }  # fmt: skip
    wanted: dict[str, dict[str, Any]] = {}
    for body in configuration.data("aws_ami"):
        filters = {
            f["name"]: [configuration.default(v) for v in listed(f["values"])] for f in listed(body.get("filter"))
        }
        tags = {name.removeprefix("tag:"): values[0] for name, values in filters.items() if name.startswith("tag:")}
        pattern = filters.get("name", [tags.get("image_family", "image") + "-*"])[0]
        if any(fnmatch.fnmatch(name, pattern) for name, _ in UBUNTU):
            continue
        # A family and `*`, with or without what comes between: one name that every such pattern finds.
        name = re.sub(r"(-v?)?\*$", "", pattern).replace("*", "x") + f"-v{NEWEST}"
        arm = re.search(r"arm|aarch", name) or "arm64" in filters.get("architecture", [])
        tags.setdefault("image_family", name.removesuffix(f"-v{NEWEST}"))
        wanted[name] = {
            "name": name,
            "tags": tags,
            "architecture": "arm64" if arm else "x86_64",
            "owner_id": "123456789012",
        }
    for number, id_ in enumerate(configuration.literals(r"\bami-[0-9a-f]{8,17}\b")):
        wanted[id_] = {
            "ami_id": id_,
            "name": f"image-by-id-{number}",
            "tags": {},
            "architecture": "x86_64",
            "owner_id": "123456789012",
        }
    for name, architecture in UBUNTU:
        wanted[name] = {"name": name, "tags": {}, "architecture": architecture, "owner_id": CANONICAL, "public": True}
    return [{**common, "ami_id": f"ami-{number:017x}", **image} for number, image in enumerate(wanted.values(), 1)]


@contextmanager
def mock_aws(scratch: Path, catalogue: list[dict[str, Any]]) -> Iterator[str]:
    """A moto server on a free port of 127.0.0.1; gives its address; ends that one process afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (scratch / "amis.json").write_text(json.dumps(catalogue))
    log = scratch / "moto.log"
    env = {
        **os.environ,
        "MOTO_AMIS_PATH": str(scratch / "amis.json"),
        "MOTO_EC2_LOAD_DEFAULT_AMIS": "true",
        # Seconds until a certificate is issued; a minute if not set.
        "MOTO_ACM_VALIDATION_WAIT": "2",
    }
    with log.open("w") as out:
        server = subprocess.Popen([sys.executable, str(SERVER), str(port)], env=env, stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + 60
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the mock AWS did not start: " + log.read_text()[-800:])
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(10)


class Seed:
    """Makes what the configuration expects to exist, and remembers it by the name it stands for."""

    def __init__(self, configuration: Configuration, address: str):
        self.configuration = configuration
        self.address = address
        self.region = configuration.region()
        self.facts: dict[str, str] = {"region": self.region}

    def client(self, service: str) -> Any:
        """A client of one service of the mock."""
        import boto3  # slow to load; only here

        keys = {"aws_access_key_id": "mock", "aws_secret_access_key": "mock"}
        # A session of its own: the module's is not safe among threads.
        return boto3.Session().client(service, region_name=self.region, endpoint_url=self.address, **keys)

    def everything(self) -> None:
        """Seeds all."""
        for step in (self.networks, self.addresses, self.zones, self.buckets, self.parameters, self.others):
            step()

    def filtered_tags(self, *types: str) -> dict[str, str]:
        """The tags by which data blocks of these types look for things."""
        tags: dict[str, str] = {}
        for body in (b for t in types for b in self.configuration.data(t)):
            tags.update({k: str(self.configuration.default(v)) for k, v in (body.get("tags") or {}).items()})
            for part in listed(body.get("filter")):
                if part["name"].startswith("tag:"):
                    tags[part["name"][4:]] = str(self.configuration.default(listed(part["values"])[0]))
        return {k: v.replace("*", "x") for k, v in tags.items()}

    def networks(self) -> None:
        """A network for each literal id, subnets for each literal id, spread over three zones."""
        ec2 = self.client("ec2")
        tags = [{"Key": k, "Value": v} for k, v in self.filtered_tags("aws_vpc").items()]
        networks = self.configuration.literals(r"\bvpc-[0-9a-f]{8,17}\b") or ["vpc-none"]
        for number, old in enumerate(networks):
            vpc = ec2.create_vpc(CidrBlock=f"10.{20 + number}.0.0/16")["Vpc"]["VpcId"]
            if tags:
                ec2.create_tags(Resources=[vpc], Tags=tags)
            self.known(old, vpc)
            if number == 0:
                self.facts["vpc"] = vpc
                gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
                ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        tags = [{"Key": k, "Value": v} for k, v in self.filtered_tags("aws_subnet", "aws_subnets").items()]
        zones = {
            self.configuration.default(body.get("id")): self.configuration.default(body.get("availability_zone"))
            for body in self.configuration.data("aws_subnet")
        }
        subnets = self.configuration.literals(r"\bsubnet-[0-9a-f]{8,17}\b")
        subnets += [f"subnet-none-{n}" for n in range(len(subnets), 3)]
        for number, old in enumerate(subnets):
            # A look-up says where it must lie; else they are spread over three zones.
            zone = zones.get(old) or self.region + "abc"[number % 3]
            subnet = ec2.create_subnet(VpcId=self.facts["vpc"], CidrBlock=f"10.20.{number}.0/24", AvailabilityZone=zone)
            if tags:
                ec2.create_tags(Resources=[subnet["Subnet"]["SubnetId"]], Tags=tags)
            self.known(old, subnet["Subnet"]["SubnetId"])
        for old in self.configuration.literals(r"\bsg-[0-9a-f]{8,17}\b"):
            group = ec2.create_security_group(GroupName=old[3:], Description="seeded", VpcId=self.facts["vpc"])
            self.known(old, group["GroupId"])

    def addresses(self) -> None:
        """Elastic IPs and volumes named by id."""
        ec2 = self.client("ec2")
        for old in self.configuration.literals(r"\beipalloc-[0-9a-f]{8,17}\b"):
            self.known(old, ec2.allocate_address(Domain="vpc")["AllocationId"])
        for old in self.configuration.literals(r"\bvol-[0-9a-f]{8,17}\b"):
            self.known(old, ec2.create_volume(AvailabilityZone=self.region + "a", Size=100)["VolumeId"])

    def zones(self) -> None:
        """Hosted zones that data blocks ask for, and certificates."""
        route53 = self.client("route53")
        for number, body in enumerate(self.configuration.data("aws_route53_zone")):
            if name := self.configuration.default(body.get("name")):
                private = (
                    {"VPC": {"VPCRegion": self.region, "VPCId": self.facts["vpc"]}} if body.get("private_zone") else {}
                )
                zone = route53.create_hosted_zone(Name=name, CallerReference=str(number), **private)
                self.facts[f"zone {name}"] = zone["HostedZone"]["Id"].split("/")[-1]
        for number, old in enumerate(self.configuration.literals(r"\bZ[0-9A-Z]{12,31}\b")):
            zone = route53.create_hosted_zone(Name=f"zone-{number}.example.org", CallerReference=f"literal-{number}")
            self.known(old, zone["HostedZone"]["Id"].split("/")[-1])

    def buckets(self) -> None:
        """Buckets that are named but not made here."""
        own = {self.configuration.default(body.get("bucket")) for body in self.configuration.resources("aws_s3_bucket")}
        named = [self.configuration.default(b.get("bucket")) for b in self.configuration.data("aws_s3_bucket")]
        named += [
            self.configuration.default(b.get("target_bucket"))
            for b in self.configuration.resources("aws_s3_bucket_logging")
        ]
        for body in self.configuration.resources("aws_lb"):
            named += [self.configuration.default(b.get("bucket")) for b in listed(body.get("access_logs"))]
        s3 = self.client("s3")
        place = {} if self.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        for name in dict.fromkeys(n for n in named if isinstance(n, str) and "${" not in n and n not in own):
            s3.create_bucket(Bucket=name, ObjectOwnership="ObjectWriter", **place)
            s3.put_bucket_acl(Bucket=name, ACL="log-delivery-write")
            self.facts[f"bucket {name}"] = name

    def parameters(self) -> None:
        """Parameters and secrets that data blocks read."""
        for body in self.configuration.data("aws_ssm_parameter"):
            self.client("ssm").put_parameter(
                Name=self.configuration.default(body["name"]), Value="mock", Type="SecureString"
            )
        for type_ in ("aws_secretsmanager_secret", "aws_secretsmanager_secret_version"):
            for body in self.configuration.data(type_):
                name = self.configuration.default(body.get("name") or body.get("secret_id") or "")
                if isinstance(name, str) and name and "${" not in name:
                    with suppress(Exception):  # the version's secret may be there already
                        self.client("secretsmanager").create_secret(Name=name, SecretString="mock")

    def others(self) -> None:
        """Keys, roles, identity providers, topics."""
        for body in self.configuration.data("aws_key_pair"):
            self.client("ec2").create_key_pair(KeyName=self.configuration.default(body["key_name"]))
        for body in self.configuration.data("aws_iam_openid_connect_provider"):
            if url := self.configuration.default(body.get("url")):
                self.client("iam").create_open_id_connect_provider(Url=url, ThumbprintList=["0" * 40])
        for body in self.configuration.data("aws_iam_role"):
            self.client("iam").create_role(
                RoleName=self.configuration.default(body["name"]), AssumeRolePolicyDocument="{}"
            )
        for body in self.configuration.data("aws_sns_topic"):
            self.client("sns").create_topic(Name=self.configuration.default(body["name"]))
        for body in self.configuration.data("aws_acm_certificate"):
            self.client("acm").request_certificate(DomainName=self.configuration.default(body["domain"]))

    def unprotect(self) -> None:
        """Turns off what keeps a load balancer or a machine from being deleted; by Terraform it takes half a minute."""
        elb = self.client("elbv2")
        for balancer in elb.describe_load_balancers()["LoadBalancers"]:
            off = [{"Key": "deletion_protection.enabled", "Value": "false"}]
            elb.modify_load_balancer_attributes(LoadBalancerArn=balancer["LoadBalancerArn"], Attributes=off)
        ec2 = self.client("ec2")
        for reservation in ec2.describe_instances()["Reservations"]:
            for instance in reservation["Instances"]:
                ec2.modify_instance_attribute(InstanceId=instance["InstanceId"], DisableApiTermination={"Value": False})

    def known(self, old: str, new: str) -> None:
        """Puts the mock's id in the place of the fleet's."""
        self.facts[old] = new
        self.configuration.replace(old, new)


# --- The steps ------------------------------------------------------------------------------------------------------


@dataclass
class Step:
    """One terraform command: whether it held, what it said, the interesting line of it."""

    name: str
    held: bool
    output: str
    seconds: float
    note: str = ""


@dataclass
class Result:
    """All steps, the state after apply (`terraform show -json`) and what was seeded."""

    steps: list[Step] = field(default_factory=list)
    state: dict[str, Any] | None = None
    facts: dict[str, str] = field(default_factory=dict)
    images: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> str:
        """What compare_plan.py reads: the state and what was seeded."""
        return json.dumps({"state": self.state, "facts": self.facts, "images": self.images}, indent=1)

    @property
    def held(self) -> bool:
        """Whether every step did."""
        return all(step.held for step in self.steps)


class Broken(Exception):
    """A step failed and the next ones make no sense."""


def exercise(
    repository: Path, keep: bool = False, tell: Callable[[Step], None] = lambda _step: None, fleet: Fleet | None = None
) -> Result:
    """Runs all steps over a copy of the repository; with the fleet it was made of also the claims."""
    result = Result()
    scratch = Path(tempfile.mkdtemp(prefix="tvmci-mock-aws-"))
    try:
        folder = terraform.copy(repository, scratch)
        configuration = Configuration(folder)
        configuration.for_the_mock()
        result.images = images(configuration)
        with mock_aws(scratch, result.images) as address:
            seed = Seed(configuration, address)
            seed.everything()
            result.facts = seed.facts
            configuration.save()
            with suppress(Broken):
                steps(folder, seed, result, tell, fleet)
        return result
    finally:
        if keep:
            print("kept:", scratch)
        else:
            shutil.rmtree(scratch, ignore_errors=True)


def steps(folder: Path, seed: Seed, result: Result, tell: Callable[[Step], None], fleet: Fleet | None) -> None:
    """init to destroy; stops at the first failure."""
    configuration = seed.configuration
    extra = {**KEYS, "AWS_ENDPOINT_URL": seed.address, "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": seed.region}
    samples = {"number": "1", "bool": "false"}
    for name, type_ in configuration.unset_variables():
        sample = samples.get(
            type_,
            "[]" if type_.startswith(("list", "set")) else "{}" if type_.startswith(("map", "object")) else "mock",
        )
        extra[f"TF_VAR_{name}"] = sample

    def step(name: str, *arguments: str, show: str = "", accepted: tuple[int, ...] = (0,)) -> str:
        start = time.monotonic()
        call = terraform.init if name == "init" else terraform.run
        done = call(folder, *arguments, extra=extra, patience=PATIENCE)
        found = re.findall(show, done.stdout) if show else []
        held = done.returncode in accepted and not terraform.warnings(done.stdout)
        one = Step(name, held, done.stdout, time.monotonic() - start, found[-1] if found else "")
        result.steps.append(one)
        tell(one)
        if done.returncode not in accepted:
            raise Broken(name)
        return done.stdout

    quiet = ("-no-color", "-input=false")
    step("init")
    step("validate", "validate", "-no-color")
    step("plan", "plan", *quiet, "-out=first.plan", show=r"Plan: (\d+ to add)")
    try:
        step("apply", "apply", *quiet, "first.plan", show=r"Resources: (\d+ added)")
    finally:
        shown = terraform.run(folder, "show", "-json", extra=extra)
        with suppress(json.JSONDecodeError):
            result.state = json.loads(shown.stdout)
    # 2 would be: there is something to change.
    step("second plan", "plan", *quiet, "-detailed-exitcode", show=r"(No changes|Plan: .*)\.")
    if fleet:
        claims(seed, fleet, result, tell)
    configuration.unprotect()
    configuration.save()
    seed.unprotect()
    step("destroy", "destroy", *quiet, "-auto-approve", show=r"Resources: (\d+ destroyed)")


def claims(seed: Seed, fleet: Fleet, result: Result, tell: Callable[[Step], None]) -> None:
    """What is there now, by the mock's API; then whether that would be seen if it were otherwise."""
    import deployed  # both bring what only this needs
    import deployed_changes

    world = deployed.World(fleet, cache(seed.client), seed.facts)
    for name, look in (("assertions", deployed.assertions), ("mutations", deployed_changes.mutations)):
        start = time.monotonic()
        found = look(world)
        one = Step(name, not found.faults, "\n".join(found.faults), time.monotonic() - start, found.note)
        result.steps.append(one)
        tell(one)


def main() -> int:
    """Parses the arguments and prints one line per step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("--fleet", type=Path, help="the fleet that it was compiled from: what is deployed is held against it")
    parser.add_argument("--env", default="prod", help="in which environment")
    parser.add_argument("--state", type=Path, help="write the state after apply and what was seeded, as JSON")
    parser.add_argument("--keep", action="store_true", help="leave the scratch folder for a look")
    arguments = parser.parse_args()
    if not terraform.version():
        print(terraform.HOW_TO_GET, file=sys.stderr)
        return 2

    def tell(step: Step) -> None:
        print(f"{'ok' if step.held else 'FAILED'}  {step.name}  {step.seconds:.1f} s  {step.note}".rstrip(), flush=True)
        if not step.held:
            print(step.output[-6000:])

    fleet = Fleet.expanded(arguments.fleet, arguments.env) if arguments.fleet else None
    result = exercise(arguments.repository, arguments.keep, tell, fleet)
    if arguments.state:
        arguments.state.write_text(result.as_json())
    return 0 if result.held else 1


if __name__ == "__main__":
    sys.exit(main())
