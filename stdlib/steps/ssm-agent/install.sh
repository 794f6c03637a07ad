#!/usr/bin/env bash
# Leaves Systems Manager's agent enabled. Canonical's images bring it as a snap, which AWS maintains; one way of
# installing it is enough, since two agents on one machine disturb each other.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

if [[ $(sed -n 's/^ID=//p' /etc/os-release) != ubuntu ]]; then
    echo "ssm-agent needs Ubuntu, whose snap AWS maintains" >&2
    exit 1
fi

snap wait system seed.loaded
snap list amazon-ssm-agent >/dev/null 2>&1 || snap install amazon-ssm-agent --classic
snap start --enable amazon-ssm-agent
