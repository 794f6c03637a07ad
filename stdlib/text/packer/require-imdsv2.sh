#!/usr/bin/env bash
# Marks new images of some families so that machines which start from them refuse the first version of the instance
# metadata service. Packer runs it behind each build; it asks AWS which images lack the mark, so a second run does
# nothing. The mark cannot be taken back.
#
# environment: AWS_REGION, IMAGE_FAMILIES (separated by blanks)
set -euo pipefail
: "${AWS_REGION:?}" "${IMAGE_FAMILIES:?}"
export AWS_REGION

for family in $IMAGE_FAMILIES; do
    images=$(aws ec2 describe-images --region "$AWS_REGION" --owners self --output json \
        --filters "Name=tag:image_family,Values=$family" "Name=state,Values=available" |
        jq -r '.Images[] | select(.ImdsSupport != "v2.0") | .ImageId')
    for image in $images; do
        aws ec2 modify-image-attribute --region "$AWS_REGION" --image-id "$image" --imds-support v2.0
        echo "$image ($family) requires IMDSv2"
    done
done
