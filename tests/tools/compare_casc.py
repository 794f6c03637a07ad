#!/usr/bin/env python3
"""Says for each setting and job of the hand-written production system whether the generated one has it.

usage: compare_casc.py [--tally FILE] ANSIBLE_DIR

Reads the merged casc/*.yaml and the XML that Jenkins Job Builder makes of jobs/, and compares them with
tests/reference/production-data.json: settings, clouds, permanent nodes, credentials, jobs. Keys are compared without regard
to case, as Jenkins does; elements of lists by what names them. What differs must be listed in
tests/reference/casc-differences.json as {path, reason}, where `*` in the path matches anything; an entry that matches nothing is a
failure.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jcasc
from compare_plan import matches
from real_tools import job_items
from report import ROOT, Exceptions, Report

DATA = ROOT / "tests/reference/production-data.json"
DIFFERENCES = ROOT / "tests/reference/casc-differences.json"
MISSING = "(missing)"


def keyed(document: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar by a lower-case path, in which list elements are named by their name, id or key where they have one."""
    if isinstance(document, dict) and document:
        for key, inner in document.items():
            yield from keyed(inner, f"{path}.{key}".lower().lstrip("."))
    elif isinstance(document, list) and document:
        for index, inner in enumerate(document):
            yield from keyed(inner, f"{path}[{naming(inner, index)}]")
    else:
        yield path, document


def naming(element: Any, index: int) -> str:
    """What names a list element: name, id or key, of itself or of its one content; else its position."""
    if isinstance(element, dict):
        only = next(iter(element.values())) if len(element) == 1 else None
        for part in (element, only if isinstance(only, dict) else {}):
            for key in ("name", "id", "key"):
                if isinstance(part.get(key), str):
                    return part[key].lower()
    return str(index)


def unflatten(flat: dict[str, Any]) -> Any:
    """The document of paths like `a.b[0].c`."""
    whole: dict[str, Any] = {}
    for path, value in flat.items():
        parts = split(path)
        place: Any = whole
        for part, following in zip(parts, [*parts[1:], None], strict=True):
            inner: Any = value if following is None else [] if isinstance(following, int) else {}
            if isinstance(part, int):
                while len(place) <= part:
                    place.append(None)
                place[part] = inner if following is None or place[part] is None else place[part]
            elif following is None or part not in place:
                place[part] = inner
            place = place[part]
    return whole


def split(path: str) -> list[str | int]:
    """`a.b[0]` as ["a", "b", 0]."""
    return [int(number) if number else name for name, number in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path)]


def permissions(matrix: dict[str, Any]) -> set[str]:
    """Who may what, of the list `permissions` or of the newer `entries`, as `USER:Overall/Read:anonymous`."""
    found = {str(p) for p in matrix.get("permissions") or []}
    for entry in matrix.get("entries") or []:
        for kind, body in entry.items():
            for permission in body.get("permissions") or []:
                found.add(f"{kind.upper()}:{permission}:{body['name']}")
    return found


def settings(document: dict[str, Any]) -> dict[str, Any]:
    """All settings but clouds and credentials; permissions as one path each."""
    document = json.loads(json.dumps(document))
    jenkins = document.get("jenkins", {})
    jenkins.pop("clouds", None)
    document.pop("credentials", None)
    matrix = next(
        (v for k, v in jenkins.get("authorizationStrategy", {}).items() if k.lower() == "projectmatrix"), None
    )
    flat: dict[str, Any] = {}
    if matrix:
        flat = {f"jenkins.authorizationstrategy.projectmatrix {p}": True for p in permissions(matrix)}
        jenkins.pop("authorizationStrategy")
    return {**dict(keyed(document)), **flat}


