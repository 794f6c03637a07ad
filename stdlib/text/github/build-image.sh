#!/usr/bin/env bash
# Builds one image for all its architectures, from the commit that is checked out. Plugins are installed already:
# packer init images/plugins.pkr.json
#
# usage: build-image.sh IMAGE
set -euo pipefail

image=${1:?usage: build-image.sh IMAGE}
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Only this machine reaches the one that is built, and only while it is built.
address=$(curl -fsS --retry 5 https://checkip.amazonaws.com)
packer build -color=false -timestamp-ui \
    -var "revision=$(git rev-parse HEAD)" -var "ssh_source=$address/32" "images/$image.pkr.json"
