"""Holds what a mock apply has made against what the fleet says: every claim asks the mock's API, none asks Terraform.

In: a fleet (read by fleet.py, not by the compiler) and clients of the mock. A claim names the resource types that it looks
at; deployed_changes.py changes deployed objects and sees that the claim then fails.
IAM policies are evaluated by iam_policy.py, our own reading of AWS's rules, since moto has no simulation.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import iam_policy
from fleet import Fleet, Node, days, gib, seconds

WORLD = "0.0.0.0/0"
AGENT_FILES = {"/usr/local/sbin/prepare-agent", "/etc/jenkins-agent/jenkins.keys", "/etc/jenkins-agent/settings"}
# cloud-init's schema, module write_files: these keys and no others of ours; `permissions` is a text.
WRITTEN = {"path", "owner", "permissions", "content"}


@dataclass
class World:
    """A fleet, the mock in which it was deployed, and what is said about it."""

    fleet: Fleet
    client: Callable[[str], Any]
    seeded: dict[str, str]
    faults: list[str] = field(default_factory=list)
    count: int = 0

    def holds(self, held: bool, text: str) -> None:
        """One assertion."""
        self.count += 1
        if not held:
            self.faults.append(text)

    def same(self, what: str, have: Any, want: Any) -> None:
        """An assertion that tells both sides."""
        self.holds(have == want, f"{what} is {have!r}, the fleet says {want!r}")

    @cached_property
    def ec2(self) -> Any:
        """The client asked most."""
        return self.client("ec2")

    def groups(self) -> dict[str, dict[str, Any]]:
        """The autoscaling groups by name."""
        found = self.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        return {group["AutoScalingGroupName"]: group for group in found}

    def templates(self) -> dict[str, dict[str, Any]]:
        """The default versions of the launch templates, by name."""
        names = [t["LaunchTemplateName"] for t in self.ec2.describe_launch_templates()["LaunchTemplates"]]
        return {
            name: self.ec2.describe_launch_template_versions(LaunchTemplateName=name, Versions=["$Default"])[
                "LaunchTemplateVersions"
            ][0]["LaunchTemplateData"]
            for name in names
        }

    def instances(self, role: str, pool: str = "") -> list[dict[str, Any]]:
        """The machines with a tag `Role`, of a pool."""
        filters = [{"Name": "tag:Role", "Values": [role]}]
        filters += [{"Name": "tag:Pool", "Values": [pool]}] if pool else []
        found = self.ec2.describe_instances(Filters=filters)["Reservations"]
        return [i for r in found for i in r["Instances"] if i["State"]["Name"] != "terminated"]

    def security_groups(self) -> dict[str, str]:
        """The groups that the fleet made: id by name without the fleet's prefix."""
        mine = [{"Name": "tag:Fleet", "Values": [self.fleet.only("fleet").name]}]
        found = self.ec2.describe_security_groups(Filters=mine)["SecurityGroups"]
        return {g["GroupName"].removeprefix(f"{self.fleet.prefix}-"): g["GroupId"] for g in found}

    def rules(self, egress: bool) -> list[dict[str, Any]]:
        """The rules of those groups."""
        ids = set(self.security_groups().values())
        rules = self.ec2.describe_security_group_rules(MaxResults=1000)["SecurityGroupRules"]
        return [r for r in rules if r["GroupId"] in ids and r["IsEgress"] == egress]

    def subnet(self, name: str) -> str:
        """The mock's id of a subnet of the fleet."""
        node = next(s for s in self.fleet.only("network").all("subnet") if s.name == name)
        if node.get("id"):
            return self.seeded[node.get("id")]
        wanted = [{"Name": "cidr-block", "Values": [node.get("range")]}, {"Name": "tag-key", "Values": ["Fleet"]}]
        found = self.ec2.describe_subnets(Filters=wanted)["Subnets"]
        return found[0]["SubnetId"] if found else f"(no subnet with {node.get('range')})"

    def role_statements(self, role: str) -> list[iam_policy.Statement]:
        """All that a role's own policies say."""
        iam = self.client("iam")
        found = []
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            found += iam_policy.statements(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
        for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
            version = iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
            document = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId=version)
            found += iam_policy.statements(document["PolicyVersion"]["Document"])
        return found

    def load_balancer(self) -> dict[str, Any] | None:
        """The only load balancer."""
        found = self.client("elbv2").describe_load_balancers()["LoadBalancers"]
        self.same("the number of load balancers", len(found), 1)
        return found[0] if found else None


Claim = Callable[[World], None]
CLAIMS: dict[str, Claim] = {}
ASSERTED: dict[str, str] = {}


def claim(*types: str) -> Callable[[Claim], Claim]:
    """Registers a claim under its function's name, with the resource types that it looks at."""

    def register(function: Claim) -> Claim:
        name = function.__name__.replace("_", " ")
        CLAIMS[name] = function
        ASSERTED.update(dict.fromkeys(types, name))
        return function

    return register


# --- Machines -------------------------------------------------------------------------------------------------------


@cache
def shell_complaint(text: str) -> str:
    """What bash says of a script without running it."""
    return subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True).stderr.strip()


def user_data(world: World, what: str, text: str, opened: str = "") -> dict[str, dict[str, Any]]:
    """The files that cloud-init would write; asserts that it can read them. `opened`: what keys of its own user open."""
    first, _, rest = text.partition("\n")
    world.same(f"{what}: the first line of user data", first, "#cloud-config")
    try:
        read = json.loads(rest)
    except json.JSONDecodeError as error:
        world.holds(False, f"{what}: user data is no JSON: {error}")
        return {}
    keys = [k.value("public") for k in world.fleet.all("key") if opened and opened in k.values("opens")]
    world.same(f"{what}: keys of the machine's user", read.pop("ssh_authorized_keys", []), keys)
    world.same(f"{what}: the modules of cloud-init", set(read), {"write_files", "runcmd"})
    files = {file["path"]: file for file in read["write_files"]}
    for path, file in files.items():
        world.holds(set(file) <= WRITTEN, f"{what}: {path} has {set(file) - WRITTEN}")
        world.holds(bool(re.fullmatch(r"0[0-7]{3}", file["permissions"])), f"{what}: {path} has {file['permissions']}")
        if file["content"].startswith("#!"):
            complaint = shell_complaint(file["content"])
            world.holds(not complaint, f"{what}: bash -n of {path}: {complaint}")
            world.holds(file["permissions"] == "0755", f"{what}: {path} cannot be run")
    for command in read["runcmd"]:
        runs = isinstance(command, list) and command[0] in files
        world.holds(runs, f"{what}: {command} is run and not written")
    return files


