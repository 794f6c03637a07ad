# The text comes from the pull request: it is shown, never run. A fence longer than any in it keeps it together.
{
  printf '### Terraform: %s\n\n' "$COUNTS"
  printf '<details><summary>The plan for %s</summary>\n\n````````text\n' "$COMMIT"
  head --bytes=60000 plan/plan.txt
  printf '\n````````\n\n</details>\n\nDigest %s: merging applies this plan and no other.\n' "$DIGEST"
} >comment.md
gh pr comment "$NUMBER" --edit-last --create-if-none --body-file comment.md
gh api --silent "repos/$GITHUB_REPOSITORY/statuses/$COMMIT" -f state=success -f context='Terraform plan' \
  -f "description=$COUNTS; $DIGEST" -f "target_url=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"
