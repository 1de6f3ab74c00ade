/*
 * Unit tests of core/sandbox.  What a sandbox must refuse is tried from
 * inside by this very program: `test-sandbox try <what>` ends 0 when it could.
 */
#include "tests/unit/test.h"

#include "core/file.h"
#include "core/landlock.h"
#include "core/sandbox.h"
#include "core/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECRET "ORCH_TEST_SECRET=seen-from-inside"

/* A folder that is everything: work tree, HOME and what else lies outside. */
struct place {
	char dir[64];
	char *work;
	char *home;
};

static int set_up(void **state)
{
	struct place *place = xcalloc(1, sizeof *place);
	CLEANUP(free_str) char *ssh = NULL;
	CLEANUP(free_str) char *git = NULL;

	strcpy(place->dir, "/tmp/test-sandbox-XXXXXX");
	assert_non_null(mkdtemp(place->dir));
	place->work = path_join(place->dir, "tree");
	place->home = path_join(place->dir, "home");
	ok(file_mkdirs(place->work));
	ssh = path_join(place->home, ".ssh/id");
	ok(file_write(ssh, "private\n", 8, 0));
	git = path_join(place->work, ".git");
	ok(file_write(git, "gitdir: x\n", 10, 0));
	setenv("HOME", place->home, 1);
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	ok(file_remove_tree(place->dir));
	free(place->work);
	free(place->home);
	free(place);
	return 0;
}

/* Runs a script and gives its exit status; what it printed is in out. */
static int run_in(struct buf *out, const struct sandbox *sandbox,
		  const char *script)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = { 0 };
	CLEANUP(strings_release) struct strings argv = STRINGS_INIT;
	CLEANUP(proc_result_release) struct proc_result result;

	proc_result_init(&result);
	strings_addv(&argv, "sh", "-c", script, NULL);
	ok(sandbox_wrap(&spec, sandbox, &argv));
	spec.wall_ms = 30000;
	spec.merge_stderr = 1;
	ok(proc_run(&result, &spec));
	if (out)
		buf_add(out, result.out.data, result.out.len);
	return result.end == PROC_EXITED ? result.exit : -1;
}

static char *own_program(void)
{
	char *path;

	ok(file_real(&path, "/proc/self/exe"));
	return path;
}

static void init(struct sandbox *sandbox, const struct place *place,
		 enum sandbox_level level)
{
	CLEANUP(free_str) char *program = own_program();

	*sandbox = (struct sandbox){ .level = level, .work = place->work };
	strings_add(&sandbox->readonly, program);
}

static int run(struct buf *out, const struct place *place,
	       enum sandbox_level level, const char *fmt, ...) PRINTF(4, 5);
static int run(struct buf *out, const struct place *place,
	       enum sandbox_level level, const char *fmt, ...)
{
	CLEANUP(sandbox_release) struct sandbox sandbox;
	va_list args;

	init(&sandbox, place, level);
	va_start(args, fmt);
	CLEANUP(free_str) char *script = xvasprintf(fmt, args);
	va_end(args);
	return run_in(out, &sandbox, script);
}

/* Levels that this machine has; the others are left out, by name. */
static size_t levels(enum sandbox_level out[2])
{
	struct sandbox_probe probe;
	size_t n = 0;

	sandbox_probe(&probe);
	if (probe.best == SANDBOX_BWRAP)
		out[n++] = SANDBOX_BWRAP;
	else
		print_message("left out: bwrap: %s\n", probe.cause);
	if (landlock_abi() && seccomp_known())
		out[n++] = SANDBOX_LANDLOCK;
	else
		print_message("left out: landlock\n");
	sandbox_probe_release(&probe);
	if (!n)
		skip();
	return n;
}

#define EACH_LEVEL(level)                                                      \
	enum sandbox_level each[2];                                            \
	size_t each_len = levels(each);                                        \
	for (size_t at = 0, once = 1; at < each_len; at++, once = 1)           \
		for (enum sandbox_level level = each[at]; once; once = 0)

static void need(enum sandbox_level wanted)
{
	EACH_LEVEL(level)
	if (level == wanted)
		return;
	skip();
}

