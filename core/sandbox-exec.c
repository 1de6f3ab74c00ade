/*
 * The inside of the sandbox, up to the command.  The words before "--":
 *
 *   level=bwrap|landlock  network=0|1  processes=<n>  file_size=<bytes>
 *   read=<path>  write=<path>  as often as needed
 *
 * Landlock is applied where the kernel has it; at level landlock it is the
 * wall, and without it nothing runs.
 */
#include "core/landlock.h"
#include "core/sandbox.h"
#include "core/seccomp.h"

#include <dirent.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_FILES 4096

struct inside {
	enum sandbox_level level;
	int network;
	rlim_t processes;
	rlim_t file_size;
	struct landlock rules;
};

static void inside_release(struct inside *in)
{
	strings_release(&in->rules.read);
	strings_release(&in->rules.write);
}

static struct error *take_word(struct inside *in, const char *word)
{
	const char *value = strchr(word, '=');
	size_t len = value ? (size_t)(value++ - word) : 0;

#define IS(name) (len == sizeof name - 1 && !strncmp(word, name, len))
	if (IS("level"))
		in->level = !strcmp(value, "bwrap") ? SANDBOX_BWRAP
						    : SANDBOX_LANDLOCK;
	else if (IS("network"))
		in->network = *value == '1';
	else if (IS("processes"))
		in->processes = strtoul(value, NULL, 10);
	else if (IS("file_size"))
		in->file_size = strtoul(value, NULL, 10);
	else if (IS("read"))
		strings_add(&in->rules.read, value);
	else if (IS("write"))
		strings_add(&in->rules.write, value);
	else
		return error_new(ERROR_USAGE, "unknown word '%s'", word);
#undef IS
	return NULL;
}

/* The threads this user runs already: without a namespace they count too. */
static rlim_t own_threads(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	rlim_t n = 0;

	while (dir && (entry = readdir(dir))) {
		CLEANUP(free_str)
		char *path = xasprintf("/proc/%s/task", entry->d_name);
		struct stat st;

		if (*entry->d_name >= '1' && *entry->d_name <= '9' &&
		    !stat(path, &st) && st.st_uid == getuid())
			n += st.st_nlink > 2 ? st.st_nlink - 2 : 0;
	}
	if (dir)
		closedir(dir);
	return n;
}

static struct error *limit(int resource, rlim_t most, const char *name)
{
	struct rlimit now;

	if (getrlimit(resource, &now))
		return error_errno("cannot read the limit on %s", name);
	if (now.rlim_max != RLIM_INFINITY && now.rlim_max < most)
		most = now.rlim_max;
	now.rlim_cur = now.rlim_max = most;
	if (setrlimit(resource, &now))
		return error_errno("cannot limit %s", name);
	return NULL;
}

static struct error *apply_limits(const struct inside *in)
{
	rlim_t others = in->level == SANDBOX_BWRAP ? 0 : own_threads();

	TRY(limit(RLIMIT_NPROC, in->processes + others, "processes"));
	TRY(limit(RLIMIT_FSIZE, in->file_size, "the size of files"));
	TRY(limit(RLIMIT_CORE, 0, "core files"));
	return limit(RLIMIT_NOFILE, MAX_FILES, "open files");
}

/*
 * Bwrap without network has a loopback of its own, so tests may open their
 * servers there.  At level landlock nothing stands between a Unix socket and
 * the daemons of the machine, so there are none.
 */
static const int *families(const struct inside *in)
{
	static const int bwrap[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK,
				     -1 };
	static const int landlock[] = { AF_INET, AF_INET6, AF_NETLINK, -1 };
	static const int none[] = { -1 };

	if (in->level == SANDBOX_BWRAP)
		return bwrap;
	return in->network ? landlock : none;
}

/*
 * Root's capabilities reach around Landlock: the environment of any process,
 * for one.  bwrap has dropped them already; a user has none.
 */
static struct error *drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	const struct __user_cap_data_struct none[2] = { 0 };

	for (unsigned long cap = 0; cap < 64; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	if (syscall(SYS_capset, &header, none))
		return error_errno("cannot drop capabilities");
	return NULL;
}

static struct error *apply_filters(struct inside *in)
{
	int abi = landlock_abi();
	struct seccomp filter = {
		.families = families(in),
		.ptrace = abi > 0,
		.truncate = in->level == SANDBOX_BWRAP || abi >= 3,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return error_errno("cannot give up privileges");
	TRY(drop_capabilities());
	in->rules.no_tcp = in->level == SANDBOX_LANDLOCK && !in->network;
	if (abi || in->level == SANDBOX_LANDLOCK)
		TRY(landlock_restrict(&in->rules));
	if (seccomp_known() || in->level == SANDBOX_LANDLOCK)
		TRY(seccomp_restrict(&filter));
	return NULL;
}

struct error *sandbox_exec(char **argv)
{
	CLEANUP(inside_release) struct inside in = { .processes = 1 };

	for (; *argv && strcmp(*argv, "--") != 0; argv++)
		TRY(take_word(&in, *argv));
	if (!*argv || !argv[1])
		return error_new(ERROR_USAGE, "no command");
	argv++;
	TRY(apply_limits(&in));
	TRY(apply_filters(&in));
	execvp(*argv, argv);
	return error_errno("cannot run '%s'", *argv);
}
