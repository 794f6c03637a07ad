if [ "$(cat plan/digest)" != "$DIGEST" ]; then
  echo "Something changed since the plan was looked at: start again." >&2
  exit 1
fi
terraform apply -input=false -no-color plan/tfplan
