#!/usr/bin/env python3
"""Says for each resource of the hand-written production system which generated resource carries it.

usage: compare_plan.py [--state FILE] [--tally FILE] TERRAFORM_DIR

TERRAFORM_DIR is applied to a mock AWS (moto_terraform.py); --state takes what an earlier apply wrote. The resources of
tests/reference/production-plan.json are looked up by what they are for, not by address, and compared by meaning: rules of
security groups by who they let in, policies by what they allow, images by family. What differs must be
listed in tests/reference/plan-differences.json as {type, hint, attribute, reason}, where hint and attribute are
patterns with `*`; an entry that matches nothing is a failure.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import moto_terraform
import terraform
from report import ROOT, Exceptions, Report

REFERENCE = ROOT / "tests/reference/production-plan.json"
DATA = ROOT / "tests/reference/production-data.json"
DIFFERENCES = ROOT / "tests/reference/plan-differences.json"

Values = dict[str, Any]
# attribute, what production has, what is generated
Pair = tuple[str, Any, Any]


class Absent(Exception):
    """No generated resource carries the reference resource."""


def first(value: Any) -> Any:
    """The one block of a list of at most one."""
    return (value or [{}])[0]


class World:
    """The generated resources after apply, and ways to look them up."""

    def __init__(self, applied: dict[str, Any]):
        self.facts: dict[str, str] = applied["facts"]
        self.family = {image["ami_id"]: image["tags"].get("image_family", image["name"]) for image in applied["images"]}
        self.by_type: dict[str, list[Values]] = defaultdict(list)
        for resource in self.resources((applied["state"] or {}).get("values", {}).get("root_module", {})):
            if resource["mode"] == "managed":
                self.by_type[resource["type"]].append({**resource["values"], "@": resource["address"]})

    def resources(self, module: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The resources of a module and of those in it."""
        yield from module.get("resources", [])
        for child in module.get("child_modules", []):
            yield from self.resources(child)

    def one(self, type_: str, test: Callable[[Values], bool]) -> Values:
        """The one resource of the type that passes."""
        found = [values for values in self.by_type[type_] if test(values)]
        if len(found) != 1:
            names = ", ".join(v["@"] for v in found) or "none"
            raise Absent(f"{len(found)} resources of type {type_} carry it ({names})")
        return found[0]

    def any(self, type_: str, key: str, value: Any) -> Values:
        """The resource of the type with this value, or an empty one."""
        return next((v for v in self.by_type[type_] if v.get(key) == value), {})

    def subnet(self, id_: str) -> str:
        """A seeded subnet by the name of production's plan: <public_a>."""
        network = json.loads(DATA.read_text())["network"]
        for tier in ("public", "private"):
            for name, original in network[f"{tier}_subnets"].items():
                if self.facts.get(original, original) == id_:
                    return f"<{tier}_{name[-1]}>"
        return id_

    # --- who is who ---

    def group(self, pool: str) -> Values:
        """The Auto Scaling group of a pool."""
        return self.one("aws_autoscaling_group", lambda v: v["name"] == pool)

    def template(self, pool: str) -> Values:
        """The launch template that the group of a pool uses."""
        group = self.group(pool)
        specification = first(
            first(first(group["mixed_instances_policy"]).get("launch_template")).get("launch_template_specification")
        )
        id_ = specification.get("launch_template_id") or first(group.get("launch_template")).get("id")
        return self.one("aws_launch_template", lambda v: v["id"] == id_)

    def controller(self) -> Values:
        """The instance behind the load balancer, or the only instance."""
        targets = {v["target_id"] for v in self.by_type["aws_lb_target_group_attachment"]}
        return self.one("aws_instance", lambda v: not targets or v["id"] in targets)

    def balancer(self) -> Values:
        """The one load balancer."""
        return self.one("aws_lb", lambda v: True)

    def profile(self, user: str) -> Values:
        """The instance profile of the agents or of the controller."""
        if user == "controller":
            name = self.controller()["iam_instance_profile"]
            return self.one("aws_iam_instance_profile", lambda v: v["name"] == name)
        names = {first(t["iam_instance_profile"]).get("name") for t in self.by_type["aws_launch_template"]}
        arns = {first(t["iam_instance_profile"]).get("arn") for t in self.by_type["aws_launch_template"]}
        return self.one("aws_iam_instance_profile", lambda v: v["name"] in names or v["arn"] in arns)

    def role(self, user: str) -> Values:
        """The role behind that profile."""
        name = self.profile(user)["role"]
        return self.one("aws_iam_role", lambda v: v["name"] == name)

    def allowed(self, role: Values) -> set[str]:
        """Every action that any policy of the role allows on anything."""
        texts = [v["policy"] for v in self.by_type["aws_iam_role_policy"] if v["role"] in (role["name"], role["id"])]
        attached = {
            v["policy_arn"] for v in self.by_type["aws_iam_role_policy_attachment"] if v["role"] == role["name"]
        }
        texts += [v["policy"] for v in self.by_type["aws_iam_policy"] if v["arn"] in attached]
        return {
            action
            for text in texts
            for statement in statements(text)
            if statement["Effect"] == "Allow"
            for action in actions(statement)
        }

    def security_groups(self, user: str) -> set[str]:
        """The groups of the agents, the controller or the load balancer."""
        if user == "load balancer":
            return set(self.balancer()["security_groups"])
        if user == "controller":
            controller = self.controller()
            interfaces = [
                v["security_groups"]
                for v in self.by_type["aws_network_interface"]
                if v.get("id") in json.dumps(controller)
            ]
            return set(controller["vpc_security_group_ids"]).union(*interfaces)
        found: set[str] = set()
        for template in self.by_type["aws_launch_template"]:
            found.update(template["vpc_security_group_ids"] or [])
            found.update(g for i in template["network_interfaces"] or [] for g in i.get("security_groups") or [])
        return found

    def rules(self, user: str) -> set[str]:
        """What may pass, in words: `in tcp 22-22 from 10.20.0.0/16`."""
        groups = self.security_groups(user)
        words: set[str] = set()
        for direction, kind, type_ in (
            ("in", "ingress", "aws_vpc_security_group_ingress_rule"),
            ("out", "egress", "aws_vpc_security_group_egress_rule"),
        ):
            for rule in self.by_type[type_]:
                if rule["security_group_id"] in groups:
                    sources = [rule.get("cidr_ipv4"), self.owner(rule.get("referenced_security_group_id"))]
                    words.update(
                        word(direction, rule["ip_protocol"], rule["from_port"], rule["to_port"], s)
                        for s in sources
                        if s
                    )
            for group in self.by_type["aws_security_group"]:
                for rule in group[kind] if group["id"] in groups else []:
                    sources = [*rule["cidr_blocks"], *map(self.owner, rule["security_groups"])]
                    words.update(
                        word(direction, rule["protocol"], rule["from_port"], rule["to_port"], s) for s in sources
                    )
            for rule in self.by_type["aws_security_group_rule"]:
                if rule["security_group_id"] in groups and rule["type"] == kind:
                    sources = [*(rule["cidr_blocks"] or []), self.owner(rule.get("source_security_group_id"))]
                    words.update(
                        word(direction, rule["protocol"], rule["from_port"], rule["to_port"], s) for s in sources if s
                    )
        return words

    def owner(self, group: str | None) -> str | None:
        """Whose security group that is."""
        if not group:
            return None
        users = [user for user in ("load balancer", "controller", "agents") if group in self.security_groups(user)]
        return users[0] if users else group