def agent_data(world: World, what: str, pool: Node, text: str) -> None:
    """The user data of an agent says what its pool says."""
    files = user_data(world, what, text)
    world.holds(AGENT_FILES <= set(files), f"{what}: user data lacks {AGENT_FILES - set(files)}")
    if not AGENT_FILES <= set(files):
        return
    settings = dict(line.split("=", 1) for line in files["/etc/jenkins-agent/settings"]["content"].splitlines())
    world.same(f"{what}: executors", settings.get("EXECUTORS"), str(pool.value("executors")))
    world.same(f"{what}: folder", settings.get("REMOTE_FS"), pool.value("remote-fs"))
    keys = files["/etc/jenkins-agent/jenkins.keys"]["content"].splitlines()
    wanted = [k.value("public") for k in world.fleet.all("key") if "agents" in k.values("opens")]
    world.same(f"{what}: keys", sorted(keys), sorted(wanted))
    mounted = files.get("/etc/jenkins-agent/mounts", {"content": ""})["content"].split()
    systems = {f["Name"]: f["FileSystemId"] for f in world.client("efs").describe_file_systems()["FileSystems"]}
    want: list[str] = []
    for name in pool.values("mounts"):
        id_ = systems.get(f"{world.fleet.prefix}-{name}", "(none)")
        place = world.fleet.named("cache", name).child("efs")
        want += [f"{id_}.efs.{world.fleet.region}.amazonaws.com:/", place.get("mount") if place else ""]
    world.same(f"{what}: mounts", mounted, want)


def metadata(world: World, what: str, options: dict[str, Any]) -> None:
    """IMDSv2 and nothing older."""
    world.same(f"{what}: tokens of the metadata service", options.get("HttpTokens"), "required")
    world.same(f"{what}: hops to the metadata service", options.get("HttpPutResponseHopLimit"), 2)


def image_of(world: World, what: str, image: str, ami: str, types: list[str]) -> None:
    """The machine image is of the fleet's image and of the architecture of all its types."""
    found = world.ec2.describe_images(ImageIds=[ami])["Images"]
    family = next((t["Value"] for t in (found[0].get("Tags") or []) if t["Key"] == "image_family"), "") if found else ""
    # Graviton's families have a g behind the generation: m7g, r8gd.
    arm = {bool(re.match(r"[a-z]+\d+g", t)) for t in types}
    world.same(f"{what}: architectures of its types", len(arm), 1)
    suffix = "arm" if True in arm else "x64"
    given = world.fleet.named("image", image).value("family") or image
    world.same(f"{what}: the family of image {ami}", family, f"{given}-{suffix}")


@claim("aws_autoscaling_group")
def autoscaling_groups(world: World) -> None:
    """Sizes, the share on demand, types in their order, subnets, who ends machines, tags."""
    groups = world.groups()
    pools = {world.fleet.pool_name(pool): pool for pool in world.fleet.groups()}
    world.same("the autoscaling groups", set(groups), set(pools))
    for name, pool in pools.items():
        group, scale = groups.get(name), pool.child("autoscale")
        if group is None or scale is None:
            continue
        sizes = (group["MinSize"], group["MaxSize"], group["DesiredCapacity"])
        world.same(f"{name}: min, max, desired", sizes, (scale.get("min"), scale.get("max"), scale.get("min")))
        policy = group.get("MixedInstancesPolicy", {})
        types = [o["InstanceType"] for o in policy.get("LaunchTemplate", {}).get("Overrides", [])]
        world.same(f"{name}: types", types, pool.values("instances"))
        share, demand, spot = policy.get("InstancesDistribution", {}), scale.child("on-demand"), scale.child("spot")
        world.same(f"{name}: on demand", share.get("OnDemandBaseCapacity"), demand and demand.get("base"))
        percent = share.get("OnDemandPercentageAboveBaseCapacity")
        world.same(f"{name}: percent on demand", percent, demand and demand.get("percent"))
        world.same(f"{name}: spot", share.get("SpotAllocationStrategy"), spot and spot.get("strategy"))
        subnets = {world.subnet(s) for s in world.fleet.pool_subnets(pool)}
        world.same(f"{name}: subnets", set(group["VPCZoneIdentifier"].split(",")), subnets)
        suspended = {p["ProcessName"] for p in group.get("SuspendedProcesses", [])}
        world.holds("AZRebalance" in suspended, f"{name}: AWS may end machines to balance zones")
        tags = {t["Key"]: (t["Value"], t["PropagateAtLaunch"]) for t in group["Tags"]}
        for key, value in {**fleet_tags(world.fleet), "Pool": pool.name, "Role": "autoscaled-agent"}.items():
            world.same(f"{name}: tag {key}, on machines too", tags.get(key), (value, True))


def fleet_tags(fleet: Fleet) -> dict[str, str]:
    """What everything of a fleet carries."""
    own = fleet.only("aws").child("tags")
    given = {str(n.name): str(n.args[0]) for n in (own.node.children if own else [])}
    return {"Fleet": fleet.only("fleet").name, "Environment": fleet.environment, **given}


