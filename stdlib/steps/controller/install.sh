#!/usr/bin/env bash
# Leaves a machine on which the controller's playbooks can run. It makes no folder under /var/jenkins: the volume
# is mounted there at first boot, and Jenkins' image runs as user and group 1000, so files are owned by number.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

attempts=0
until apt-get -o DPkg::Lock::Timeout=600 update; do
    ((++attempts < 8))
    sleep 15
done

# acl: Ansible hands files to an unprivileged user by access list. nvme-cli: which EBS volume is which device.
apt-get -o DPkg::Lock::Timeout=600 -y install acl nvme-cli python3 python3-apt python3-requests xfsprogs

# The image of a stopped Jenkins is in nobody's use, and pruning would delete it: the next start would depend on
# the registry. A parent image made for agents may have brought the timer.
if systemctl cat docker-prune.timer >/dev/null 2>&1; then
    systemctl disable --now docker-prune.timer
fi
