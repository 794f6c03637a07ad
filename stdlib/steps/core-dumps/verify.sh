#!/usr/bin/env bash
# Proves that a process that crashes leaves its core dump in /var/crash.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

rm -f /var/crash/coredump-bash.*
(
    ulimit -c unlimited
    bash -c 'kill -SEGV $$'
) || true

if [[ -z $(find /var/crash -name 'coredump-bash.*' -size +0) ]]; then
    echo "no core dump in /var/crash; the pattern is $(</proc/sys/kernel/core_pattern)" >&2
    exit 1
fi
rm -f /var/crash/coredump-bash.*
