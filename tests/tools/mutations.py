"""All small changes of a fleet, made on its expanded text, which prints one field per line: a value changed, a line or block
gone or added, an entity copied, renamed or gone, a pool's capacity of another sort. Which of them compile is seen by compiling."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
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
    ("ubuntu-22.04", "ubuntu-24.04"),
    ("ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"),
    ("read", "write", "delete"),
    ("pull", "push"),
    ("agents", "agent-root"),
]
UNITS = {"GiB": ("16", "64", "640"), "m": ("2", "45"), "s": ("30", "300"), "h": ("2", "5"), "d": ("3", "30")}
# Families of one architecture and one accelerator, so that labels and images still fit.
FAMILIES = [("c6a", "m7i", "c7i", "r6a"), ("r7g", "m7g", "r8g"), ("g5", "g6"), ("g4dn",)]
SIZES = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge")
# Fields that name what somebody sees; a longer text is another name.
NAMED = (
    "display-name|bucket-name|bucket|role-name|instance-profile|repository-name|key-pair|means|Owner|name|alarm_name|metric_name|"
    "target-group|prefix|family|mount|remote-fs|access-logs|description|url|environment"
)
# Fields that refer to another entity, by its kind.
REFERENCES = {"image": "image", "role": "role", "mounts": "cache"}
# Lines that an entity may have and often does not.
ADDED = {
    "aws": ['tags { Owner "ci"; }', 'assume-role "Deployer"'],
    "bucket": ['expire "90d"', "versioned", 'means "Kept for a while."'],
    "cache": ['means "Shared."'],
    "controller": [
        "elastic-ip",
        "metrics",
        'backup at="03:00" keep=5',
        'display-name "controller-b"',
        'role-name "controller-b"',
        'instance-profile "controller-b"',
    ],
    "image": ['family "other-family"', 'step "core-dumps"'],
    "key": ['key-pair "other-pair"'],
    "pool": ['display-name "other-{name}"', 'environment { STAGE "b"; }', 'subnets tier="public"'],
    "registry": ['expire tags="PR-*" after="14d"', 'repository-name "other-{name}"'],
    "role": ["session-manager", 'role-name "other-{name}"', 'instance-profile "other-{name}"', 'registries "pull"'],
}
COPIED = ("pool", "registry", "bucket", "cache", "role", "label", "job", "secret", "credential", "team", "key", "image")
OWN_NAMES = re.compile(r'(display-name|bucket-name|role-name|instance-profile|repository-name|key-pair|family|bucket=)( ?)"([^"]+)"')
OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPGSNVGzYwN3Ijn9GHxtqDCH7oHDjXQGKyoXyWlWVU9u other"


@dataclass(frozen=True)
class Entity:
    """A node at the top level: its lines."""

    kind: str
    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Edit:
    """A change: which lines become which. A line that becomes none is gone."""

    kind: str
    told: str
    lines: dict[int, list[str]]


def apply(text: str, edits: list[Edit]) -> str:
    """The text with edits made, none of which touches what another touches."""
    replaced = {number: new for edit in edits for number, new in edit.lines.items()}
    lines = text.splitlines()
    return "\n".join(line for number, old in enumerate(lines) for line in replaced.get(number, [old])) + "\n"


def entities(lines: list[str]) -> list[Entity]:
    """The nodes at the top level."""
    found: list[Entity] = []
    start = None
    for number, line in enumerate(lines):
        if start is None and (head := re.match(r'([a-z-]+)(?: "([^"]*)")?', line)):
            start, kind, name = number, head[1], head[2] or ""
        if start is not None and (line == "}" or (not line.startswith((" ", "}")) and not line.endswith("{"))):
            found.append(Entity(kind, name, start, number + 1))
            start = None
    return found


# --- Other values of a line -----------------------------------------------------------------------------------------


def replaced(line: str, match: re.Match[str], new: str) -> str:
    """The line with that part of it replaced."""
    return line[: match.start()] + new + line[match.end() :]


def numbers(line: str) -> Iterator[str]:
    """Other whole numbers."""
    for spot in re.finditer(r"(?<=[= ])-?\d+(?=[ ;}]|$)", line):
        value = int(spot[0])
        for new in sorted({value + 1, value * 2, max(value - 1, 0), 0} - {value}):
            yield replaced(line, spot, str(new))


def units(line: str) -> Iterator[str]:
    """Other sizes and lengths of time."""
    for spot in re.finditer(r'"(\d+)(GiB|m|s|h|d)"', line):
        for new in UNITS[spot[2]]:
            yield replaced(line, spot, f'"{new}{spot[2]}"')


def flags(line: str) -> Iterator[str]:
    """The other of yes and no."""
    for spot in re.finditer(r"#(true|false)", line):
        yield replaced(line, spot, "#false" if spot[1] == "true" else "#true")


def words(line: str) -> Iterator[str]:
    """Other words of a closed list."""
    for group in WORDS:
        for spot in re.finditer("|".join(f'"{re.escape(word)}"' for word in group), line):
            for new in group:
                yield replaced(line, spot, f'"{new}"')


def instances(line: str) -> Iterator[str]:
    """Other instance types, one more, one less."""
    for spot in re.finditer(r'"(\w+)\.(\d*x?large)"', line):
        family = next((group for group in FAMILIES if spot[1] in group), ())
        for new in family:
            yield replaced(line, spot, f'"{new}.{spot[2]}"')
        for size in SIZES:
            yield replaced(line, spot, f'"{spot[1]}.{size}"')
        yield replaced(line, spot, f'"{spot[1]}.{spot[2]}" "{spot[1]}.12xlarge"')
        if line.count(".") > 1:
            yield replaced(line, spot, "").replace("  ", " ")


def zones(line: str) -> Iterator[str]:
    """Other availability zones."""
    # A subnet that exists lies where it lies.
    for spot in re.finditer(r'"([a-z]+-[a-z]+-\d)([abc])"', "" if ' id="' in line else line):
        for letter in "abc":
            yield replaced(line, spot, f'"{spot[1]}{letter}"')


def texts(line: str) -> Iterator[str]:
    """Longer names, descriptions, tags, paths."""
    for spot in re.finditer(rf'(?<![\w-])({NAMED})[ =]"([^"]+)"', line):
        yield line[: spot.end() - 1] + "-b" + line[spot.end() - 1 :]


def ranges(line: str) -> Iterator[str]:
    """Other ranges of addresses."""
    for spot in re.finditer(r'"(\d+)\.(\d+)\.(\d+)\.0/(\d+)"', line):
        bits = int(spot[4])
        for step in (4, 8):
            third = (int(spot[3]) + (1 << max(24 - bits, 0)) * step) % 256
            yield replaced(line, spot, f'"{spot[1]}.{spot[2]}.{third}.0/{bits}"')
        yield replaced(line, spot, f'"{spot[1]}.{spot[2]}.{spot[3]}.0/{bits + 1}"')


def keys(line: str) -> Iterator[str]:
    """Another public key."""
    for spot in re.finditer(r'"ssh-[^"]+"', line):
        yield replaced(line, spot, f'"{OTHER_KEY}"')


def orders(line: str) -> Iterator[str]:
    """The first two of several in the other order."""
    if spot := re.match(r'(\s+[a-z-]+ )("[^"]+") ("[^"]+")', line):
        yield f"{spot[1]}{spot[3]} {spot[2]}{line[spot.end() :]}"


VALUES: list[Callable[[str], Iterator[str]]] = [numbers, units, flags, words, instances, zones, texts, ranges, keys, orders]


# --- Changes of an entity -------------------------------------------------------------------------------------------


def block(lines: list[str], number: int) -> range:
    """The lines of the node that begins there."""
    if not lines[number].endswith("{"):
        return range(number, number + 1)
    indent = len(lines[number]) - len(lines[number].lstrip())
    end = next(n for n in range(number + 1, len(lines)) if lines[n] == " " * indent + "}")
    return range(number, end + 1)


# Arguments that a passed-through block must have, or of which few values are allowed.
NEEDED = re.compile(r"\s+(resource|period|comparison_operator|evaluation_periods|alarm_name|namespace|metric_name|statistic|threshold)\b")


def value_edits(lines: list[str], node: Entity, names: dict[str, list[str]]) -> Iterator[Edit]:
    """Each line with another value, and without itself."""
    for number in range(node.start, node.end):
        line = lines[number]
        if line.strip() in ("", "}") or line.lstrip().startswith("allow "):
            continue
        is_needed = node.kind == "terraform" and NEEDED.match(line) is not None
        makers = [texts] if is_needed else VALUES
        others = {other for make in makers for other in make(line)}
        if reference := re.fullmatch(r'\s+([a-z-]+) "([^"]+)"', line):
            known = names.get(REFERENCES.get(reference[1], ""), [])
            others |= {line.replace(f'"{reference[2]}"', f'"{name}"') for name in known}
        for other in sorted(others - {line}):
            yield Edit(node.kind, f"`{line.strip()}` → `{other.strip()}`", {number: [other]})
        # A topic that another block names cannot go alone.
        if number > node.start and (not is_needed or (line.endswith("{") and "sns_topic" not in line)):
            gone = {n: [] for n in block(lines, number)}
            yield Edit(node.kind, f"without `{line.strip()}`", gone)


def added_edits(lines: list[str], node: Entity) -> Iterator[Edit]:
    """With a further line."""
    head = lines[node.start]
    for line in ADDED.get(node.kind, []):
        new = line.format(name=node.name) if "{name}" in line else line
        if head.endswith("{") and not any(re.match(rf"    {new.split()[0]}\b", lines[n]) for n in range(node.start, node.end)):
            yield Edit(node.kind, f"with `{new}`", {node.start: [head, f"    {new}"]})


def whole_edits(lines: list[str], node: Entity) -> Iterator[Edit]:
    """Copied, renamed, gone."""
    if node.kind not in COPIED:
        return
    name = f"{node.name}-b"
    last = node.end - 1
    copied = [lines[node.start].replace(f'"{node.name}"', f'"{name}"', 1), *lines[node.start + 1 : node.end]]
    # A copy must not share its original's names in AWS.
    copied = [OWN_NAMES.sub(lambda m: f'{m[1]}{m[2]}"{m[3]}-b"', line) for line in copied]
    yield Edit(node.kind, f"copied as {name}", {last: [lines[last], "", *copied]})
    yield Edit(node.kind, "gone", {n: [] for n in range(node.start, node.end)})
    quoted = f'"{node.name}"'
    renamed = {n: [line.replace(quoted, f'"{name}"')] for n, line in enumerate(lines) if quoted in line}
    yield Edit(node.kind, f"renamed to {name}", renamed)


def capacity_edits(lines: list[str], node: Entity) -> Iterator[Edit]:
    """A pool whose machines stay instead of coming and going, and the other way round."""
    for number in range(node.start, node.end):
        sort = lines[number].split()[0] if lines[number].strip() else ""
        other = {"autoscale": "    static count=2", "static": "    autoscale max=3"}.get(sort)
        if node.kind == "pool" and other:
            edit = {n: [] for n in block(lines, number)}
            edit[number] = [other]
            for n in range(node.start, node.end):
                if lines[n].startswith("    instances "):
                    edit[n] = [" ".join(["   ", *lines[n].split()[:2]])]
            yield Edit(node.kind, f"{sort} → {other.strip()}", edit)


class Deck:
    """All changes of a fleet, by kind of entity; each kind's in a random order."""

    def __init__(self, text: str, dice: random.Random):
        lines = text.splitlines()
        nodes = entities(lines)
        names: dict[str, list[str]] = {}
        for node in nodes:
            names.setdefault(node.kind, []).append(node.name)
        self.piles: dict[str, list[Edit]] = {}
        for node in nodes:
            title = f"{node.kind} {node.name}".strip()
            makers = (value_edits(lines, node, names), added_edits(lines, node), whole_edits(lines, node), capacity_edits(lines, node))
            for edit in (edit for maker in makers for edit in maker):
                self.piles.setdefault(node.kind, []).append(Edit(edit.kind, f"{title}: {edit.told}", edit.lines))
        for kind in sorted(self.piles):
            dice.shuffle(self.piles[kind])

    def draw(self, kind: str) -> Edit | None:
        """The next change of a kind, each once."""
        pile = self.piles.get(kind)
        return pile.pop() if pile else None
