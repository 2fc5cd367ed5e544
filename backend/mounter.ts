/**
 * The script that makes the mounts of a container that has some of its own (volumes, directories of the host, tmpfs). Like those
 * of scripts.ts it is a constant; what differs from call to call is in a file of NUL-ended fields (ownmounts.ts).
 *
 * Kept true: no name is looked up twice. The place of a mount is found by openat2(2) below the container's root, which
 * neither links nor `..` leave, and what is found is mounted on, whatever is put under that name meanwhile: a container that
 * shares a volume cannot lead a mount elsewhere (CVE-2021-30465 of runc). Links of /proc to places of processes are not followed
 * for sources. A bind mount has its flags before it is put anywhere. File systems of the kernel itself that come along with a
 * directory of the host (\`-v /:/host\`) are read-only, and hide what they hide in every container. The lab's programs and records
 * are read-only with all that is mounted below.
 */

/**
 * Arguments: file of fields; the container's root. Fields: number of masked paths, those; number of mounts, for each: kind
 * (\`bind\`, \`given\`: of the engine itself, \`readonly\`: a path over itself, \`masked\`, \`dev\`: a tmpfs to be filled, or \`fs\`),
 * type, source, place, flags of mount_setattr(2) to set, propagation (a flag of mount(2); 0: none), whether with all
 * below (1 or 0), whether the propagation is that of all below (1 or 0), options of the file system, comma-separated.
 *
 * On failure one line is said: an errno and \`<what> for <place>\`, in the words of core/engine/flows/mountpoints.ts.
 * System calls have the same number on every machine from 424 on (asm-generic/unistd.h).
 */
