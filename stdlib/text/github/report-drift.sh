printf 'What is there differs from what the repository says: %s.\n\nThe plan: %s\n' "$COUNTS" \
  "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID" >body.md
open=$(gh issue list --state open --search 'in:title "Infrastructure has drifted"' --json number --jq '.[0].number // empty')
if [ -n "$open" ]; then
  gh issue comment "$open" --body-file body.md
else
  gh issue create --title 'Infrastructure has drifted' --body-file body.md
fi
