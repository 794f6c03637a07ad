#!/usr/bin/env bash
# Leaves an image without identity: the last step of a build, after all checks and with no restart after it.
# What stays here would be the same on every machine: two with one host key cannot be told apart.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

apt-get -o DPkg::Lock::Timeout=600 clean
find /var/lib/apt/lists -mindepth 1 -delete

# Empty and not missing: systemd then makes a new one, but does not treat the boot as the very first, which
# would reset all units to their presets.
truncate --size=0 /etc/machine-id
if [[ -e /var/lib/dbus/machine-id && ! -L /var/lib/dbus/machine-id ]]; then
    ln -sf /etc/machine-id /var/lib/dbus/machine-id
fi
rm -f /var/lib/systemd/random-seed

# The session that runs this keeps the keys that it has in memory. First boot makes new ones.
rm -f /etc/ssh/ssh_host_*
cloud-init clean --logs --seed

# The keys that Packer and the building account logged in with, and what was typed.
rm -f /root/.ssh/authorized_keys /home/*/.ssh/authorized_keys
rm -f /root/.bash_history /home/*/.bash_history

journalctl --rotate --quiet
journalctl --vacuum-time=1s --quiet
find /var/log -type f \( -name '*.gz' -o -name '*.[0-9]' \) -delete
sync
