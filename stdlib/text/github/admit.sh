#!/usr/bin/env bash
# Decides whether the pull request of a fork is planned, and which commit: its author is on the list of deployers, and
# it still is the commit that somebody looked at. Prints commit= and ref= as GitHub's outputs are written; ref is the
# merge of just that commit with main, named by its digest, so that it cannot move any more.
#
# environment: GH_TOKEN, GITHUB_REPOSITORY, NUMBER (of the pull request), COMMIT (its head, 40 hexadecimal digits)
set -euo pipefail
: "${GITHUB_REPOSITORY:?}" "${NUMBER:?}" "${COMMIT:?}"

refuse() {
    echo "not planned: $*" >&2
    exit 1
}

[[ $NUMBER =~ ^[0-9]+$ ]] || refuse "$NUMBER is not the number of a pull request"
[[ $COMMIT =~ ^[0-9a-f]{40}$ ]] || refuse "$COMMIT is not a whole commit id"

pull=$(gh api "repos/$GITHUB_REPOSITORY/pulls/$NUMBER")
author=$(jq -r '.user.login | ascii_downcase' <<<"$pull")
deployers=$(dirname "${BASH_SOURCE[0]}")/../.github/deployers.txt
grep -qixF -- "$author" "$deployers" || refuse "$author is not on the list of deployers"
[[ $(jq -r .state <<<"$pull") == open ]] || refuse "the pull request is closed"
[[ $(jq -r .base.ref <<<"$pull") == main ]] || refuse "the pull request is not for main"
[[ $(jq -r .head.sha <<<"$pull") == "$COMMIT" ]] || refuse "its head is not $COMMIT any more: look at it again"

ref=$(jq -r '.merge_commit_sha // empty' <<<"$pull")
[[ -n $ref ]] || refuse "it does not merge with main"
merged=$(gh api "repos/$GITHUB_REPOSITORY/commits/$ref" --jq '.parents[1].sha // empty')
[[ $merged == "$COMMIT" ]] || refuse "GitHub has not merged $COMMIT yet: try again in a minute"

echo "commit=$COMMIT"
echo "ref=$ref"
