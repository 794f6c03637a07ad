#!/usr/bin/env bash
# Proves that the SSH jail is up and knows whom never to ban.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
: "${FAIL2BAN_TRUSTED:?}"

systemctl is-enabled --quiet fail2ban.service
attempts=0
until fail2ban-client ping >/dev/null 2>&1; do
    ((++attempts < 30))
    sleep 1
done
fail2ban-client status sshd

ignored=$(fail2ban-client get sshd ignoreip)
read -ra trusted <<<"$FAIL2BAN_TRUSTED"
for network in "${trusted[@]}"; do
    if ! grep -qF "$network" <<<"$ignored"; then
        echo "$network can be banned" >&2
        exit 1
    fi
done