def clouds(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Name → settings of each ec2Fleet cloud."""
    found = {}
    for cloud in document.get("jenkins", {}).get("clouds") or []:
        for kind, body in cloud.items():
            if kind.lower() == "ec2fleet":
                found[body["name"]] = {path.lower(): value for path, value in jcasc.flat(body)}
    return found


def expected_clouds(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The same out of the reference."""
    common = {path.lower(): value for path, value in data["cloud_common"].items()}
    return {
        pool["name"]: {
            **common,
            "name": pool["name"],
            "fleet": pool["name"],
            "labelstring": pool["label"],
            "minsize": pool["min"],
            "maxsize": pool["max"],
            "disabletaskresubmit": pool["jenkins_disableTaskResubmit"],
        }
        for pool in data["pools"]
    }


def credentials(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Id → kind, scope, user, the files that it reads."""
    found = {}
    for domain in document.get("credentials", {}).get("system", {}).get("domainCredentials") or []:
        for credential in domain.get("credentials") or []:
            for kind, body in credential.items():
                texts = " ".join(str(value) for _, value in jcasc.flat(body))
                files = re.findall(r"\$\{readFile:([^}]+)\}", texts)
                found[body["id"]] = {
                    "kind": kind.lower(),
                    "scope": body.get("scope", "GLOBAL"),
                    "username": body.get("username"),
                    "appID": str(body["appID"]) if "appID" in body else None,
                    "owner": body.get("owner"),
                    "file": ",".join(files) or None,
                }
    return found


def expected_credentials(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The same out of the reference."""
    return {
        c["id"]: {
            "kind": c["jcasc_kind"].lower(),
            "scope": c["effective_scope"],
            "username": c.get("username"),
            "appID": c.get("appID"),
            "owner": c.get("owner"),
            "file": c["file_in_container"],
        }
        for c in data["credentials"]
    }


def nodes(data: dict[str, Any]) -> dict[str, Any]:
    """The permanent nodes of the reference as settings."""
    found = {}
    for node in data["permanent_nodes"]:
        path = f"jenkins.nodes[{node['name']}].permanent."
        found |= {
            path + "name": node["name"],
            path + "labelstring": node["label"],
            path + "numexecutors": node["executors"],
        }
        found |= {
            path + "remotefs": node["remote_fs"],
            path + "launcher.ssh.host": node["host"],
            path + "launcher.ssh.port": node["port"],
        }
    return found


# --- Jobs -----------------------------------------------------------------------------------------------------------


def text(root: ET.Element, path: str) -> str | None:
    """The text of the first element at a path, or nothing."""
    found = root.find(path)
    return None if found is None else (found.text or "")


def generated_job(path: Path) -> dict[str, Any]:
    """What matters of one config.xml."""
    root = ET.parse(path).getroot()
    description = (text(root, "description") or "").removesuffix("<!-- Managed by Jenkins Job Builder -->").strip()
    common = {"description": description or None, "disabled": text(root, "disabled") == "true"}
    if root.tag.endswith("Folder"):
        return {"kind": "folder"}
    if root.tag == "flow-definition":
        parameters = {
            p.findtext("name"): p.findtext("defaultValue") or None
            for p in root.iter("hudson.model.StringParameterDefinition")
        }
        # The properties say "no concurrent builds", there is nothing that says yes.
        alone = (
            root.find(".//org.jenkinsci.plugins.workflow.job.properties.DisableConcurrentBuildsJobProperty") is not None
        )
        discarder = next(root.iter("jenkins.model.BuildDiscarderProperty"), None)
        return {
            **common,
            "kind": "pipeline",
            "concurrent": not alone,
            "repository": repository(text(root, ".//hudson.plugins.git.UserRemoteConfig/url")),
            "credentials": text(root, ".//hudson.plugins.git.UserRemoteConfig/credentialsId"),
            "refspec": text(root, ".//hudson.plugins.git.UserRemoteConfig/refspec"),
            "branches": [b.findtext("name") for b in root.iter("hudson.plugins.git.BranchSpec")],
            "script path": text(root, "definition/scriptPath"),
            "triggers": [t.findtext("spec") for t in root.iter("hudson.triggers.TimerTrigger")],
            "parameters": parameters,
            "days to keep": discarder.findtext(".//daysToKeep") if discarder is not None else None,
            "number to keep": discarder.findtext(".//numToKeep") if discarder is not None else None,
        }
    traits = {trait.tag.rsplit(".", 1)[-1]: trait for traits in root.iter("traits") for trait in traits}
    source = next(root.iter("source"), root)

    def trait(name: str, child: str) -> str | None:
        return traits[name].findtext(child) if name in traits else None

    trust = traits["ForkPullRequestDiscoveryTrait"].find("trust") if "ForkPullRequestDiscoveryTrait" in traits else None
    return {
        **common,
        "kind": "multibranch",
        "repository": f"{source.findtext('repoOwner')}/{source.findtext('repository')}",
        "credentials": source.findtext("credentialsId"),
        "script path": text(root, "factory/scriptPath"),
        "status context": trait("NotificationContextTrait", "contextLabel"),
        "status context has a suffix": trait("NotificationContextTrait", "typeSuffix"),
        "refspecs": [v.text for v in root.iterfind(".//templates/*/value")],
        "branch discovery": trait("BranchDiscoveryTrait", "strategyId"),
        "pull requests of the repository": trait("OriginPullRequestDiscoveryTrait", "strategyId"),
        "pull requests of forks": trait("ForkPullRequestDiscoveryTrait", "strategyId"),
        "trust of forks": None if trust is None else trust.get("class", "").rsplit("$", 1)[-1],
        "days to keep dead branches": text(root, "orphanedItemStrategy/daysToKeep"),
        "wipes the workspace": "WipeWorkspaceTrait" in traits,
        "build strategies": strategies(root.find(".//buildStrategies")),
        "excluded branches": next((r.text for r in root.iter("regex")), None),
    }


def strategies(element: ET.Element | None) -> str:
    """The build strategies in words: `any(change-request, all(…))`; those of a plain list are alternatives."""
    words = {
        "ChangeRequestBuildStrategyImpl": "change-request",
        "BranchBuildStrategyImpl": "regular-branches",
        "SkipInitialBuildOnFirstBranchIndexing": "skip-initial-build",
        "NamedBranchBuildStrategyImpl": "named-branches",
    }

    def each(parent: ET.Element) -> list[str]:
        found = []
        for child in parent:
            name = child.tag.rsplit(".", 1)[-1]
            inner = child.find("strategies")
            if name.startswith(("Any", "All")) and inner is not None:
                found.append(f"{name[:3].lower()}({', '.join(each(inner))})")
            else:
                found.append(words.get(name, name))
        return found

    found = each(element) if element is not None else []
    return found[0] if len(found) == 1 and found[0].startswith("any(") else f"any({', '.join(found)})"


def repository(url: str | None) -> str | None:
    """`owner/name` of a GitHub address."""
    found = re.search(r"github\.com[/:]([\w.-]+/[\w.-]+?)(\.git)?/?$", url or "")
    return found[1] if found else url


def expected_jobs(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The jobs of the reference in the same words."""
    template = data["job_template_tvm_multibranch"]
    found: dict[str, dict[str, Any]] = {}
    for job in data["jobs"]:
        found[job["name"]] = {
            "kind": "multibranch",
            "description": job["description"],
            "disabled": job["disabled"],
            "repository": f"{template['repo_owner']}/{template['repo']}",
            "credentials": template["credentials_id"],
            "script path": job["script_path"],
            "status context": job["notification_context"],
            "status context has a suffix": str(any("/" in c for c in job["status_contexts"])).lower(),
            "refspecs": job["refspecs"],
            # Job Builder's numbers: 1 is "not those with a pull request", 2 is "the head of the pull request".
            "branch discovery": "1" if "no-pr" in template["branch_discovery"] else MISSING,
            "pull requests of the repository": "2" if "current" in template["discover_pr_origin"] else MISSING,
            "pull requests of forks": "2" if "current" in template["discover_pr_forks_strategy"] else MISSING,
            "trust of forks": f"Trust{template['discover_pr_forks_trust'].title()}",
            "days to keep dead branches": str(template["days_to_keep"]),
            "wipes the workspace": template["implicit_wipe_workspace"],
            "build strategies": f"any({', '.join(next(iter(s)) for s in template['build_strategies'])})",
            "excluded branches": template["build_strategies"][-1]["named-branches"][0]["regex-name"]["regex"],
        }
    for job in data["pipeline_jobs"]:
        if job["project-type"] == "folder":
            found[job["name"]] = {"kind": "folder"}
            continue
        git = job["pipeline-scm"]["scm"][0]["git"]
        parameters = [p["string"] for p in job["parameters"]]
        found[job["name"]] = {
            "kind": "pipeline",
            "description": job.get("description"),
            "disabled": job["disabled"],
            "concurrent": job["concurrent"],
            "repository": repository(git["url"]),
            "credentials": git["credentials-id"],
            "refspec": git["refspec"],
            "branches": git["branches"],
            "script path": job["pipeline-scm"]["script-path"],
            "triggers": [t["timed"] for t in job.get("triggers", [])],
            "parameters": {p["name"]: p.get("default") for p in parameters},
            "days to keep": str(job["days-to-keep"]),
            "number to keep": str(job["number-to-keep"]),
        }
    return found


# --- The comparison -------------------------------------------------------------------------------------------------


class Comparison:
    """Compares mappings of paths and counts one check for each section."""

    def __init__(self, report: Report):
        self.report = report
        self.entries = json.loads(DIFFERENCES.read_text())
        self.used = [False] * len(self.entries)
        for entry in self.entries:
            if set(entry) != {"path", "reason"} or not entry["reason"].strip():
                raise SystemExit(f"{DIFFERENCES.name}: an entry needs path and a reason: {entry}")

    def meant(self, path: str) -> str | None:
        """The reason of the first entry that covers the path."""
        found = [i for i, entry in enumerate(self.entries) if matches(path, entry["path"])]
        for index in found:
            self.used[index] = True
        return self.entries[found[0]]["reason"] if found else None

    def section(self, name: str, expected: dict[str, Any], have: dict[str, Any]) -> None:
        """Every expected path must be there with its value."""
        lines, reasons = [], []
        if not have and (reason := self.meant(name)):
            expected, reasons = {}, [f"missing: {reason}"]
        elif not have:
            expected, lines = {}, [f"{name}: missing"]
        for path, value in expected.items():
            now = have.get(path, MISSING)
            if now == value:
                continue
            reason = self.meant(f"{name} {path}")
            if reason:
                reasons.append(f"{path}: {reason}")
            else:
                # The text before the colon is what an entry of the differences would name.
                lines.append(f"{name} {path}: production {json.dumps(value)}, generated {json.dumps(now)}")
        print(f"{'FAILED' if lines else 'ok'}  {name}  {len(expected)} compared")
        for line in lines:
            print(f"    {line}")
        for line in reasons:
            print(f"    differs, as meant: {line}")
        self.report.passed += not lines
        self.report.failed += bool(lines)

    def sections(self, kind: str, expected: dict[str, dict[str, Any]], have: dict[str, dict[str, Any]]) -> None:
        """One section for each named thing; one that production does not have is a difference as well."""
        for name, values in expected.items():
            self.section(f"{kind} {name}", values, have.get(name, {}))
        for name in sorted(set(have) - set(expected)):
            self.section(f"{kind} {name}", {"is in production": True}, {"is in production": False})

    def close(self) -> None:
        """Entries that nothing needed are failures."""
        for entry, used in zip(self.entries, self.used, strict=True):
            if not used:
                print(f"FAILED  {DIFFERENCES.name}: matches nothing: {json.dumps(entry)}")
                self.report.failed += 1


def main() -> int:
    """Parses the arguments and compares."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("--tally", type=Path, help="append the counts to this file instead of printing them")
    arguments = parser.parse_args()
    report = Report(Exceptions())
    comparison = Comparison(report)
    data = json.loads(DATA.read_text())

    documents = {
        str(p): jcasc.load(p) for folder in jcasc.folders(arguments.repository) for p in sorted(folder.glob("*.yaml"))
    }
    whole, _ = jcasc.merge(documents)
    have = settings(whole)
    comparison.section("setting", settings(unflatten(data["jcasc_base_config"])), have)
    comparison.section("node", nodes(data), have)
    comparison.sections("cloud", expected_clouds(data), clouds(whole))
    comparison.sections("credential", expected_credentials(data), credentials(whole))

    with tempfile.TemporaryDirectory(prefix="tvmci-jobs-") as scratch:
        output = Path(scratch) / "out"
        items, _ = job_items(arguments.repository.resolve(), output)
        comparison.sections(
            "job", expected_jobs(data), {item: generated_job(output / item / "config.xml") for item in items}
        )
    comparison.close()
    return report.close(arguments.tally, judge_exceptions=False)


if __name__ == "__main__":
    sys.exit(main())
