#!/usr/bin/env bash
# Leaves a timer that looks at the free disk space every ten minutes and prunes Docker only if there is too
# little, if possible while no build runs.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
: "${DOCKER_PRUNE_FREE_BELOW:?}"

if ((DOCKER_PRUNE_FREE_BELOW < 1 || DOCKER_PRUNE_FREE_BELOW > 90)); then
    echo "free-below is a percentage from 1 to 90, not $DOCKER_PRUNE_FREE_BELOW" >&2
    exit 1
fi

install -m 0755 /dev/stdin /usr/local/sbin/docker-prune-if-full <<'EOF'
#!/usr/bin/env bash
# Prunes Docker if less than the given percentage of its disk is free.
# Networks and volumes stay: an unused network `jenkins` is still wanted, and volumes hold data.
set -euo pipefail
wanted=$1

free_percent() {
    local used
    used=$(df --output=pcent "$(docker info --format '{{.DockerRootDir}}')" | tail -n 1)
    echo $((100 - ${used//[!0-9]/}))
}

# An image build shows as a client and not as a container.
busy() {
    [[ -n $(docker ps --quiet) ]] || pgrep -x 'docker|docker-buildx|docker-compose' >/dev/null
}

now=$(free_percent)
((now < wanted)) || exit 0

if ! busy; then
    echo "$now % of the disk is free, $wanted % wanted: deleting unused images"
    docker container prune --force
    docker image prune --all --force
    docker builder prune --all --force
elif ((now * 2 < wanted)); then
    # The build will fail for want of space anyway; spare what is young enough to be its own.
    echo "$now % of the disk is free and a build runs: deleting images older than a day"
    docker image prune --all --force --filter until=24h
    docker builder prune --force --filter until=24h
else
    echo "$now % of the disk is free, but a build runs: waiting"
fi
echo "$(free_percent) % of the disk is free"
EOF

cat >/etc/systemd/system/docker-prune.service <<EOF
[Unit]
Description=Delete unused Docker images if the disk is nearly full
After=docker.service
Requisite=docker.service

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/docker-prune-if-full $DOCKER_PRUNE_FREE_BELOW
Nice=10
IOSchedulingClass=idle
EOF
cat >/etc/systemd/system/docker-prune.timer <<'EOF'
[Unit]
Description=Look every ten minutes whether Docker's disk is nearly full

[Timer]
OnCalendar=*:0/10

[Install]
WantedBy=timers.target
EOF
systemctl daemon-reload
systemctl enable docker-prune.timer
