#!/usr/bin/env bash
# Proves that the tools start, and that perf fits the kernel that runs.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

perf --version
for tool in bpftrace dig htop iostat iotop jq lsof nicstat nmap smartctl strace tcpdump; do
    command -v "$tool" >/dev/null || { echo "$tool is missing" >&2; exit 1; }
done
