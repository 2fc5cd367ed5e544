/** procfs and sysfs: names, order and format of what stands there. proc(5), sysfs(5). */
import type { Fact } from './fact.ts';

const known = (file: string, names: string): string =>
  `grep -oE '^(${names.replaceAll(' ', '|')})\\b' ${file} | tr '\\n' ' '`;
const status =
  'Name Umask State Tgid Ngid Pid PPid TracerPid Uid Gid FDSize Groups NStgid NSpid NSpgid NSsid VmPeak VmSize VmLck VmPin VmHWM VmRSS RssAnon RssFile RssShmem VmData VmStk VmExe VmLib VmPTE VmSwap HugetlbPages CoreDumping Threads SigQ SigPnd ShdPnd SigBlk SigIgn SigCgt CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp Cpus_allowed Cpus_allowed_list Mems_allowed Mems_allowed_list voluntary_ctxt_switches nonvoluntary_ctxt_switches';
const meminfo =
  'MemTotal MemFree MemAvailable Buffers Cached SwapCached Active Inactive Unevictable Mlocked SwapTotal SwapFree Dirty Writeback AnonPages Mapped Shmem KReclaimable Slab SReclaimable SUnreclaim KernelStack PageTables CommitLimit Committed_AS VmallocTotal VmallocUsed VmallocChunk Percpu HugePages_Total HugePages_Free HugePages_Rsvd HugePages_Surp Hugepagesize Hugetlb DirectMap4k DirectMap2M';
const files =
  'autogroup cgroup cmdline comm coredump_filter cpuset cwd environ exe fd fdinfo gid_map io limits loginuid mountinfo mounts mountstats net ns oom_adj oom_score oom_score_adj personality projid_map root schedstat sessionid setgroups stat statm status task timens_offsets timerslack_ns uid_map wchan';
/** Starts a sleep, waits until it is one and sleeps, looks, ends it. */
const asleep = (look: string): string =>
  `sleep 300 & p=$!; until grep -q '(sleep) S' /proc/$p/stat; do usleep 10000; done; ${look}; kill -9 $p`;
const both = (a: string, b: string): string => `${a}; ${b}`;

