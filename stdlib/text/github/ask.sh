if [ "$GITHUB_EVENT_NAME" = pull_request ]; then
  # A branch of this repository: whoever made it may write here.
  { echo "commit=$COMMIT"; echo "ref=$GITHUB_SHA"; } >>"$GITHUB_OUTPUT"
else
  scripts/admit.sh >>"$GITHUB_OUTPUT"
fi
