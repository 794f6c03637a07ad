#!/usr/bin/env bash
# Leaves NVIDIA's driver for servers and a Docker that gives every container the GPU unless told otherwise.
# Needs a restart; verify.sh then proves that the driver loads, so the image must be built on a GPU machine.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
: "${NVIDIA_DRIVER_VERSION:?}"

# Only Ubuntu packages the server branches.
if [[ $(sed -n 's/^ID=//p' /etc/os-release) != ubuntu ]]; then
    echo "nvidia-driver needs Ubuntu" >&2
    exit 1
fi

keyring=/usr/share/keyrings/nvidia-container-toolkit-keyring.gpg
fingerprint=C95B321B61E88C1809C4F759DDCAE044F796ECB0
# Whatever the server sends, only the key with that fingerprint gets into the keyring.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export GNUPGHOME=$scratch/gnupg
install -d -m 0700 "$GNUPGHOME"
curl -fsSL --retry 5 -o "$scratch/key" https://nvidia.github.io/libnvidia-container/gpgkey
gpg --batch --quiet --import "$scratch/key"
gpg --batch --quiet --export "$fingerprint" >"$scratch/keyring"
if [[ ! -s $scratch/keyring ]]; then
    echo "NVIDIA's repository is not signed with the key $fingerprint" >&2
    exit 1
fi
install -m 0644 "$scratch/keyring" "$keyring"

echo "deb [signed-by=$keyring] https://nvidia.github.io/libnvidia-container/stable/deb/$(dpkg --print-architecture) /" \
    >/etc/apt/sources.list.d/nvidia-container-toolkit.list

attempts=0
until apt-get -o DPkg::Lock::Timeout=600 update; do
    ((++attempts < 8))
    sleep 15
done

# The headers first: without them the driver's module is not built, and nobody is told.
apt-get -o DPkg::Lock::Timeout=600 -y install "linux-headers-$(uname -r)"
apt-get -o DPkg::Lock::Timeout=600 -y install "nvidia-driver-$NVIDIA_DRIVER_VERSION-server" nvidia-container-toolkit

# Adds its own keys to daemon.json and keeps the rest.
nvidia-ctk runtime configure --runtime=docker --set-as-default
systemctl restart docker.service
