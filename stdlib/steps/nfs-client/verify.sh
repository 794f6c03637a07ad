#!/usr/bin/env bash
# Proves that the kernel and the tools can mount NFS 4.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

mount.nfs4 -V
modprobe nfsv4
grep -qw nfs4 /proc/filesystems
