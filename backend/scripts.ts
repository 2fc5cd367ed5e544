/**
 * The small scripts of the linux driver, four for the shell of a static busybox and one for perl. They are constants: what differs from call to
 * call reaches them as arguments or as a file of NUL-ended fields, never by being written into them.
 *
 * - `keeper` runs on the machine, outside of everything, and outlives us: it makes the lab's cgroups, starts the lab's first
 *   process and, once our end of its standard input is closed (we are done, or we were killed), ends the lab and removes them.
 * - `first` becomes the lab's first process: it builds the lab's root, moves into it and waits for that same end.
 * - `helper` stays in the lab and runs mount, umount and their like for us: a fork instead of a start of nsenter each time.
 * - `setup` becomes a container's process: it makes the mounts, moves into the new root and looks for the program.
 * - `become` is what `setup` execs: it gives up what the program may not have and execs the program.
 */

/**
 * Arguments: name of our cgroup, its hierarchies' directories (one a line), then the command that starts `first`. Descriptor 4
 * may be a lock, which is held until the end.
 */
export const keeper = `
trap '' HUP INT QUIT TERM PIPE
name=$1 hierarchies=$2
shift 2
set -f
IFS='
'
for h in $hierarchies; do
  mkdir -p "$h/$name"
  if [ -e "$h/$name/cpuset.cpus" ] && [ -e "$h/$name/cgroup.clone_children" ]; then
    read -r value <"$h/cpuset.cpus" && echo "$value" >"$h/$name/cpuset.cpus"
    read -r value <"$h/cpuset.mems" && echo "$value" >"$h/$name/cpuset.mems"
    echo 1 >"$h/$name/cgroup.clone_children"
  fi
done
exec 3<&0
(
  for h in $hierarchies; do echo 0 >"$h/$name/cgroup.procs"; done
  trap - HUP INT QUIT TERM PIPE
  exec "$@" 4<&-
) <&3 &
first=$!
echo "first $first"
while read -r _; do :; done
for h in $hierarchies; do
  [ -d "$h/$name" ] || continue
  find "$h/$name" -name freezer.state -exec sh -c 'echo THAWED >"$1"' thaw {} ';'
  find "$h/$name" -name cgroup.freeze -exec sh -c 'echo 0 >"$1"' thaw {} ';'
done 2>/dev/null
kill -9 $first 2>/dev/null
wait $first
n=0
for h in $hierarchies; do
  while [ -d "$h/$name" ] && [ $n -lt 200 ]; do
    find "$h/$name" -depth -type d -exec rmdir {} ';' 2>/dev/null
    [ -d "$h/$name" ] || break
    n=$((n + 1))
    usleep 20000
  done
done
`;

/**
 * Arguments: busybox; a directory that exists, to mount on; \`tmpfs\` or \`bind\`; the tmpfs' size, or the directory to bind;
 * the cgroup mounts (\`<name> <type> <options>\`, one a line); tini; the loader of shared libraries; the
 * hostname; \`root\`, or \`user\` (\`one\`: and there is no other number) where device nodes cannot be made: the machine's are bound then; then the other files for the tool directory.
 *
 * The tool directory is a tmpfs that is unmounted lazily while it is our working directory: it stays reachable as
 * /proc/<first>/cwd for those who know, and is in no mount table and in no tree of the lab.
 */