def word(direction: str, protocol: str, low: Any, high: Any, source: str) -> str:
    """One rule as text."""
    ports = "all" if protocol in ("-1", "all") else f"{protocol} {int(low or 0)}-{int(high or 0)}"
    return f"{direction} {ports} {'from' if direction == 'in' else 'to'} {source}"


def statements(policy: str | Values) -> list[Values]:
    """The statements of a policy document."""
    document = json.loads(policy) if isinstance(policy, str) else policy
    found = document["Statement"]
    return found if isinstance(found, list) else [found]


def actions(statement: Values) -> list[str]:
    """The actions of a statement."""
    found = statement.get("Action", [])
    return found if isinstance(found, list) else [found]


def covered(action: str, allowed: set[str]) -> bool:
    """Whether an action is among those, which may hold `*`."""
    return any(fnmatch.fnmatchcase(action.lower(), pattern.lower()) for pattern in allowed)


def name_tag(values: Values) -> str | None:
    """The tag Name, of the resource's own tags or of the provider's."""
    return ((values.get("tags_all") or values.get("tags")) or {}).get("Name")


def expiry(policy: str | Values) -> list[str]:
    """The rules of a registry in words, in order."""
    document = json.loads(policy) if isinstance(policy, str) else policy
    words = []
    for rule in sorted(document["rules"], key=lambda r: r["rulePriority"]):
        chosen = rule["selection"]
        what = (
            ",".join(chosen.get("tagPrefixList") or chosen.get("tagPatternList") or []).rstrip("*")
            or chosen["tagStatus"]
        )
        words.append(f"{what}: {chosen['countType']} {chosen['countNumber']} {chosen.get('countUnit', '')}".strip())
    return words


