#!/bin/sh
# build.sh [APP]: builds the app once, and stores it where later stages take it from.
# STORE is a folder of an artefact store that takes PUT (https://store/apps/), KEELSON_TOKEN its password.
set -eu
keelson build "${1:-.}" --json > archive.json
keelson publish - "${STORE%/}/" --json < archive.json > stored.json
