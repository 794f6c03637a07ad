"""What a fleet says, read by code that is not the compiler's: ckdl over `tvmci expand`, which writes defaults out."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import ckdl
from report import ROOT

PROGRAM = ROOT / "target/debug/tvmci"


class Node:
    """One node: arguments, properties, children."""

    def __init__(self, node: Any, fleet: Fleet):
        self.node = node
        self.fleet = fleet

    @property
    def name(self) -> str:
        """The first argument: what most nodes are called by."""
        return str(self.args[0]) if self.args else ""

    @property
    def args(self) -> list[Any]:
        """The arguments, templates filled in."""
        return [self.fleet.fill(value) for value in self.node.args]

    def get(self, key: str, default: Any = None) -> Any:
        """A property, templates filled in."""
        return self.fleet.fill(self.node.properties.get(key, default))

    def all(self, kind: str) -> list[Node]:
        """The children of a kind."""
        return [Node(child, self.fleet) for child in self.node.children if child.name == kind]

    def child(self, kind: str) -> Node | None:
        """The only child of a kind, if it is there."""
        return next(iter(self.all(kind)), None)

    def value(self, kind: str, default: Any = None) -> Any:
        """The first argument of a child."""
        child = self.child(kind)
        return child.args[0] if child and child.args else default

    def values(self, kind: str) -> list[Any]:
        """All arguments of a child."""
        child = self.child(kind)
        return child.args if child else []

    def is_set(self, kind: str) -> bool:
        """A flag: there, and not `#false`."""
        child = self.child(kind)
        return child is not None and (child.args[:1] or [True])[0] is not False


class Fleet:
    """A fleet in an environment."""

    def __init__(self, text: str, environment: str):
        self.document = ckdl.parse(text)
        self.environment = environment
        self.nodes = [Node(node, self) for node in self.document.nodes]

    @classmethod
    def expanded(cls, path: Path, environment: str) -> Fleet:
        """Of a fleet's file."""
        command = [PROGRAM, "expand", path, "--env", environment, "--quiet"]
        return cls(subprocess.run(command, text=True, capture_output=True, check=True).stdout, environment)

    def all(self, kind: str) -> list[Node]:
        """The nodes of a kind at the top."""
        return [node for node in self.nodes if node.node.name == kind]

    def only(self, kind: str) -> Node:
        """The node of a kind of which there is one."""
        return next(iter(self.all(kind)))

    def named(self, kind: str, name: str) -> Node:
        """A node by its name."""
        return next(node for node in self.all(kind) if node.name == name)

    @cached_property
    def account(self) -> str:
        """The account's number."""
        return str(self.only("aws").node.properties["account"])

    @cached_property
    def region(self) -> str:
        """The region."""
        return str(self.only("aws").node.properties["region"])

    @cached_property
    def prefix(self) -> str:
        """What names in AWS begin with where the fleet gives none."""
        return f"{self.only('fleet').node.args[0]}-{self.environment}"

    @cached_property
    def host(self) -> str:
        """The host name of Jenkins."""
        return str(self.only("fleet").value("url")).removeprefix("https://").split("/")[0]

    def fill(self, value: Any) -> Any:
        """A text with its `{{…}}` filled in."""
        if not isinstance(value, str) or "{{" not in value:
            return value
        words = {
            "environment": self.environment,
            "Environment": self.environment.capitalize(),
            "account": self.account,
            "region": self.region,
            "fleet": str(self.only("fleet").node.args[0]),
        }
        return re.sub(r"\{\{(\w+)\}\}", lambda m: words[m.group(1)], value)

    @cached_property
    def static_phase(self) -> bool:
        """Whether the launch has not come to autoscaled pools yet."""
        launch = self.all("launch")
        return bool(launch) and launch[0].get("phase") == "static"

    def groups(self) -> Iterator[Node]:
        """The pools that are autoscaled now."""
        yield from (p for p in self.all("pool") if p.child("autoscale") and not self.static_phase)

    def static(self) -> Iterator[tuple[Node, int]]:
        """The pools of machines in AWS that stay, with how many."""
        yield from ((p, int(c.get("count"))) for p in self.all("pool") if (c := p.child("static")))

    def pool_name(self, pool: Node) -> str:
        """The name of a pool's group."""
        return pool.value("display-name") or f"{self.prefix}-{pool.name}"

    def pool_subnets(self, pool: Node) -> set[str]:
        """The subnets of a pool: those that are named, else those of the tier."""
        wanted = pool.child("subnets")
        named = wanted.args if wanted else []
        tier = wanted.get("tier") if wanted else "private"
        subnets = self.only("network").all("subnet")
        return set(named) or {subnet.name for subnet in subnets if subnet.get("tier") == tier}

    def role_name(self, role: Node) -> str:
        """The IAM role of a role."""
        return role.value("role-name") or f"{self.prefix}-{role.name}"

    def profile(self, role: Node) -> str:
        """Its instance profile."""
        return role.value("instance-profile") or self.role_name(role)

    def buckets(self) -> Iterator[tuple[str, Node]]:
        """Every bucket: its name and the node that describes it."""
        for bucket in self.all("bucket"):
            yield bucket.value("bucket-name") or f"{self.prefix}-{bucket.name}", bucket
        for cache in self.all("cache"):
            if s3 := cache.child("s3"):
                yield s3.get("bucket") or f"{self.prefix}-{cache.name}", s3

    def registries(self) -> Iterator[tuple[str, Node]]:
        """Every registry: the name of its repository and its node."""
        for registry in self.all("registry"):
            yield registry.value("repository-name") or registry.name, registry


def gib(text: str) -> int:
    """A size in GiB."""
    return {"GiB": 1, "TiB": 1024}[text[-3:]] * int(text[:-3])


def days(text: str) -> int:
    """A length of time in days."""
    return {"d": 1, "w": 7}[text[-1]] * int(text[:-1])


def seconds(text: str) -> int:
    """A length of time in seconds."""
    return {"s": 1, "m": 60, "h": 3600, "d": 86400}[text[-1]] * int(text[:-1])
