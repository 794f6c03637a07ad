#!/usr/bin/env bash
# Leaves Vulkan's loader and tools; the driver itself comes with the GPU's driver.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

attempts=0
until apt-get -o DPkg::Lock::Timeout=600 update; do
    ((++attempts < 8))
    sleep 15
done
apt-get -o DPkg::Lock::Timeout=600 -y install libvulkan1 vulkan-tools
