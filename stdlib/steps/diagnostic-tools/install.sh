#!/usr/bin/env bash
# Leaves tools to look into a sick machine, installed beforehand: a machine whose disk is full or whose network
# is gone cannot install any. No firewall and no mail server come along, so behaviour does not change.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

attempts=0
until apt-get -o DPkg::Lock::Timeout=600 update; do
    ((++attempts < 8))
    sleep 15
done

# perf must match the running kernel on Ubuntu; Debian's finds its way with any.
release=$(uname -r)
case $(sed -n 's/^ID=//p' /etc/os-release) in
    ubuntu) perf=("linux-tools-common" "linux-tools-$release") ;;
    *) perf=("linux-perf") ;;
esac

packages=(
    # processes and the kernel; the BPF tools compile against the kernel's headers
    bpfcc-tools bpftrace htop lsof perf-tools-unstable strace sysstat "linux-headers-$release" "${perf[@]}"
    # disks
    iotop smartmontools
    # network
    bind9-dnsutils curl ethtool net-tools nicstat nmap tcpdump
    # files
    jq tree vim
)
apt-get -o DPkg::Lock::Timeout=600 -y install --no-install-recommends "${packages[@]}"
