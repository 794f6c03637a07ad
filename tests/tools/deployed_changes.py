"""Changes what was deployed, by the mock's API, and sees that the claims of deployed.py notice: none may hold by not looking."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from deployed import WORLD, Findings, World, ask, tag

Mutation = Callable[[World], bool]
MUTATIONS: list[tuple[str, str, Mutation]] = []


def mutation(claimed: str) -> Callable[[Mutation], Mutation]:
    """Registers a change that the claim must notice; it gives back whether there was something to change."""

    def register(function: Mutation) -> Mutation:
        MUTATIONS.append((claimed, (function.__doc__ or "").strip().rstrip("."), function))
        return function

    return register


def first_bucket(world: World) -> str | None:
    """A bucket of the fleet."""
    return next((name for name, _ in world.fleet.buckets()), None)


def first_role(world: World) -> str | None:
    """A role of agents."""
    return next((world.fleet.role_name(role) for role in world.fleet.all("role")), None)


def grant(world: World, role: str | None, action: str, resource: str) -> bool:
    """Gives a role one more right."""
    if role is None:
        return False
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    world.client("iam").put_role_policy(RoleName=role, PolicyName=f"more-{abs(hash(action))}", PolicyDocument=document)
    return True


@mutation("autoscaling groups")
def _(world: World) -> bool:
    """a group's share on demand"""
    for name, group in list(world.groups().items())[:1]:
        policy = group["MixedInstancesPolicy"]
        policy["InstancesDistribution"]["OnDemandPercentageAboveBaseCapacity"] = 7
        # By its id or by its name, not by both.
        policy["LaunchTemplate"]["LaunchTemplateSpecification"].pop("LaunchTemplateName", None)
        client = world.client("autoscaling")
        client.update_auto_scaling_group(AutoScalingGroupName=name, MixedInstancesPolicy=policy)
        return True
    return False


@mutation("autoscaling groups")
def _(world: World) -> bool:
    """a group's largest size"""
    for name in list(world.groups())[:1]:
        world.client("autoscaling").update_auto_scaling_group(AutoScalingGroupName=name, MaxSize=999)
        return True
    return False


def new_version(world: World, **changes: Any) -> bool:
    """A new default version of a launch template."""
    for template in world.ec2.describe_launch_templates()["LaunchTemplates"][:1]:
        id_ = template["LaunchTemplateId"]
        data = world.templates()[template["LaunchTemplateName"]]
        made = world.ec2.create_launch_template_version(LaunchTemplateId=id_, LaunchTemplateData={**data, **changes})
        number = str(made["LaunchTemplateVersion"]["VersionNumber"])
        world.ec2.modify_launch_template(LaunchTemplateId=id_, DefaultVersion=number)
        return True
    return False


@mutation("launch templates")
def _(world: World) -> bool:
    """a template that lets IMDSv1 in"""
    return new_version(world, MetadataOptions={"HttpTokens": "optional", "HttpPutResponseHopLimit": 2})


@mutation("launch templates")
def _(world: World) -> bool:
    """a template whose disk is not encrypted"""
    disk = {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 100, "Encrypted": False}}
    return new_version(world, BlockDeviceMappings=[disk])


@mutation("launch templates")
def _(world: World) -> bool:
    """a template whose script bash cannot read"""
    for data in list(world.templates().values())[:1]:
        text = base64.b64decode(data["UserData"]).decode()
        broken = text.replace("#!/usr/bin/env bash", "#!/usr/bin/env bash\\nif", 1)
        return new_version(world, UserData=base64.b64encode(broken.encode()).decode())
    return False


@mutation("machines")
def _(world: World) -> bool:
    """a controller that can be ended by mistake"""
    id_ = world.instances("controller")[0]["InstanceId"]
    world.ec2.modify_instance_attribute(InstanceId=id_, DisableApiTermination={"Value": False})
    return True


@mutation("jobs volume and its backup")
def _(world: World) -> bool:
    """a backup that keeps fewer snapshots"""
    dlm = world.client("dlm")
    for summary in dlm.get_lifecycle_policies()["Policies"]:
        details = dlm.get_lifecycle_policy(PolicyId=summary["PolicyId"])["Policy"]["PolicyDetails"]
        details["Schedules"][0]["RetainRule"]["Count"] = 1
        dlm.update_lifecycle_policy(PolicyId=summary["PolicyId"], PolicyDetails=details)
        return True
    return False


@mutation("buckets")
def _(world: World) -> bool:
    """a bucket without its public access block"""
    name = first_bucket(world)
    if name:
        world.client("s3").delete_public_access_block(Bucket=name)
    return bool(name)


