/*
 * The filter is a list of what is refused, not of what is allowed: checks run
 * any tool chain there is, and the walls proper are the namespaces and
 * Landlock.  clone3(2) is answered with ENOSYS because a filter cannot see
 * its flags; the C library then uses clone(2).
 */
#include "core/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__) && !defined(__ILP32__)
static const uint32_t arch = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__) && defined(__AARCH64EL__)
static const uint32_t arch = AUDIT_ARCH_AARCH64;
#else
static const uint32_t arch = 0;
#endif

#define X32_BIT    0x40000000u
#define MAX_FILTER 256
#define NEW_SPACES                                                             \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |           \
	 CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

static const struct refusal {
	unsigned nr;
	int error;
} refusals[] = {
	{ SYS_mount, EPERM },
	{ SYS_umount2, EPERM },
	{ SYS_pivot_root, EPERM },
	{ SYS_chroot, EPERM },
	{ SYS_move_mount, EPERM },
	{ SYS_open_tree, EPERM },
	{ SYS_fsopen, EPERM },
	{ SYS_fsconfig, EPERM },
	{ SYS_fsmount, EPERM },
	{ SYS_fspick, EPERM },
#ifdef SYS_mount_setattr
	{ SYS_mount_setattr, EPERM },
#endif
	{ SYS_unshare, EPERM },
	{ SYS_setns, EPERM },
	{ SYS_clone3, ENOSYS },
	{ SYS_process_vm_readv, EPERM },
	{ SYS_process_vm_writev, EPERM },
	{ SYS_kcmp, EPERM },
#ifdef SYS_pidfd_getfd
	{ SYS_pidfd_getfd, EPERM },
#endif
	{ SYS_keyctl, EPERM },
	{ SYS_add_key, EPERM },
	{ SYS_request_key, EPERM },
	{ SYS_bpf, EPERM },
	{ SYS_perf_event_open, EPERM },
	{ SYS_userfaultfd, EPERM },
	{ SYS_io_uring_setup, ENOSYS },
	{ SYS_io_uring_enter, ENOSYS },
	{ SYS_io_uring_register, ENOSYS },
	{ SYS_open_by_handle_at, EPERM },
	{ SYS_init_module, EPERM },
	{ SYS_finit_module, EPERM },
	{ SYS_delete_module, EPERM },
	{ SYS_kexec_load, EPERM },
	{ SYS_kexec_file_load, EPERM },
	{ SYS_reboot, EPERM },
	{ SYS_swapon, EPERM },
	{ SYS_swapoff, EPERM },
	{ SYS_acct, EPERM },
	{ SYS_quotactl, EPERM },
	{ SYS_settimeofday, EPERM },
	{ SYS_clock_settime, EPERM },
	{ SYS_syslog, EPERM },
#ifdef SYS_iopl
	{ SYS_iopl, EPERM },
	{ SYS_ioperm, EPERM },
#endif
};

struct filter {
	struct sock_filter code[MAX_FILTER];
	unsigned short len;
};

static void emit(struct filter *filter, struct sock_filter code)
{
	if (filter->len == MAX_FILTER)
		BUG("seccomp filter over %d steps", MAX_FILTER);
	filter->code[filter->len++] = code;
}

static void load(struct filter *filter, size_t offset)
{
	emit(filter, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						  (unsigned)offset));
}

/* The low half of an argument; both machines are little-endian. */
static void load_arg(struct filter *filter, int n)
{
	load(filter, offsetof(struct seccomp_data, args) +
			     (size_t)n * sizeof(uint64_t));
}

static void give(struct filter *filter, unsigned answer)
{
	emit(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answer));
}

static void refuse(struct filter *filter, int error)
{
	give(filter, SECCOMP_RET_ERRNO | (unsigned)error);
}

/* Goes on with the next step when the comparison holds, else skips some. */
static void when(struct filter *filter, unsigned compare, unsigned value,
		 unsigned char skip)
{
	emit(filter, (struct sock_filter)BPF_JUMP(
			     BPF_JMP | (unsigned short)compare | BPF_K, value,
			     0, skip));
}

static void refuse_call(struct filter *filter, unsigned nr, int error)
{
	when(filter, BPF_JEQ, nr, 1);
	refuse(filter, error);
}

static void begin(struct filter *filter)
{
	load(filter, offsetof(struct seccomp_data, arch));
	emit(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						  arch, 1, 0));
	give(filter, SECCOMP_RET_KILL_PROCESS);
	load(filter, offsetof(struct seccomp_data, nr));
	if (arch == AUDIT_ARCH_X86_64) {
		when(filter, BPF_JGE, X32_BIT, 1);
		refuse(filter, ENOSYS);
	}
}

static void filter_clone(struct filter *filter)
{
	when(filter, BPF_JEQ, SYS_clone, 4);
	load_arg(filter, 0);
	when(filter, BPF_JSET, NEW_SPACES, 1);
	refuse(filter, EPERM);
	give(filter, SECCOMP_RET_ALLOW);
}

static void filter_ioctl(struct filter *filter)
{
	when(filter, BPF_JEQ, SYS_ioctl, 6);
	load_arg(filter, 1);
	when(filter, BPF_JEQ, TIOCSTI, 1);
	refuse(filter, EPERM);
	when(filter, BPF_JEQ, TIOCLINUX, 1);
	refuse(filter, EPERM);
	give(filter, SECCOMP_RET_ALLOW);
}

static void filter_socket(struct filter *filter, const int *families)
{
	unsigned char n = 0;

	while (families[n] >= 0)
		n++;
	when(filter, BPF_JEQ, SYS_socket, (unsigned char)(2 * n + 2));
	load_arg(filter, 0);
	for (int i = 0; i < n; i++) {
		when(filter, BPF_JEQ, (unsigned)families[i], 1);
		give(filter, SECCOMP_RET_ALLOW);
	}
	refuse(filter, EPERM);
}

int seccomp_known(void)
{
	return arch != 0;
}

struct error *seccomp_restrict(const struct seccomp *rules)
{
	struct filter filter = { .len = 0 };

	begin(&filter);
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
		refuse_call(&filter, refusals[i].nr, refusals[i].error);
	if (!rules->ptrace)
		refuse_call(&filter, SYS_ptrace, EPERM);
	if (!rules->truncate)
		refuse_call(&filter, SYS_truncate, EPERM);
	filter_clone(&filter);
	filter_ioctl(&filter);
	filter_socket(&filter, rules->families);
	give(&filter, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { filter.len, filter.code };
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return error_errno("cannot filter system calls");
	return NULL;
}
