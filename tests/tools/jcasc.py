"""JCasC's own way of reading a folder: every file of it, merged by the default strategy."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import yaml


class StrictLoader(yaml.SafeLoader):
    """Refuses a key given twice in one mapping; PyYAML would take the last silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key given twice: {key}", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def load(path: Path) -> Any:
    """The one document of a YAML file."""
    return yaml.load(path.read_text(), Loader=StrictLoader)  # noqa: S506 - a SafeLoader


def folders(repository: Path) -> list[Path]:
    """The folders named `casc` that hold YAML."""
    return sorted({p.parent for p in repository.rglob("casc/*.yaml") if ".git" not in p.parts})


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """What is not a mapping, with its dotted path; a list is one leaf."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def merge(documents: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The merged whole, and the keys that more than one file sets.

    JCasC joins the lists of two files and refuses one scalar in both. Here a list in two files is refused as
    well: a fleet's files are split by concern.
    """
    whole: dict[str, Any] = {}
    conflicts: list[str] = []
    owner: dict[str, str] = {}
    for name, document in documents.items():
        for path, _ in leaves(document):
            if path in owner:
                conflicts.append(f"{path} is set in {owner[path]} and in {name}")
            owner.setdefault(path, name)
        join(whole, document or {}, "", conflicts)
    return whole, conflicts


def join(into: dict[str, Any], more: dict[str, Any], path: str, conflicts: list[str]) -> None:
    """Adds `more` to `into`: mappings by key, lists end to end."""
    for key, value in more.items():
        here = f"{path}.{key}" if path else str(key)
        old = into.get(key)
        if key not in into:
            into[key] = list(value) if isinstance(value, list) else {} if isinstance(value, dict) else value
            if isinstance(value, dict):
                join(into[key], value, here, conflicts)
        elif isinstance(old, dict) and isinstance(value, dict):
            join(old, value, here, conflicts)
        elif isinstance(old, list) and isinstance(value, list):
            old.extend(value)
        elif type(old) is not type(value) and (isinstance(old, dict | list) or isinstance(value, dict | list)):
            conflicts.append(f"{here} is of another kind in another file")
        # One scalar in two files was told by `merge`.


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar with its path, written `a.b[0].c`."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from flat(inner, f"{path}[{index}]")
    else:
        yield path, value