# --- One function per type: gives the generated address and the pairs to compare --------------------------------------

Comparison = Callable[[World, Values, str], tuple[str, list[Pair]]]
COMPARISONS: dict[str, Comparison] = {}


def compares(type_: str) -> Callable[[Comparison], Comparison]:
    """Registers a comparison."""

    def register(function: Comparison) -> Comparison:
        COMPARISONS[type_] = function
        return function

    return register


def same(old: Values, new: Values, *names: str) -> list[Pair]:
    """The pairs of attributes of the same name."""
    return [(name, old.get(name), new.get(name)) for name in names]


def user_of(hint: str) -> str:
    """Whom a reference resource serves; the head node's module is the controller's."""
    return "load balancer" if "alb_group" in hint else "controller" if "head_node" in hint else "agents"


def pool_of(hint: str) -> str:
    """The pool's name out of `pool NAME`."""
    return hint.removeprefix("pool ")


@compares("aws_autoscaling_group")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    new = world.group(pool_of(hint))
    was, now = (first(first(v["mixed_instances_policy"])["instances_distribution"]) for v in (old, new))
    overrides = [first(first(v["mixed_instances_policy"])["launch_template"]).get("override") or [] for v in (old, new)]
    types = [[o["instance_type"] for o in listed] for listed in overrides]
    # Without overrides the template's type is the one that starts.
    template = next(t for t in production("aws_launch_template") if t["hint"] == hint)["attributes"]
    expected = types[0] or [template["instance_type"]]
    generated = types[1] or [world.template(pool_of(hint))["instance_type"]]
    return new["@"], [
        ("min_size", old.get("min_size", 0), new["min_size"]),
        *same(old, new, "max_size", "health_check_grace_period"),
        *same(was, now, "on_demand_percentage_above_base_capacity", "spot_allocation_strategy"),
        ("on_demand_base_capacity", was.get("on_demand_base_capacity", 0), now.get("on_demand_base_capacity") or 0),
        ("instance types", expected, generated),
        ("subnets", sorted(old["vpc_zone_identifier"]), sorted(map(world.subnet, new["vpc_zone_identifier"]))),
    ]


