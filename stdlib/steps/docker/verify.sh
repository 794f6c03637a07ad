#!/usr/bin/env bash
# Proves that Docker starts at boot, limits its logs and runs a container.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

systemctl is-enabled --quiet docker.service
docker info
docker buildx version
docker compose version
[[ $(docker info --format '{{.LoggingDriver}}') == json-file ]]

# From Amazon's mirror: Docker Hub counts anonymous pulls by address, and builds share theirs.
image=public.ecr.aws/docker/library/hello-world:latest
container=$(docker create "$image")
docker start --attach "$container"
limit=$(docker inspect --format '{{index .HostConfig.LogConfig.Config "max-size"}}' "$container")
docker rm "$container" >/dev/null
docker image rm "$image" >/dev/null
if [[ -z $limit ]]; then
    echo "a container's log has no size limit" >&2
    exit 1
fi