/* Trying succeeds without the sandbox, or the test says nothing. */
static void refused(const struct place *place, enum sandbox_level level,
		    const char *what)
{
	CLEANUP(free_str) char *program = own_program();
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	int status = run(&out, place, level, "%s try %s", program, what);

	if (status != 1)
		fail_msg("%s: try %s: exit %d: %s", sandbox_name(level), what,
			 status, out.data);
}

static void the_work_tree_is_written(void **state)
{
	struct place *place = *state;
	CLEANUP(free_str) char *made = path_join(place->work, "made/file");

	EACH_LEVEL(level)
	{
		CLEANUP(buf_release) struct buf text = BUF_INIT;

		assert_int_equal(run(NULL, place, level,
				     "mkdir -p made && echo %s >made/file && "
				     "mv made/file made/f2 && "
				     "mv made/f2 made/file",
				     sandbox_name(level)),
				 0);
		ok(file_read(&text, made, 100));
		assert_int_equal(
			strncmp(text.data, sandbox_name(level), text.len - 1),
			0);
	}
}

static void nothing_else_is_written(void **state)
{
	struct place *place = *state;

	EACH_LEVEL(level)
	{
		assert_int_not_equal(run(NULL, place, level, "echo x >/usr/x"),
				     0);
		assert_int_not_equal(run(NULL, place, level, "echo x >/etc/x"),
				     0);
		run(NULL, place, level,
		    "echo x >%s/x; echo x >>%s/.ssh/id; rm -rf %s", place->dir,
		    place->home, place->home);
	}
	assert_false(file_exists("/usr/x"));
	assert_false(file_exists("/etc/x"));
	CLEANUP(free_str) char *file = path_join(place->dir, "x");
	assert_false(file_exists(file));
	CLEANUP(free_str) char *ssh = path_join(place->home, ".ssh/id");
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	ok(file_read(&text, ssh, 100));
	same(text.data, "private\n");
}

static void home_is_empty_and_the_real_one_is_out_of_sight(void **state)
{
	struct place *place = *state;

	EACH_LEVEL(level)
	{
		CLEANUP(buf_release) struct buf out = BUF_INIT;

		assert_int_equal(
			run(&out, place, level, "ls -A ~; touch ~/x && rm ~/x"),
			0);
		same(out.data, "");
		assert_int_not_equal(
			run(NULL, place, level, "cat %s/.ssh/id", place->home),
			0);
		assert_int_not_equal(
			run(NULL, place, level, "ls %s", place->home), 0);
	}
}

static void folders_of_people_are_empty_in_bwrap(void **state)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	need(SANDBOX_BWRAP);
	assert_int_equal(run(&out, *state, SANDBOX_BWRAP,
			     "ls -A /home /root /mnt /media /run /srv "
			     "/var/tmp /var/lib 2>/dev/null | grep -v :; "
			     "ls -A /tmp"),
			 0);
	/* The program itself was asked for. */
	assert_null(strstr(out.data, "test-sandbox-"));
	assert_non_null(strstr(out.data, "work"));
	assert_int_not_equal(
		run(NULL, *state, SANDBOX_BWRAP, "cat /etc/shadow"), 0);
}

static void there_is_no_network(void **state)
{
	EACH_LEVEL(level)
	refused(*state, level, "connect");
}

static void network_is_there_when_asked_for(void **state)
{
	CLEANUP(free_str) char *program = own_program();
	CLEANUP(free_str) char *script = xasprintf("%s try connect", program);

	EACH_LEVEL(level)
	{
		CLEANUP(sandbox_release) struct sandbox sandbox;
		CLEANUP(buf_release) struct buf out = BUF_INIT;

		init(&sandbox, *state, level);
		sandbox.network = 1;
		if (run_in(&out, &sandbox, script))
			fail_msg("%s: %s", sandbox_name(level), out.data);
	}
}

static void a_test_may_talk_to_its_own_server_in_bwrap(void **state)
{
	CLEANUP(free_str) char *program = own_program();

	need(SANDBOX_BWRAP);
	assert_int_equal(
		run(NULL, *state, SANDBOX_BWRAP, "%s try loopback", program),
		0);
}