@mutation("buckets")
def _(world: World) -> bool:
    """a bucket that may be read without TLS"""
    name = first_bucket(world)
    if name:
        statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        world.client("s3").put_bucket_policy(Bucket=name, Policy=document)
    return bool(name)


@mutation("buckets")
def _(world: World) -> bool:
    """a bucket in which objects expire sooner"""
    name = first_bucket(world)
    if name:
        rule = {"ID": "x", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}
        client = world.client("s3")
        client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [rule]})
    return bool(name)


@mutation("registries")
def _(world: World) -> bool:
    """a registry that does not look at what is pushed"""
    for name, _ in world.fleet.registries():
        off = {"scanOnPush": False}
        world.client("ecr").put_image_scanning_configuration(repositoryName=name, imageScanningConfiguration=off)
        return True
    return False


@mutation("file systems")
def _(world: World) -> bool:
    """a file system with a door that is not its own"""
    efs = world.client("efs")
    for system in efs.describe_file_systems()["FileSystems"]:
        for target in efs.describe_mount_targets(FileSystemId=system["FileSystemId"])["MountTargets"][:1]:
            group = world.security_groups()["controller"]
            efs.modify_mount_target_security_groups(MountTargetId=target["MountTargetId"], SecurityGroups=[group])
            return True
    return False


@mutation("doors")
def _(world: World) -> bool:
    """SSH from the world"""
    group = world.security_groups()["agents"]
    way = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": WORLD, "Description": "x"}]}
    world.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[way])
    return True


@mutation("network")
def _(world: World) -> bool:
    """a subnet that gives public addresses, or a network where there should be none"""
    if not world.fleet.only("network").value("range"):
        made = world.ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
        world.ec2.create_tags(Resources=[made], Tags=[{"Key": "Fleet", "Value": world.fleet.only("fleet").name}])
        return True
    private = next(s.name for s in world.fleet.only("network").all("subnet") if s.get("tier") == "private")
    world.ec2.modify_subnet_attribute(SubnetId=world.subnet(private), MapPublicIpOnLaunch={"Value": True})
    return True


@mutation("load balancer")
def _(world: World) -> bool:
    """a listener with an older TLS policy"""
    elb = world.client("elbv2")
    arn = elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    for listener in elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]:
        if listener["Port"] == 443:
            elb.modify_listener(ListenerArn=listener["ListenerArn"], SslPolicy="ELBSecurityPolicy-2016-08")
    return True


@mutation("names")
def _(world: World) -> bool:
    """a host name that leads elsewhere"""
    route53 = world.client("route53")
    zones = route53.list_hosted_zones()["HostedZones"]
    if not zones:
        return False
    pools = [machine for pool, _ in world.fleet.static() for machine in world.instances("static-agent", pool.name)]
    inner = f"{tag(pools[0], 'Name')}.{world.fleet.prefix}.internal" if pools else None
    name = inner or world.fleet.host
    zone = next((z for z in zones if f"{name}.".endswith(z["Name"])), None)
    if zone is None:
        return False
    record = {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    change = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    route53.change_resource_record_sets(HostedZoneId=zone["Id"], ChangeBatch=change)
    return True


@mutation("rights")
def _(world: World) -> bool:
    """an agent that may read any secret"""
    return grant(world, first_role(world), "secretsmanager:GetSecretValue", "*")


@mutation("rights")
def _(world: World) -> bool:
    """an agent that may delete in all buckets"""
    return grant(world, first_role(world), "s3:*", "*")


@mutation("rights")
def _(world: World) -> bool:
    """a controller that may resize every group"""
    controller = world.fleet.only("controller")
    name = controller.value("role-name") or f"{world.fleet.prefix}-controller"
    return grant(world, name, "autoscaling:*", "*")


@mutation("key pairs")
def _(world: World) -> bool:
    """a key pair of nobody's"""
    world.ec2.create_key_pair(KeyName="of-nobody")
    return True


@mutation("passed through")
def _(world: World) -> bool:
    """a topic that nobody described"""
    world.client("sns").create_topic(Name="of-nobody")
    return True


def mutations(world: World) -> Findings:
    """Changes what is deployed, one thing after the other; a claim that finds nothing new in it is a fault."""
    missed, made = [], 0
    for claimed, what, change in MUTATIONS:
        before = set(ask(claimed, world))
        try:
            changed = change(world)
        except Exception as error:  # one change that cannot be made is not the end of the others
            missed.append(f"cannot make {what}: {type(error).__name__}: {error}")
            continue
        if not changed:
            continue
        made += 1
        if not set(ask(claimed, world)) - before:
            missed.append(f"{claimed} does not notice {what}")
    return Findings(missed, f"{made - len(missed)} of {made} changes noticed")
