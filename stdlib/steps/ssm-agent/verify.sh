#!/usr/bin/env bash
# Proves that the agent starts at boot. Whether it may register depends on the machine's role, not on the image.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

systemctl is-enabled --quiet snap.amazon-ssm-agent.amazon-ssm-agent.service
/snap/amazon-ssm-agent/current/amazon-ssm-agent -version
