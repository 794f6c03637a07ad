#!/usr/bin/env bash
# Proves that version 2 is the one that is found first.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

version=$(aws --version)
echo "$version"
[[ $version == aws-cli/2.* ]]