export const procFacts: readonly Fact[] = [
  { fact: 'The lines of status, in their order', lines: [known('/proc/self/status', status)], shows: status },
  { fact: 'stat has 52 fields', lines: ['wc -w </proc/self/stat'], shows: '52' },
  {
    fact: 'What belongs to a process, and who may read it',
    lines: [
      `for f in ${files}; do [ -e /proc/self/$f ] || [ -h /proc/self/$f ] || echo no $f; done; cd /proc/1; stat -c '%A %n' environ io comm fd ns oom_score_adj cwd limits timerslack_ns uid_map task`,
    ],
    shows: [
      ...['-r-------- environ', '-r-------- io', '-rw-r--r-- comm', 'dr-x------ fd', 'dr-x--x--x ns'],
      ...['-rw-r--r-- oom_score_adj', 'lrwxrwxrwx cwd', '-r--r--r-- limits', '-rw-rw-rw- timerslack_ns'],
      ...['-rw-r--r-- uid_map', 'dr-xr-xr-x task'],
    ].join('\n'),
  },
  {
    fact: 'A process that sleeps: state, where in the kernel, arguments, descriptors',
    lines: [
      asleep(
        'cut -d" " -f2,3 /proc/$p/stat; cat /proc/$p/wchan; echo; tr "\\0" " " </proc/$p/cmdline; echo; ls /proc/$p/fd | tr "\\n" " "; readlink /proc/$p/cwd; readlink /proc/$p/root; ls /proc/$p/task | wc -l',
      ),
    ],
    shows: '(sleep) S\nhrtimer_nanosleep\nsleep 300 \n0 1 2 /\n/\n1'.replace('/\n/', '/root\n/'),
  },
  {
    fact: 'The limits of a process, their names and units',
    lines: ['cut -c1-26 /proc/self/limits | sed "s/ *$//"; tail -n 3 /proc/self/limits | cat -A | cut -c1-26,48-'],
    shows: [
      ...['Limit', 'Max cpu time', 'Max file size', 'Max data size', 'Max stack size', 'Max core file size'],
      ...['Max resident set', 'Max processes', 'Max open files', 'Max locked memory', 'Max address space'],
      ...['Max file locks', 'Max pending signals', 'Max msgqueue size', 'Max nice priority', 'Max realtime priority'],
      ...['Max realtime timeout', 'Max nice priority         0                    $'],
      ...[
        'Max realtime priority     0                    $',
        'Max realtime timeout      unlimited            us        $',
      ],
    ].join('\n'),
  },
  {
    fact: 'A descriptor in fdinfo: place, flags of open, inode',
    lines: [
      'echo 12345 >/p1; (exec 3<>/p1 4>>/p1; read x <&3; cut -f1 /proc/self/fdinfo/3; grep -h -e pos -e flags /proc/self/fdinfo/3 /proc/self/fdinfo/4)',
    ],
    shows: 'pos:\nflags:\nmnt_id:\nino:\npos:\t6\nflags:\t0100002\npos:\t0\nflags:\t0102001',
  },
  {
    fact: 'io counts what was read and written',
    lines: ["sh -c 'cut -d: -f1 /proc/self/io'", "sh -c 'echo 123456789; grep -c wchar /proc/self/io'"],
    shows: '123456789\n1',
  },
  {
    fact: 'comm can be changed, and is cut at 15 characters',
    lines: ["sh -c 'echo abcdefghijklmnopqrst >/proc/$$/comm; cat /proc/$$/comm; :'"],
    shows: 'abcdefghijklmno',
  },
  {
    fact: 'oom_score_adj and its older file are two faces of one number',
    lines: [
      'sh -c \'cd /proc/$$; echo 500 >oom_score_adj; cat oom_adj; echo 15 >oom_adj; cat oom_score_adj; { echo 1001 >oom_score_adj; } 2>&1 | sed "s/.*: //"; { echo 16 >oom_adj; } 2>&1 | sed "s/.*: //"\'',
    ],
    shows: '8\n1000\nInvalid argument\nInvalid argument',
  },
  {
    fact: 'The hierarchies of control groups, the unified one last',
    lines: ["cut -d: -f2 /proc/self/cgroup | tr '\\n' ' '"],
    shows: 'name=systemd pids blkio freezer devices memory cpuset cpuacct cpu',
  },
  {
    fact: 'The lines of meminfo, in their order',
    lines: [known('/proc/meminfo', meminfo)],
    shows: meminfo.replace('Active Inactive', 'Active Inactive Active Inactive Active Inactive'),
  },
  {
    fact: 'What cpuinfo says of a processor',
    lines: [`sed -n '1,/^$/p' /proc/cpuinfo | sed 's/[\\t ]*:.*//' | tr '\\n' ','`],
    shows:
      'processor,vendor_id,cpu family,model,model name,stepping,microcode,cpu MHz,cache size,physical id,siblings,core id,cpu cores,apicid,initial apicid,fpu,fpu_exception,cpuid level,wp,flags,bugs,bogomips,clflush size,cache_alignment,address sizes,power management,,',
  },
  {
    fact: 'The lines of stat, and the columns of a processor',
    lines: [
      "cut -d' ' -f1 /proc/stat | grep -v '^cpu[1-9]' | tr '\\n' ' '; grep '^cpu ' /proc/stat | wc -w; grep '^softirq' /proc/stat | wc -w",
    ],
    shows: 'cpu cpu0 intr ctxt btime processes procs_running procs_blocked softirq 11\n12',
  },
  {
    fact: 'loadavg: three averages, running of all, the last PID',
    lines: [
      "sed -E 's/[0-9]+/N/g' /proc/loadavg; sed -E 's/[0-9]+/N/g' /proc/uptime; tail -n +2 /proc/cgroups | head -n 4 | cut -f1 | tr '\\n' ' '; head -n 1 /proc/cgroups /proc/partitions /proc/swaps | grep -v '^$'",
    ],
    shows:
      'N.N N.N N.N N/N N\nN.N N.N\ncpuset cpu cpuacct blkio ==> /proc/cgroups <==\n#subsys_name\thierarchy\tnum_cgroups\tenabled\n==> /proc/partitions <==\nmajor minor  #blocks  name\n==> /proc/swaps <==\nFilename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority',
  },
  {
    fact: 'The PID that was given last belongs to the PID namespace',
    lines: ['unshare -p -f --mount-proc sh -c \'cut -d" " -f5 /proc/loadavg; cat /proc/sys/kernel/ns_last_pid\''],
    shows: '2\n2',
  },
  {
    fact: 'Parameters of IPC belong to the IPC namespace',
    lines: [
      both(
        "cd /proc/sys/kernel; cat shmmni msgmni sem; unshare -i sh -c 'echo 7 >shmmni; echo 1 2 3 4 >sem; cat shmmni sem; unshare -i cat shmmni'",
        'cat shmmni',
      ),
    ],
    shows: '4096\n32000\n32000\t1024000000\t500\t32000\n7\n1\t2\t3\t4\n4096\n4096',
  },
  {
    fact: 'A parameter takes numbers within its bounds',
    lines: [
      'cd /proc/sys/kernel; unshare -i sh -c \'for v in -1 abc 32768 32769; do { echo $v >shmmni; } 2>&1 | sed "s/.*: //"; cat shmmni; done\'',
    ],
    shows: 'Invalid argument\n4096\nInvalid argument\n4096\n32768\nInvalid argument\n32768',
  },
  {
    fact: 'A domain name belongs to the UTS namespace',
    lines: [
      "unshare -u sh -c 'echo inner >/proc/sys/kernel/domainname; cat /proc/sys/kernel/domainname'; grep -c inner /proc/sys/kernel/domainname",
    ],
    shows: 'inner\n0\nexit 1',
  },
  {
    fact: 'Tables of shared memory, queues and semaphores',
    lines: ["unshare -i sh -c 'cat /proc/sysvipc/shm /proc/sysvipc/msg /proc/sysvipc/sem'"],
    shows: [
      'key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap',
      '       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime',
      '       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime',
    ].join('\n'),
  },
  {
    fact: 'A container sees its own groups, read-only, and nothing of the others',
    lines: [
      'docker run --rm busybox sh -c \'grep /sys/fs/cgroup /proc/mounts | cut -d" " -f1-4; ls /sys/fs/cgroup | tr "\\n" " "; mkdir /sys/fs/cgroup/memory/x; head -n 1 /sys/fs/cgroup/pids/pids.current; :\'',
    ],
    shows: [
      'tmpfs /sys/fs/cgroup tmpfs rw,nosuid,nodev,noexec,relatime,mode=755',
      ...['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids'].map(
        (name) => `cgroup /sys/fs/cgroup/${name} cgroup ro,nosuid,nodev,noexec,relatime,${name}`,
      ),
      'cgroup /sys/fs/cgroup/systemd cgroup ro,nosuid,nodev,noexec,relatime,name=systemd',
      'blkio cpu cpuacct cpuset devices freezer memory pids systemd 2',
      "mkdir: can't create directory '/sys/fs/cgroup/memory/x': Read-only file system",
    ].join('\n'),
  },
];