@claim("aws_launch_template")
def launch_templates(world: World) -> None:
    """Image, type, disk, metadata service, profile, network, user data."""
    templates = world.templates()
    pools = {world.fleet.pool_name(pool): pool for pool in world.fleet.groups()}
    world.same("the launch templates", set(templates), set(pools))
    security = world.security_groups()
    for name, pool in pools.items():
        data = templates.get(name)
        if data is None:
            continue
        types = pool.values("instances")
        world.same(f"{name}: type", data.get("InstanceType"), types[0])
        image_of(world, name, pool.value("image"), data.get("ImageId", ""), types)
        disk = (data.get("BlockDeviceMappings") or [{}])[0].get("Ebs", {})
        world.same(f"{name}: GiB", disk.get("VolumeSize"), gib(pool.value("disk")))
        world.same(f"{name}: encrypted", disk.get("Encrypted"), True)
        world.same(f"{name}: the disk goes with the machine", disk.get("DeleteOnTermination"), True)
        metadata(world, name, data.get("MetadataOptions", {}))
        role = pool.value("role")
        want = world.fleet.profile(world.fleet.named("role", role)) if role else None
        world.same(f"{name}: profile", data.get("IamInstanceProfile", {}).get("Name"), want)
        world.same(f"{name}: security groups", data.get("SecurityGroupIds"), [security.get("agents")])
        kinds = {t["ResourceType"] for t in data.get("TagSpecifications", [])}
        world.holds({"volume", "network-interface"} <= kinds, f"{name}: only {kinds} get tags")
        agent_data(world, name, pool, base64.b64decode(data.get("UserData", "")).decode())


@claim("aws_instance", "aws_eip", "aws_eip_association")
def machines(world: World) -> None:
    """Static agents and the controller: how many, their type, disks, addresses, user data."""
    fleet, security = world.fleet, world.security_groups()
    addresses = {a.get("InstanceId") for a in world.ec2.describe_addresses()["Addresses"]}
    for pool, count in fleet.static():
        found = world.instances("static-agent", pool.name)
        world.same(f"{pool.name}: machines", len(found), count)
        subnets = {world.subnet(s) for s in fleet.pool_subnets(pool)}
        for machine in found:
            name = next((t["Value"] for t in machine["Tags"] if t["Key"] == "Name"), machine["InstanceId"])
            world.same(f"{name}: type", machine["InstanceType"], pool.values("instances")[0])
            image_of(world, name, pool.value("image"), machine["ImageId"], pool.values("instances"))
            world.holds(machine["SubnetId"] in subnets, f"{name} lies in {machine['SubnetId']}, not in {subnets}")
            own = pool.child("static")
            wanted = own is not None and own.is_set("elastic-ip")
            world.same(f"{name}: has an address that stays", machine["InstanceId"] in addresses, wanted)
            common(world, name, machine, gib(pool.value("disk")), security.get("agents"))
            agent_data(world, name, pool, of_instance(world, machine, "userData"))
    names = {p.name for p, _ in fleet.static()}
    others = [i["InstanceId"] for i in world.instances("static-agent") if tag(i, "Pool") not in names]
    world.same("machines of no pool", others, [])
    controller = fleet.only("controller")
    found = world.instances("controller")
    world.same("controllers", len(found), 1)
    for machine in found:
        world.same("controller: type", machine["InstanceType"], controller.value("instance"))
        world.same("controller: subnet", machine["SubnetId"], world.subnet(controller.value("subnet")))
        wanted = controller.is_set("elastic-ip")
        world.same("controller: has an address that stays", machine["InstanceId"] in addresses, wanted)
        protection = world.ec2.describe_instance_attribute(
            InstanceId=machine["InstanceId"], Attribute="disableApiTermination"
        )
        world.same("controller: cannot be ended by mistake", protection["DisableApiTermination"]["Value"], True)
        if controller.value("image"):
            image_of(world, "controller", controller.value("image"), machine["ImageId"], [machine["InstanceType"]])
        else:
            world.same("controller: image", machine["ImageId"], world.seeded.get(controller.value("ami")) or machine["ImageId"])
        common(world, "controller", machine, gib(controller.value("disk")), security.get("controller"))
        files = user_data(world, "controller", of_instance(world, machine, "userData"), "controller")
        settings = files.get("/etc/jenkins-controller/settings", {}).get("content", "")
        volume = next(iter(jobs_volumes(world)), {}).get("VolumeId")
        world.holds(f"JOBS_VOLUME={volume}\n" in settings, f"controller: its settings do not name {volume}: {settings}")


def tag(thing: dict[str, Any], key: str) -> str | None:
    """The value of a tag."""
    return next((t["Value"] for t in thing.get("Tags", []) if t["Key"] == key), None)


def of_instance(world: World, machine: dict[str, Any], attribute: str) -> str:
    """An attribute of a machine that is a text in base64."""
    found = world.ec2.describe_instance_attribute(InstanceId=machine["InstanceId"], Attribute=attribute)
    return base64.b64decode(found["UserData"].get("Value", "")).decode()


def common(world: World, what: str, machine: dict[str, Any], size: int, group: str | None) -> None:
    """What holds for every machine that Terraform makes by itself."""
    metadata(world, what, machine.get("MetadataOptions", {}))
    world.same(f"{what}: security groups", [g["GroupId"] for g in machine["SecurityGroups"]], [group])
    root = machine["RootDeviceName"]
    id_ = next((m["Ebs"]["VolumeId"] for m in machine["BlockDeviceMappings"] if m["DeviceName"] == root), None)
    volumes = world.ec2.describe_volumes(VolumeIds=[id_])["Volumes"] if id_ else []
    world.same(f"{what}: root disk", [(v["Size"], v["Encrypted"]) for v in volumes], [(size, True)])


def jobs_volumes(world: World) -> list[dict[str, Any]]:
    """The volume with Jenkins' jobs: what carries the tag of backups."""
    return world.ec2.describe_volumes(Filters=[{"Name": "tag-key", "Values": ["Backup"]}])["Volumes"]


