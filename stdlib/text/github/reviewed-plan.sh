#!/usr/bin/env bash
# Compares a plan with the one that was reviewed: that which the status "Terraform plan" at the head of the merged
# pull request names by its digest. Fails where there was none, or another.
#
# environment: GH_TOKEN, GITHUB_REPOSITORY, GITHUB_SHA, DIGEST
set -euo pipefail
: "${GITHUB_REPOSITORY:?}" "${GITHUB_SHA:?}" "${DIGEST:?}"

refuse() {
    echo "not applied: $*" >&2
    echo "Look at the plan of this run, then start the workflow Apply by hand." >&2
    exit 1
}

head=$(gh api "repos/$GITHUB_REPOSITORY/commits/$GITHUB_SHA/pulls" --jq '[.[] | select(.merged_at)][0].head.sha // empty')
[[ -n $head ]] || refuse "$GITHUB_SHA was not merged by a pull request"

# The newest status of a context comes first.
reviewed=$(gh api "repos/$GITHUB_REPOSITORY/commits/$head/statuses?per_page=100" \
    --jq '[.[] | select(.context == "Terraform plan" and .state == "success")][0].description // empty')
[[ -n $reviewed ]] || refuse "the pull request was not planned"
[[ ${reviewed##*; } == "$DIGEST" ]] || refuse "what would be done now is not what was reviewed (${reviewed%%; *})"
echo "The plan is the one that was reviewed: ${reviewed%%; *}"
