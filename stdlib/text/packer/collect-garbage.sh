#!/usr/bin/env bash
# Deletes builds of images that nothing needs any more, and their snapshots. Of each family the newest builds stay, as
# many as images.json says, and so does every build that something can still start or has started: instances, the
# default and the newest version of each launch template, and the versions that Auto Scaling groups name.
# Without --delete it only tells what it would do.
#
# usage: collect-garbage.sh [--delete]
set -euo pipefail

delete=false
case ${1:-} in
    '') ;;
    --delete) delete=true ;;
    *)
        echo "usage: collect-garbage.sh [--delete]" >&2
        exit 2
        ;;
esac

plan=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/images.json
AWS_REGION=$(jq -r .region "$plan")
export AWS_REGION AWS_PAGER=
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

template_images() {
    aws ec2 describe-launch-template-versions --output json "$@" |
        jq -r '.LaunchTemplateVersions[].LaunchTemplateData.ImageId // empty'
}

# TEMPLATE VERSION for each version that a group names by its number.
group_versions() {
    aws autoscaling describe-auto-scaling-groups --output json | jq -r '
        .AutoScalingGroups[]
        | .LaunchTemplate, (.MixedInstancesPolicy.LaunchTemplate
            | .LaunchTemplateSpecification, .Overrides[]?.LaunchTemplateSpecification)
        | select(. != null and (.Version // "" | test("^[0-9]+$")))
        | "\(.LaunchTemplateId) \(.Version)"' | sort -u
}

# A part that fails ends the script: an image must not count as unused because nobody could be asked.
used=$scratch/used
aws ec2 describe-instances --output json \
    --filters Name=instance-state-name,Values=pending,running,stopping,stopped |
    jq -r '.Reservations[].Instances[].ImageId' >"$used"
aws ec2 describe-launch-templates --output json | jq -r '.LaunchTemplates[].LaunchTemplateId' >"$scratch/templates"
group_versions >"$scratch/versions"
while read -r template; do
    template_images --launch-template-id "$template" --versions "\$Default" "\$Latest" >>"$used"
done <"$scratch/templates"
while read -r template version; do
    template_images --launch-template-id "$template" --versions "$version" >>"$used"
done <"$scratch/versions"

remove() {
    local image=$1 snapshot
    shift
    aws ec2 deregister-image --image-id "$image" >/dev/null
    for snapshot; do
        # A snapshot that another image shares stays with it.
        aws ec2 delete-snapshot --snapshot-id "$snapshot" || echo "kept $snapshot" >&2
    done
}

count=0
jq -r '.images[] | .keep as $keep | .families[] | "\(.) \($keep)"' "$plan" >"$scratch/families"
while read -r family keep; do
    aws ec2 describe-images --owners self --output json --filters "Name=tag:image_family,Values=$family" |
        jq -r --argjson keep "$keep" --rawfile used "$used" '
            ($used | split("\n")) as $used
            | .Images | sort_by(.CreationDate, .Name) | reverse | .[$keep:][]
            | select(.ImageId | IN($used[]) | not)
            | [.ImageId, .Name, (.BlockDeviceMappings[].Ebs.SnapshotId // empty)] | join(" ")' >"$scratch/old"
    while read -r image name rest; do
        count=$((count + 1))
        if $delete; then
            read -r -a snapshots <<<"$rest"
            remove "$image" "${snapshots[@]}"
            echo "deleted $image $name"
        else
            echo "would delete $image $name"
        fi
    done <"$scratch/old"
done <"$scratch/families"
echo "$count builds"
