jenkins-jobs --ignore-cache test --config-xml --recursive -o "$RUNNER_TEMP/jobs" jobs
