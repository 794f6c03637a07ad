#!/usr/bin/env bash
# Leaves AWS' command line in /usr/local/aws-cli with its link in /usr/local/bin; its signature is checked first.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
: "${AWS_CLI_VERSION:?}"

case $(dpkg --print-architecture) in
    amd64) machine=x86_64 ;;
    arm64) machine=aarch64 ;;
    *) echo "AWS publishes no command line for this architecture" >&2; exit 1 ;;
esac
archive=awscli-exe-linux-$machine
[[ $AWS_CLI_VERSION == latest ]] || archive+=-$AWS_CLI_VERSION

attempts=0
until apt-get -o DPkg::Lock::Timeout=600 update; do
    ((++attempts < 8))
    sleep 15
done
apt-get -o DPkg::Lock::Timeout=600 -y install ca-certificates curl gnupg unzip

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export GNUPGHOME=$scratch/gnupg
install -d -m 0700 "$GNUPGHOME"

curl -fsSL --retry 5 -o "$scratch/aws.zip" "https://awscli.amazonaws.com/$archive.zip"
curl -fsSL --retry 5 -o "$scratch/aws.zip.sig" "https://awscli.amazonaws.com/$archive.zip.sig"

# The key of AWS' command line team. AWS prints it in its documentation only, so a key server delivers it; which
# one does not matter, because the fingerprint decides.
fingerprint=FB5DB77FD5C118B80511ADA8A6310ACC4672475C
curl -fsSL --retry 5 -o "$scratch/aws.asc" "https://keyserver.ubuntu.com/pks/lookup?op=get&options=mr&search=0x$fingerprint"
gpg --batch --quiet --import "$scratch/aws.asc"

# VALIDSIG names the key that made a good signature. gpg's own exit status is no help: AWS prolongs the key
# again and again, and a key server's copy may not know yet. A revoked key is refused.
verdict=$(gpg --batch --status-fd 1 --verify "$scratch/aws.zip.sig" "$scratch/aws.zip" 2>/dev/null || true)
if ! grep -q "^\[GNUPG:\] VALIDSIG .*$fingerprint\$" <<<"$verdict" || grep -q REVKEYSIG <<<"$verdict"; then
    echo "$archive.zip is not signed by AWS" >&2
    exit 1
fi

unzip -q "$scratch/aws.zip" -d "$scratch"
"$scratch/aws/install" --update