static void dangerous_calls_are_refused(void **state)
{
	static const char *const calls[] = {
		"unshare", "clone",       "clone3", "mount",
		"keyctl",  "bpf",         "uring",  "vsock",
		"packet",  "userfaultfd", "sti",    "abstract",
	};

	EACH_LEVEL(level)
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		refused(*state, level, calls[i]);
	need(SANDBOX_LANDLOCK);
	refused(*state, SANDBOX_LANDLOCK, "unix");
}

static void other_processes_are_out_of_reach(void **state)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	EACH_LEVEL(level)
	{
		CLEANUP(free_str) char *program = own_program();
		int pid = level == SANDBOX_BWRAP ? 1 : (int)getpid();

		CLEANUP(buf_release) struct buf said = BUF_INIT;
		if (run(&said, *state, level, "%s try ptrace %d", program,
			pid) != 1)
			fail_msg("%s: %s", sandbox_name(level), said.data);
		buf_clear(&said);
		run(&said, *state, level,
		    "grep -a -l seen-from-inside /proc/[0-9]*/environ "
		    "2>/dev/null");
		same(said.data, "");
		if (level == SANDBOX_LANDLOCK && landlock_abi() >= 6)
			assert_int_not_equal(
				run(NULL, *state, level, "kill -0 %d", pid), 0);
	}
	need(SANDBOX_BWRAP);
	run(&out, *state, SANDBOX_BWRAP, "ls -d /proc/[0-9]* | wc -l");
	assert_in_range(atoi(out.data), 1, 5);
}

static void no_capability_is_left(void **state)
{
	EACH_LEVEL(level)
	{
		CLEANUP(buf_release) struct buf out = BUF_INIT;

		run(&out, *state, level,
		    "grep -h '^Cap[PEB]\\|^NoNew' /proc/self/status | "
		    "tr -d '\\t'");
		if (getuid() || level == SANDBOX_BWRAP)
			assert_non_null(
				strstr(out.data, "CapEff:0000000000000000"));
		else
			same(out.data, "CapPrm:0000000000000000\n"
				       "CapEff:0000000000000000\n"
				       "CapBnd:0000000000000000\n"
				       "NoNewPrivs:1\n");
	}
}

static void own_children_may_be_traced(void **state)
{
	CLEANUP(free_str) char *program = own_program();

	EACH_LEVEL(level)
	assert_int_equal(
		run(NULL, *state, level, "%s try trace-child", program), 0);
}

static void the_git_file_is_read_only_in_bwrap(void **state)
{
	struct place *place = *state;
	CLEANUP(free_str) char *git = path_join(place->work, ".git");
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	need(SANDBOX_BWRAP);
	assert_int_not_equal(run(NULL, place, SANDBOX_BWRAP, "echo x >.git"),
			     0);
	assert_int_not_equal(run(NULL, place, SANDBOX_BWRAP, "rm -f .git"), 0);
	assert_int_not_equal(run(NULL, place, SANDBOX_BWRAP, "mv .git y"), 0);
	assert_int_not_equal(
		run(NULL, place, SANDBOX_BWRAP, "touch y; mv y .git"), 0);
	ok(file_read(&text, git, 100));
	same(text.data, "gitdir: x\n");
}

/* As a user by the kernel, which does not count root's; as root by looking. */
static void a_fork_bomb_is_bounded(void **state)
{
	EACH_LEVEL(level)
	{
		CLEANUP(sandbox_release) struct sandbox sandbox;
		CLEANUP(buf_release) struct buf out = BUF_INIT;

		init(&sandbox, *state, level);
		sandbox.processes = 40;
		int status = run_in(&out, &sandbox,
				    "i=0; while [ $i -lt 400 ]; do sleep 3 & "
				    "i=$((i+1)); done; wait; echo all of them");
		assert_int_not_equal(status, 0);
		assert_null(strstr(out.data, "all of them"));
	}
}

static void files_are_bounded_and_no_core_is_left(void **state)
{
	struct place *place = *state;
	CLEANUP(free_str) char *big = path_join(place->work, "big");

	EACH_LEVEL(level)
	{
		CLEANUP(sandbox_release) struct sandbox sandbox;
		CLEANUP(buf_release) struct buf out = BUF_INIT;
		struct stat st;

		init(&sandbox, place, level);
		sandbox.file_size = 4096;
		assert_int_not_equal(
			run_in(&out, &sandbox, "head -c 100000 /dev/zero >big"),
			0);
		assert_int_equal(stat(big, &st), 0);
		assert_int_equal(st.st_size, 4096);
		buf_clear(&out);
		run_in(&out, &sandbox, "ulimit -c");
		same(out.data, "0\n");
	}
}

