#!/bin/sh
# test.sh: fetches what was stored, by its digest, verifies every byte, and runs TEST_COMMAND in it (default: npm test).
set -eu
keelson publish - ./tested/app.tgz --json < stored.json > /dev/null
keelson archive verify ./tested/app.tgz
keelson archive extract ./tested/app.tgz ./tested/app
cd tested/app
sh -ec "${TEST_COMMAND:-npm test}"
