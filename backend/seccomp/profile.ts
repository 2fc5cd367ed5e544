/**
 * Docker's default seccomp profile, as the engine 20.10.24 hands it to runc (read from the config.json of containers that were
 * started with and without each capability): which system calls a container may make. All others answer EPERM, and those that
 * are newer than the profile ENOSYS, so that programs fall back on older ones.
 */

/** Allowed to every container. */
const always = `
  accept accept4 access adjtimex alarm bind brk capget capset chdir chmod chown chown32 clock_adjtime clock_adjtime64
  clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 close
  close_range connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old
  epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit exit_group faccessat
  faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark fchdir fchmod fchmodat fchown fchown32 fchownat fcntl
  fcntl64 fdatasync fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64
  fsync ftruncate ftruncate64 futex futex_time64 futex_waitv futimesat getcpu getcwd getdents getdents64 getegid
  getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid
  getppid getpriority getrandom getresgid getresgid32 getresuid getresuid32 getrlimit get_robust_list getrusage getsid
  getsockname getsockopt get_thread_area gettid gettimeofday getuid getuid32 getxattr inotify_add_watch inotify_init
  inotify_init1 inotify_rm_watch io_cancel ioctl io_destroy io_getevents io_pgetevents io_pgetevents_time64 ioprio_get
  ioprio_set io_setup io_submit io_uring_enter io_uring_register io_uring_setup ipc kill landlock_add_rule
  landlock_create_ruleset landlock_restrict_self lchown lchown32 lgetxattr link linkat listen listxattr llistxattr
  _llseek lremovexattr lseek lsetxattr lstat lstat64 madvise membarrier memfd_create memfd_secret mincore mkdir
  mkdirat mknod mknodat mlock mlock2 mlockall mmap mmap2 mprotect mq_getsetattr mq_notify mq_open mq_timedreceive
  mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink mremap msgctl msgget msgrcv msgsnd msync munlock
  munlockall munmap nanosleep newfstatat _newselect open openat openat2 pause pidfd_open pidfd_send_signal pipe pipe2
  poll ppoll ppoll_time64 prctl pread64 preadv preadv2 prlimit64 process_mrelease pselect6 pselect6_time64 pwrite64
  pwritev pwritev2 read readahead readlink readlinkat readv recv recvfrom recvmmsg recvmmsg_time64 recvmsg
  remap_file_pages removexattr rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending
  rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo
  sched_getaffinity sched_getattr sched_getparam sched_get_priority_max sched_get_priority_min sched_getscheduler
  sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler
  sched_yield seccomp select semctl semget semop semtimedop semtimedop_time64 send sendfile sendfile64 sendmmsg
  sendmsg sendto setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setitimer setpgid
  setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit
  set_robust_list setsid setsockopt set_thread_area set_tid_address setuid setuid32 setxattr shmat shmctl shmdt shmget
  shutdown sigaltstack signalfd signalfd4 sigprocmask sigreturn socket socketcall socketpair splice stat stat64 statfs
  statfs64 statx symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete
  timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime
  timerfd_gettime64 timerfd_settime timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask uname unlink
  unlinkat utime utimensat utimensat_time64 utimes vfork vmsplice wait4 waitid waitpid write writev
  ptrace
`;

/** Allowed beside them to a container that has the capability. */
const withCapability: Readonly<Record<string, string>> = {
  CAP_DAC_READ_SEARCH: 'open_by_handle_at',
  CAP_SYS_ADMIN:
    'bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr move_mount ' +
    'name_to_handle_at open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare',
  CAP_SYS_BOOT: 'reboot',
  CAP_SYS_CHROOT: 'chroot',
  CAP_SYS_MODULE: 'delete_module init_module finit_module',
  CAP_SYS_NICE: 'get_mempolicy mbind set_mempolicy',
  CAP_SYS_PACCT: 'acct',
  CAP_SYS_PTRACE: 'kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace',
  CAP_SYS_RAWIO: 'iopl ioperm',
  CAP_SYS_TIME: 'settimeofday stime clock_settime',
  CAP_SYS_TTY_CONFIG: 'vhangup',
  CAP_SYSLOG: 'syslog',
};

/**
 * What changes the whole machine, whatever namespaces the caller has, by the capability that it needs: its clock, its modules
 * and kernel, its swap, its ports. Nobody in the lab may, a container that was given the capability neither.
 */
const ofTheMachine: Readonly<Record<string, readonly string[]>> = {
  CAP_SYS_TIME: [
    ...['settimeofday', 'stime', 'clock_settime', 'clock_settime64'],
    ...['adjtimex', 'clock_adjtime', 'clock_adjtime64'],
  ],
  CAP_SYS_MODULE: ['init_module', 'finit_module', 'delete_module'],
  CAP_SYS_RAWIO: ['iopl', 'ioperm'],
  CAP_SYS_BOOT: ['kexec_load', 'kexec_file_load'],
  CAP_SYS_ADMIN: ['swapon', 'swapoff', 'quotactl', 'quotactl_fd'],
};

/** What root of the host beside them would end or clear for all: the lab, its accounts, the kernel's log. */
const ofTheHost = ['reboot', 'acct', 'syslog'];

/** The system calls that are refused to a container with these capabilities, or to the host's own commands. */
export const fencedOff = (capabilities: readonly string[] | undefined): readonly string[] =>
  capabilities === undefined
    ? [...Object.values(ofTheMachine).flat(), ...ofTheHost]
    : capabilities.flatMap((name) => ofTheMachine[name] ?? []);

/** Allowed on these machines only. */
const onMachine: Readonly<Record<string, string>> = {
  x86_64: 'arch_prctl modify_ldt',
  i386: 'arch_prctl modify_ldt',
  aarch64: '',
};

/** What a system call is answered with: it is made, or fails with this errno. */
export type Verdict = 'allow' | number;

/** A system call whose verdict hangs on the lower half of its first argument. */
export interface Conditional {
  readonly name: string;
  /** Allowed when none of these bits is set; */
  readonly without?: number;
  /** or when it is one of these. */
  readonly among?: readonly number[];
}

export interface Profile {
  readonly allowed: ReadonlySet<string>;
  readonly conditional: readonly Conditional[];
  /** Refused with an errno of its own. */
  readonly refused: readonly { readonly name: string; readonly errno: number }[];
}

export const EPERM = 1;
export const ENOSYS = 38;
/** futex_waitv(2), the newest that the profile knows; runc answers what is newer with ENOSYS. */
export const newest = 449;

/** CLONE_NEWNS … CLONE_NEWNET: a new namespace of any kind. */
const NEW_NAMESPACES = 0x7e020000;
/** personality(2): PER_LINUX, PER_LINUX32, those with UNAME26, and the question which it is. */
const personalities = [0, 0x0008, 0x20000, 0x20008, 0xffffffff];

export function profileFor(capabilities: readonly string[], machine: string): Profile {
  const names = [always, onMachine[machine] ?? '', ...capabilities.map((name) => withCapability[name] ?? '')];
  const mayMakeNamespaces = capabilities.includes('CAP_SYS_ADMIN');
  return {
    allowed: new Set(names.flatMap((text) => text.split(/\s+/)).filter(Boolean)),
    conditional: [
      { name: 'personality', among: personalities },
      ...(mayMakeNamespaces ? [] : [{ name: 'clone', without: NEW_NAMESPACES }]),
    ],
    refused: mayMakeNamespaces ? [] : [{ name: 'clone3', errno: ENOSYS }],
  };
}
