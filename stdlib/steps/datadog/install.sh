#!/usr/bin/env bash
# Leaves Datadog's agent installed but idle. An image holds no secret, so the API key comes at boot: whoever has
# it writes DD_API_KEY=... to /etc/datadog-agent/environment, and the path unit below starts the agent.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
: "${DATADOG_SITE:?}"

if [[ ! $DATADOG_SITE =~ ^[a-z0-9.-]+$ ]]; then
    echo "not a Datadog site: $DATADOG_SITE" >&2
    exit 1
fi

# Datadog's signing keys by their published fingerprints. The file named CURRENT is left out: it changes its
# content with every rotation, so nothing could be checked.
keyring=/usr/share/keyrings/datadog-archive-keyring.gpg
fingerprints=(
    D75CEA17048B9ACBF186794B32637D44F14F620E
    5F1E256061D813B125E156E8E6266D4AC0962C7D
    D18886567EABAD8B2D2526900D826EB906462314
)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export GNUPGHOME=$scratch/gnupg
install -d -m 0700 "$GNUPGHOME"
for fingerprint in "${fingerprints[@]}"; do
    curl -fsSL --retry 5 -o "$scratch/key" "https://keys.datadoghq.com/DATADOG_APT_KEY_${fingerprint: -8}.public"
    gpg --batch --quiet --import "$scratch/key"
    if ! gpg --batch --list-keys "$fingerprint" >/dev/null 2>&1; then
        echo "Datadog's server does not have the key $fingerprint" >&2
        exit 1
    fi
done
gpg --batch --quiet --export "${fingerprints[@]}" >"$scratch/keyring"
install -m 0644 "$scratch/keyring" "$keyring"

echo "deb [signed-by=$keyring] https://apt.datadoghq.com/ stable 7" >/etc/apt/sources.list.d/datadog.list

attempts=0
until apt-get -o DPkg::Lock::Timeout=600 update; do
    ((++attempts < 8))
    sleep 15
done
apt-get -o DPkg::Lock::Timeout=600 -y install datadog-agent

install -m 0640 -o dd-agent -g dd-agent /dev/stdin /etc/datadog-agent/datadog.yaml <<EOF
# The API key is not here: it is DD_API_KEY in /etc/datadog-agent/environment.
site: $DATADOG_SITE
EOF

install -d -m 0755 /etc/systemd/system/datadog-agent.service.d
cat >/etc/systemd/system/datadog-agent.service.d/key.conf <<'EOF'
[Unit]
# Without a key the agent would fail again and again.
ConditionFileNotEmpty=/etc/datadog-agent/environment
EOF
cat >/etc/systemd/system/datadog-key.path <<'EOF'
[Unit]
Description=Start Datadog's agent once its API key is there

[Path]
PathExists=/etc/datadog-agent/environment
Unit=datadog-agent.service

[Install]
WantedBy=multi-user.target
EOF

systemctl daemon-reload
systemctl disable --now datadog-agent.service
systemctl enable datadog-key.path
