#!/bin/sh
# promote.sh DESTINATION NAME: brings what was stored, and nothing else, to a stage; NAME.json is the receipt.
set -eu
keelson publish - "$1" --json < stored.json > "$2.json"
node -e '
  const [stored, promoted] = process.argv.slice(1).map((path) => JSON.parse(require("node:fs").readFileSync(path, "utf8")));
  if (stored.digest !== promoted.digest) throw new TypeError(`${promoted.digest} was promoted, not ${stored.digest}`);
' stored.json "$2.json"