@claim("aws_ebs_volume", "aws_volume_attachment", "aws_dlm_lifecycle_policy")
def jobs_volume_and_its_backup(world: World) -> None:
    """Size, encryption, where it is attached; snapshots of this very volume, when, how many."""
    controller = world.fleet.only("controller")
    wanted, volumes = controller.child("jobs-volume"), jobs_volumes(world)
    world.same("jobs volumes", len(volumes), 1)
    if not volumes or wanted is None:
        return
    volume = volumes[0]
    have = (volume["Size"], volume["VolumeType"], volume["Encrypted"])
    world.same("jobs volume", have, (gib(wanted.args[0]), wanted.get("volume-type"), True))
    machines = {i["InstanceId"] for i in world.instances("controller")}
    places = {(a["InstanceId"], a["Device"]) for a in volume["Attachments"]}
    world.same("jobs volume: attached to", places, {(m, "/dev/sdf") for m in machines})
    backup = controller.child("backup")
    policies = world.client("dlm").get_lifecycle_policies()["Policies"]
    world.same("backup policies", len(policies), 1 if backup else 0)
    for summary in policies:
        policy = world.client("dlm").get_lifecycle_policy(PolicyId=summary["PolicyId"])["Policy"]
        details = policy["PolicyDetails"]
        targets = {(t["Key"], t["Value"]) for t in details["TargetTags"]}
        world.same("backup: of what", targets, {("Backup", tag(volume, "Backup"))})
        schedule = details["Schedules"][0]
        world.same("backup: at", schedule["CreateRule"].get("Times"), [backup.get("at")] if backup else [])
        world.same("backup: kept", schedule["RetainRule"].get("Count"), backup and backup.get("keep"))
        world.same("backup: runs", policy["State"], "ENABLED")


# --- Storage --------------------------------------------------------------------------------------------------------


