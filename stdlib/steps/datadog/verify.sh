#!/usr/bin/env bash
# Proves that the agent is there, waits for a key, and that the image holds none.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

datadog-agent version
systemctl is-enabled --quiet datadog-key.path
if systemctl is-active --quiet datadog-agent.service; then
    echo "the agent runs although no machine has a key yet" >&2
    exit 1
fi
if [[ -e /etc/datadog-agent/environment ]] || grep -q '^ *api_key' /etc/datadog-agent/datadog.yaml; then
    echo "the image holds an API key" >&2
    exit 1
fi
