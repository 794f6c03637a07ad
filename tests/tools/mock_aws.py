#!/usr/bin/env python3
"""Serves a mock AWS on 127.0.0.1: moto, with what moto 5.2 leaves out and our configurations need.

usage: mock_aws.py PORT

Each addition is what AWS does and moto does not; without it a second plan would want to change what the first apply did.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, unquote

from moto.core.responses import ActionResult
from moto.ec2.models import launch_templates, security_groups
from moto.ec2.responses.instances import InstanceResponse
from moto.ec2.responses.monitoring import Monitoring
from moto.route53.responses import Route53
from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple

Answer = tuple[int, dict[str, Any]]
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def keep_own_tags_of_launch_templates() -> None:
    """moto files a template's own tags under those of its instances."""
    create = launch_templates.LaunchTemplateBackend.create_launch_template

    def without_own_tags(self, name, description, data, tags):  # type: ignore[no-untyped-def]
        kept = [t for t in data.pop("TagSpecifications", []) if t["ResourceType"] != "launch-template"]
        return create(self, name, description, {**data, **({"TagSpecifications": kept} if kept else {})}, tags)

    launch_templates.LaunchTemplateBackend.create_launch_template = without_own_tags


def keep_descriptions_of_rules() -> None:
    """moto tells the descriptions of rules about ranges, not of those about groups."""
    security_groups.SecurityGroupRule.description = property(
        lambda self: self.ip_range.get("Description") or self.source_group.get("Description")
    )


def keep_termination_protection() -> None:
    """moto reads DisableApiTermination only when it is set later."""
    run = InstanceResponse.run_instances

    def protected(self):  # type: ignore[no-untyped-def]
        reservation = run(self)
        for instance in reservation.result.instances:
            instance.disable_api_termination = self._get_param("DisableApiTermination") or False
        return reservation

    InstanceResponse.run_instances = protected


def turn_monitoring_on_and_off() -> None:
    """moto knows the state and has no calls that change it."""

    def turn(state: str) -> Callable[[Any], ActionResult]:
        def instances(self: Any) -> ActionResult:
            changed = []
            for id_ in self._get_param("InstanceIds", []):
                self.ec2_backend.get_instance(id_).monitoring_state = state
                changed.append({"InstanceId": id_, "Monitoring": {"State": state}})
            return ActionResult({"InstanceMonitorings": changed})

        return instances

    Monitoring.monitor_instances = turn("enabled")
    Monitoring.unmonitor_instances = turn("disabled")


def make_zones_of_networks_private() -> None:
    """moto makes a private zone only where a flag says so; for AWS the network in the request is enough."""
    create = Route53.create_hosted_zone

    def private(self):  # type: ignore[no-untyped-def]
        answer = create(self)
        zone, network = answer.result["HostedZone"], self._get_param("VPC.VPCId")
        if network and not zone.private_zone:
            zone.private_zone = True
            zone.add_vpc(network, self._get_param("VPC.VPCRegion"))
        return answer

    Route53.create_hosted_zone = private


class DataLifecycleManager:
    """The policies of DLM, which moto does not know at all."""

    def __init__(self) -> None:
        self.policies: dict[str, dict[str, Any]] = {}

    def answer(self, method: str, path: str, query: str, body: dict[str, Any]) -> Answer:
        """The answer to one request."""
        parts = [unquote(part) for part in path.strip("/").split("/")]
        if parts[0] == "tags":
            return self.tags(method, parts[-1], query, body)
        if method == "POST":
            id_ = "policy-" + uuid.uuid4().hex[:17]
            arn = f"arn:aws:dlm:us-west-2:123456789012:policy/{id_}"
            self.policies[id_] = {"PolicyId": id_, "PolicyArn": arn, "Tags": {}, "StatusMessage": body["State"], **body}
            return 200, {"PolicyId": id_}
        if parts == ["policies"]:
            return 200, {"Policies": [{"PolicyId": id_, "State": p["State"]} for id_, p in self.policies.items()]}
        policy = self.policies.get(parts[-1])
        if policy is None:
            return 404, {"Code": "404", "Message": "Policy not found", "ResourceType": "Policy"}
        if method == "PATCH":
            policy.update(body)
        if method == "DELETE":
            del self.policies[parts[-1]]
        return 200, {"Policy": policy} if method == "GET" else {}

    def tags(self, method: str, policy: str, query: str, body: dict[str, Any]) -> Answer:
        """Tags of a policy; of an ARN the part behind the last slash is left of it."""
        tags = self.policies[policy]["Tags"]
        if method == "POST":
            tags.update(body["Tags"])
        if method == "DELETE":
            for key in parse_qs(query).get("tagKeys", []):
                tags.pop(key, None)
        return 200, {"Tags": tags} if method == "GET" else {}


def with_data_lifecycle_manager(moto: Any) -> Application:
    """A server that answers for DLM and leaves the rest to moto."""
    manager = DataLifecycleManager()

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # The signature names the service.
        if not re.search(r"/dlm/aws4_request", environ.get("HTTP_AUTHORIZATION", "")):
            return moto(environ, start_response)
        text = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        body = json.loads(text or "{}")
        status, answer = manager.answer(
            environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("QUERY_STRING", ""), body
        )
        headers = [("Content-Type", "application/json")]
        if status == 404:
            headers.append(("x-amzn-ErrorType", "ResourceNotFoundException"))
        start_response(f"{status} {'OK' if status == 200 else 'Not Found'}", headers)
        return [json.dumps(answer).encode()]

    return application


def answering_once(application: Application) -> Application:
    """A server that does what it is asked once, however often the client asks: it asks again when an answer got lost.

    AWS' clients send the same invocation's id with every attempt. On a busy machine connections do break, and the second
    attempt to create a record would find it there.
    """
    answers: OrderedDict[str, tuple[str, list[tuple[str, str]], bytes]] = OrderedDict()
    running: defaultdict[str, Lock] = defaultdict(Lock)

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        invocation = environ.get("HTTP_AMZ_SDK_INVOCATION_ID")
        if not invocation:
            return application(environ, start_response)
        with running[invocation]:
            if invocation not in answers:
                told: list[Any] = []
                body = b"".join(application(environ, lambda status, headers, *_: told.extend((status, headers))))
                if not told[0].startswith("2"):
                    start_response(*told)
                    return [body]
                answers[invocation] = (told[0], told[1], body)
                while len(answers) > 1000:
                    running.pop(answers.popitem(last=False)[0], None)
            status, headers, body = answers[invocation]
        start_response(status, headers)
        return [body]

    return wrapped


def main() -> None:
    """Mends moto and serves it."""
    keep_own_tags_of_launch_templates()
    keep_descriptions_of_rules()
    keep_termination_protection()
    turn_monitoring_on_and_off()
    make_zones_of_networks_private()
    server = with_data_lifecycle_manager(DomainDispatcherApplication(create_backend_app))
    run_simple("127.0.0.1", int(sys.argv[1]), answering_once(server), threaded=True, request_handler=MotoRequestHandler)


if __name__ == "__main__":
    main()