@claim(
    "aws_s3_bucket",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_logging",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
)
def buckets(world: World) -> None:
    """Encryption, no public access, TLS only, versions, what expires, who logs."""
    s3, wanted = world.client("s3"), dict(world.fleet.buckets())
    seeded = {name for name in world.seeded.values()}
    there = {b["Name"] for b in s3.list_buckets()["Buckets"]} - seeded
    world.same("the buckets", there, set(wanted))
    for name in sorted(there & set(wanted)):
        node = wanted[name]
        rules = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        kinds = [r["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] for r in rules]
        world.holds(kinds in (["AES256"], ["aws:kms"]), f"{name}: encrypted by {kinds}")
        try:
            block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        except s3.exceptions.ClientError:
            block = {}
        world.same(f"{name}: kept from the public", sum(block.values()), 4)
        owner = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"][0]["ObjectOwnership"]
        world.same(f"{name}: owner of objects", owner, "BucketOwnerEnforced")
        document = iam_policy.statements(s3.get_bucket_policy(Bucket=name)["Policy"])
        for resource in (f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/x"):
            plain = iam_policy.denied(document, "s3:GetObject", resource, {"aws:SecureTransport": "false"})
            world.holds(plain, f"{name}: {resource} can be had without TLS")
            safe = iam_policy.denied(document, "s3:GetObject", resource, {"aws:SecureTransport": "true"})
            world.holds(not safe, f"{name}: {resource} cannot be had with TLS")
        versions = s3.get_bucket_versioning(Bucket=name).get("Status", "none")
        world.same(f"{name}: versions", versions == "Enabled", node.is_set("versioned"))
        lifecycle = [r for r in s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"] if r["Status"] == "Enabled"]
        expiring = [r["Expiration"]["Days"] for r in lifecycle if "Days" in r.get("Expiration", {})]
        keep = node.get("expire") or node.value("expire")
        world.same(f"{name}: days until objects expire", expiring, [days(keep)] if keep else [])
        parts = any("AbortIncompleteMultipartUpload" in r for r in lifecycle)
        world.holds(parts, f"{name}: parts of uploads that were broken off stay")
        logs = node.child("access-logs")
        have = s3.get_bucket_logging(Bucket=name).get("LoggingEnabled", {})
        place = (have.get("TargetBucket"), have.get("TargetPrefix"))
        world.same(f"{name}: logs", place, (logs.get("bucket"), logs.get("prefix")) if logs else (None, None))


@claim("aws_ecr_repository", "aws_ecr_lifecycle_policy")
def registries(world: World) -> None:
    """Names, scans, tags that stay, encryption, what expires."""
    ecr, wanted = world.client("ecr"), dict(world.fleet.registries())
    there = {r["repositoryName"]: r for r in ecr.describe_repositories()["repositories"]}
    world.same("the repositories of images", set(there), set(wanted))
    for name in sorted(set(there) & set(wanted)):
        repository, node = there[name], wanted[name]
        world.same(f"{name}: scan", repository["imageScanningConfiguration"]["scanOnPush"], node.is_set("scan"))
        immutable = repository["imageTagMutability"] == "IMMUTABLE"
        world.same(f"{name}: tags stay", immutable, node.is_set("immutable"))
        world.holds("encryptionConfiguration" in repository, f"{name} is not encrypted")
        have = []
        if node.all("expire"):
            text = ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"]
            for rule in sorted(json.loads(text)["rules"], key=lambda r: r["rulePriority"]):
                pick = rule["selection"]
                tags = pick.get("tagPrefixList") or pick.get("tagPatternList") or []
                have.append(([t.rstrip("*") for t in tags], pick["countType"], pick["countNumber"]))
        want = [
            (
                [t.rstrip("*") for t in [rule.get("tags")] if t],
                "imageCountMoreThan" if rule.get("beyond") else "sinceImagePushed",
                rule.get("beyond") or days(rule.get("after")),
            )
            for rule in node.all("expire")
        ]
        world.same(f"{name}: what expires", have, want)


@claim("aws_efs_file_system", "aws_efs_mount_target")
def file_systems(world: World) -> None:
    """Encryption, throughput, a target in each zone of agents, NFS from agents only."""
    efs = world.client("efs")
    there = {f["Name"]: f for f in efs.describe_file_systems()["FileSystems"]}
    wanted = {f"{world.fleet.prefix}-{c.name}": c for c in world.fleet.all("cache") if c.child("efs")}
    world.same("the file systems", set(there), set(wanted))
    security = world.security_groups()
    for name in sorted(set(there) & set(wanted)):
        cache_, system = wanted[name], there[name]
        place = cache_.child("efs")
        world.same(f"{name}: encrypted", system["Encrypted"], True)
        world.same(f"{name}: throughput", system["ThroughputMode"], place and place.get("throughput"))
        targets = efs.describe_mount_targets(FileSystemId=system["FileSystemId"])["MountTargets"]
        zones = {t["AvailabilityZoneName"] for t in targets}
        world.same(f"{name}: one target per zone", len(targets), len(zones))
        pools = [p for p in world.fleet.all("pool") if cache_.name in p.values("mounts")]
        subnets = world.fleet.only("network").all("subnet")
        used = {s.get("zone") for s in subnets for p in pools if s.name in world.fleet.pool_subnets(p)}
        world.holds(used <= zones, f"{name}: agents in {used - zones} have no target")
        for target in targets:
            groups = efs.describe_mount_target_security_groups(MountTargetId=target["MountTargetId"])["SecurityGroups"]
            want = [security.get(f"{cache_.name}-cache")]
            world.same(f"{name}: security groups of a target", groups, want)


# --- Network --------------------------------------------------------------------------------------------------------


@claim(
    "aws_security_group",
    "aws_default_security_group",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_security_group_egress_rule",
)
def doors(world: World) -> None:
    """Every way in is one that the fleet has a use for; the world gets to the load balancer and no further."""
    groups = world.security_groups()
    names = {id_: name for name, id_ in groups.items()}
    needed = {"agents", "controller", "load-balancer"}
    world.holds(needed <= set(groups), f"there is no security group {needed - set(groups)}")
    network = world.fleet.only("network").value("range")
    caches = {f"{c.name}-cache" for c in world.fleet.all("cache") if c.child("efs")}
    known = {
        ("load-balancer", 443, WORLD),
        ("load-balancer", 80, WORLD),
        ("agents", 22, "controller"),
        ("controller", 8080, "load-balancer"),
        *((cache_, 2049, "agents") for cache_ in caches),
        *([("endpoints", 443, network)] if world.fleet.only("network").is_set("endpoints") else []),
    }
    have = set()
    for rule in world.rules(egress=False):
        other = rule.get("ReferencedGroupInfo", {}).get("GroupId")
        source = rule.get("CidrIpv4") or rule.get("CidrIpv6") or names.get(other, other)
        group = names[rule["GroupId"]]
        world.same(f"{group}: the ports of a rule", rule["FromPort"], rule["ToPort"])
        have.add((group, rule["FromPort"], source))
        world.holds(bool(rule.get("Description")), f"{group}: a rule for port {rule['FromPort']} does not say what for")
        if source in (WORLD, "::/0"):
            world.holds(rule["FromPort"] in (80, 443), f"{group}: the world gets to port {rule['FromPort']}")
    world.same("the ways in", have, known)
    out = {(names[r["GroupId"]], r.get("CidrIpv4")) for r in world.rules(egress=True)}
    world.holds(("load-balancer", WORLD) not in out, "the load balancer may call the world")
    if network:
        for vpc in own_networks(world):
            mine = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}, {"Name": "group-name", "Values": ["default"]}]
            for group in world.ec2.describe_security_groups(Filters=mine)["SecurityGroups"]:
                rules = group["IpPermissions"] + group["IpPermissionsEgress"]
                world.same("rules of the network's default group", rules, [])


def own_networks(world: World) -> list[dict[str, Any]]:
    """The networks that the fleet made."""
    mine = [{"Name": "tag:Fleet", "Values": [world.fleet.only("fleet").name]}]
    return world.ec2.describe_vpcs(Filters=mine)["Vpcs"]


def in_need_of_addresses(fleet: Fleet) -> set[str]:
    """The subnets in which machines start that have no address of their own: agents, a controller without one."""
    pools = [*fleet.groups(), *(pool for pool, _ in fleet.static())]
    controller = fleet.only("controller")
    own = set() if controller.is_set("elastic-ip") else {str(controller.value("subnet"))}
    return own.union(*(fleet.pool_subnets(pool) for pool in pools))


@claim(
    "aws_vpc",
    "aws_subnet",
    "aws_internet_gateway",
    "aws_nat_gateway",
    "aws_route",
    "aws_route_table",
    "aws_route_table_association",
    "aws_flow_log",
    "aws_cloudwatch_log_group",
    "aws_vpc_endpoint",
)
def network(world: World) -> None:
    """Ranges, zones, who gets out by which gateway, flow logs, endpoints."""
    wanted, ec2 = world.fleet.only("network"), world.ec2
    networks = own_networks(world)
    if not wanted.value("range"):
        world.same("networks that the fleet made", networks, [])
        return
    world.same("the network's ranges", [v["CidrBlock"] for v in networks], [wanted.value("range")])
    for vpc in networks:
        mine = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
        there = {s["CidrBlock"]: s for s in ec2.describe_subnets(Filters=mine)["Subnets"]}
        want = {s.get("range"): s for s in wanted.all("subnet")}
        world.same("the subnets", set(there), set(want))
        tables = ec2.describe_route_tables(Filters=mine)["RouteTables"]
        for range_, node in want.items():
            subnet = there.get(range_)
            if subnet is None:
                continue
            public = node.get("tier") == "public"
            world.same(f"{node.name}: zone", subnet["AvailabilityZone"], node.get("zone"))
            addresses = public and node.name in in_need_of_addresses(world.fleet)
            world.same(f"{node.name}: public addresses", subnet["MapPublicIpOnLaunch"], addresses)
            routes = [
                route
                for table in tables
                if any(a.get("SubnetId") == subnet["SubnetId"] for a in table["Associations"])
                for route in table["Routes"]
                if route.get("DestinationCidrBlock") == WORLD
            ]
            ways = [r.get("NatGatewayId") or r.get("GatewayId") or "" for r in routes]
            kind = "igw-" if public else "nat-"
            out = public or wanted.is_set("nat")
            world.same(f"{node.name}: ways out", [w[:4] for w in ways], [kind] if out else [])
        logs = ec2.describe_flow_logs(Filters=[{"Name": "resource-id", "Values": [vpc["VpcId"]]}])["FlowLogs"]
        world.same("flow logs: of", [log["TrafficType"] for log in logs], ["ALL"])
        named = {g["logGroupName"]: g for g in world.client("logs").describe_log_groups()["logGroups"]}
        group = named.get(f"/aws/vpc/{world.fleet.prefix}", {})
        world.same("flow logs: kept for days", group.get("retentionInDays"), 365)
        services = {e["ServiceName"].split(".", 3)[-1] for e in ec2.describe_vpc_endpoints(Filters=mine)["VpcEndpoints"]}
        endpoints = {"s3", "ecr.api", "ecr.dkr"} if wanted.is_set("endpoints") else set()
        world.same("the endpoints", services, endpoints)


@claim(
    "aws_lb",
    "aws_lb_listener",
    "aws_lb_target_group",
    "aws_lb_target_group_attachment",
    "aws_acm_certificate",
    "aws_acm_certificate_validation",
)
def load_balancer(world: World) -> None:
    """TLS and its certificate, the redirect, what stands behind it."""
    elb, controller = world.client("elbv2"), world.fleet.only("controller")
    wanted, balancer = controller.child("load-balancer"), world.load_balancer()
    if balancer is None or wanted is None:
        return
    arn = balancer["LoadBalancerArn"]
    # moto leaves it out where it is the default.
    world.same("load balancer: faces", balancer.get("Scheme", "internet-facing"), "internet-facing")
    world.same("load balancer: security groups", balancer["SecurityGroups"], [world.security_groups()["load-balancer"]])
    attributes = {a["Key"]: a["Value"] for a in elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]}
    idle = str(seconds(wanted.get("idle-timeout")))
    world.same("load balancer: idle timeout", attributes.get("idle_timeout.timeout_seconds"), idle)
    protected = str(wanted.get("deletion-protection")).lower()
    world.same("load balancer: protected", attributes.get("deletion_protection.enabled"), protected)
    dropped = attributes.get("routing.http.drop_invalid_header_fields.enabled")
    world.same("load balancer: drops invalid headers", dropped, "true")
    logs = attributes.get("access_logs.s3.bucket") or None
    world.same("load balancer: logs", logs, wanted.get("access-logs"))
    listeners = {li["Port"]: li for li in elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]}
    world.same("listeners", {p: li["Protocol"] for p, li in listeners.items()}, {443: "HTTPS", 80: "HTTP"})
    if set(listeners) != {443, 80}:
        return
    world.same("HTTPS: policy", listeners[443].get("SslPolicy"), wanted.get("tls-policy"))
    for certificate in listeners[443].get("Certificates", [{}])[:1]:
        acm = world.client("acm").describe_certificate(CertificateArn=certificate.get("CertificateArn", ""))
        have = (acm["Certificate"]["DomainName"], acm["Certificate"]["Status"])
        world.same("HTTPS: certificate", have, (world.fleet.host, "ISSUED"))
    action = listeners[80]["DefaultActions"][0]
    redirect = action.get("RedirectConfig", {})
    world.same("HTTP: leads to", (redirect.get("Protocol"), redirect.get("Port")), ("HTTPS", "443"))
    world.same("HTTP: answers", redirect.get("StatusCode"), "HTTP_301")
    behind = listeners[443]["DefaultActions"][0].get("TargetGroupArn", "")
    groups = elb.describe_target_groups(LoadBalancerArn=arn)["TargetGroups"]
    world.same("target groups", [(g["TargetGroupArn"], g["Port"]) for g in groups], [(behind, 8080)])
    health = elb.describe_target_health(TargetGroupArn=behind)["TargetHealthDescriptions"]
    machines = {i["InstanceId"] for i in world.instances("controller")}
    world.same("behind the load balancer", {h["Target"]["Id"] for h in health}, machines)


