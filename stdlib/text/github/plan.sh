#!/usr/bin/env bash
# Plans, and puts into FOLDER: `tfplan`, the plan itself; `plan.txt`, for people; `digest`, by which two plans compare;
# `counts`, how many resources come, change and go. Prints the same as GitHub's outputs are written: digest=, counts=
# and changes=true|false. Nothing in AWS changes.
#
# usage: plan.sh FOLDER [OPTION OF TERRAFORM PLAN]...
set -euo pipefail

folder=${1:?usage: plan.sh FOLDER [OPTION]...}
shift
mkdir -p "$folder"

# Providers are those of the lock file, where there is one, and nothing else.
init=(-input=false -no-color)
if [[ -f .terraform.lock.hcl ]]; then init+=(-lockfile=readonly); fi
terraform init "${init[@]}" >&2
terraform plan -input=false -no-color -out="$folder/tfplan" "$@" >&2
terraform show -no-color "$folder/tfplan" >"$folder/plan.txt"

# What would be done and to which values, without what is there before: a plan made later is the same plan as long as
# it does the same. Values are in it only as this digest.
terraform show -json "$folder/tfplan" >"$folder/plan.json"
jq -S -c '{
    resources: [.resource_changes[]?
        | select(.change.actions | IN(["no-op"], ["read"]) | not)
        | .change as $change
        | {address, previous_address, deposed, actions: $change.actions, replace: $change.replace_paths,
           import: $change.importing, unknown: $change.after_unknown,
           values: (($change.after // {}) | with_entries(select(.value != ($change.before // {})[.key])))}],
    outputs: (.output_changes // {} | with_entries(select(.value.actions != ["no-op"])) | map_values({actions, after}))
}' "$folder/plan.json" | sha256sum | cut -d ' ' -f 1 >"$folder/digest"

jq -r '[.resource_changes[]?.change.actions] as $all
    | def count($action): [$all[] | select(index($action))] | length;
    "\(count("create")) to add, \(count("update")) to change, \(count("delete")) to destroy"' \
    "$folder/plan.json" >"$folder/counts"
changes=$(jq -r '[.resource_changes[]?.change | select((.actions | IN(["no-op"], ["read"]) | not) or .importing)]
    + [.output_changes // {} | .[] | select(.actions != ["no-op"])] | length > 0' "$folder/plan.json")
# It holds secrets of the state in clear.
rm "$folder/plan.json"

echo "digest=$(cat "$folder/digest")"
echo "counts=$(cat "$folder/counts")"
echo "changes=$changes"
