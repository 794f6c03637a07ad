#!/usr/bin/env bash
# Leaves a machine that Jenkins can log in to: user jenkins, Java, build tools, the Docker network `jenkins`.
# The keys that open it are not part of the image; first boot puts them there.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
: "${JENKINS_AGENT_JAVA:?}"
: "${JENKINS_AGENT_REMOTE_FS:?}"

if [[ ! $JENKINS_AGENT_REMOTE_FS =~ ^/[A-Za-z0-9._/-]+$ ]]; then
    echo "remote-fs is an absolute path, not $JENKINS_AGENT_REMOTE_FS" >&2
    exit 1
fi

attempts=0
until apt-get -o DPkg::Lock::Timeout=600 update; do
    ((++attempts < 8))
    sleep 15
done
apt-get -o DPkg::Lock::Timeout=600 -y install build-essential git python3 python3-pip

# Held, so that no upgrade replaces Java under a running agent. A held package cannot be installed again.
java=openjdk-$JENKINS_AGENT_JAVA-jre-headless
if [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$java" 2>/dev/null || true) != installed ]]; then
    apt-get -o DPkg::Lock::Timeout=600 -y install "$java"
fi
apt-mark hold "$java"
update-alternatives --set java "/usr/lib/jvm/java-$JENKINS_AGENT_JAVA-openjdk-$(dpkg --print-architecture)/bin/java"

# Jenkins starts the agent through the login shell, and TVM's scripts expect bash there.
id -u jenkins >/dev/null 2>&1 || useradd --create-home --home-dir /home/jenkins --shell /bin/bash --user-group jenkins
usermod --shell /bin/bash --append --groups docker jenkins
install -d -m 0755 -o jenkins -g jenkins /home/jenkins "$JENKINS_AGENT_REMOTE_FS"

# CI's scripts attach containers to a network of this name.
docker network inspect jenkins >/dev/null 2>&1 || docker network create jenkins

# First boot gives builds their environment (CI_NUM_EXECUTORS) in ~jenkins/.ssh/environment, which sshd ignores
# otherwise. Whoever can write that file is jenkins already, so nothing is opened.
install -d -m 0755 /etc/ssh/sshd_config.d
install -m 0644 /dev/stdin /etc/ssh/sshd_config.d/60-jenkins-agent.conf <<'EOF'
PermitUserEnvironment yes
EOF
install -d -m 0755 /run/sshd
sshd -t
systemctl try-reload-or-restart ssh.service