@claim("aws_route53_record", "aws_route53_zone")
def names(world: World) -> None:
    """The host name leads to the load balancer, static nodes have theirs."""
    route53, fleet = world.client("route53"), world.fleet
    records: dict[tuple[str, str], dict[str, Any]] = {}
    private = set()
    for zone in route53.list_hosted_zones()["HostedZones"]:
        for record in route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]:
            records[record["Name"].rstrip("."), record["Type"]] = record
            if zone["Config"].get("PrivateZone"):
                private.add(record["Name"].rstrip("."))
    dns = fleet.only("controller").child("dns")
    launch = fleet.all("launch")
    waiting = bool(launch) and launch[0].get("phase") == "static" and not launch[0].is_set("switched")
    own = records.get((fleet.host, "A"))
    if dns is None or waiting:
        world.holds(own is None, f"{fleet.host} leads somewhere already")
    else:
        balancer = world.load_balancer() or {}
        target = (own or {}).get("AliasTarget", {}).get("DNSName", "").rstrip(".")
        world.same(f"{fleet.host} leads to", target, balancer.get("DNSName"))
    if dns is not None:
        proofs = [n for n, t in records if t == "CNAME" and n.endswith("." + fleet.host)]
        world.holds(bool(proofs), "no record proves the certificate's domain")
    for pool, _ in fleet.static():
        for machine in world.instances("static-agent", pool.name):
            name = f"{tag(machine, 'Name')}.{fleet.prefix}.internal"
            have = [r["Value"] for r in records.get((name, "A"), {}).get("ResourceRecords", [])]
            world.same(f"{name} leads to", have, [machine["PrivateIpAddress"]])
            world.holds(name in private, f"{name} is told to the world")


