/* How a child ended, in words for people. */
#include "core/proc.h"

#include <signal.h>

static void add_signal(struct buf *out, int number)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {
		{ SIGHUP, "HUP" },   { SIGINT, "INT" },   { SIGQUIT, "QUIT" },
		{ SIGILL, "ILL" },   { SIGTRAP, "TRAP" }, { SIGABRT, "ABRT" },
		{ SIGBUS, "BUS" },   { SIGFPE, "FPE" },   { SIGKILL, "KILL" },
		{ SIGSEGV, "SEGV" }, { SIGPIPE, "PIPE" }, { SIGALRM, "ALRM" },
		{ SIGTERM, "TERM" }, { SIGUSR1, "USR1" }, { SIGUSR2, "USR2" },
		{ SIGXCPU, "XCPU" }, { SIGXFSZ, "XFSZ" }, { SIGSYS, "SYS" },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].number == number) {
			buf_addf(out, "killed by SIG%s", names[i].name);
			return;
		}
	buf_addf(out, "killed by signal %d", number);
}

static void add_seconds(struct buf *out, const char *before, uint64_t ms)
{
	if (ms % 1000)
		buf_addf(out, "%s %.1f s", before, (double)ms / 1000);
	else
		buf_addf(out, "%s %llu s", before,
			 (unsigned long long)ms / 1000);
}

void proc_describe(struct buf *out, const struct proc_result *result)
{
	switch (result->end) {
	case PROC_EXITED:
		buf_addf(out, "exit %d", result->exit);
		break;
	case PROC_SIGNALED:
		add_signal(out, result->signal);
		break;
	case PROC_TIMEOUT:
		add_seconds(out, "still running after", result->limit);
		break;
	case PROC_IDLE:
		add_seconds(out, "no output for", result->limit);
		break;
	case PROC_FLOODED:
		buf_addf(out, "wrote more than %llu bytes",
			 (unsigned long long)result->limit);
		break;
	case PROC_MEMORY:
		buf_addf(out, "used more than %llu MiB of memory",
			 (unsigned long long)result->limit >> 20);
		break;
	case PROC_CROWD:
		buf_addf(out, "started more than %llu processes",
			 (unsigned long long)result->limit);
		break;
	case PROC_CANCELED:
		buf_str(out, "canceled");
		break;
	}
}
