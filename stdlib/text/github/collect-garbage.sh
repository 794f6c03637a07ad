arguments=()
if [ "$DELETE" = true ]; then arguments=(--delete); fi
scripts/collect-garbage.sh "${arguments[@]}" | tee -a "$GITHUB_STEP_SUMMARY"
