docker build --pull --tag "$IMAGE:$GITHUB_SHA" docker
docker push "$IMAGE:$GITHUB_SHA"
# A tag can be moved: what is deployed is named by its digest.
docker inspect --format '{{index .RepoDigests 0}}' "$IMAGE:$GITHUB_SHA" | tee -a "$GITHUB_STEP_SUMMARY"
