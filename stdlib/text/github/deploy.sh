arguments=()
if [ -n "$IMAGE" ]; then arguments=(-e "controller_image=$IMAGE"); fi
ansible-playbook site.yml "${arguments[@]}"
