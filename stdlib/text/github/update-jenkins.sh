ansible-playbook update-jenkins.yml -e "controller_image=$IMAGE" -e "controller_force=$FORCE"
