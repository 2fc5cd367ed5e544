/**
 * The script of the lab's relay: one perl process in the lab that stands where packets of networks end. For each container whose
 * networks have names it holds the sockets of the name server 127.0.0.11 in that container's network namespace, and hands
 * questions to us (relay.ts); for each published port it starts a `docker-proxy`, a process of the lab's host, that passes
 * connections on. A constant, as those of scripts.ts are, and like those with nothing but what is built into perl.
 *
 * Argument: the number of the system call setns. Reads lines, each answered in order by `ok …` or `no <errno>`:
 * - `serve <key> <pid>`: listen in the namespace of that process; `ok <udp port> <tcp port>`.
 * - `cease <key>`: close those sockets.
 * - `publish <proto> <host ip> <host port> <container ip> <container port>`: `ok <pid of the proxy>`.
 * - `withdraw <pid>`: end that proxy; its port is free when this is answered.
 * - `tell <question> <hex, or ->`: what to answer to a question; answered by nothing.
 * It says by itself `ask <key> <question> <hex>` when somebody asks. It ends with its standard input, and its proxies with it.
 */
export const relayScript = `
my $setns = shift @ARGV;
open my $home, '<', '/proc/self/ns/net' or exit 1;
my (%watched, %asked, %proxies);
my ($heard, $questions) = ('', 0);

sub enter { syscall($setns + 0, fileno $_[0], 0x40000000) == 0 }
sub place {
  my ($ip, $port) = @_;
  return pack 'S n N a16 N', 10, $port, 0, '', 0 if $ip eq '::';
  return pack 'S n a4 x8', 2, $port, pack 'C4', split /[.]/, $ip;
}
sub opened {
  my ($ip, $port, $type) = @_;
  my $family = $ip eq '::' ? 10 : 2;
  socket(my $socket, $family, $type, 0) or return;
  setsockopt($socket, 1, 2, 1) if $type == 1;
  setsockopt($socket, 41, 26, 1) if $family == 10;
  bind($socket, place($ip, $port)) or return;
  if ($type == 1) { listen($socket, 128) or return }
  return $socket;
}
sub answer { my $text = join(' ', @_) . "\\n"; syswrite STDOUT, $text }

sub serve {
  my ($key, $pid) = @_;
  open my $ns, '<', "/proc/$pid/ns/net" or return answer 'no', 3;
  enter $ns or return answer 'no', 0 + $!;
  my $udp = opened '127.0.0.11', 0, 2;
  my $tcp = defined $udp ? opened '127.0.0.11', 0, 1 : undef;
  my $why = 0 + $!;
  enter $home or exit 1;
  defined $tcp or return answer 'no', $why;
  $watched{fileno $udp} = { key => $key, kind => 'udp', socket => $udp };
  $watched{fileno $tcp} = { key => $key, kind => 'tcp', socket => $tcp };
  answer 'ok', map { unpack 'x2 n', getsockname $_ } $udp, $tcp;
}

sub cease {
  my ($key) = @_;
  delete $watched{$_} for grep { $watched{$_}{key} eq $key } keys %watched;
  delete $asked{$_} for grep { $asked{$_}{key} eq $key } keys %asked;
  answer 'ok';
}

sub publish {
  my ($proto, $host, $port, $ip, $inner) = @_;
  my $socket = opened $host, $port, $proto eq 'tcp' ? 1 : 2;
  defined $socket or return answer 'no', 0 + $!;
  my $pid = fork;
  defined $pid or return answer 'no', 0 + $!;
  if ($pid == 0) {
    setpgrp 0, 0;
    (%watched, %asked) = ();
    open STDIN, '<', '/dev/null';
    open STDOUT, '>', '/dev/null';
    $0 = "/usr/sbin/docker-proxy -proto $proto -host-ip $host -host-port $port -container-ip $ip -container-port $inner";
    my $to = place $ip, $inner;
    $proto eq 'tcp' ? connections($socket, $to) : datagrams($socket, $to);
    exit 0;
  }
  $proxies{$pid} = 1;
  answer 'ok', $pid;
}

sub withdraw {
  my ($pid) = @_;
  if (delete $proxies{$pid}) { kill 'KILL', -$pid, $pid; waitpid $pid, 0 }
  answer 'ok';
}

sub connections {
  my ($listener, $to) = @_;
  $SIG{CHLD} = 'IGNORE';
  while (1) {
    accept my $from, $listener or next;
    my $pid = fork;
    next unless defined $pid && $pid == 0;
    close $listener;
    socket(my $into, 2, 1, 0) or exit 1;
    connect($into, $to) or exit 1;
    pass($from, $into);
    exit 0;
  }
}

sub pass {
  my ($one, $other) = @_;
  my %ways = (fileno $one, [$one, $other], fileno $other, [$other, $one]);
  while (%ways) {
    my $ready = '';
    vec($ready, $_, 1) = 1 for keys %ways;
    select($ready, undef, undef, undef) > 0 or next;
    for my $fd (grep { vec $ready, $_, 1 } keys %ways) {
      my ($from, $into) = @{ $ways{$fd} };
      if (sysread $from, my $data, 65536) {
        while (length $data) {
          my $written = syswrite $into, $data;
          defined $written or exit 1;
          substr $data, 0, $written, '';
        }
      }
      else { shutdown $into, 1; delete $ways{$fd} }
    }
  }
}

sub datagrams {
  my ($listener, $to) = @_;
  my (%out, %back);
  while (1) {
    my $ready = '';
    vec($ready, $_, 1) = 1 for fileno $listener, keys %back;
    select($ready, undef, undef, undef) > 0 or next;
    for my $fd (grep { vec $ready, $_, 1 } keys %back) {
      my ($socket, $who) = @{ $back{$fd} };
      my $from = recv $socket, my $data, 65536, 0;
      send $listener, $data, 0, $who if defined $from;
    }
    next unless vec $ready, fileno $listener, 1;
    my $who = recv $listener, my $data, 65536, 0;
    defined $who or next;
    if (!$out{$who}) {
      socket(my $socket, 2, 2, 0) or next;
      connect($socket, $to) or next;
      $out{$who} = $socket;
      $back{fileno $socket} = [$socket, $who];
    }
    send $out{$who}, $data, 0;
  }
}

sub question {
  my ($entry, $bytes, $who) = @_;
  $questions++;
  $asked{$questions} = { key => $entry->{key}, socket => $entry->{socket}, kind => $entry->{kind}, who => $who };
  answer 'ask', $entry->{key}, $questions, unpack 'H*', $bytes;
}

sub arrived {
  my ($fd) = @_;
  my $entry = $watched{$fd};
  my $socket = $entry->{socket};
  if ($entry->{kind} eq 'udp') {
    my $who = recv $socket, my $data, 65536, 0;
    question($entry, $data, $who) if defined $who;
  }
  elsif ($entry->{kind} eq 'tcp') {
    accept my $from, $socket or return;
    $watched{fileno $from} = { key => $entry->{key}, kind => 'stream', socket => $from, heard => '' };
  }
  elsif (sysread $socket, $entry->{heard}, 65536, length $entry->{heard}) {
    while (length $entry->{heard} >= 2) {
      my $length = unpack 'n', $entry->{heard};
      last if length $entry->{heard} < 2 + $length;
      question($entry, substr $entry->{heard}, 2, $length);
      substr $entry->{heard}, 0, 2 + $length, '';
    }
  }
  else { delete $watched{$fd} }
}

sub tell {
  my ($number, $hex) = @_;
  my $entry = delete $asked{$number};
  return if !defined $entry || $hex eq '-';
  my $bytes = pack 'H*', $hex;
  if ($entry->{kind} eq 'udp') { send $entry->{socket}, $bytes, 0, $entry->{who} }
  else { syswrite $entry->{socket}, pack('n', length $bytes) . $bytes }
}

my %does = (serve => \\&serve, cease => \\&cease, publish => \\&publish, withdraw => \\&withdraw, tell => \\&tell);
$SIG{PIPE} = 'IGNORE';
while (1) {
  my $ready = '';
  vec($ready, $_, 1) = 1 for 0, keys %watched;
  select($ready, undef, undef, undef) > 0 or next;
  for my $fd (grep { vec $ready, $_, 1 } keys %watched) { arrived($fd) if $watched{$fd} }
  next unless vec $ready, 0, 1;
  sysread STDIN, $heard, 65536, length $heard or last;
  while ($heard =~ s/^(.*)\\n//) {
    my ($verb, @words) = split / /, $1;
    $does{$verb}->(@words);
  }
}
kill 'KILL', -$_, $_ for keys %proxies;
`;

/** iptables for people in the lab, out of the tool directory, which is the working directory of the lab's first process. */
export const iptablesProgram = `#!/bin/sh
cd /proc/1/cwd && XTABLES_LIBDIR=. exec ./ld.so --library-path . ./xtables iptables "$@"
`;
