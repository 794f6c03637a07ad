#!/usr/bin/env bash
# Proves that the newest installed kernel runs and that no package is half installed.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

running=$(uname -r)
newest=$(find /boot -maxdepth 1 -name 'vmlinuz-*' -printf '%f\n' | sed 's/^vmlinuz-//' | sort -V | tail -n 1)
if [[ $running != "$newest" ]]; then
    echo "kernel $running runs, but $newest is installed" >&2
    exit 1
fi

broken=$(dpkg --audit)
if [[ -n $broken ]]; then
    echo "$broken" >&2
    exit 1
fi