# --- Rights ---------------------------------------------------------------------------------------------------------

# A request that shows each right; all are made on the thing itself or on an object in it.
OBJECT_RIGHTS = {
    "read": [("s3:ListBucket", ""), ("s3:GetObject", "/some/object")],
    "write": [("s3:PutObject", "/some/object")],
    "delete": [("s3:DeleteObject", "/some/object")],
}
REGISTRY_RIGHTS = {
    "pull": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    "push": ["ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"],
}
# What no machine of a fleet may do, whoever runs a build on it.
NEVER = [
    ("iam:PassRole", "arn:aws:iam::{account}:role/Administrator"),
    ("iam:CreateAccessKey", "arn:aws:iam::{account}:user/somebody"),
    ("iam:PutRolePolicy", "arn:aws:iam::{account}:role/{role}"),
    ("sts:AssumeRole", "arn:aws:iam::{account}:role/Administrator"),
    ("ec2:RunInstances", "arn:aws:ec2:{region}:{account}:instance/*"),
    ("ec2:CreateSnapshot", "arn:aws:ec2:{region}:{account}:volume/vol-0123456789abcdef0"),
    ("ec2:DeleteVolume", "arn:aws:ec2:{region}:{account}:volume/vol-0123456789abcdef0"),
    ("s3:GetObject", "arn:aws:s3:::{state}/terraform.tfstate"),
    ("s3:PutObject", "arn:aws:s3:::{state}/terraform.tfstate"),
    ("s3:ListAllMyBuckets", "*"),
    ("s3:PutBucketPolicy", "arn:aws:s3:::{state}"),
    ("ssm:GetParameter", "arn:aws:ssm:{region}:{account}:parameter/of/another"),
    ("ssm:SendCommand", "arn:aws:ec2:{region}:{account}:instance/i-0123456789abcdef0"),
    ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:{region}:{account}:secret:of/another-AbCdEf"),
    ("secretsmanager:ListSecrets", "*"),
    ("kms:Decrypt", "arn:aws:kms:{region}:{account}:key/0123"),
    ("ecr:DeleteRepository", "arn:aws:ecr:{region}:{account}:repository/of-another"),
    ("ecr:PutImage", "arn:aws:ecr:{region}:{account}:repository/of-another"),
    ("ecr:SetRepositoryPolicy", "arn:aws:ecr:{region}:{account}:repository/of-another"),
    ("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1"),
]


def never(world: World, role: str, statements: list[iam_policy.Statement]) -> None:
    """A role does nothing of the list, and reads no secret of the fleet."""
    fleet = world.fleet
    state = fleet.only("aws").child("state")
    words = {"account": fleet.account, "region": fleet.region, "role": role}
    words["state"] = state.get("bucket") if state else "none"
    for action, resource in NEVER:
        resource = resource.format(**words)
        world.holds(not iam_policy.allowed(statements, action, resource), f"{role} may {action} {resource}")
    for secret in fleet.all("secret"):
        ssm, manager = secret.get("ssm"), secret.get("secrets-manager")
        if ssm:
            request = ("ssm:GetParameter", f"arn:aws:ssm:{fleet.region}:{fleet.account}:parameter{ssm}")
        elif manager:
            arn = f"arn:aws:secretsmanager:{fleet.region}:{fleet.account}:secret:{manager}-AbCdEf"
            request = ("secretsmanager:GetSecretValue", arn)
        else:
            continue
        world.holds(not iam_policy.allowed(statements, *request), f"{role} may read the secret {secret.name}")


@claim("aws_iam_role", "aws_iam_role_policy", "aws_iam_instance_profile")
def rights(world: World) -> None:
    """Agents have the rights that the fleet grants and no other; the controller resizes its groups and no other."""
    iam, fleet = world.client("iam"), world.fleet
    ec2 = {"Service": "ec2.amazonaws.com"}
    for role in fleet.all("role"):
        name = fleet.role_name(role)
        trusted_by(world, name, ec2)
        profile = iam.get_instance_profile(InstanceProfileName=fleet.profile(role))["InstanceProfile"]
        world.same(f"{fleet.profile(role)}: role", [r["RoleName"] for r in profile["Roles"]], [name])
        statements = world.role_statements(name)
        granted_objects(world, role, name, statements)
        granted_images(world, role, name, statements)
        shell = iam_policy.allowed(statements, "ssmmessages:OpenDataChannel", "*")
        world.same(f"{name}: Session Manager", shell, role.is_set("session-manager"))
        never(world, name, statements)
        for action in ("autoscaling:UpdateAutoScalingGroup", "ec2:TerminateInstances"):
            world.holds(not iam_policy.allowed(statements, action, "*"), f"{name} may {action}")
    controller_rights(world, ec2)


def granted_objects(world: World, role: Node, name: str, statements: list[iam_policy.Statement]) -> None:
    """In each bucket what the role's grant says."""
    for bucket, node in world.fleet.buckets():
        kind = "bucket" if node.node.name == "bucket" else "cache"
        owner = node.name if kind == "bucket" else cache_of(world.fleet, bucket)
        grant = next((g for g in role.all(kind) if g.name == owner), None)
        granted = grant.args[1:] if grant else []
        for right, requests in OBJECT_RIGHTS.items():
            for action, inner in requests:
                may = iam_policy.allowed(statements, action, f"arn:aws:s3:::{bucket}{inner}")
                world.same(f"{name}: {action} in {bucket}", may, right in granted)


def cache_of(fleet: Fleet, bucket: str) -> str:
    """The cache whose bucket it is."""
    caches = [c for c in fleet.all("cache") if (s3 := c.child("s3")) and bucket in (s3.get("bucket"), f"{fleet.prefix}-{c.name}")]
    return caches[0].name if caches else ""


