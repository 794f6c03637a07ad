#!/usr/bin/env bash
# Proves that the timer is on and that a run succeeds, which on a fresh image deletes nothing.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

systemctl is-enabled --quiet docker-prune.timer
systemctl start docker-prune.service