@compares("aws_launch_template")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    new = world.template(pool_of(hint))
    group = world.group(pool_of(hint))
    overrides = first(first(group["mixed_instances_policy"]).get("launch_template")).get("override") or []
    disk, disks = first(old["block_device_mappings"]), new["block_device_mappings"] or [{}]
    mapped = next((d for d in disks if d.get("device_name") == disk["device_name"]), {})
    types = {o["instance_type"] for o in overrides} | {new["instance_type"]}
    return new["@"], [
        (
            "image family",
            re.sub(r"^<ami_|>$", "", old["image_id"]).replace("_", "-"),
            world.family.get(new["image_id"], new["image_id"]),
        ),
        ("instance_type is among the types", True, old["instance_type"] in types),
        *same(old, new, "key_name"),
        ("profile", first(old["iam_instance_profile"])["name"], first(new["iam_instance_profile"]).get("name")),
        ("root disk", first(disk["ebs"])["volume_size"], first(mapped.get("ebs")).get("volume_size")),
        ("has user data", True, bool(new["user_data"])),
    ]


@compares("aws_acm_certificate")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    new = world.one("aws_acm_certificate", lambda v: v["domain_name"] == old["domain_name"])
    names = [sorted(v["subject_alternative_names"] or []) for v in (old, new)]
    return new["@"], [*same(old, new, "validation_method"), ("subject_alternative_names", *names)]


@compares("aws_ebs_volume")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    attached = {v["volume_id"] for v in world.by_type["aws_volume_attachment"]}
    new = world.one("aws_ebs_volume", lambda v: v["id"] in attached)
    return new["@"], [*same(old, new, "size", "availability_zone"), ("Name", name_tag(old), name_tag(new))]


@compares("aws_volume_attachment")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    new = world.one("aws_volume_attachment", lambda v: True)
    return new["@"], [*same(old, new, "device_name"), ("instance", world.controller()["id"], new["instance_id"])]


@compares("aws_ecr_repository")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    new = world.one("aws_ecr_repository", lambda v: v["name"] == old["name"])
    return new["@"], same(old, new, "image_tag_mutability")


@compares("aws_ecr_lifecycle_policy")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    new = world.one("aws_ecr_lifecycle_policy", lambda v: v["repository"] == old["repository"])
    return new["@"], [("rules", expiry(old["policy"]), expiry(new["policy"]))]


@compares("aws_eip")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    controller = world.controller()["id"]
    associated = {v["allocation_id"] for v in world.by_type["aws_eip_association"] if v["instance_id"] == controller}
    new = world.one("aws_eip", lambda v: v["instance"] == controller or v["id"] in associated)
    return new["@"], [
        ("domain", "vpc" if old["vpc"] else "standard", new["domain"]),
        ("Name", name_tag(old), name_tag(new)),
    ]


@compares("aws_iam_instance_profile")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    new = world.profile(user_of(hint))
    return new["@"], same(old, new, "name", "path", "role")


@compares("aws_iam_role")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    new = world.role(user_of(hint))
    trusted = [
        sorted(json.dumps([s["Principal"], s["Action"]]) for s in statements(v["assume_role_policy"]))
        for v in (old, new)
    ]
    return new["@"], [*same(old, new, "name", "path", "description", "max_session_duration"), ("trust", *trusted)]


@compares("aws_iam_role_policy")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    role = world.role(user_of(hint))
    allowed = world.allowed(role)
    wanted = sorted({action for statement in statements(old["policy"]) for action in actions(statement)})
    return role["@"], [(f"allows {action}", True, covered(action, allowed)) for action in wanted]


@compares("aws_instance")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    new = world.controller()
    disks = [first(v["root_block_device"]) for v in (old, new)]
    interface = first(new.get("network_interface")).get("network_interface_id") or first(
        new.get("primary_network_interface")
    ).get("network_interface_id")
    subnet = world.any("aws_network_interface", "id", interface).get("subnet_id") or new["subnet_id"]
    return new["@"], [
        *same(old, new, "instance_type", "key_name", "iam_instance_profile"),
        (
            "image family",
            re.sub(r"^<ami_|>$", "", old["ami"]).replace("_", "-"),
            world.family.get(new["ami"], new["ami"]),
        ),
        ("root disk", disks[0]["volume_size"], disks[1].get("volume_size")),
        ("root disk type", disks[0]["volume_type"], disks[1].get("volume_type")),
        ("subnet", old["subnet_id"], world.subnet(subnet)),
        ("Name", name_tag(old), name_tag(new)),
        ("has user data", True, bool(new["user_data"] or new["user_data_base64"])),
    ]


