#!/usr/bin/env bash
# Proves that the timer is on, and that it leaves Docker alone, or that it is off.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
: "${UNATTENDED_UPGRADES_ENABLE:?}"

if [[ $UNATTENDED_UPGRADES_ENABLE == true ]]; then
    systemctl is-enabled --quiet apt-daily-upgrade.timer
    apt-config dump Unattended-Upgrade::Package-Blacklist | grep -qF '"^docker"'
    unattended-upgrade --dry-run
else
    [[ $(systemctl is-enabled apt-daily-upgrade.timer 2>/dev/null) == masked ]]
    apt-config dump APT::Periodic::Unattended-Upgrade | grep -qF '"0"'
fi
