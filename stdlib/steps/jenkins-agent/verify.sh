#!/usr/bin/env bash
# Proves that user jenkins can do what a build does: write its folder, run Java, talk to Docker.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
: "${JENKINS_AGENT_JAVA:?}"
: "${JENKINS_AGENT_REMOTE_FS:?}"

as_jenkins() {
    runuser --login jenkins --command "$1"
}

version=$(as_jenkins 'java -version 2>&1')
echo "$version"
grep -qE "version \"${JENKINS_AGENT_JAVA}[.\"]" <<<"$version"
apt-mark showhold | grep -qx "openjdk-$JENKINS_AGENT_JAVA-jre-headless"

as_jenkins "test -w '$JENKINS_AGENT_REMOTE_FS'"
as_jenkins 'docker network inspect jenkins' >/dev/null
as_jenkins 'git --version && gcc --version && python3 -m pip --version'

install -d -m 0755 /run/sshd
sshd -T | grep -qix 'permituserenvironment yes'
