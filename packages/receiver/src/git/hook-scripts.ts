/**
 * The hooks of a repository (githooks(5)): they say what git says on descriptor 3, where the receiver is, and do what it answers. For
 * /bin/sh, because starting anything larger would take longer than all the rest of a push.
 */
export const HOOK_SCRIPTS: Readonly<Record<string, string>> = {
  'pre-receive': `#!/bin/sh
if [ "$KEELSON_PUSH" != yes ]; then
  echo 'This repository takes pushes only through its receiver (http, ssh), not by its path.' >&2
  exit 1
fi
printf 'judge %s\\n' "\${GIT_QUARANTINE_PATH##*/}" >&3
while IFS= read -r update; do printf '%s\\n' "$update" >&3; done
printf '\\n' >&3
while IFS= read -r line <&3; do
  case $line in
    'line '*) printf '%s\\n' "\${line#line }" >&2 ;;
    accepted) exit 0 ;;
    refused) exit 1 ;;
  esac
done
echo 'The receiver went away; nothing was deployed by this push.' >&2
exit 1
`,
  // What git sends is not read before the end: it is the one update that was judged, and the receiver knows it.
  'proc-receive': `#!/bin/sh
printf '000eversion=1\\n0000'
printf 'move\\n' >&3
IFS= read -r report <&3 || exit 1
printf %s "$report"
while IFS= read -r rest; do :; done
`,
};