export const mounter = `
my ($file, $rootdir) = @ARGV;
my ($open_tree, $move_mount, $fsopen, $fsconfig, $fsmount, $openat2, $setattr) = (428, 429, 430, 431, 432, 437, 442);
my ($private, $slave) = (1 << 18, 1 << 19);
my ($magicless, $linkless, $inroot) = (2, 4, 16);
my ($empty, $recursive) = (0x1000, 0x8000);
my %errno = (1, 'EPERM', 2, 'ENOENT', 12, 'ENOMEM', 13, 'EACCES', 16, 'EBUSY', 17, 'EEXIST', 19, 'ENODEV', 20, 'ENOTDIR',
  21, 'EISDIR', 22, 'EINVAL', 28, 'ENOSPC', 30, 'EROFS', 36, 'ENAMETOOLONG', 38, 'ENOSYS', 40, 'ELOOP');
my ($doing, $place) = ('mount', '/');
# syscall takes no literal for a string.
my $none = '';
sub refuse { my $n = $! + 0; print STDERR (($errno{$n} || 'EIO') . " $doing for $place\\n"); exit 1 }
sub call { my $n = shift; my $got = syscall($n, @_); $got >= 0 or refuse; $got }
sub look { my ($dir, $path, $resolve) = @_; my $how = pack 'Q3', 0x280000, 0, $resolve; syscall($openat2, $dir + 0, "$path", $how, 24) }
sub mend { my ($fd, $flags, $set, $propagation) = @_; my $attr = pack 'Q4', $set, 0, $propagation, 0; call $setattr, $fd + 0, $none, $empty | $flags, $attr, 32 }
sub put { my ($tree, $at) = @_; call $move_mount, $tree + 0, $none, $at + 0, $none, 0x44 }
sub copy { my ($fd, $all) = @_; syscall($open_tree, $fd + 0, $none, 0x80001 | $empty | ($all ? $recursive : 0)) }

# The place of a mount, made where it is missing; -1 with ENOENT when it is not to be made.
sub make {
  my ($at, $dir) = @_;
  my @todo = grep { $_ ne '' && $_ ne '.' } split m{/}, $at;
  my (@done, $links);
  while (@todo) {
    my $name = shift @todo;
    if ($name eq '..') { pop @done; next }
    my $parent = look($root, '/' . join('/', @done), $inroot | $linkless);
    return if $parent < 0 && $! == 2;
    $parent >= 0 or refuse;
    my $path = "/proc/self/fd/$parent/$name";
    my $target = readlink $path;
    if (defined $target) {
      if (++$links > 40) { $! = 40; refuse }
      @done = () if $target =~ m{^/};
      unshift @todo, grep { $_ ne '' && $_ ne '.' } split m{/}, $target;
    } else {
      if (!lstat $path) {
        if (@todo || $dir) { mkdir $path, 0755 or $! == 17 or refuse }
        else { sysopen(my $made, $path, 0301, 0755) or $! == 17 or refuse }
      }
      push @done, $name;
    }
    open my $done, "<&=$parent" and close $done;
  }
}
sub point {
  my ($at, $dir) = @_;
  for (1 .. 100) {
    my $fd = look($root, $at, $inroot);
    return $fd if $fd >= 0;
    $! == 2 or refuse;
    make($at, $dir);
  }
  refuse;
}

# Where file systems of the kernel are mounted at or below what is bound, and what that is called in every container.
my %ordinary = map { $_ => 1 } qw(tmpfs ramfs overlay devpts mqueue nfs nfs4 9p virtiofs fuse zfs ceph cifs smb3);
my %named = ('proc', '/proc', 'sysfs', '/sys');
my (%kernels, @table);
sub table {
  open my $list, '<', '/proc/filesystems' or refuse;
  while (<$list>) { $kernels{$1} = 1 if /^nodev\\t(\\S+)/ && !$ordinary{$1} }
  open my $info, '<', '/proc/self/mountinfo' or refuse;
  while (<$info>) {
    my ($from, $at, $type) = /^(?:\\S+ ){3}(\\S+) (\\S+) .*? - (\\S+)/ or next;
    s/\\\\([0-7]{3})/chr oct $1/ge for $from, $at;
    push @table, { at => $at, type => $type, from => $from eq '/' ? '' : $from };
  }
}
sub within { my ($path, $dir) = @_; $dir eq '/' ? ($path eq '/' ? '' : $path) : $path eq $dir ? '' : index($path, "$dir/") == 0 ? substr($path, length $dir) : undef }
sub kernelBelow {
  my ($path, $all) = @_;
  my ($holder, @found);
  for (@table) {
    $holder = $_ if defined within($path, $_->{at}) && (!$holder || length $_->{at} >= length $holder->{at});
    my $below = within($_->{at}, $path);
    push @found, [$below, ($named{$_->{type}} || '') . $_->{from}] if $all && $below && $kernels{$_->{type}};
  }
  return @found if !$kernels{$holder->{type}};
  return (['', ($named{$holder->{type}} || '') . $holder->{from} . within($path, $holder->{at})], @found);
}

my $system = qr{^/(?:(?:bin|sbin|lib[^/]*|usr|etc|dev|proc|sys|boot)(?:/|\\z)|(?:var(?:/lib(?:/docker(?:/.*)?)?)?)?\\z)}s;
sub isSystems { $_[0] =~ $system && $_[0] !~ m{^/var/lib/docker/volumes/[^/]+/_data(?:/|\\z)} }

open my $job, '<', $file or refuse;
my @fields = do { local $/ = "\\0"; map { chomp; $_ } <$job> };
my @masks = splice @fields, 1, $fields[0];
shift @fields;
my $count = shift @fields;
my @mounts = map { [splice @fields, 0, 9] } 1 .. $count;
umask 022;
table();

# Sources are found first, and copied when it is their turn, for mounts are listed in the order in which they were made. Where one
# is to stay a peer of the lab's mounts all are copied before what is there becomes their slave.
sub grow {
  my ($given, $kind, $all, $propagation) = @_;
  my $tree = copy($given->{from}, $all);
  if ($tree < 0) { $given->{failed} = $! + 0; return }
  $given->{tree} = $tree;
  mend $tree, $recursive, 0, $slave if $propagation != 1 << 20;
  # Asked for by name it was refused; where the name led elsewhere a moment ago nothing of it can be written.
  mend $tree, $all ? $recursive : 0, 1, 0 if $kind eq 'bind' && isSystems($given->{path}) && !-c "/proc/self/fd/$given->{from}";
}
my @trees;
my $peers = grep { $_->[5] == 1 << 20 } @mounts;
for my $n (0 .. $#mounts) {
  my ($kind, $type, $source, $at, $set, $propagation, $all) = @{$mounts[$n]};
  next if $type ne 'bind' || $kind eq 'readonly' || $kind eq 'masked';
  my $fd = look(-100, $source, $magicless);
  if ($fd < 0) { $trees[$n] = { failed => $! + 0 }; next }
  my $path = readlink "/proc/self/fd/$fd";
  $trees[$n] = { from => $fd, path => $path, dir => -d "/proc/self/fd/$fd", kernels => $kind eq 'bind' ? [kernelBelow($path, $all)] : [] };
  grow($trees[$n], $kind, $all, $propagation) if $peers && $kind eq 'bind';
}
my $top = look(-100, '/', 0);
$top >= 0 or refuse;
mend $top, $recursive, 0, $slave;
my $old = look(-100, $rootdir, $linkless);
$old >= 0 or refuse;
# Only a mount can become the root.
our $root = copy($old, 1);
$root >= 0 or refuse;
put $root, $old;

sub fresh {
  my ($type, $source, $set, $options) = @_;
  my $fs = call $fsopen, "$type", 1;
  my $key = 'source';
  call $fsconfig, $fs, 1, $key, "$source", 0;
  for (split /,/, $options) {
    my ($name, $value) = split /=/, $_, 2;
    if (defined $value) { call $fsconfig, $fs, 1, "$name", "$value", 0 } else { call $fsconfig, $fs, 0, "$name", 0, 0 }
  }
  call $fsconfig, $fs, 6, 0, 0, 0;
  return call $fsmount, $fs, 1, $set + 0;
}
sub mask {
  my ($at, $within) = @_;
  my $fd = look($within, $at, $inroot);
  return if $fd < 0 && ($! == 2 || $! == 20);
  $fd >= 0 or refuse;
  if (-d "/proc/self/fd/$fd") { put fresh('tmpfs', 'tmpfs', 1, ''), $fd; return }
  my $null = look(-100, '/dev/null', $linkless);
  my $tree = $null < 0 ? -1 : copy($null, 0);
  $tree >= 0 or refuse;
  put $tree, $fd;
}

my @later;
for my $n (0 .. $#mounts) {
  my ($kind, $type, $source, $at, $set, $propagation, $all, $allOfIt, $options) = @{$mounts[$n]};
  $place = $at;
  if ($kind eq 'masked') { $doing = 'mask'; mask($at, $root); next }
  if ($kind eq 'readonly') {
    $doing = 'mount';
    my $fd = look($root, $at, $inroot);
    next if $fd < 0 && ($! == 2 || $! == 20);
    my $tree = $fd < 0 ? -1 : copy($fd, 1);
    $tree >= 0 or refuse;
    mend $tree, 0, $set, 0;
    put $tree, $fd;
    next;
  }
  if ($type eq 'bind') {
    my $given = $trees[$n];
    $doing = 'stat';
    grow($given, $kind, $all, $propagation) if !defined $given->{failed} && !defined $given->{tree};
    if (defined $given->{failed}) { $! = $given->{failed}; refuse }
    $doing = $given->{dir} ? 'mkdir' : 'open';
    my $fd = point($at, $given->{dir});
    $doing = 'mount';
    # move_mount(2) has another word for it.
    if (!$given->{dir} != !-d "/proc/self/fd/$fd") { $! = 20; refuse }
    mend $given->{tree}, 0, $set, 0 if $set;
    put $given->{tree}, $fd;
    # On a shared mount it has become shared itself.
    mend $given->{tree}, $allOfIt ? $recursive : 0, 0, $propagation if $propagation;
    for (@{$given->{kernels}}) {
      my ($below, $name) = @$_;
      my $hidden = look($given->{tree}, $below eq '' ? '.' : $below, $inroot | $linkless);
      # Another mount may lie over it.
      next if $hidden < 0 && $! == 2;
      $hidden >= 0 or refuse;
      my $copied = copy($hidden, 1);
      $copied >= 0 or refuse;
      mend $copied, $recursive, 1, $private;
      put $copied, $hidden;
      for my $masked (@masks) {
        my $part = within($masked, $name);
        mask($part, $copied) if $part;
        mask('.', $copied) if defined within($name, $masked);
      }
    }
    next;
  }
  $doing = 'mkdir';
  my $there = look($root, $at, $inroot);
  my $mode = $type eq 'tmpfs' && $kind eq 'fs' && $there >= 0 ? (stat "/proc/self/fd/$there")[2] & 07777 : undef;
  my $fd = $there >= 0 ? $there : point($at, 1);
  $doing = 'mount';
  my $late = $type eq 'tmpfs' && ($set & 1);
  my $made = fresh($type, $source, $late ? $set - 1 : $set, $options);
  mend $made, 0, 0, $propagation if $propagation;
  put $made, $fd;
  # What lies on it needs a place there first.
  push @later, $made if $late;
  chmod $mode, "/proc/self/fd/$made" or refuse if defined $mode;
  next if $kind ne 'dev';
  my $self = readlink '/proc/self';
  system('./busybox', 'cp', '-a', 'dev/.', "/proc/$self/fd/$made/") == 0 or refuse;
  # Who may not make device nodes gets the host's.
  open my $nodes, '<', 'nodes' or next;
  for my $node (split ' ', <$nodes>) {
    my ($from, $onto) = (look(-100, "/dev/$node", $linkless), look($made, $node, $inroot | $linkless));
    my $tree = $from < 0 || $onto < 0 ? -1 : copy($from, 0);
    $tree >= 0 or refuse;
    put $tree, $onto;
  }
}
mend $_, 0, 1, 0 for @later;
`;