@compares("aws_key_pair")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    return world.one("aws_key_pair", lambda v: v["key_name"] == old["key_name"])["@"], []


@compares("aws_lb")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    new = world.balancer()
    return new["@"], [
        *same(old, new, "name", "load_balancer_type", "idle_timeout", "client_keep_alive", "enable_http2"),
        *same(old, new, "desync_mitigation_mode", "xff_header_processing_mode"),
        ("internal", old.get("internal", False), new["internal"]),
        ("subnets", sorted(old["subnets"]), sorted(map(world.subnet, new["subnets"]))),
    ]


@compares("aws_lb_listener")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    new = world.one("aws_lb_listener", lambda v: v["port"] == old["port"])
    was, now = first(old["default_action"]), first(new["default_action"])
    redirect = [(f"redirect {k}", v, first(now.get("redirect")).get(k)) for k, v in first(was.get("redirect")).items()]
    return new["@"], [*same(old, new, "protocol"), *same(was, now, "type"), *redirect]


@compares("aws_lb_target_group")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    new = world.one("aws_lb_target_group", lambda v: v["name"] == old["name"])
    return new["@"], same(old, new, "port", "protocol", "target_type", "deregistration_delay")


@compares("aws_lb_target_group_attachment")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    new = world.one("aws_lb_target_group_attachment", lambda v: True)
    return new["@"], [("target", world.controller()["id"], new["target_id"])]


@compares("aws_s3_bucket")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    name = old["bucket"]
    new = world.one("aws_s3_bucket", lambda v: v["bucket"] == name)
    # What was one resource with provider 3 is several with 5.
    logging = world.any("aws_s3_bucket_logging", "bucket", name)
    encryption = world.any("aws_s3_bucket_server_side_encryption_configuration", "bucket", name)
    lifecycle = world.any("aws_s3_bucket_lifecycle_configuration", "bucket", name)
    public = world.any("aws_s3_bucket_public_access_block", "bucket", name)
    both = (first(old["server_side_encryption_configuration"]), encryption)
    algorithms = [
        first(first(part.get("rule")).get("apply_server_side_encryption_by_default")).get("sse_algorithm")
        for part in both
    ]
    was = [first(rule["expiration"])["days"] for rule in old.get("lifecycle_rule", [])]
    # Rules with a filter are another matter: they do not expire everything.
    unfiltered = [
        r for r in lifecycle.get("rule") or [] if r.get("expiration") and not first(r.get("filter")).get("prefix")
    ]
    now = [first(rule["expiration"]).get("days") for rule in unfiltered]
    return new["@"], [
        ("private", True, bool(public.get("block_public_acls") and public.get("block_public_policy"))),
        ("encryption", *algorithms),
        ("expires after days", was, now),
        ("log bucket is set", True, bool(logging.get("target_bucket"))),
        ("log prefix", first(old["logging"])["target_prefix"], logging.get("target_prefix")),
        ("Name", name_tag(old), name_tag(new)),
    ]


@compares("aws_security_group")
def _(world: World, old: Values, hint: str) -> tuple[str, list[Pair]]:
    user = user_of(hint)
    have = world.rules(user)
    wanted = set()
    for direction, kind in (("in", "ingress"), ("out", "egress")):
        for rule in old.get(kind, []):
            for source in [*rule.get("cidr_blocks", []), *(user_of(g) for g in rule.get("security_groups", []))]:
                wanted.add(word(direction, rule["protocol"], rule.get("from_port"), rule.get("to_port"), source))
    addresses = {v["id"]: v["@"] for v in world.by_type["aws_security_group"]}
    carriers = ", ".join(sorted(addresses.get(g, g) for g in world.security_groups(user)))
    return carriers, [(f"lets {rule}", True, rule in have) for rule in sorted(wanted)]


