/* Children start, are bounded in every way, and leave nothing behind. */
#include "tests/unit/test.h"

#include "core/file.h"
#include "core/proc.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct child {
	struct proc_spec spec;
	struct proc_result result;
};

/* A shell command with a plain environment, not yet started. */
static void shell(struct child *child, const char *command)
{
	memset(child, 0, sizeof *child);
	strings_addv(&child->spec.argv, "sh", "-c", command, NULL);
	strings_add(&child->spec.env, "PATH=/usr/bin:/bin");
	proc_result_init(&child->result);
}

static void run(struct child *child)
{
	ok(proc_run(&child->result, &child->spec));
}

static void drop(struct child *child)
{
	proc_spec_release(&child->spec);
	proc_result_release(&child->result);
}

static void nap(int ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

/* A zombie that its parent has not looked at yet is no more at work. */
static int is_alive(int pid)
{
	char path[64], state = 'X';

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	FILE *stat = fopen(path, "r");
	if (!stat)
		return 0;
	if (fscanf(stat, "%*d (%*[^)]) %c", &state) != 1)
		state = 'X'; /* it went while we looked */
	fclose(stat);
	return state != 'Z' && state != 'X';
}

/* Gone within a second. */
static int gone(int pid)
{
	for (int i = 0; i < 100 && is_alive(pid); i++)
		nap(10);
	return !is_alive(pid);
}

static void output_and_status_are_collected(void **state)
{
	struct child child;

	(void)state;
	shell(&child, "echo out; echo err >&2; exit 3");
	run(&child);
	assert_int_equal(child.result.end, PROC_EXITED);
	assert_int_equal(child.result.exit, 3);
	same(child.result.out.data, "out\n");
	same(child.result.err.data, "err\n");
	assert_int_equal(child.result.dropped, 0);
	drop(&child);
}

static void merged_output_keeps_its_order(void **state)
{
	struct child child;

	(void)state;
	shell(&child, "echo 1; echo 2 >&2; echo 3; echo 4 >&2");
	child.spec.merge_stderr = 1;
	run(&child);
	same(child.result.out.data, "1\n2\n3\n4\n");
	same(child.result.err.data, "");
	drop(&child);
}

static void a_killed_child_says_by_which_signal(void **state)
{
	struct child child;

	(void)state;
	shell(&child, "kill -SEGV $$");
	run(&child);
	assert_int_equal(child.result.end, PROC_SIGNALED);
	assert_int_equal(child.result.signal, SIGSEGV);
	drop(&child);
}

static void a_missing_program_is_not_found_by_name(void **state)
{
	struct child child;

	(void)state;
	shell(&child, "");
	free(child.spec.argv.items[0]);
	child.spec.argv.items[0] = xstrdup("no-such-program");
	fails(ERROR_NOT_FOUND, "no-such-program",
	      proc_run(&child.result, &child.spec));
	free(child.spec.argv.items[0]);
	child.spec.argv.items[0] = xstrdup("/no/such/program");
	fails(ERROR_NOT_FOUND, "/no/such/program",
	      proc_run(&child.result, &child.spec));
	free(child.spec.argv.items[0]);
	child.spec.argv.items[0] = xstrdup("/etc/passwd");
	fails(ERROR_FAILURE, "/etc/passwd",
	      proc_run(&child.result, &child.spec));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	drop(&child);
}

static void a_missing_folder_is_an_error_by_name(void **state)
{
	struct child child;

	(void)state;
	shell(&child, "pwd");
	child.spec.cwd = "/no/such/folder";
	fails(ERROR_FAILURE, "/no/such/folder",
	      proc_run(&child.result, &child.spec));
	child.spec.cwd = "/usr";
	run(&child);
	same(child.result.out.data, "/usr\n");
	drop(&child);
}

static void the_environment_is_what_was_given(void **state)
{
	struct child child;

	(void)state;
	setenv("ORCH_TEST_SECRET", "secret", 1);
	shell(&child, "/usr/bin/env | sort | grep -v -e ^PWD= -e ^SHLVL= "
		      "-e ^_= -e ^OLDPWD=");
	strings_add(&child.spec.env, "A=1");
	run(&child);
	same(child.result.out.data, "A=1\nPATH=/usr/bin:/bin\n");
	drop(&child);
}

static void stdin_is_fed_from_memory(void **state)
{
	size_t len = 3 << 20;
	char *input = xmalloc(len);
	struct child child;

	(void)state;
	memset(input, 'x', len);
	shell(&child, "cat");
	child.spec.input = input;
	child.spec.input_len = len;
	child.spec.max_output = len;
	run(&child);
	assert_int_equal(child.result.out.len, len);
	assert_memory_equal(child.result.out.data, input, len);
	drop(&child);
	free(input);
}

static void a_child_that_does_not_read_its_input_is_fine(void **state)
{
	size_t len = 1 << 20;
	char *input = xcalloc(1, len);
	struct child child;

	(void)state;
	shell(&child, "exec <&-; echo done");
	child.spec.input = input;
	child.spec.input_len = len;
	run(&child);
	same(child.result.out.data, "done\n");
	drop(&child);
	free(input);
}

static void without_input_stdin_is_empty(void **state)
{
	struct child child;

	(void)state;
	shell(&child, "cat; echo end");
	run(&child);
	same(child.result.out.data, "end\n");
	drop(&child);
}

static void the_first_or_the_last_bytes_are_kept(void **state)
{
	struct child child;

	(void)state;
	shell(&child, "i=0; while [ $i -lt 5000 ]; do echo $i; i=$((i+1)); "
		      "done");
	child.spec.max_output = 8;
	run(&child);
	same(child.result.out.data, "0\n1\n2\n3\n");
	assert_int_equal(child.result.dropped, 23890 - 8);
	child.spec.keep_tail = 1;
	run(&child);
	same(child.result.out.data, "98\n4999\n");
	assert_int_equal(child.result.out.len, 8);
	assert_int_equal(child.result.dropped, 23890 - 8);
	drop(&child);
}

static void a_flood_ends_the_child(void **state)
{
	struct child child;

	(void)state;
	shell(&child, "yes");
	child.spec.max_output = 1000;
	child.spec.kill_flood = 1;
	child.spec.wall_ms = 20000;
	run(&child);
	assert_int_equal(child.result.end, PROC_FLOODED);
	assert_int_equal(child.result.out.len, 1000);
	drop(&child);
}

static void the_wall_limit_ends_the_whole_group(void **state)
{
	struct child child;

	(void)state;
	shell(&child, "sleep 60 & echo $!; sleep 60");
	child.spec.wall_ms = 200;
	run(&child);
	assert_int_equal(child.result.end, PROC_TIMEOUT);
	assert_true(child.result.seconds < 2);
	assert_true(gone(atoi(child.result.out.data)));
	drop(&child);
}

static void who_ignores_term_is_killed_after_two_seconds(void **state)
{
	struct child child;

	(void)state;
	shell(&child, "trap '' TERM; while :; do sleep 0.1; done");
	child.spec.wall_ms = 100;
	run(&child);
	assert_int_equal(child.result.end, PROC_TIMEOUT);
	assert_true(child.result.seconds > 1.9 && child.result.seconds < 6);
	drop(&child);
}

static void silence_ends_the_child_but_slow_output_does_not(void **state)
{
	struct child child;

	(void)state;
	shell(&child, "for i in 1 2 3 4 5 6; do echo $i; sleep 0.2; done");
	child.spec.idle_ms = 800;
	run(&child);
	assert_int_equal(child.result.end, PROC_EXITED);
	drop(&child);
	shell(&child, "echo begin; sleep 60");
	child.spec.idle_ms = 200;
	run(&child);
	assert_int_equal(child.result.end, PROC_IDLE);
	same(child.result.out.data, "begin\n");
	drop(&child);
}

static void memory_is_summed_over_all_descendants(void **state)
{
	struct child child;

	(void)state;
	/* tail keeps what has no line end: 40 MiB in each of two. */
	shell(&child, "for i in 1 2; do (head -c 40m /dev/zero; sleep 30) | "
		      "tail & done; wait");
	child.spec.max_rss = 70 << 20;
	child.spec.wall_ms = 20000;
	run(&child);
	assert_int_equal(child.result.end, PROC_MEMORY);
	drop(&child);
}

static void processes_are_counted_over_all_descendants(void **state)
{
	struct child child;

	(void)state;
	shell(&child, "for i in 1 2 3 4 5 6 7 8 9; do (sleep 30 & wait) & "
		      "done; wait");
	child.spec.max_processes = 12;
	child.spec.wall_ms = 20000;
	run(&child);
	assert_int_equal(child.result.end, PROC_CROWD);
	drop(&child);
}

static void what_a_child_leaves_behind_is_killed(void **state)
{
	struct child child;

	(void)state;
	shell(&child, "sleep 60 >/dev/null 2>&1 & echo $!");
	run(&child);
	assert_int_equal(child.result.end, PROC_EXITED);
	assert_true(gone(atoi(child.result.out.data)));
	drop(&child);
}

static void a_detached_descendant_does_not_hold_up_the_end(void **state)
{
	struct child child;

	(void)state;
	shell(&child, "setsid sh -c 'echo $$; exec sleep 5' & sleep 0.3");
	run(&child);
	assert_true(child.result.seconds < 3);
	int pid = atoi(child.result.out.data);
	assert_true(pid > 1);
	kill(pid, SIGKILL);
	drop(&child);
}

/* One that hangs below another, and one that its parent left. */
static void with_end_orphans_daemons_are_ended(void **state)
{
	struct child child;
	int one = 0, two = 0;

	(void)state;
	shell(&child, "setsid sh -c 'echo $$; setsid sh -c \"echo \\$\\$; "
		      "exec sleep 60\" & exec sleep 60' & sleep 0.3");
	child.spec.end_orphans = 1;
	run(&child);
	assert_int_equal(sscanf(child.result.out.data, "%d\n%d", &one, &two),
			 2);
	assert_false(is_alive(one));
	assert_false(is_alive(two));
	assert_true(waitpid(-1, NULL, WNOHANG) < 0);
	drop(&child);
}

static int start_sleeper(void)
{
	int pid = fork();

	if (!pid) {
		execlp("sleep", "sleep", "60", NULL);
		_exit(1);
	}
	return pid;
}

static void end_orphans_spares_who_was_there_before(void **state)
{
	int pid = start_sleeper();
	struct child child;

	(void)state;
	assert_true(pid > 0);
	shell(&child, "setsid sleep 60 &");
	child.spec.end_orphans = 1;
	run(&child);
	assert_true(is_alive(pid));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	drop(&child);
}

static struct error *count_end(struct loop *loop, struct proc *proc,
			       struct proc_result *result, void *data)
{
	(void)loop;
	(void)proc;
	assert_int_equal(result->end, PROC_EXITED);
	++*(int *)data;
	return NULL;
}

static void end_orphans_spares_who_the_loop_waits_for(void **state)
{
	CLEANUP(loop_release) struct loop *loop = loop_new();
	struct child first, second;
	struct proc *proc;
	int ended = 0;

	(void)state;
	shell(&first, "sleep 0.2");
	first.spec.end_orphans = 1;
	shell(&second, "sleep 0.5");
	ok(proc_start(&proc, loop, &first.spec, count_end, &ended));
	ok(proc_start(&proc, loop, &second.spec, count_end, &ended));
	ok(loop_run(loop));
	assert_int_equal(ended, 2);
	drop(&first);
	drop(&second);
}

static void nobody_is_adopted_where_nothing_was_started(void **state)
{
	struct child child;
	int adopts = 1;

	(void)state;
	shell(&child, "");
	child.spec.end_orphans = 1;
	child.spec.cwd = "/nowhere";
	struct error *err = proc_run(&child.result, &child.spec);
	assert_true(error_is(err, ERROR_FAILURE));
	error_free(err);
	assert_int_equal(prctl(PR_GET_CHILD_SUBREAPER, &adopts), 0);
	assert_int_equal(adopts, 0);
	drop(&child);
}

/* Those that a file names, at most four; how many it has. */
static int read_pids(const char *path, int pids[4])
{
	FILE *file = fopen(path, "r");
	int n = 0;

	while (file && n < 4 && fscanf(file, "%d", &pids[n]) == 1)
		n++;
	if (file)
		fclose(file);
	return n;
}

static void what_is_killed_takes_all_it_started_with_it(void **state)
{
	char dir[] = "/tmp/test-proc-XXXXXX";
	int pids[4] = { 0 }, left = 1;
	struct child child;

	(void)state;
	assert_non_null(mkdtemp(dir));
	shell(&child, "sleep 300 & echo $! >>pids; setsid sh -c 'sleep 300 & "
		      "echo $! >>pids; echo $$ >>pids; wait' & "
		      "echo $$ >>pids; sleep 300");
	child.spec.cwd = dir;
	child.spec.die_with_us = 1;
	int runner = fork();
	if (!runner) {
		run(&child);
		_exit(0);
	}
	char *path = xasprintf("%s/pids", dir);
	for (int i = 0; i < 500 && read_pids(path, pids) < 4; i++)
		usleep(10000);
	assert_int_equal(read_pids(path, pids), 4);
	for (int i = 0; i < 4; i++)
		assert_true(is_alive(pids[i]));
	kill(runner, SIGKILL);
	assert_int_equal(waitpid(runner, NULL, 0), runner);
	for (int i = 0; i < 300 && left; i++) {
		usleep(10000);
		left = 0;
		for (int n = 0; n < 4; n++)
			left += is_alive(pids[n]);
	}
	assert_int_equal(left, 0);
	ok(file_remove_tree(dir));
	free(path);
	drop(&child);
}

static void a_keeper_ends_as_its_command_does(void **state)
{
	static const struct {
		const char *script;
		enum proc_end end;
		int value;
	} rows[] = {
		{ "exit 7", PROC_EXITED, 7 },
		{ "kill -SEGV $$", PROC_SIGNALED, SIGSEGV },
		{ "kill -USR1 $$", PROC_SIGNALED, SIGUSR1 },
		{ "setsid sleep 300 & exit 0", PROC_EXITED, 0 },
		{ "trap 'exit 3' TERM; sleep 300 & wait", PROC_TIMEOUT, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct child child;

		shell(&child, rows[i].script);
		child.spec.die_with_us = 1;
		child.spec.wall_ms = 1500;
		run(&child);
		assert_int_equal(child.result.end, rows[i].end);
		if (rows[i].end == PROC_EXITED)
			assert_int_equal(child.result.exit, rows[i].value);
		if (rows[i].end == PROC_SIGNALED)
			assert_int_equal(child.result.signal, rows[i].value);
		/* It needed no second kill. */
		assert_true(child.result.seconds < 2.5);
		drop(&child);
	}
}

static void a_keeper_holds_none_of_our_locks(void **state)
{
	char path[] = "/tmp/test-proc-XXXXXX";
	int fd = mkstemp(path);
	struct child child;

	(void)state;
	assert_int_equal(flock(fd, LOCK_EX), 0);
	shell(&child, "sleep 300");
	child.spec.die_with_us = 1;
	int runner = fork();
	if (!runner) {
		int own = open(path, O_RDWR | O_CLOEXEC);

		close(fd);
		flock(own, LOCK_EX);
		run(&child);
		_exit(0);
	}
	close(fd);
	usleep(300000);
	int other = open(path, O_RDWR);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
	kill(runner, SIGKILL);
	assert_int_equal(waitpid(runner, NULL, 0), runner);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
	close(other);
	unlink(path);
	drop(&child);
}

static void only_the_kept_descriptor_reaches_the_child(void **state)
{
	int kept = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	int other = open("/etc/passwd", O_RDONLY);
	struct child child;
	char expected[64];

	(void)state;
	shell(&child, "ls /proc/$$/fd");
	child.spec.keep_fd = kept;
	run(&child);
	snprintf(expected, sizeof expected, "0\n1\n2\n%d\n", kept);
	same(child.result.out.data, expected);
	close(kept);
	close(other);
	drop(&child);
}

/* A mask of signals in what /proc says, but 32 and 33: libc keeps those. */
static uint64_t signals(const struct child *child, const char *name)
{
	const char *line = strstr(child->result.out.data, name);

	assert_non_null(line);
	return strtoull(line + strlen(name), NULL, 16) & ~0x180000000ull;
}

static void a_child_starts_with_default_signals(void **state)
{
	struct child child;

	(void)state;
	shell(&child, "");
	/* Not through the shell, which catches some itself. */
	strings_release(&child.spec.argv);
	strings_addv(&child.spec.argv, "cat", "/proc/self/status", NULL);
	loop_catch_signals();
	run(&child);
	assert_int_equal(signals(&child, "SigBlk:"), 0);
	assert_int_equal(signals(&child, "SigIgn:"), 0);
	assert_int_equal(signals(&child, "SigCgt:"), 0);
	drop(&child);
}

static void leave_with_nine(void *data)
{
	_exit(*(int *)data);
}

static void the_hook_runs_in_the_child(void **state)
{
	int status = 9;
	struct child child;

	(void)state;
	shell(&child, "echo never");
	child.spec.in_child = leave_with_nine;
	child.spec.in_child_data = &status;
	run(&child);
	assert_int_equal(child.result.exit, 9);
	same(child.result.out.data, "");
	drop(&child);
}

static void count_chunks(void *data, int is_stderr, const char *bytes,
			 size_t len)
{
	size_t *counts = data;

	assert_non_null(bytes);
	counts[is_stderr] += len;
}

static void every_chunk_is_shown_also_when_not_kept(void **state)
{
	size_t counts[2] = { 0, 0 };
	struct child child;

	(void)state;
	shell(&child, "head -c 300000 /dev/zero; printf 123 >&2");
	child.spec.max_output = 10;
	child.spec.on_output = count_chunks;
	child.spec.on_output_data = counts;
	run(&child);
	assert_int_equal(counts[0], 300000);
	assert_int_equal(counts[1], 3);
	drop(&child);
}

static void an_interrupt_ends_and_reaps_the_group(void **state)
{
	struct child child;

	(void)state;
	loop_catch_signals();
	/* The child interrupts us once it is up. */
	shell(&child, "sleep 60 & kill -INT $PPID; sleep 60");
	fails(ERROR_INTERRUPT, "SIGINT", proc_run(&child.result, &child.spec));
	assert_int_equal(interrupted, SIGINT);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	interrupted = 0;
	drop(&child);
}

static struct error *count_done(struct loop *loop, struct proc *proc,
				struct proc_result *result, void *data)
{
	(void)loop;
	(void)proc;
	*(int *)data += result->end == PROC_CANCELED ? 100 : 1;
	return NULL;
}

static void many_children_share_a_loop(void **state)
{
	struct loop *loop = loop_new();
	struct child child;
	struct proc *proc;
	int done = 0;

	(void)state;
	shell(&child, "sleep 0.1");
	for (int i = 0; i < 8; i++)
		ok(proc_start(&proc, loop, &child.spec, count_done, &done));
	drop(&child);
	shell(&child, "sleep 60");
	ok(proc_start(&proc, loop, &child.spec, count_done, &done));
	proc_kill(proc);
	ok(loop_run(loop));
	assert_int_equal(done, 108);
	drop(&child);
	loop_free(loop);
}

static void endings_are_described_for_people(void **state)
{
	static const struct {
		struct proc_result result;
		const char *text;
	} rows[] = {
		{ { .end = PROC_EXITED, .exit = 2 }, "exit 2" },
		{ { .end = PROC_SIGNALED, .signal = SIGSEGV },
		  "killed by SIGSEGV" },
		{ { .end = PROC_SIGNALED, .signal = 40 },
		  "killed by signal 40" },
		{ { .end = PROC_TIMEOUT, .limit = 600000 },
		  "still running after 600 s" },
		{ { .end = PROC_IDLE, .limit = 1500 }, "no output for 1.5 s" },
		{ { .end = PROC_FLOODED, .limit = 1000 },
		  "wrote more than 1000 bytes" },
		{ { .end = PROC_MEMORY, .limit = 64 << 20 },
		  "used more than 64 MiB of memory" },
		{ { .end = PROC_CROWD, .limit = 512 },
		  "started more than 512 processes" },
		{ { .end = PROC_CANCELED }, "canceled" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf text = BUF_INIT;

		proc_describe(&text, &rows[i].result);
		same(text.data, rows[i].text);
		buf_release(&text);
	}
}

static void keys_do_not_reach_children(void **state)
{
	static const char *const extra[] = { "SSH_AUTH_SOCK", "GIT_*", NULL };
	struct strings env = STRINGS_INIT;

	(void)state;
	clearenv();
	setenv("HOME", "/home/x", 1);
	setenv("HOMES", "no", 1);
	setenv("XDG_CONFIG_HOME", "/c", 1);
	setenv("ANTHROPIC_API_KEY", "key", 1);
	setenv("SSH_AUTH_SOCK", "/s", 1);
	setenv("GIT_SSH", "ssh", 1);
	proc_env(&env, extra);
	strings_sort(&env);
	struct buf all = BUF_INIT;
	strings_join(&all, &env, " ");
	same(all.data, "GIT_SSH=ssh HOME=/home/x "
		       "PATH=/usr/local/bin:/usr/bin:/bin SSH_AUTH_SOCK=/s "
		       "XDG_CONFIG_HOME=/c");
	buf_release(&all);
	strings_release(&env);
	setenv("PATH", "/usr/bin:/bin", 1);
}

static void programs_are_found_only_in_absolute_folders(void **state)
{
	char *found = proc_find_in(".::/usr/bin:/bin", "sh");

	(void)state;
	assert_true(found && *found == '/');
	free(found);
	assert_int_equal(chdir("/usr/bin"), 0);
	assert_null(proc_find_in(".:", "sh"));
	assert_null(proc_find("no-such-program"));
	found = proc_find("/bin/sh");
	same(found, "/bin/sh");
	free(found);
	assert_int_equal(chdir("/"), 0);
}

static void a_process_uses_memory_and_one_that_is_gone_none(void **state)
{
	struct proc_usage usage;
	int pid = fork();

	(void)state;
	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	proc_tree_usage(&usage, pid);
	assert_int_equal(usage.processes, 0);
	proc_tree_usage(&usage, getpid());
	assert_true(usage.rss > 100000);
	assert_true(usage.processes >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_and_status_are_collected),
		cmocka_unit_test(merged_output_keeps_its_order),
		cmocka_unit_test(a_killed_child_says_by_which_signal),
		cmocka_unit_test(a_missing_program_is_not_found_by_name),
		cmocka_unit_test(a_missing_folder_is_an_error_by_name),
		cmocka_unit_test(the_environment_is_what_was_given),
		cmocka_unit_test(stdin_is_fed_from_memory),
		cmocka_unit_test(a_child_that_does_not_read_its_input_is_fine),
		cmocka_unit_test(without_input_stdin_is_empty),
		cmocka_unit_test(the_first_or_the_last_bytes_are_kept),
		cmocka_unit_test(a_flood_ends_the_child),
		cmocka_unit_test(the_wall_limit_ends_the_whole_group),
		cmocka_unit_test(who_ignores_term_is_killed_after_two_seconds),
		cmocka_unit_test(
			silence_ends_the_child_but_slow_output_does_not),
		cmocka_unit_test(memory_is_summed_over_all_descendants),
		cmocka_unit_test(processes_are_counted_over_all_descendants),
		cmocka_unit_test(what_a_child_leaves_behind_is_killed),
		cmocka_unit_test(
			a_detached_descendant_does_not_hold_up_the_end),
		cmocka_unit_test(with_end_orphans_daemons_are_ended),
		cmocka_unit_test(what_is_killed_takes_all_it_started_with_it),
		cmocka_unit_test(a_keeper_ends_as_its_command_does),
		cmocka_unit_test(a_keeper_holds_none_of_our_locks),
		cmocka_unit_test(end_orphans_spares_who_was_there_before),
		cmocka_unit_test(end_orphans_spares_who_the_loop_waits_for),
		cmocka_unit_test(nobody_is_adopted_where_nothing_was_started),
		cmocka_unit_test(only_the_kept_descriptor_reaches_the_child),
		cmocka_unit_test(a_child_starts_with_default_signals),
		cmocka_unit_test(the_hook_runs_in_the_child),
		cmocka_unit_test(every_chunk_is_shown_also_when_not_kept),
		cmocka_unit_test(an_interrupt_ends_and_reaps_the_group),
		cmocka_unit_test(many_children_share_a_loop),
		cmocka_unit_test(endings_are_described_for_people),
		cmocka_unit_test(keys_do_not_reach_children),
		cmocka_unit_test(programs_are_found_only_in_absolute_folders),
		cmocka_unit_test(
			a_process_uses_memory_and_one_that_is_gone_none),
	};

	loop_catch_signals();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