static void further_paths_are_shown_and_cannot_be_written(void **state)
{
	struct place *place = *state;
	CLEANUP(free_str) char *tool = path_join(place->home, "tools/bin/x");
	CLEANUP(free_str) char *keep = path_join(place->dir, "keep");
	CLEANUP(free_str) char *dep = path_join(keep, "dep");

	ok(file_write(tool, "tool\n", 5, 0));
	ok(file_write(dep, "dep\n", 4, 0));
	EACH_LEVEL(level)
	{
		CLEANUP(sandbox_release) struct sandbox sandbox;
		CLEANUP(buf_release) struct buf out = BUF_INIT;
		CLEANUP(free_str)
		char *script = xasprintf(
			"cat %s modules/dep; echo x >%s; echo x >modules/dep; "
			"echo x >modules/new; cat %s/.ssh/id",
			tool, tool, place->home);

		init(&sandbox, place, level);
		strings_add(&sandbox.readonly, "~/tools");
		strings_add(&sandbox.readonly, "/not/there");
		strings_addv(&sandbox.binds, keep, SANDBOX_WORK "/modules",
			     NULL);
		assert_int_not_equal(run_in(&out, &sandbox, script), 0);
		if (strncmp(out.data, "tool\ndep\n", 9) != 0)
			fail_msg("%s: %s", sandbox_name(level), out.data);
		assert_null(strstr(out.data, "private"));
		buf_clear(&out);
		ok(file_read(&out, tool, 100));
		ok(file_read(&out, dep, 100));
		same(out.data, "tool\ndep\n");
	}
}

static void showing_everything_is_refused(void **state)
{
	static const char *const paths[] = { "/", "//", "/.", "relative", "" };
	struct place *place = *state;

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		CLEANUP(sandbox_release) struct sandbox sandbox;
		CLEANUP(proc_spec_release) struct proc_spec spec = { 0 };
		CLEANUP(strings_release) struct strings argv = STRINGS_INIT;

		init(&sandbox, place, SANDBOX_BWRAP);
		strings_add(&sandbox.readonly, paths[i]);
		strings_add(&argv, "true");
		fails(ERROR_INVALID, "cannot be shown",
		      sandbox_wrap(&spec, &sandbox, &argv));
	}
}

static void the_environment_is_the_same_everywhere(void **state)
{
	struct place *place = *state;

	EACH_LEVEL(level)
	{
		CLEANUP(buf_release) struct buf out = BUF_INIT;

		run(&out, place, level,
		    "env | grep -v '^_=\\|^PWD=\\|^OLDPWD=\\|^SHLVL=' | sort | "
		    "sed 's/=.*test-sandbox-......\\//=.../'; pwd");
		if (level == SANDBOX_BWRAP)
			same(out.data,
			     "CI=true\nHOME=/tmp/home\nLANG=C.UTF-8\n"
			     "LC_ALL=C.UTF-8\nPATH=/usr/sbin:/usr/bin:"
			     "/usr/local/bin:/usr/bin:/bin\n"
			     "SOURCE_DATE_EPOCH=315532800\nTERM=dumb\n"
			     "TMPDIR=/tmp\nTZ=UTC\n/tmp/work\n");
		else
			assert_non_null(
				strstr(out.data, "HOME=...tree.tmp/home\n"));
		assert_null(strstr(out.data, "SECRET"));
	}
}

static void status_and_arguments_pass_through(void **state)
{
	EACH_LEVEL(level)
	{
		assert_int_equal(run(NULL, *state, level, "exit 7"), 7);
		CLEANUP(buf_release) struct buf out = BUF_INIT;
		run(&out, *state, level, "printf '%%s|' \"a  b\" '$x'");
		same(out.data, "a  b|$x|");
	}
}