# --- The differences ------------------------------------------------------------------------------------------------


def production(type_: str | None = None) -> list[dict[str, Any]]:
    """The reference resources."""
    resources = json.loads(REFERENCE.read_text())["resources"]
    return [r for r in resources if type_ in (None, r["type"])]


class Differences:
    """The differences that are meant."""

    def __init__(self) -> None:
        self.entries = json.loads(DIFFERENCES.read_text())
        self.used = [False] * len(self.entries)
        for entry in self.entries:
            if set(entry) != {"type", "hint", "attribute", "reason"} or not entry["reason"].strip():
                raise SystemExit(f"{DIFFERENCES.name}: an entry needs type, hint, attribute and a reason: {entry}")

    def meant(self, type_: str, hint: str, attribute: str) -> str | None:
        """The reason of the first entry that covers this, and all that do are marked used."""
        reason = None
        for index, entry in enumerate(self.entries):
            pairs = ((type_, entry["type"]), (hint, entry["hint"]), (attribute, entry["attribute"]))
            if all(matches(*pair) for pair in pairs):
                self.used[index] = True
                reason = reason or entry["reason"]
        return reason

    def unused(self) -> list[dict[str, str]]:
        """Entries that nothing needed."""
        return [entry for entry, used in zip(self.entries, self.used, strict=True) if not used]


def matches(text: str, pattern: str) -> bool:
    """Whether a text fits a pattern in which only `*` is special; hints hold brackets."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None


def compare(world: World, report: Report) -> None:
    """Prints one line for each reference resource and counts it."""
    differences = Differences()
    for resource in production():
        type_, hint = resource["type"], resource["hint"]
        lines, reasons = [], []
        try:
            address, pairs = COMPARISONS[type_](world, resource["attributes"], hint)
        except (Absent, StopIteration) as error:
            address, pairs = "absent", []
            reason = differences.meant(type_, hint, "absent")
            reasons += [f"absent: {reason}"] if reason else []
            lines += [] if reason else [f"absent: {error}"]
        for attribute, was, now in pairs:
            if was == now:
                continue
            reason = differences.meant(type_, hint, attribute)
            if reason:
                reasons.append(f"{attribute}: {reason}")
            else:
                lines.append(f"{attribute}: production {json.dumps(was)}, generated {json.dumps(now)}")
        print(f"{'FAILED' if lines else 'ok'}  {type_}  {hint}  →  {address}")
        for line in lines:
            print(f"    {line}")
        for line in reasons:
            print(f"    differs, as meant: {line}")
        report.passed += not lines
        report.failed += bool(lines)
    for entry in differences.unused():
        print(f"FAILED  {DIFFERENCES.name}: matches nothing: {json.dumps(entry)}")
        report.failed += 1


def main() -> int:
    """Parses the arguments, applies where needed, compares."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("--state", type=Path, help="what an earlier apply wrote; without the file, apply now")
    parser.add_argument("--tally", type=Path, help="append the counts to this file instead of printing them")
    arguments = parser.parse_args()
    report = Report(Exceptions())
    if arguments.state and arguments.state.exists():
        applied = json.loads(arguments.state.read_text())
    elif not terraform.version():
        report.skip("compare-plan", "tvm/prod", terraform.HOW_TO_GET)
        return report.close(arguments.tally, judge_exceptions=False)
    else:
        applied = json.loads(moto_terraform.exercise(arguments.repository).as_json())
    compare(World(applied), report)
    return report.close(arguments.tally, judge_exceptions=False)


if __name__ == "__main__":
    sys.exit(main())
