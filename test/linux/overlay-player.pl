#!/usr/bin/perl
# Plays operations on real file systems by bare system calls: the kernel's side of test/linux/overlay.test.ts, which starts it
# in a private mount namespace. One process for all of them, and perl, because a Debian minimum has it and its syscall() reaches
# what Node does not: xattrs, mknod, renameat2, chroot.
#
# Lines come on standard input, fields separated by tabs, bytes that are not printable ASCII as %XX. Answers go to standard
# output in the same form: `errno <tab> value` for an operation.
#
#   begin                      a fresh tmpfs at $base, to work in
#   layer N                    directories N and wN
#   raw N                      go on with layer N as root directory
#   union LOWERS UPPER WORK    mount an overlay, go on in it; answers as an operation does
#   leave                      close what is held, come back from the root directory, unmount
#   look DIR                   everything below DIR (as seen from $base): one line each, then `.`
#   end                        unmount the tmpfs
use strict;
use warnings;
use Fcntl qw(:DEFAULT :seek);

my %x86 = (
    openat => 257, mkdirat => 258, mknodat => 259, fchownat => 260, unlinkat => 263, linkat => 265, symlinkat => 266,
    fchmodat => 268, utimensat => 280, renameat2 => 316, statx => 332, truncate => 76, setxattr => 188, lsetxattr => 189,
    getxattr => 191, lgetxattr => 192, listxattr => 194, llistxattr => 195, removexattr => 197, lremovexattr => 198,
    pread64 => 17, pwrite64 => 18, write => 1, close => 3, mount => 165, umount2 => 166, readlinkat => 267,
);
my %arm = (
    openat => 56, mkdirat => 34, mknodat => 33, fchownat => 54, unlinkat => 35, linkat => 37, symlinkat => 36,
    fchmodat => 53, utimensat => 88, renameat2 => 276, statx => 291, truncate => 45, setxattr => 5, lsetxattr => 6,
    getxattr => 8, lgetxattr => 9, listxattr => 11, llistxattr => 12, removexattr => 14, lremovexattr => 15,
    pread64 => 67, pwrite64 => 68, write => 64, close => 57, mount => 40, umount2 => 39, readlinkat => 78,
);
my $machine = `uname -m`;
my %call = $machine =~ /^x86_64/ ? %x86 : $machine =~ /^aarch64/ ? %arm : die "no system call numbers for $machine";

use constant { HERE => -100, NOFOLLOW => 0x100, REMOVEDIR => 0x200, EMPTY_PATH => 0x1000, RECENT => 1_700_000_000 };
my %type = (0010000 => 'fifo', 0020000 => 'char', 0040000 => 'dir', 0060000 => 'block', 0100000 => 'file',
    0120000 => 'symlink', 0140000 => 'socket');
my %kind = reverse %type;
my %letter = (c => O_CREAT, x => O_EXCL, t => O_TRUNC, a => O_APPEND, d => O_DIRECTORY, n => O_NOFOLLOW);

my $base = shift;
my @slots;
my $mounted = 0;
my $inside = 0;
opendir(my $outside, '/') or die;

sub decode { my $s = shift; $s =~ s/%([0-9A-F]{2})/chr hex $1/ge; return $s }
sub encode { my $s = shift; $s =~ s/([^\x21-\x24\x26-\x7e ])/sprintf '%%%02X', ord $1/ge; return $s }

# Strings for system calls, which perl wants to be writable.
my ($tmpfs, $overlay, $merged, $mode755, $nothing) = ('tmpfs', 'overlay', 'merged', 'mode=755', '');

# A system call that was refused ends the operation.
sub sys {
    my $name = shift;
    my $result = syscall($call{$name}, @_);
    die [$! + 0] if $result == -1;
    return $result;
}

sub answer {
    my $work = shift;
    my $value = eval { $work->() };
    if ($@) {
        die $@ unless ref $@;
        print $@->[0], "\t\n";
    } else {
        print "0\t", encode(defined $value ? $value : ''), "\n";
    }
}

