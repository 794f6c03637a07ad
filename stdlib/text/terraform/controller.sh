#!/usr/bin/env bash
# First boot of the controller: mounts the volume that holds Jenkins' jobs, and makes the folders that its
# containers see. cloud-init writes what it reads into /etc/jenkins-controller. A second run changes nothing.
#
# The volume outlives machines. It is formatted only if it is blank: no signature that blkid knows, and nothing but
# zeros where every file system begins. A disk that holds anything else stops this script.
set -euo pipefail

# Tests run this over a folder and files in place of a machine and disks.
root=${BOOT_ROOT:-}
dev=${BOOT_DEV:-/dev}
sys=${BOOT_SYS:-/sys}
patience=${BOOT_PATIENCE:-600}
settings=$root/etc/jenkins-controller

main() {
    local JOBS_VOLUME JOBS_DEVICE JOBS_FOLDER disk
    # shellcheck source=/dev/null
    source "$settings/settings"
    : "${JOBS_VOLUME:?}" "${JOBS_DEVICE:?}" "${JOBS_FOLDER:?}"

    disk=$(wait_for_disk "$JOBS_VOLUME" "$JOBS_DEVICE")
    format_if_blank "$disk"
    install -d -m 0755 "$root$JOBS_FOLDER"
    add_to_fstab "$disk" "$JOBS_FOLDER"
    mountpoint -q "$root$JOBS_FOLDER" || mount_folder "$JOBS_FOLDER"
    make_folders "$settings/folders"
}

# Where the kernel put a volume; nothing while it is not attached. On Nitro machines an EBS volume is an NVMe disk
# with the volume's id, less its dash, as serial number. On Xen machines /dev/sdf appears as /dev/xvdf.
find_disk() {
    local volume=${1/-/} attached=$2 disk serial
    for disk in "$sys"/block/nvme*n1; do
        [[ -r $disk/device/serial ]] || continue
        serial=$(tr -d '[:space:]' <"$disk/device/serial")
        if [[ $serial == "$volume" ]]; then
            echo "$dev/${disk##*/}"
            return
        fi
    done
    local xen=xvd${attached#/dev/sd}
    if [[ -e $sys/block/$xen ]]; then
        echo "$dev/$xen"
    fi
}

# The volume is attached when the machine exists already, maybe minutes later.
wait_for_disk() {
    local disk waited
    for ((waited = 0; waited <= patience; waited += 5)); do
        disk=$(find_disk "$1" "$2")
        if [[ -n $disk && -e $disk ]]; then
            echo "$disk"
            return
        fi
        sleep 5
    done
    echo "volume $1 is not attached after $patience seconds" >&2
    return 1
}

# The file system on a disk; nothing if there is none.
file_system_of() {
    blkid --probe --match-tag TYPE --output value "$1" || true
}

format_if_blank() {
    local disk=$1
    if [[ -n $(file_system_of "$disk") ]]; then
        return
    fi
    # blkid says "nothing found" of a disk that it cannot read, too: the zeros have to be read to count. It knows
    # partition tables, LVM, RAID and encryption, which are no file systems but no blank disk either.
    local found status=0
    found=$(blkid --probe "$disk") || status=$?
    if [[ $status -ne 2 || -n $found ]] || ! is_zero "$disk"; then
        echo "$disk holds no file system but is not blank${found:+ ($found)}: it is left alone" >&2
        return 1
    fi
    # Without -f, mkfs refuses to overwrite what it recognizes.
    mkfs.xfs -q -L jenkins-jobs "$disk"
}

# Whether the first 16 MiB of a disk are zeros, as they are on a new volume.
is_zero() {
    cmp --silent --bytes=16777216 "$1" /dev/zero
}

# By its UUID the disk is found under any name. nofail: the machine can be reached without it too; Jenkins' units
# need the mount and do not start.
add_to_fstab() {
    local disk=$1 folder=$2 table=$root/etc/fstab uuid type new
    uuid=$(blkid --probe --match-tag UUID --output value "$disk")
    type=$(file_system_of "$disk")
    new=$(mktemp "$table.XXXXXX")
    {
        awk -v folder="$folder" '$2 != folder' "$table" 2>/dev/null || true
        echo "UUID=$uuid $folder $type defaults,noatime,nofail,x-systemd.before=docker.service 0 2"
    } >"$new"
    chmod 0644 "$new"
    if cmp -s "$new" "$table"; then rm -f "$new"; else mv -f "$new" "$table"; fi
}

mount_folder() {
    # systemd makes its mount units from the table.
    if [[ -d /run/systemd/system && -z $root ]]; then
        systemctl daemon-reload
        udevadm settle --timeout=30 || true
    fi
    mount "$root$1"
}

# Makes folders from a list: MODE FOLDER on each line. They belong to the user of Jenkins' image.
make_folders() {
    local mode folder
    while read -r mode folder; do
        install -d -m "$mode" -o 1000 -g 1000 "$root$folder"
    done <"$1"
}

# Tests source this file for its functions.
if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    main
fi
