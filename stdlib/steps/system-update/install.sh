#!/usr/bin/env bash
# Leaves every package up to date, kernel included, and what later steps need to add signed repositories.
# The image is rebuilt often, so the day's state is recorded by the step package-manifest, not pinned here.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

# apt-get waits for dpkg's lock by itself, but not for that of the package lists.
attempts=0
until apt-get -o DPkg::Lock::Timeout=600 update; do
    ((++attempts < 8))
    sleep 15
done

# --with-new-pkgs: a new kernel is a package that was not installed before. Unlike full-upgrade it never removes.
# Configuration files that the image changed stay, because there is nobody to ask.
apt-get -o DPkg::Lock::Timeout=600 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    -y upgrade --with-new-pkgs
apt-get -o DPkg::Lock::Timeout=600 -y install ca-certificates curl gnupg python3 unzip
apt-get -o DPkg::Lock::Timeout=600 -y autoremove --purge
