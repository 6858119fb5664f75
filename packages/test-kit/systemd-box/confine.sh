#!/bin/bash
# confine.sh NAME: makes a cgroup NAME below this process's own in every hierarchy, and in it PID 1 of namespaces of its own.
#
# An init that is not confined to a cgroup of its own in *every* hierarchy, and to a cgroup namespace, takes every process of the
# machine into its own tree. So this script and pid1.sh each look again and refuse.
set -euo pipefail
name=$1
here=$(dirname "$(realpath "$0")")

refuse() {
  echo "refused: $*" >&2
  exit 97
}

# proc_pid_cgroup(5): hierarchy-ID:controllers:path; cgroup v2 has no controllers there. Read whole, as each move changes it.
before=$(cat /proc/self/cgroup)
while IFS=: read -r _ controllers path; do
  case $controllers in
    '') mount=/sys/fs/cgroup/unified; [ -d $mount ] || mount=/sys/fs/cgroup ;;
    name=*) mount=/sys/fs/cgroup/${controllers#name=} ;;
    *) mount=/sys/fs/cgroup/$controllers ;;
  esac
  parent=$mount${path%/}
  # Under pure v2 a group that holds processes can hand no controller on, and only the root may do both.
  if [ "$mount" = /sys/fs/cgroup ] && [ -w "$mount"/cgroup.subtree_control ]; then
    parent=$mount
    for controller in cpu memory pids io cpuset; do
      echo +$controller >"$mount"/cgroup.subtree_control 2>/dev/null || :
    done
  fi
  # What a killed owner could not take away: keelson-box-PID-N.
  for left in "$parent"/keelson-box-*; do
    owner=${left##*/keelson-box-}
    [ ! -d "$left" ] || [ -d "/proc/${owner%%-*}" ] || find "$left" -depth -type d -exec rmdir {} + 2>/dev/null || :
  done
  mkdir "$parent/$name" 2>/dev/null || refuse "no cgroup can be made in $parent"
  if [ "$controllers" = cpuset ]; then
    for file in cpuset.cpus cpuset.mems; do cat "$parent/$file" >"$parent/$name/$file"; done
  fi
  echo $$ >"$parent/$name/cgroup.procs" || refuse "this process cannot go to $parent/$name"
  echo "$parent/$name"
done <<<"$before"

while IFS=: read -r _ _ path; do
  [ "${path##*/}" = "$name" ] || refuse "not confined to $name in every cgroup hierarchy"
done </proc/self/cgroup

exec unshare --fork --kill-child=SIGKILL --pid --mount --cgroup --uts --ipc --net --propagation private \
  bash "$here/pid1.sh"
