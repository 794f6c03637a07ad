#!/usr/bin/env bash
# Proves that the list is complete: as many Debian packages as dpkg knows to be installed.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

listed=$(grep -c '^deb' /usr/share/tvmci/packages.tsv)
installed=$(dpkg-query --show --showformat='${db:Status-Status}\n' | grep -cx installed)
if ((listed != installed)); then
    echo "$listed packages are listed, $installed are installed" >&2
    exit 1
fi