static void off_only_fixes_the_environment(void **state)
{
	struct place *place = *state;
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	assert_int_equal(run(&out, place, SANDBOX_OFF,
			     "echo $TZ $LC_ALL $SOURCE_DATE_EPOCH; "
			     "cat ~/.ssh/id; pwd; env | grep SECRET; true"),
			 0);
	CLEANUP(free_str)
	char *expected =
		xasprintf("UTC C.UTF-8 315532800\nprivate\n%s\n", place->work);
	same(out.data, expected);
}

/* In a process of its own, because the probe's answer is kept. */
static void a_machine_without_bwrap_is_told_why_and_what_to_do(void **state)
{
	CLEANUP(proc_spec_release) struct proc_spec spec = { .wall_ms = 9000 };
	CLEANUP(proc_result_release) struct proc_result result;

	(void)state;
	proc_result_init(&result);
	strings_take(&spec.argv, own_program());
	strings_addv(&spec.argv, "try", "probe", NULL);
	strings_add(&spec.env, "PATH=/nonexistent");
	ok(proc_run(&result, &spec));
	assert_int_equal(strncmp(result.out.data,
				 "bubblewrap is not installed|apt-get install",
				 43),
			 0);
	assert_int_equal(result.exit, 0);
}

static void words_that_are_not_known_are_refused(void **state)
{
	char bad[] = "sudo=1", dashes[] = "--", level[] = "level=bwrap";
	char *unknown[] = { bad, dashes, NULL };
	char *nothing[] = { level, dashes, NULL };
	char *open_end[] = { level, NULL };

	(void)state;
	fails(ERROR_USAGE, "unknown word 'sudo=1'", sandbox_exec(unknown));
	fails(ERROR_USAGE, "no command", sandbox_exec(nothing));
	fails(ERROR_USAGE, "no command", sandbox_exec(open_end));
}

/* What is tried from inside; 0 when it worked. */

static int listener(struct sockaddr_in *address)
{
	socklen_t len = sizeof *address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)address, len) ||
	    listen(fd, 5) || getsockname(fd, (struct sockaddr *)address, &len))
		return -1;
	return fd;
}

static int try_connect(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(port),
				       .sin_addr.s_addr =
					       htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 ||
	       connect(fd, (struct sockaddr *)&address, sizeof address);
}

static int try_loopback(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr =
					       htonl(INADDR_LOOPBACK) };

	return listener(&address) < 0 || try_connect(ntohs(address.sin_port));
}

static int try_abstract(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path + 1, name);
	return fd < 0 ||
	       connect(fd, (struct sockaddr *)&address, sizeof address);
}

static int try_clone(void)
{
	long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		_exit(0);
	return pid < 0;
}

static int try_clone3(void)
{
	uint64_t args[11] = { CLONE_NEWUSER, 0, 0, 0, SIGCHLD };
	long pid = syscall(SYS_clone3, args, sizeof args);

	if (!pid)
		_exit(0);
	return pid < 0;
}

static int try_trace_child(void)
{
	int status;
	int pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return !WIFSTOPPED(status) || ptrace(PTRACE_CONT, pid, NULL, NULL);
}

static int try_sti(void)
{
	errno = 0;
	ioctl(0, TIOCSTI, "x");
	return errno == EPERM;
}

static int try_bpf(void)
{
	uint32_t attr[12] = { 2 /* array */, 4, 4, 1 };

	return syscall(SYS_bpf, 0, attr, sizeof attr) < 0;
}

static int try_uring(void)
{
	uint32_t params[30] = { 0 };

	return syscall(SYS_io_uring_setup, 1, params) < 0;
}

static int try_probe(void)
{
	struct sandbox_probe probe;

	sandbox_probe(&probe);
	printf("%s|%s\n", probe.cause, probe.fix);
	int best = probe.best;
	sandbox_probe_release(&probe);
	return best == SANDBOX_BWRAP;
}

static uint16_t test_port(void)
{
	return (uint16_t)(40000 + getuid() % 10000);
}

#define ABSTRACT "git-orch-test-sandbox"