def granted_images(world: World, role: Node, name: str, statements: list[iam_policy.Statement]) -> None:
    """In each registry what the role's grants say."""
    fleet = world.fleet
    everywhere = set(role.values("registries"))
    for repository, node in fleet.registries():
        own = next((g for g in role.all("registry") if g.name == node.name), None)
        granted = everywhere | set(own.args[1:] if own else [])
        arn = f"arn:aws:ecr:{fleet.region}:{fleet.account}:repository/{repository}"
        for right, actions in REGISTRY_RIGHTS.items():
            for action in actions:
                world.same(f"{name}: {action} of {repository}", iam_policy.allowed(statements, action, arn), right in granted)
    needs = bool(everywhere or role.all("registry"))
    world.same(f"{name}: logs in to registries", iam_policy.allowed(statements, "ecr:GetAuthorizationToken", "*"), needs)


def trusted_by(world: World, role: str, principal: dict[str, str]) -> None:
    """Who may become a role: this principal and nobody else."""
    iam = world.client("iam")
    try:
        document = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    except iam.exceptions.NoSuchEntityException:
        world.holds(False, f"there is no role {role}")
        return
    have = [(s["Effect"], s["Principal"]) for s in iam_policy.statements(document)]
    world.same(f"{role}: trusts", have, [("Allow", principal)])


def controller_rights(world: World, ec2: dict[str, str]) -> None:
    """The controller may resize and end what is the fleet's own."""
    fleet = world.fleet
    controller = fleet.only("controller")
    name = controller.value("role-name") or f"{fleet.prefix}-controller"
    trusted_by(world, name, ec2)
    statements = world.role_statements(name)
    never(world, name, statements)
    resize, end = "autoscaling:UpdateAutoScalingGroup", "ec2:TerminateInstances"
    groups = world.groups()
    stranger = f"arn:aws:autoscaling:{fleet.region}:{fleet.account}:autoScalingGroup:0:autoScalingGroupName/another"
    world.holds(not iam_policy.allowed(statements, resize, stranger), f"{name} may resize another's group")
    machine = f"arn:aws:ec2:{fleet.region}:{fleet.account}:instance/i-0123456789abcdef0"
    key = "aws:ResourceTag/aws:autoscaling:groupName"
    world.holds(not iam_policy.allowed(statements, end, machine), f"{name} may end a machine of no group")
    may = iam_policy.allowed(statements, end, machine, {key: "another"})
    world.holds(not may, f"{name} may end machines of another's group")
    for pool in fleet.groups():
        group = groups.get(fleet.pool_name(pool))
        if group is None:
            continue
        may = iam_policy.allowed(statements, resize, group["AutoScalingGroupARN"])
        world.holds(may, f"{name} may not resize {fleet.pool_name(pool)}")
        may = iam_policy.allowed(statements, end, machine, {key: fleet.pool_name(pool)})
        world.holds(may, f"{name} may not end machines of {fleet.pool_name(pool)}")


@claim("aws_key_pair")
def key_pairs(world: World) -> None:
    """Each pair holds the fleet's public key."""
    there = {k["KeyName"]: k for k in world.ec2.describe_key_pairs(IncludePublicKey=True)["KeyPairs"]}
    wanted = {
        k.value("key-pair") or f"{world.fleet.prefix}-{k.name}": k.value("public")
        for k in world.fleet.all("key")
        if "key-pair" in k.values("opens")
    }
    world.same("the key pairs", set(there), set(wanted))
    for name in sorted(set(there) & set(wanted)):
        have = there[name].get("PublicKey", "").split()[:2]
        world.same(f"{name}: public key", have, wanted[name].split()[:2])


@claim("aws_sns_topic", "aws_cloudwatch_metric_alarm")
def passed_through(world: World) -> None:
    """What the fleet hands to Terraform as it is arrives as it is."""
    topics, alarms = {}, {}
    for block in world.fleet.all("terraform"):
        for resource in block.all("resource"):
            type_, *_ = resource.args
            if type_ == "aws_sns_topic":
                topics[resource.value("name")] = resource
            if type_ == "aws_cloudwatch_metric_alarm":
                alarms[resource.value("alarm_name")] = resource
    sns = world.client("sns")
    there = {t["TopicArn"].split(":")[-1]: t["TopicArn"] for t in sns.list_topics()["Topics"]}
    world.same("the topics", set(there), set(topics))
    for name in sorted(set(there) & set(topics)):
        have = sns.get_topic_attributes(TopicArn=there[name])["Attributes"].get("KmsMasterKeyId")
        world.same(f"{name}: key", have, topics[name].value("kms_master_key_id"))
    found = {a["AlarmName"]: a for a in world.client("cloudwatch").describe_alarms()["MetricAlarms"]}
    world.same("the alarms", set(found), set(alarms))
    for name in sorted(set(found) & set(alarms)):
        alarm, node = found[name], alarms[name]
        have = (alarm["MetricName"], alarm["Statistic"], alarm["Period"], alarm["Threshold"])
        want = tuple(node.value(k) for k in ("metric_name", "statistic", "period", "threshold"))
        world.same(f"{name}", have, want)


# --- All of them ----------------------------------------------------------------------------------------------------


@dataclass
class Findings:
    """What does not hold, and how much was asked."""

    faults: list[str]
    note: str


def ask(claimed: str, world: World) -> list[str]:
    """The faults that one claim finds."""
    world.faults = []
    try:
        CLAIMS[claimed](world)
    except Exception as error:  # what is not there at all may break the question for its parts
        world.faults.append(f"{claimed}: {type(error).__name__}: {error}")
    return world.faults


def assertions(world: World) -> Findings:
    """Every claim."""
    world.count = 0
    faults = [f"{name}: {fault}" for name in CLAIMS for fault in ask(name, world)]
    return Findings(faults, f"{world.count} assertions")
