#!/usr/bin/env bash
# Leaves core dumps on for all users, root included, in /var/crash, and a rule that deletes old ones.
# Inside a container the kernel takes the same path of the container: mount /var/crash there to keep a dump.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
: "${CORE_DUMPS_KEEP:?}"

# Ubuntu's crash reporter would take over the kernel's pattern at each boot.
install -m 0644 /dev/stdin /etc/default/apport <<'EOF'
enabled=0
EOF
for unit in apport.service apport-autoreport.path apport-autoreport.timer apport-autoreport.service; do
    if systemctl cat "$unit" >/dev/null 2>&1; then
        systemctl disable --now "$unit"
        systemctl mask "$unit"
    fi
done

install -d -m 0755 /etc/sysctl.d /etc/security/limits.d /etc/tmpfiles.d

# Program, process, host and time in the name, so that one dump does not overwrite another.
cat >/etc/sysctl.d/60-core-dumps.conf <<'EOF'
kernel.core_pattern = /var/crash/coredump-%e.%p.%h.%t
EOF
sysctl --load=/etc/sysctl.d/60-core-dumps.conf

# `*` means everybody but root. Processes in containers have Docker's own limit, which is infinite already.
cat >/etc/security/limits.d/60-core-dumps.conf <<'EOF'
*    soft core unlimited
*    hard core unlimited
root soft core unlimited
root hard core unlimited
EOF

# The kernel writes with the rights of the process that crashed, hence 1777. The name sorts before those of
# packages: the first file that names a path wins.
cat >/etc/tmpfiles.d/00-core-dumps.conf <<EOF
d /var/crash 1777 root root ${CORE_DUMPS_KEEP}s
EOF
systemd-tmpfiles --create /etc/tmpfiles.d/00-core-dumps.conf
