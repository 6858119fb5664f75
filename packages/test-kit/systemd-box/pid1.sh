#!/bin/bash
# pid1.sh: the first process of the box. Lays an overlay over a root (BOX_LOWER, else this machine's), changes into it and becomes its
# systemd. BOX_STATE is a directory for the mounts, BOX_BIND lines of paths that are the same inside, BOX_READ of such that every account
# inside may read, BOX_BOOT=no ends before systemd.
set -euo pipefail

while IFS=: read -r _ _ path; do
  [ "$path" = / ] || { echo 'refused: no cgroup namespace' >&2; exit 97; }
done </proc/self/cgroup
[ $$ = 1 ] || { echo 'refused: not PID 1 of a namespace' >&2; exit 97; }
# /proc is still the machine's: this process as the machine counts it.
read -r pid _ </proc/self/stat
echo "pid $pid"

trap 'echo "refused: line $LINENO: $BASH_COMMAND" >&2; exit 97' ERR
root=$BOX_STATE/root
mkdir -p "$BOX_STATE/rw" "$root"
mount -t tmpfs -o mode=755 tmpfs "$BOX_STATE/rw"
mkdir "$BOX_STATE/rw/upper" "$BOX_STATE/rw/work"
mount -t overlay overlay -o "lowerdir=${BOX_LOWER:-/},upperdir=$BOX_STATE/rw/upper,workdir=$BOX_STATE/rw/work" "$root"

mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root/run" "$root/tmp"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for entry in 0:stdin 1:stdout 2:stderr; do ln -s "fd/${entry%:*}" "$root/dev/${entry#*:}"; done
touch "$root/dev/console"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"

# Each account inside may come to what all may read: these folders are the box's own as yet, not the machine's.
while IFS= read -r path; do
  [ -n "$path" ] || continue
  mkdir -p "$root$(dirname "$path")"
  until path=$(dirname "$path"); [ "$path" = / ]; do chmod go+x "$root$path"; done
done <<<"${BOX_READ:-}"

while IFS= read -r path; do
  [ -n "$path" ] || continue
  mkdir -p "$root$(dirname "$path")"
  if [ -d "$path" ]; then mkdir -p "$root$path"; else touch "$root$path"; fi
  mount --rbind "$path" "$root$path"
done <<<"${BOX_READ:-}"$'\n'"${BOX_BIND:-}"

# A clone that was made with a umask of 077 is opened in a copy, which holds nothing but the modes.
number=0
while IFS= read -r path; do
  [ -d "$path" ] && [ -n "$(find "$path" -maxdepth 2 ! -type l ! -perm -o=r -print -quit)" ] || continue
  number=$((number + 1)) layer=$BOX_STATE/rw/layer$number
  mkdir -p "$layer/upper" "$layer/work"
  (cd "$path" && mount -t overlay overlay -o "metacopy=on,lowerdir=.,upperdir=$layer/upper,workdir=$layer/work" "$root$path")
  chmod -R go+rX "$root$path"
done <<<"${BOX_READ:-}"

if grep -qv '^0::' /proc/self/cgroup && [ "${BOX_CGROUP:-}" != v2 ]; then
  mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
  while IFS=: read -r _ controllers _; do
    case $controllers in
      '') hierarchy=unified options=() type=cgroup2 ;;
      name=*) hierarchy=${controllers#name=} options=(-o "none,$controllers,xattr") type=cgroup ;;
      *) hierarchy=$controllers options=(-o "$controllers") type=cgroup ;;
    esac
    mkdir "$root/sys/fs/cgroup/$hierarchy"
    mount -t $type "${options[@]}" $type "$root/sys/fs/cgroup/$hierarchy"
  done </proc/self/cgroup
  unified=0
else
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  unified=1
fi

# Nothing of the machine starts by itself: journald, a message bus and what a test adds.
units=$root/etc/systemd/system
rm -rf "$root"/etc/systemd/system/*.wants "$root"/etc/systemd/system/*.requires
mkdir -p "$units/multi-user.target.wants" "$root/etc/systemd/journald.conf.d"
cat >"$units/box.target" <<'TARGET'
[Unit]
Description=Box
Requires=basic.target
Wants=multi-user.target dbus.service systemd-journald.service
After=basic.target dbus.service
AllowIsolate=yes
TARGET
ln -sf box.target "$units/default.target"
for unit in systemd-{sysctl,modules-load,udevd,udev-trigger,tmpfiles-setup-dev,random-seed,timesyncd,networkd,resolved,binfmt}.service \
  systemd-{update-utmp,update-utmp-runlevel,sysusers,firstboot,machine-id-commit,remount-fs,ask-password-wall,logind}.service \
  systemd-{tmpfiles-setup-dev-early,hwdb-update,journal-catalog-update,journal-flush,pcrphase,network-generator,userdbd,tpm2-setup}.service \
  {getty,remote-fs}.target getty-static.service console-getty.service e2scrub_reap.service apparmor.service ldconfig.service \
  {apt-daily,apt-daily-upgrade,dpkg-db-backup,e2scrub_all,fstrim,logrotate,man-db}.timer \
  sys-kernel-{debug,tracing,config}.mount dev-{hugepages,mqueue}.mount sys-fs-fuse-connections.mount \
  proc-sys-fs-binfmt_misc.automount systemd-udevd-{control,kernel}.socket; do
  ln -sf /dev/null "$units/$unit"
done
# The machine's own additions to units, and what SysV scripts of its packages would become.
rm -rf "$units"/*.d/ "$root"/etc/rc?.d
rm -f "$root/etc/fstab" "$root/etc/machine-id"
echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"
cat >"$root/etc/systemd/journald.conf.d/box.conf" <<'JOURNALD'
[Journal]
Storage=volatile
ForwardToConsole=no
ForwardToSyslog=no
RateLimitIntervalSec=0
JOURNALD

[ "${BOX_BOOT:-yes}" = yes ] || exit 0
mkdir -p "$root/.machine"
cd "$root"
pivot_root . .machine
cd /
umount -l /.machine
rmdir /.machine
trap - ERR
exec env -i container=box PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
  /lib/systemd/systemd --system --unit=box.target --log-target=journal-or-kmsg --log-level=notice --show-status=0 \
  "systemd.unified_cgroup_hierarchy=$unified" systemd.legacy_systemd_cgroup_controller=0
