#!/usr/bin/env bash
# Proves that an XFS volume can be made and that nothing prunes Docker.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
truncate --size=512M "$scratch/volume"
mkfs.xfs -q "$scratch/volume"
modprobe xfs

python3 -c 'import apt, requests'
docker info >/dev/null
if systemctl is-enabled --quiet docker-prune.timer 2>/dev/null; then
    echo "docker-prune.timer is enabled on a controller" >&2
    exit 1
fi
