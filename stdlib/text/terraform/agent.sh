#!/usr/bin/env bash
# First boot of an agent: lets the controller in, tells builds what the machine offers, mounts shared caches.
# cloud-init writes what it reads into /etc/jenkins-agent. A second run changes nothing.
set -euo pipefail

# Tests run this over a folder instead of a machine.
root=${BOOT_ROOT:-}
settings=$root/etc/jenkins-agent

main() {
    local EXECUTORS REMOTE_FS
    # shellcheck source=/dev/null
    source "$settings/settings"
    : "${EXECUTORS:?}" "${REMOTE_FS:?}"

    open_to jenkins "$settings/jenkins.keys"
    open_to root "$settings/root.keys"
    own_file jenkins 0600 "$(home_of jenkins)/.ssh/environment" <<<"CI_NUM_EXECUTORS=$EXECUTORS"
    install -d -m 0755 -o jenkins -g jenkins "$root$REMOTE_FS"
    mount_caches "$settings/mounts"
}

# The home folder of a user.
home_of() {
    local entry
    entry=$(getent passwd "$1")
    cut -d: -f6 <<<"$entry"
}

# Writes standard input to a file of a user, where it differs.
own_file() {
    local user=$1 mode=$2 file=$root$3 group
    group=$(id -gn "$user")
    install -d -m 0700 -o "$user" -g "$group" "${file%/*}"
    local new
    new=$(mktemp "$file.XXXXXX")
    cat >"$new"
    chmod "$mode" "$new"
    chown "$user:$group" "$new"
    if cmp -s "$new" "$file"; then
        rm -f "$new"
        chmod "$mode" "$file"
        chown "$user:$group" "$file"
    else
        mv -f "$new" "$file"
    fi
}

# Adds the keys of a list to those that a user has, each once; nothing without a list.
open_to() {
    local user=$1 keys=$2 file
    [[ -f $keys ]] || return 0
    file=$(home_of "$user")/.ssh/authorized_keys
    { cat "$root$file" 2>/dev/null || true; cat "$keys"; } |
        awk 'NF && !seen[$0]++' |
        own_file "$user" 0600 "$file"
}

# Mounts the file systems of a list: SOURCE FOLDER on each line. A cache that is out of reach stops no agent.
mount_caches() {
    [[ -f $1 ]] || return 0
    local source folder
    while read -r source folder; do
        install -d -m 0755 "$root$folder"
        add_to_fstab "$source" "$folder"
        # Tests mount nothing.
        [[ -z $root ]] || continue
        if ! mountpoint -q "$folder" && ! try_to_mount "$folder"; then
            echo "$folder is not mounted: builds go on without the cache" >&2
            continue
        fi
        chown jenkins:jenkins "$folder"
    done <"$1"
}

# The options are those that Amazon recommends for EFS; nofail: the machine starts without it too.
add_to_fstab() {
    local options=nfsvers=4.1,rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2,noresvport,_netdev,nofail
    local table=$root/etc/fstab new
    new=$(mktemp "$table.XXXXXX")
    { awk -v folder="$2" '$2 != folder' "$table" 2>/dev/null || true; echo "$1 $2 nfs4 $options 0 0"; } >"$new"
    chmod 0644 "$new"
    if cmp -s "$new" "$table"; then rm -f "$new"; else mv -f "$new" "$table"; fi
}

# The name of a new mount target takes a while until every resolver knows it.
try_to_mount() {
    local tries
    for ((tries = 0; tries < 6; tries++)); do
        mount "$1" && return 0
        sleep 10
    done
    return 1
}

# Tests source this file for its functions.
if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    main
fi
