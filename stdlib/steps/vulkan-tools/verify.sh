#!/usr/bin/env bash
# Proves that the tool is there and, in an image with a GPU driver, that Vulkan finds the GPU.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

command -v vulkaninfo
if command -v nvidia-smi >/dev/null; then
    devices=$(vulkaninfo --summary)
    echo "$devices"
    grep -q 'driverName.*NVIDIA' <<<"$devices"
fi
