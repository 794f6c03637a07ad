#!/usr/bin/env bash
# Leaves a machine whose first boot is complete and on which no timer holds apt's locks until the next boot.
# A first boot that failed ends the build here, instead of after a puzzling error in a later step.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
: "${WAIT_FOR_CLOUD_INIT_TIMEOUT:?}"

deadline=$((SECONDS + WAIT_FOR_CLOUD_INIT_TIMEOUT))

# Status 2 means done with warnings (a deprecated key, say); the image is fine. 124 is the limit itself.
status=0
timeout "$WAIT_FOR_CLOUD_INIT_TIMEOUT" cloud-init status --wait || status=$?
if ((status != 0 && status != 2)); then
    echo "cloud-init did not finish (status $status)" >&2
    cloud-init status --long >&2 || true
    exit 1
fi

# Stopping the timers does not stop a run that has begun, and one that unpacks must not be interrupted.
for timer in apt-daily.timer apt-daily-upgrade.timer; do
    if systemctl is-active --quiet "$timer"; then
        systemctl stop "$timer"
    fi
done
for unit in apt-daily.service apt-daily-upgrade.service; do
    until [[ $(systemctl show --property=ActiveState --value "$unit") =~ ^(inactive|failed)$ ]]; do
        if ((SECONDS >= deadline)); then
            echo "$unit is still running" >&2
            exit 1
        fi
        sleep 5
    done
done
