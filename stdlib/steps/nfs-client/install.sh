#!/usr/bin/env bash
# Leaves mount.nfs4 and no server: NFS 4 needs no port mapper on the client.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

attempts=0
until apt-get -o DPkg::Lock::Timeout=600 update; do
    ((++attempts < 8))
    sleep 15
done
apt-get -o DPkg::Lock::Timeout=600 -y install nfs-common

# Comes along for NFS 3 and would listen on every interface.
systemctl mask --now rpcbind.service rpcbind.socket