static int try_it(const char *what, const char *arg)
{
	if (!strcmp(what, "connect"))
		return try_connect(test_port());
	if (!strcmp(what, "loopback"))
		return try_loopback();
	if (!strcmp(what, "abstract"))
		return try_abstract(ABSTRACT);
	if (!strcmp(what, "unix"))
		return socket(AF_UNIX, SOCK_STREAM, 0) < 0;
	if (!strcmp(what, "vsock"))
		return socket(AF_VSOCK, SOCK_STREAM, 0) < 0 && errno == EPERM;
	if (!strcmp(what, "packet"))
		return socket(AF_PACKET, SOCK_RAW, 0) < 0;
	if (!strcmp(what, "unshare"))
		return unshare(CLONE_NEWUSER) != 0;
	if (!strcmp(what, "clone"))
		return try_clone();
	if (!strcmp(what, "clone3"))
		return try_clone3();
	if (!strcmp(what, "mount"))
		return mount("none", "/tmp", "tmpfs", 0, NULL) != 0;
	if (!strcmp(what, "keyctl"))
		return syscall(SYS_keyctl, 0, -3, 0) < 0;
	if (!strcmp(what, "bpf"))
		return try_bpf();
	if (!strcmp(what, "uring"))
		return try_uring();
	if (!strcmp(what, "userfaultfd"))
		return syscall(SYS_userfaultfd, 1 /* user mode only */) < 0;
	if (!strcmp(what, "probe"))
		return try_probe();
	if (!strcmp(what, "sti"))
		return try_sti();
	if (!strcmp(what, "trace-child"))
		return try_trace_child();
	if (!strcmp(what, "ptrace"))
		return ptrace(PTRACE_SEIZE, atoi(arg), NULL, NULL) != 0;
	return 3;
}

/* The peers that must not be reached: they live as long as the tests. */
static int open_peers(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(test_port()),
				       .sin_addr.s_addr =
					       htonl(INADDR_LOOPBACK) };
	struct sockaddr_un abstract = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	strcpy(abstract.sun_path + 1, ABSTRACT);
	bind(fd, (struct sockaddr *)&abstract, sizeof abstract);
	listen(fd, 5);
	/* Taken by another run of this test: it listens just as well. */
	listener(&address);
	assert_int_equal(try_connect(test_port()), 0);
	assert_int_equal(try_abstract(ABSTRACT), 0);
	setenv("PATH", "/nowhere:/usr/sbin:relative:/usr/bin:/srv/x", 1);
	return 0;
}

/* The secret is in this process from its start: /proc shows only that. */
static void restart_with_secret(char **argv)
{
	if (getenv("ORCH_TEST_SECRET"))
		return;
	char secret[] = SECRET;
	putenv(secret);
	execv("/proc/self/exe", argv);
	abort();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(the_work_tree_is_written),
		TEST(nothing_else_is_written),
		TEST(home_is_empty_and_the_real_one_is_out_of_sight),
		TEST(folders_of_people_are_empty_in_bwrap),
		TEST(there_is_no_network),
		TEST(network_is_there_when_asked_for),
		TEST(a_test_may_talk_to_its_own_server_in_bwrap),
		TEST(dangerous_calls_are_refused),
		TEST(other_processes_are_out_of_reach),
		TEST(no_capability_is_left),
		TEST(own_children_may_be_traced),
		TEST(the_git_file_is_read_only_in_bwrap),
		TEST(a_fork_bomb_is_bounded),
		TEST(files_are_bounded_and_no_core_is_left),
		TEST(further_paths_are_shown_and_cannot_be_written),
		TEST(showing_everything_is_refused),
		TEST(the_environment_is_the_same_everywhere),
		TEST(status_and_arguments_pass_through),
		TEST(off_only_fixes_the_environment),
		TEST(a_machine_without_bwrap_is_told_why_and_what_to_do),
		TEST(words_that_are_not_known_are_refused),
	};

	if (argc > 1 && !strcmp(argv[1], "sandbox-exec")) {
		struct error *err = sandbox_exec(argv + 2);

		fprintf(stderr, "error: %s\n", err->message);
		error_free(err);
		return 126;
	}
	if (argc > 2 && !strcmp(argv[1], "try")) {
		int failed = try_it(argv[2], argc > 3 ? argv[3] : "");

		fprintf(stderr, "%s\n", strerror(errno));
		return failed;
	}
	restart_with_secret(argv);
	return cmocka_run_group_tests(tests, open_peers, NULL);
}
