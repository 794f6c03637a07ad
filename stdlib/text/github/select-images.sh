#!/usr/bin/env bash
# Chooses what is built: the images that an event is about, and every image on top of one of them, which would else
# stay as old as it is. Prints images=LIST, a JSON list of names, as GitHub's outputs are written.
#
# environment: EVENT (push, schedule or workflow_dispatch) with BEFORE, SCHEDULE or IMAGE
set -euo pipefail
: "${EVENT:?}"

cd "$(dirname "${BASH_SOURCE[0]}")/.."

case $EVENT in
    push)
        # A branch that is new has nothing before it, a rewritten one may have lost it.
        if git cat-file -e "${BEFORE:?}^{commit}" 2>/dev/null; then
            changed=$(git diff --name-only "$BEFORE" HEAD)
        else
            changed=$(git ls-files)
        fi
        chosen=$(jq -c --arg changed "$changed" '
            ($changed | split("\n")) as $changed
            | [.images[] | select(any(.files[]; IN($changed[]))) | .name]' images.json)
        ;;
    schedule)
        chosen=$(jq -c --arg schedule "${SCHEDULE:?}" '[.images[] | select(.schedule == $schedule) | .name]' images.json)
        ;;
    workflow_dispatch)
        chosen=$(jq -c --arg image "${IMAGE:?}" '[.images[].name | select($image == "all" or $image == .)]' images.json)
        ;;
    *)
        echo "no images are built on $EVENT" >&2
        exit 2
        ;;
esac

# Parents stand before what is built on them, so one pass is enough.
jq -r --argjson chosen "$chosen" '
    reduce .images[] as $image ($chosen; if IN(.[]; $image.parent) then . + [$image.name] | unique else . end)
    | "images=\(tojson)"' images.json
