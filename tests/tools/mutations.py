"""Random changes of a fleet, made on its expanded text: one value changed, one line gone, one entity copied or gone."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

# Words of closed lists, by what can stand in their place.
WORDS = [
    ("private", "public"),
    ("gp3", "gp2"),
    ("exclusive", "normal"),
    ("price-capacity-optimized", "capacity-optimized", "lowest-price"),
    ("elastic", "bursting"),
    ("head", "merge", "both"),
    ("global", "system"),
    ("trust-on-first-use", "none"),
    ("sunday", "monday", "friday"),
    ("us-west-2a", "us-west-2b", "us-west-2c"),
    ("ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"),
    ("c6a.8xlarge", "m7i.8xlarge", "c7i.8xlarge"),
    ("r6a.xlarge", "m7i.xlarge", "m7a.xlarge"),
    ("r7g.8xlarge", "m7g.8xlarge"),
    ("g5.4xlarge", "g6.4xlarge", "g5.8xlarge"),
    ("m7i.large", "m7i.xlarge", "r7i.large"),
    ("read", "write", "delete"),
    ("pull", "push"),
    ("autoscaled", "static"),
]
UNITS = {"GiB": ("8", "16", "64", "200", "640"), "m": ("2", "7", "15", "45"), "s": ("30", "90", "300"), "h": ("2", "5"), "d": ("3", "9", "30")}
# Kinds whose copies make sense beside the original.
COPIED = ("pool", "registry", "bucket", "cache", "role", "label", "job", "secret", "team", "key")


@dataclass
class Entity:
    """A node at the top level: its lines."""

    kind: str
    name: str
    start: int
    end: int


def entities(lines: list[str]) -> list[Entity]:
    """The nodes at the top level of an expanded fleet, which prints one field per line."""
    found = []
    start = None
    for number, line in enumerate(lines):
        if start is None and (head := re.match(r'([a-z-]+)(?: "([^"]*)")?', line)):
            start, kind, name = number, head[1], head[2] or ""
        if start is not None and (line == "}" or (not line.startswith((" ", "}")) and not line.endswith("{"))):
            found.append(Entity(kind, name, start, number + 1))
            start = None
    return found


def change_number(line: str, dice: random.Random) -> str | None:
    """Another whole number in the line."""
    spots = [m for m in re.finditer(r"(?<=[= ])-?\d+(?=[ ;}]|$)", line)]
    if not spots:
        return None
    spot = dice.choice(spots)
    value = int(spot[0])
    new = dice.choice([n for n in (value + 1, value + 3, value * 2, max(value - 1, 0), 0) if n != value])
    return line[: spot.start()] + str(new) + line[spot.end() :]


def change_unit(line: str, dice: random.Random) -> str | None:
    """Another size or length of time."""
    spots = [m for m in re.finditer(r'"(\d+)(GiB|m|s|h|d)"', line)]
    if not spots:
        return None
    spot = dice.choice(spots)
    new = dice.choice([n for n in UNITS[spot[2]] if n != spot[1]])
    return f'{line[: spot.start()]}"{new}{spot[2]}"{line[spot.end() :]}'


def change_flag(line: str, dice: random.Random) -> str | None:
    """The other of yes and no."""
    spots = [m for m in re.finditer(r"#(true|false)", line)]
    if not spots:
        return None
    spot = dice.choice(spots)
    return line[: spot.start()] + ("#false" if spot[1] == "true" else "#true") + line[spot.end() :]


def change_word(line: str, dice: random.Random) -> str | None:
    """Another word of a closed list, or another instance type."""
    spots = [(m, group) for group in WORDS for word in group for m in re.finditer(f'"{re.escape(word)}"', line)]
    if not spots:
        return None
    spot, group = dice.choice(spots)
    new = dice.choice([w for w in group if f'"{w}"' != spot[0]])
    return f'{line[: spot.start()]}"{new}"{line[spot.end() :]}'


def change_text(line: str, dice: random.Random) -> str | None:
    """A longer text: names in AWS, descriptions, tags."""
    named = r'(display-name|bucket-name|bucket|role-name|instance-profile|repository-name|key-pair|means|Owner|name|target-group|prefix)[ =]"([^"]+)"'
    spots = [m for m in re.finditer(named, line)]
    if not spots:
        return None
    spot = dice.choice(spots)
    return line[: spot.end() - 1] + dice.choice(["-b", "2", "-new"]) + line[spot.end() - 1 :]


def change_range(line: str, dice: random.Random) -> str | None:
    """Another range of addresses."""
    spot = re.search(r'"(\d+)\.(\d+)\.(\d+)\.0/(\d+)"', line)
    if not spot:
        return None
    bits = int(spot[4])
    third = (int(spot[3]) + (1 << max(24 - bits, 0)) * dice.choice([4, 8])) % 256
    return f'{line[: spot.start()]}"{spot[1]}.{spot[2]}.{third}.0/{bits}"{line[spot.end() :]}'


VALUES: list[Callable[[str, random.Random], str | None]] = [
    change_number,
    change_number,
    change_unit,
    change_unit,
    change_flag,
    change_word,
    change_word,
    change_text,
    change_range,
]


def mutate(text: str, dice: random.Random) -> tuple[str, str] | None:
    """A changed text and what was changed, or nothing where the dice fell on a line that cannot change."""
    lines = text.splitlines()
    nodes = entities(lines)
    kind = dice.random()
    node = dice.choice(nodes)
    if kind < 0.08 and node.kind in COPIED:
        name = f"{node.name}-{dice.choice(['b', 'two', 'extra'])}"
        copied = [lines[node.start].replace(f'"{node.name}"', f'"{name}"', 1), *lines[node.start + 1 : node.end]]
        # A copy must not share its original's names in AWS.
        own = re.compile(r'(display-name|bucket-name|role-name|instance-profile|repository-name|key-pair|bucket=)( ?)"([^"]+)"')
        copied = [own.sub(lambda m: f'{m[1]}{m[2]}"{m[3]}-{name}"', line) for line in copied]
        return "\n".join([*lines, "", *copied]) + "\n", f"{node.kind} {node.name} copied as {name}"
    if kind < 0.14 and node.kind in COPIED:
        return "\n".join(lines[: node.start] + lines[node.end :]) + "\n", f"{node.kind} {node.name} gone"
    inner = [n for n in range(node.start, node.end) if lines[n].strip() not in ("", "}")]
    number = dice.choice(inner)
    if kind < 0.2 and lines[number].startswith("    ") and not lines[number].endswith("{"):
        gone = lines[number].strip()
        return "\n".join(lines[:number] + lines[number + 1 :]) + "\n", f"{node.kind} {node.name}: without `{gone}`"
    new = dice.choice(VALUES)(lines[number], dice)
    if new is None or new == lines[number]:
        return None
    changed = [*lines[:number], new, *lines[number + 1 :]]
    return "\n".join(changed) + "\n", f"{node.kind} {node.name}: `{lines[number].strip()}` → `{new.strip()}`"
