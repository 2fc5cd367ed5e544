/**
 * The script that looks, packs and unpacks for `docker cp` inside a root of the lab: a container's, with its mounts over it, or
 * the lab's own. Like those of scripts.ts it is a constant.
 *
 * Kept true: the process has changed its root before it looks at any name, so what a container does to its files meanwhile
 * leads nowhere but into that same root (CVE-2018-15664 of moby).
 */

/**
 * \`view\`, for the shell of busybox. Arguments: job directory, root, then what \`copier\` is told. With mounts in the job it is
 * in a mount namespace of its own.
 */
export const view = `
job=$1 root=$2
shift 2
if [ -e "$job/mounts" ]; then
  ./ld.so --library-path . ./perl -f ./mounter "$job/mounts" "$root" || exit 3
fi
exec ./ld.so --library-path . ./perl -f ./copier "$root" "$@"
`;

/**
 * Arguments: root; \`look\` PATH: says type and path, without links, of what lies there, the last name not followed; \`pack\`
 * PATH FOLLOW: a tar of it, after a line with the name of its first member; \`check\` DIR: of the types and names that come on
 * standard input (NUL-ended) the first that cannot be laid over what is there, by its number; \`unpack\` DIR: the tar that comes
 * on standard input. On failure an errno is said on standard error, and the status is 3.
 */
export const copier = `
my ($root, $what, $path, $follow) = @ARGV;
my %errno = (1, 'EPERM', 2, 'ENOENT', 13, 'EACCES', 20, 'ENOTDIR', 36, 'ENAMETOOLONG', 40, 'ELOOP');
sub refuse { $! = $_[0] if @_; print STDERR ($errno{$! + 0} || 'EIO'); exit 3 }
# The working directory stays outside: no path may begin there.
$path = "/$path" if $path !~ m{^/};
chroot $root or refuse;
sub names { grep { $_ ne '' && $_ ne '.' } split m{/}, $_[0] }
sub real {
  my @todo = names($_[0]);
  my (@done, $links);
  while (@todo) {
    my $name = shift @todo;
    if ($name eq '..') { pop @done; next }
    my $target = readlink '/' . join('/', @done, $name);
    if (!defined $target) { push @done, $name; next }
    refuse(40) if ++$links > 40;
    @done = () if $target =~ m{^/};
    unshift @todo, names($target);
  }
  return '/' . join('/', @done);
}
sub type { my $mode = (lstat $_[0])[2]; defined $mode or return; my %of = (0140000, 'socket', 0120000, 'symlink', 0100000, 'file', 0060000, 'block', 0040000, 'dir', 0020000, 'char', 0010000, 'fifo'); $of{$mode & 0170000} }
if ($what eq 'look') {
  my $type = type($path) or refuse;
  print "$type ", real($path);
  exit 0;
}
if ($what eq 'pack') {
  my $type = type($path) or refuse;
  my $asked = $path =~ m{(^|/)\\.?$};
  $path = real($path) if $follow || $asked;
  $type = type($path) or refuse;
  refuse(20) if $asked && $type ne 'dir';
  my ($dir, $name) = $path =~ m{^(.*)/([^/]*)$};
  $dir = '/' if $dir eq '';
  $name = '.' if $name eq '';
  $| = 1;
  print "$name\\n";
  exec './busybox', 'tar', '-c', '-f', '-', '-C', $dir, '--', $name or refuse;
}
if ($what eq 'check') {
  local $/ = "\\0";
  my $n = 0;
  while (my $entry = <STDIN>) {
    chomp $entry;
    my ($kind, $name) = split / /, $entry, 2;
    my $there = type($path eq '/' ? "/$name" : "$path/$name");
    if (defined $there && ($there eq 'dir') != ($kind eq 'dir')) { print $n; exit 0 }
    $n++;
  }
  exit 0;
}
exec './busybox', 'tar', '-x', '-p', '-f', '-', '-C', $path or refuse;
`;
