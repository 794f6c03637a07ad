{
  printf '### %s\n\n````````text\n' "$COUNTS"
  head --bytes=900000 plan/plan.txt
  printf '\n````````\n'
} >>"$GITHUB_STEP_SUMMARY"
