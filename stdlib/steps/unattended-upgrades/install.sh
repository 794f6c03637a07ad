#!/usr/bin/env bash
# Leaves a machine that installs security updates by itself, Docker excepted, or one that never does.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
: "${UNATTENDED_UPGRADES_ENABLE:?}"

settings=/etc/apt/apt.conf.d/99-unattended-upgrades
units=(apt-daily.timer apt-daily-upgrade.timer unattended-upgrades.service)

case $UNATTENDED_UPGRADES_ENABLE in
    true)
        attempts=0
        until apt-get -o DPkg::Lock::Timeout=600 update; do
            ((++attempts < 8))
            sleep 15
        done
        apt-get -o DPkg::Lock::Timeout=600 -y install unattended-upgrades

        # A new Docker restarts its containers, Jenkins among them: that belongs to the maintenance window. So
        # does a restart of the machine. The list adds to the distribution's and holds regular expressions.
        cat >"$settings" <<'EOF'
APT::Periodic::Enable "1";
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
APT::Periodic::AutocleanInterval "7";
Unattended-Upgrade::Automatic-Reboot "false";
Unattended-Upgrade::Package-Blacklist {
    "^containerd";
    "^docker";
    "^runc$";
};
EOF
        systemctl unmask "${units[@]}"
        systemctl enable "${units[@]}"
        ;;
    false)
        cat >"$settings" <<'EOF'
APT::Periodic::Enable "0";
APT::Periodic::Update-Package-Lists "0";
APT::Periodic::Unattended-Upgrade "0";
EOF
        # Masked as well: an upgrade of apt would enable its timers again.
        systemctl mask --now apt-daily.timer apt-daily-upgrade.timer
        if systemctl cat unattended-upgrades.service >/dev/null 2>&1; then
            systemctl disable --now unattended-upgrades.service
        fi
        ;;
    *)
        echo "enable is true or false, not $UNATTENDED_UPGRADES_ENABLE" >&2
        exit 1
        ;;
esac