export const first = `
set -e
busybox=$1 at=$2 kind=$3 source=$4 cgroups=$5 tini=$6 loader=$7 hostname=$8 owner=$9
shift 9
mount -t tmpfs -o mode=755,size=256m cutaway "$at"
cp "$busybox" "$at/busybox"
cp "$tini" "$at/tini"
cp -L "$loader" "$at/ld.so"
[ $# = 0 ] || cp -L "$@" "$at/"
cd "$at"
umount -l "$at"
mkdir -m 700 jobs
mkdir dev dev/pts dev/shm dev/mqueue
nodes='null zero full random urandom tty'
if [ "$owner" = root ]; then
  umask 000
  mknod -m 666 dev/null c 1 3
  mknod -m 666 dev/zero c 1 5
  mknod -m 666 dev/full c 1 7
  mknod -m 666 dev/random c 1 8
  mknod -m 666 dev/urandom c 1 9
  mknod -m 666 dev/tty c 5 0
  umask 022
else
  echo "$nodes" >nodes
  for node in $nodes; do : >"dev/$node"; done
fi
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
ln -s pts/ptmx dev/ptmx
terminals=,gid=5
[ "$owner" != one ] || terminals=
if [ "$kind" = tmpfs ]; then
  mount -t tmpfs -o "mode=755,size=$source" cutaway "$at"
else
  mount --bind "$source" "$at"
  # Flags that the machine has put there stay for a user.
  mount -o remount,bind,suid,dev,exec "$at" || [ "$owner" != root ]
fi
for dir in bin dev etc home mnt opt proc root run sbin srv sys tmp usr usr/bin usr/sbin usr/local usr/local/bin var var/lib var/lib/docker; do
  [ -d "$at/$dir" ] || mkdir "$at/$dir"
done
chmod 700 "$at/root"
chmod 1777 "$at/tmp"
rm -f "$at/bin/busybox" "$at/usr/bin/docker-init" "$at/sbin/init"
cp busybox "$at/bin/busybox"
chmod 755 "$at/bin/busybox"
cp tini "$at/usr/bin/docker-init"
cp tini "$at/sbin/init"
chmod 755 "$at/usr/bin/docker-init" "$at/sbin/init"
mount -t proc -o nosuid,nodev,noexec proc "$at/proc"
mount -t sysfs -o nosuid,nodev,noexec sysfs "$at/sys"
mount -t tmpfs -o mode=755,nosuid tmpfs "$at/dev"
cp -a dev/. "$at/dev/"
[ ! -e nodes ] || for node in $nodes; do mount --bind "/dev/$node" "$at/dev/$node"; done
rmdir "$at/dev/mqueue"
mount -t devpts -o "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620$terminals" devpts "$at/dev/pts"
mount -t tmpfs -o nosuid,nodev tmpfs "$at/dev/shm"
cgroup="$at/sys/fs/cgroup"
case $cgroups in
'. '*) ;;
*) mount -t tmpfs -o mode=755,nosuid,nodev,noexec tmpfs "$cgroup" ;;
esac
echo "$cgroups" | while read -r name type options; do
  [ -n "$name" ] || continue
  mkdir -p "$cgroup/$name"
  mount -t "$type" -o "nosuid,nodev,noexec$options" cgroup "$cgroup/$name"
done
pivot_root "$at" "$at"
./busybox umount -l /
/bin/busybox --install -s 2>/dev/null || :
./busybox rm -f /linuxrc
./busybox ip link set lo up
./busybox hostname "$hostname"
exec /sbin/init -- ./busybox sh -c 'echo ready; exec >/dev/null; while read -r _; do :; done' sh
`;

/**
 * Reads requests from its standard input: a number of words and those, each ended by NUL. Runs them as a command (busybox looks
 * among its applets first) and answers with its exit status, a blank, what it said on standard error, and NUL.
 */
export const helper = `
while IFS= read -r -d '' words; do
  set --
  while [ $words -gt 0 ]; do
    IFS= read -r -d '' word || exit
    set -- "$@" "$word"
    words=$((words - 1))
  done
  "$@" </dev/null >/dev/null 2>helper.err
  status=$?
  said=
  while read -r line; do said="$said$line "; done <helper.err
  printf '%s %s\\0' $status "$said"
done
`;

/**
 * Argument: number of the job. Descriptor 3 is a socket to us. Fields of the job file, each ended by NUL: root, hostname, `lo`
 * when the loopback device is to be brought up, number of mount rounds; for each round `libmount` when busybox' mount does not do, the directory whose /dev is to be
 * filled (or nothing), number of directories to make, those; whether mounter.ts makes the mounts instead; a mount point of /dev that got no mount (or nothing); number of device nodes, for each path, type, major, minor, mode and
 * owner; a value for oom_score_adj (or nothing); working directory, whether the root is read-only, PATH, program ('' : do not look),
 * who owns its terminal ('': it gets none), number of words of the
 * final command, those.
 *
 * Talk: we are told "begin", put the process into its cgroup meanwhile and answer with a line; then, for a terminal, we are told
 * "tty" and answer with the number of one in its devpts; then we are told "ok", or an errno and a message, and after "ok" comes
 * the exec.
 */
