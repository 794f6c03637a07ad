#!/usr/bin/env bash
# Checks a fleet, compares its generated files, and writes the review as a comment and as a page.
# In: FLEET, FLEET_ENV, OUT, BASE; RUNNER_TEMP, GITHUB_OUTPUT as GitHub sets them. Fails on mistakes and stale files.
set -uo pipefail

environment=()
[[ -z ${FLEET_ENV:-} ]] || environment=(--env "$FLEET_ENV")
page=$RUNNER_TEMP/tvmci-review.html
comment=$RUNNER_TEMP/tvmci-review.md
failed=0

tvmci check "$FLEET" "${environment[@]}" --format github || exit $?

if [[ -n ${OUT:-} ]]; then
  if ! tvmci compile "$FLEET" "${environment[@]}" --out "$OUT" --check; then
    echo "::error file=$FLEET::The generated files are stale: run tvmci compile $FLEET --out $OUT and commit what changes."
    failed=1
  fi
fi

tvmci diff "$FLEET" "${environment[@]}" --base "$BASE" --markdown "$comment" --html "$page"
case $? in
  0) differs=false ;;
  1) differs=true ;;
  *) exit 2 ;;
esac
cat "$comment" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
{
  echo "differs=$differs"
  echo "page=$page"
  echo "comment=$comment"
} >>"$GITHUB_OUTPUT"
exit "$failed"
