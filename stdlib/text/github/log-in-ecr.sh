aws ecr get-login-password | docker login --username AWS --password-stdin "$REGISTRY"