export const setup = `
job=jobs/$1
exec 4<"$job/job" 5>&2 2>"$job/err"
# Descriptors that our caller left open are none of the program's business (this script's own closes by itself).
for fd in /proc/self/fd/*; do
  case \${fd##*/} in [0-5]) continue ;; esac
  [ "$fd" -ef ./setup ] || [ ! -e "$fd" ] || eval "exec \${fd##*/}>&-"
done
set -f
say() { echo "$*" >&3; }
fail() { say "$@"; exit 127; }
failed() { read -r line <"$job/err"; fail EIO "$1: $line"; }
field() { IFS= read -r -d '' "$1" <&4 || fail EIO "job file ends early"; }
say begin
field root
field hostname
field lo
[ -z "$hostname" ] || { echo "$hostname" >/proc/sys/kernel/hostname; } 2>/dev/null || ./busybox hostname "$hostname" || failed hostname
if [ -n "$lo" ]; then
  # As the engine does where a network has no addresses of version 6.
  [ ! -e /proc/sys/net/ipv6 ] || echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
  ip link set lo up || failed ip
  # oci_linux.go of moby: ports below 1024 and echo requests need no privilege in a network namespace of its own.
  echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start
  # A group that has no number here cannot be named.
  groups=$(tail -n 1 /proc/self/gid_map)
  groups=\${groups##* }
  { echo '0 2147483647' >/proc/sys/net/ipv4/ping_group_range; } 2>/dev/null || echo "0 $((groups - 1))" >/proc/sys/net/ipv4/ping_group_range
fi
field rounds
round=0
while [ $round -lt $rounds ]; do
  field kind
  case $kind in
  libmount) ./ld.so --library-path . ./mount -a -T "$job/mounts.$round" >/dev/null || failed mount ;;
  *) mount -a -T "$job/mounts.$round" || failed mount ;;
  esac
  field dev
  [ -z "$dev" ] || cp -a dev/. "$dev/" || failed cp
  [ -z "$dev" ] || [ ! -e nodes ] || for node in $(cat nodes); do mount --bind "/dev/$node" "$dev/$node" || failed mount; done
  field dirs
  while [ $dirs -gt 0 ]; do
    field dir
    [ -d "$dir" ] || mkdir -p "$dir" || failed mkdir
    dirs=$((dirs - 1))
  done
  round=$((round + 1))
done
field own
if [ -n "$own" ]; then
  ./ld.so --library-path . ./perl -f ./mounter "$job/mounts" "$root" || { read -r line <"$job/err"; fail "$line"; }
fi
if [ -n "$root" ]; then
  pivot_root "$root" "$root" || failed pivot_root
  umount -l / || failed umount
fi
field needless
[ -z "$needless" ] || rmdir "$needless" || failed rmdir
field nodes
while [ $nodes -gt 0 ]; do
  field path
  field type
  field major
  field minor
  field mode
  field owner
  [ -d "\${path%/*}/" ] || mkdir -p "\${path%/*}" || failed mkdir
  [ ! -e "$path" ] || rm -f "$path"
  { mknod -m "$mode" "$path" "$type" "$major" "$minor" && chown "$owner" "$path"; } || failed mknod
  nodes=$((nodes - 1))
done
field oom
[ -z "$oom" ] || echo "$oom" >/proc/self/oom_score_adj || failed oom_score_adj
# Is it a program that the kernel can start? Says why not.
check() {
  [ -e "$1" ] || return 1
  [ ! -d "$1" ] || { why="EACCES is a directory"; return 1; }
  # A named pipe, say, would be waited at below.
  [ -f "$1" ] && [ -x "$1" ] || { why="EACCES permission denied"; return 1; }
  IFS= read -r magic <"$1"
  case $magic in
  ?ELF*) return 0 ;;
  '#!'*) ;;
  *) why="ENOEXEC exec format error"; return 1 ;;
  esac
  # A script's interpreter, after any blanks.
  magic=\${magic#??}
  magic=\${magic#"\${magic%%[! 	]*}"}
  [ -e "\${magic%%[ 	]*}" ] || { why="ENOENT no such file or directory"; return 1; }
}
field cwd
field readonly
field path
field program
[ -d "$cwd" ] || [ -z "$root" ] || mkdir -p "$cwd"
[ -d "$cwd" ] || fail ENOENT "chdir to cwd (\\"$cwd\\") set in config.json failed: no such file or directory"
if [ -n "$readonly" ]; then mount -o remount,bind,ro none / || failed mount; fi
why="ENOENT no such file or directory"
case $program in
'') ;;
/*) check "$program" || fail "$why" ;;
*/*) check "\${cwd%/}/$program" || fail "$why" ;;
*)
  why="ENOENT executable file not found in \\$PATH"
  found=
  IFS=:
  for dir in $path; do
    unset IFS
    case $dir in
    '') dir=$cwd ;;
    /*) ;;
    *) dir=\${cwd%/}/$dir ;;
    esac
    if check "\${dir%/}/$program"; then found=yes; break; fi
  done
  # As Go's LookPath, which Docker asks: what may not be executed is passed over.
  case $why in EACCES*) why="ENOENT executable file not found in \\$PATH" ;; esac
  [ -n "$found" ] || fail "$why"
  ;;
esac
field tty
field words
set --
while [ $words -gt 0 ]; do
  field word
  set -- "$@" "$word"
  words=$((words - 1))
done
exec 4<&-
read -r go <&3 || exit 127
[ "$go" = go ] || exit 127
if [ -z "$tty" ]; then
  say ok
  exec 2>&5 5>&- 3>&-
  exec "$@"
fi
say tty
read -r number <&3 || exit 127
terminal=/dev/pts/$number
chown "$tty" "$terminal" || failed chown
if [ -n "$root" ]; then
  : >/dev/console
  mount -o bind "$terminal" /dev/console || failed mount
fi
exec 6<>"$terminal" || failed "$terminal"
say ok
exec 0<&6 1>&6 2>&6 3>&- 5>&- 6>&-
exec "$@"
`;

