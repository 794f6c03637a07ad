#!/usr/bin/env bash
# Writes a file as a comment of a pull request, in place of the one with the same first line.
# usage: comment.sh FILE       In: GITHUB_REPOSITORY, PULL_REQUEST; gh with its GH_TOKEN.
set -euo pipefail

file=$1
marker=$(head -n 1 "$file")
comments=repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments

body=$(mktemp)
trap 'rm -f "$body"' EXIT
jq --raw-input --slurp '{body: .}' "$file" >"$body"

former=$(gh api --paginate "$comments" | jq --raw-output --slurp --arg marker "$marker" \
  'add // [] | map(select((.body // "") | startswith($marker))) | (.[0].id // "")')
if [[ -n $former ]]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$former" --input "$body" --silent
  echo "renewed comment $former"
else
  gh api --method POST "$comments" --input "$body" --silent
  echo "made a comment"
fi
