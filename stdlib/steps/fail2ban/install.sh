#!/usr/bin/env bash
# Leaves fail2ban watching SSH, in a file of its own beside the package's.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
: "${FAIL2BAN_TRUSTED:?}"
: "${FAIL2BAN_MAX_RETRY:?}"

# A network that fail2ban reads otherwise than it is meant is not trusted, and nothing would say so.
python3 - "$FAIL2BAN_TRUSTED" <<'EOF'
import ipaddress
import sys

for network in sys.argv[1].split():
    try:
        ipaddress.ip_network(network)
    except ValueError as error:
        sys.exit(f"trusted: {error}")
EOF

attempts=0
until apt-get -o DPkg::Lock::Timeout=600 update; do
    ((++attempts < 8))
    sleep 15
done
apt-get -o DPkg::Lock::Timeout=600 -y install fail2ban python3-systemd

# The journal instead of /var/log/auth.log: the file does not exist where no syslog daemon is installed, and
# fail2ban then refuses to start.
cat >/etc/fail2ban/jail.d/ssh.local <<EOF
[DEFAULT]
ignoreip = 127.0.0.1/8 ::1 $FAIL2BAN_TRUSTED

[sshd]
enabled = true
backend = systemd
maxretry = $FAIL2BAN_MAX_RETRY
EOF

fail2ban-client --test
systemctl enable fail2ban.service
systemctl restart fail2ban.service