sub flags {
    my $text = shift;
    my $flags = $text =~ /w/ ? ($text =~ /r/ ? O_RDWR : O_WRONLY) : O_RDONLY;
    for my $letter (split //, $text) { $flags |= $letter{$letter} || 0 }
    return $flags | O_NONBLOCK;
}

# type mode uid gid nlink size rdev mtime ino
sub stat_of {
    my ($fd, $path, $flags) = @_;
    my $buffer = "\0" x 256;
    sys('statx', $fd, $path, $flags, 0x7ff, $buffer);
    my (undef, undef, undef, $nlink, $uid, $gid, $mode, undef, $ino, $size) = unpack('L L Q L L L S S Q Q', $buffer);
    my ($seconds, $ns) = unpack('q L', substr($buffer, 112, 12));
    my ($major, $minor) = unpack('L L', substr($buffer, 128, 8));
    my $type = $type{ $mode & 0170000 };
    my $time = $seconds >= RECENT ? 'now' : 0 + sprintf('%.6f', $seconds * 1000 + $ns / 1e6);
    return ($type, sprintf('%o', $mode & 07777), $uid, $gid, $nlink, $type eq 'dir' ? '-' : $size, "$major:$minor", $time, $ino);
}

sub stat_text { my @stat = stat_of(@_); pop @stat; return "@stat" }

sub is_fifo { my $path = shift; my @stat = eval { stat_of(HERE, $path, 0) }; return @stat && $stat[0] eq 'fifo' }

sub write_at {
    my ($fd, $flags, $text, $at) = @_;
    return if $flags !~ /w/;
    for (my $done = 0; $done < length $text;) {
        my $rest = substr($text, $done);
        $done += $flags =~ /a/ ? sys('write', $fd, $rest, length $rest) : sys('pwrite64', $fd, $rest, length $rest, $at + $done);
    }
}

sub read_from {
    my $fd = shift;
    my $buffer = "\0" x 8192;
    my $length = sys('pread64', $fd, $buffer, 8192, 0);
    return substr($buffer, 0, $length);
}

sub with_open {
    my ($path, $flags, $mode, $use) = @_;
    return 'fifo' if is_fifo($path);
    my $fd = sys('openat', HERE, $path, flags($flags), 0 + $mode);
    my $value = eval { $use->($fd) };
    my $error = $@;
    sys('close', $fd);
    die $error if $error;
    return $value;
}

sub drop {
    my $slot = shift;
    syscall($call{close}, $slots[$slot]) if defined $slots[$slot];
    $slots[$slot] = undef;
}

sub list_xattrs {
    my ($path, $follow) = @_;
    my $buffer = "\0" x 8192;
    my $length = sys($follow ? 'listxattr' : 'llistxattr', $path, $buffer, 8192);
    return sort split /\0/, substr($buffer, 0, $length);
}

sub get_xattr {
    my ($path, $name, $follow) = @_;
    my $buffer = "\0" x 65536;
    my $length = sys($follow ? 'getxattr' : 'lgetxattr', $path, $name, $buffer, 65536);
    return substr($buffer, 0, $length);
}

sub names_in {
    my $path = shift;
    opendir(my $dir, $path) or die [$! + 0];
    my @names = sort grep { $_ ne '.' && $_ ne '..' } readdir $dir;
    closedir $dir;
    return @names;
}

sub link_target {
    my $path = shift;
    my $buffer = "\0" x 4096;
    my $length = sys('readlinkat', HERE, $path, $buffer, 4096);
    return substr($buffer, 0, $length);
}

sub held { my $fd = $slots[shift]; die [9] unless defined $fd; return $fd }

my %operation = (
    open => sub {
        my ($path, $flags, $mode, $text, $at) = @_;
        with_open($path, $flags, $mode, sub { write_at(shift, $flags, $text, $at); '' });
    },
    truncate => sub { return 'fifo' if is_fifo($_[0]); sys('truncate', $_[0], 0 + $_[1]); '' },
    mkdir => sub { sys('mkdirat', HERE, $_[0], 0 + $_[1]); '' },
    mknod => sub {
        my ($path, $type, $mode, $major, $minor) = @_;
        my $device = ($minor & 0xff) | ($major << 8) | (($minor & ~0xff) << 12);
        sys('mknodat', HERE, $path, ($kind{$type} + 0) | ($mode + 0), $device);
        '';
    },
    symlink => sub { sys('symlinkat', $_[1], HERE, $_[0]); '' },
    unlink => sub { sys('unlinkat', HERE, $_[0], 0); '' },
    rmdir => sub { sys('unlinkat', HERE, $_[0], REMOVEDIR); '' },
    rename => sub { sys('renameat2', HERE, $_[0], HERE, $_[1], 0 + $_[2]); '' },
    link => sub { sys('linkat', HERE, $_[0], HERE, $_[1], 0); '' },
    chmod => sub { sys('fchmodat', HERE, $_[0], 0 + $_[1]); '' },
    chown => sub { sys('fchownat', HERE, $_[0], 0 + $_[1], 0 + $_[2], $_[3] ? 0 : NOFOLLOW); '' },
    utimes => sub {
        my ($path, $seconds, $ns, $follow) = @_;
        sys('utimensat', HERE, $path, pack('q q q q', $seconds, $ns, $seconds, $ns), $follow ? 0 : NOFOLLOW);
        '';
    },
    setxattr => sub {
        my ($path, $name, $value, $how, $follow) = @_;
        sys($follow ? 'setxattr' : 'lsetxattr', $path, $name, $value, length $value, 0 + $how);
        '';
    },
    getxattr => sub { get_xattr(@_) },
    removexattr => sub { sys($_[2] ? 'removexattr' : 'lremovexattr', $_[0], $_[1]); '' },
    listxattr => sub { join ' ', list_xattrs(@_) },
    stat => sub { stat_text(HERE, $_[0], 0) },
    lstat => sub { stat_text(HERE, $_[0], NOFOLLOW) },
    readdir => sub { join '/', names_in($_[0]) },
    readlink => sub { link_target($_[0]) },
    read => sub { with_open($_[0], 'r', 0, \&read_from) },
    hold => sub {
        my ($slot, $path, $flags) = @_;
        drop($slot);
        return 'fifo' if is_fifo($path);
        $slots[$slot] = sys('openat', HERE, $path, flags($flags), 0644);
        '';
    },
    pwrite => sub { write_at(held($_[0]), 'w', $_[1], $_[2]); '' },
    pread => sub { read_from(held($_[0])) },
    fstat => sub { stat_text(held($_[0]), $nothing, EMPTY_PATH) },
    drop => sub { held($_[0]); drop($_[0]); '' },
);

sub enter {
    my $root = shift;
    chroot $root or die "chroot $root: $!";
    chdir '/' or die "chdir: $!";
    $inside = 1;
}

sub leave {
    drop($_) for 0 .. $#slots;
    if ($inside) {
        chdir $outside or die "fchdir: $!";
        chroot '.' or die "chroot .: $!";
        $inside = 0;
    }
    chdir $base or die "$base: $!";
    sys('umount2', $merged, 0) if $mounted;
    $mounted = 0;
}

sub look {
    my ($top, $path, $groups) = @_;
    my $here = "$top$path";
    my @stat = eval { stat_of(HERE, $here, NOFOLLOW) };
    if (!@stat && $path ne '') {
        print join("\t", encode($path), 'listed, but not found'), "\n";
        return;
    }
    die $@ unless @stat;
    my $ino = pop @stat;
    my $type = $stat[0];
    my $first = $type eq 'dir' ? $path : ($groups->{$ino} //= $path);
    my $text = '';
    if ($type eq 'file') { $text = with_open($here, 'r', 0, \&read_from) }
    my $target = $type eq 'symlink' ? link_target($here) : '';
    my @xattrs = map { "$_=" . get_xattr($here, $_, 0) } list_xattrs($here, 0);
    print join("\t", map { encode($_) } $path, "@stat", $first eq $path ? '' : "same as $first", $text, $target, @xattrs), "\n";
    return unless $type eq 'dir';
    for my $name (names_in($here)) { look($top, "$path/$name", $groups) }
}

sub obey {
    my ($do, @fields) = @_;
    if ($operation{$do}) { answer(sub { $operation{$do}->(@fields) }) }
    elsif ($do eq 'begin') {
        sys('mount', $tmpfs, $base, $tmpfs, 0, $mode755);
        chdir $base or die "$base: $!";
        mkdir 'merged', 0755 or die "merged: $!";
    }
    elsif ($do eq 'layer') { mkdir $_, 0755 or die "$_: $!" for $fields[0], "w$fields[0]" }
    elsif ($do eq 'raw') { enter($fields[0]) }
    elsif ($do eq 'union') {
        my $options = "lowerdir=$fields[0],upperdir=$fields[1],workdir=$fields[2]";
        answer(sub { sys('mount', $overlay, $merged, $overlay, 0, $options); $mounted = 1; '' });
        enter('merged') if $mounted;
    }
    elsif ($do eq 'leave') { leave() }
    elsif ($do eq 'look') { look($fields[0], '', {}); print ".\n" }
    elsif ($do eq 'end') {
        chdir '/' or die;
        sys('umount2', $base, 2);
    }
    else { die "unknown line\n" }
}

umask 0;
while (my $line = <STDIN>) {
    chomp $line;
    eval { obey(map { decode($_) } split /\t/, $line, -1); 1 } and next;
    if (ref $@) { $! = $@->[0]; die "$line: $!" }
    die "$line: $@";
}