/**
 * Arguments: numbers of the system calls prctl, capset, setgroups, setresgid, setresuid and setsid on this machine; file of the
 * filter of system calls ('' : none); numbers of the capabilities to keep (\`all\`: those that there are); whether to set
 * no_new_privs (0 or 1), to begin a session (0 or 1; 2: with standard input as its terminal); user, group, supplementary groups (\`-\`: as they are); working directory; number of environment
 * variables, those; the program with its arguments.
 *
 * In perl, for no utility of Debian 12 loads a filter of system calls (setpriv can from util-linux 2.41 on), and it does the
 * rest at once. Only what is built into perl is used, no module.
 *
 * The order is runc's: the working directory as root, then the filter while CAP_SYS_ADMIN is still there to load it, then the
 * user. The bounding set cuts down what root has after its execve(2).
 */
export const become = `
my ($numbers, $filter, $kept, $quiet, $session, $uid, $gid, $groups, $cwd, $variables, @rest) = @ARGV;
my @environment = splice @rest, 0, $variables;
my ($prctl, $capset, $setgroups, $setresgid, $setresuid, $setsid) = split /,/, $numbers;
my @groups = split /,/, $groups;
sub fail { print STDERR "cannot start: $_[0]: $!\\n"; exit 127 }
sub call { my $what = shift; my $number = shift; syscall($number + 0, @_) >= 0 or fail $what }
my $program = '';
if ($filter ne '') {
  open my $file, '<', $filter or fail 'filter';
  binmode $file;
  local $/;
  $program = <$file>;
}
chdir $cwd or fail "chdir to $cwd";
call 'setsid', $setsid if $session;
# TIOCSCTTY, ioctl_tty(2)
ioctl(STDIN, 0x540E, 0) or fail 'terminal' if $session == 2;
if ($kept ne 'all') {
  my %kept = map { $_ => 1 } split /,/, $kept;
  # EINVAL: this kernel has no more of them. One that is asked for and that we do not have ourselves cannot be given.
  for (my $n = 0; (my $has = syscall($prctl + 0, 23, $n, 0, 0, 0)) >= 0; $n++) {
    if ($kept{$n}) { $! = 1; $has or fail 'unable to apply caps' }
    else { call 'prctl', $prctl, 24, $n, 0, 0, 0 }
  }
}
call 'prctl', $prctl, 38, 1, 0, 0, 0 if $quiet;
if ($program ne '') {
  my $fprog = pack 'S x![P] P', length($program) / 8, $program;
  call 'seccomp', $prctl, 22, 2, $fprog, 0, 0;
}
call 'setgroups', $setgroups, scalar(@groups), pack('L*', @groups, 0) if $groups ne '-';
call 'setresgid', $setresgid, $gid + 0, $gid + 0, $gid + 0;
call 'setresuid', $setresuid, $uid + 0, $uid + 0, $uid + 0;
%ENV = ();
for (@environment) { my ($name, $value) = split /=/, $_, 2; $ENV{$name} = $value }
exec { $rest[0] } @rest or fail $rest[0];
`;
