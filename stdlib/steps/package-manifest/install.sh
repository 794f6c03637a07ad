#!/usr/bin/env bash
# Leaves /usr/share/tvmci/packages.tsv: source, name, version and architecture of all that is installed, sorted,
# so that two images compare with diff. Nothing here depends on the time.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
export LC_ALL=C

manifest=/usr/share/tvmci/packages.tsv
architecture=$(dpkg --print-architecture)

list() {
    # Removed packages whose configuration remains are still in dpkg's list.
    dpkg-query --show --showformat='${db:Status-Status}\tdeb\t${Package}\t${Version}\t${Architecture}\n' |
        sed -n 's/^installed\t//p'
    if command -v snap >/dev/null; then
        snap list 2>/dev/null | awk -v arch="$architecture" 'NR > 1 { print "snap\t" $1 "\t" $2 " (" $3 ")\t" arch }'
    fi
    if command -v aws >/dev/null; then
        aws --version | sed -n "s|^aws-cli/\([^ ]*\) .*|archive\taws-cli\t\1\t$architecture|p"
    fi
}

install -d -m 0755 "${manifest%/*}"
{
    printf '# source\tname\tversion\tarchitecture\n'
    list | sort
} >"$manifest"
chmod 0644 "$manifest"
cat "$manifest"
