#!/usr/bin/env bash
# Proves that the driver loads, is of the branch asked for, and that a plain container sees the GPU.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
: "${NVIDIA_DRIVER_VERSION:?}"

nvidia-smi
driver=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader | head -n 1)
[[ $driver == "$NVIDIA_DRIVER_VERSION".* ]]

[[ $(docker info --format '{{.DefaultRuntime}}') == nvidia ]]
# From Amazon's mirror, like the check of the step docker.
image=public.ecr.aws/docker/library/ubuntu:22.04
docker run --rm --env NVIDIA_VISIBLE_DEVICES=all --env NVIDIA_DRIVER_CAPABILITIES=utility "$image" nvidia-smi --list-gpus
docker image rm "$image" >/dev/null
