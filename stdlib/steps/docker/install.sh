#!/usr/bin/env bash
# Leaves Docker running, with logs that cannot fill the disk. Other steps may own other keys of daemon.json (the
# NVIDIA runtime, say), so only the log settings are replaced there.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
: "${DOCKER_LOG_MAX_SIZE:?}"
: "${DOCKER_LOG_MAX_FILES:?}"

distribution=$(sed -n 's/^ID=//p' /etc/os-release)
codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
keyring=/usr/share/keyrings/docker-archive-keyring.gpg
fingerprint=9DC858229FC7DD38854AE2D88D81803C0EBFCD88

# Whatever the server sends, only the key with that fingerprint gets into the keyring.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export GNUPGHOME=$scratch/gnupg
install -d -m 0700 "$GNUPGHOME"
curl -fsSL --retry 5 -o "$scratch/key" "https://download.docker.com/linux/$distribution/gpg"
gpg --batch --quiet --import "$scratch/key"
gpg --batch --quiet --export "$fingerprint" >"$scratch/keyring"
if [[ ! -s $scratch/keyring ]]; then
    echo "Docker's repository is not signed with the key $fingerprint" >&2
    exit 1
fi
install -m 0644 "$scratch/keyring" "$keyring"

echo "deb [arch=$(dpkg --print-architecture) signed-by=$keyring] https://download.docker.com/linux/$distribution $codename stable" \
    >/etc/apt/sources.list.d/docker.list

attempts=0
until apt-get -o DPkg::Lock::Timeout=600 update; do
    ((++attempts < 8))
    sleep 15
done

# Before the packages, so that the daemon's first start already has the limits.
install -d -m 0755 /etc/docker
changed=$(
    python3 - /etc/docker/daemon.json "$DOCKER_LOG_MAX_SIZE" "$DOCKER_LOG_MAX_FILES" <<'EOF'
import json
import pathlib
import sys

path, size, files = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
before = json.loads(path.read_text() or "{}") if path.exists() else {}
after = {**before, "log-driver": "json-file", "log-opts": {"max-size": size, "max-file": files}}
if after != before:
    path.write_text(json.dumps(after, indent=2) + "\n")
    print("changed")
EOF
)

apt-get -o DPkg::Lock::Timeout=600 -y install \
    containerd.io docker-buildx-plugin docker-ce docker-ce-cli docker-compose-plugin
systemctl enable --now docker.service
[[ -z $changed ]] || systemctl restart docker.service
