/* Files are written whole or not at all, and locks end with their holder. */
#include "tests/unit/test.h"

#include "core/file.h"
#include "core/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int enter(void **state)
{
	char *dir = xstrdup("/tmp/test-file-XXXXXX");

	if (!mkdtemp(dir) || chdir(dir))
		return -1;
	umask(022);
	*state = dir;
	return 0;
}

static int leave(void **state)
{
	char *dir = *state;

	if (chdir("/"))
		return -1;
	ok(file_remove_tree(dir));
	assert_false(file_exists(dir));
	free(dir);
	return 0;
}

static void content_is(const char *path, const char *expected)
{
	struct buf text = BUF_INIT;

	ok(file_read(&text, path, 1000));
	same(text.data, expected);
	buf_release(&text);
}

static void names_are(const char *dir, const char *expected)
{
	struct strings names = STRINGS_INIT;
	struct buf all = BUF_INIT;

	ok(file_list(&names, dir));
	strings_join(&all, &names, " ");
	same(all.data, expected);
	buf_release(&all);
	strings_release(&names);
}

static void put(const char *path, const char *text)
{
	ok(file_write(path, text, strlen(text), FILE_PLAIN));
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void what_is_written_is_read_back(void **state)
{
	(void)state;
	put("a/b/c", "one");
	content_is("a/b/c", "one");
	ok(file_write("a/b/c", "two\n", 4, FILE_DURABLE));
	content_is("a/b/c", "two\n");
	names_are("a/b", "c");
}

static void modes_follow_the_flags_and_the_umask(void **state)
{
	(void)state;
	put("plain", "");
	ok(file_write("exec", "", 0, FILE_EXEC));
	ok(file_write("private", "", 0, FILE_PRIVATE));
	assert_int_equal(mode_of("plain"), 0644);
	assert_int_equal(mode_of("exec"), 0755);
	assert_int_equal(mode_of("private"), 0600);
}

static void reading_is_bounded_and_leaves_the_buffer_on_failure(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	buf_str(&text, "before");
	put("f", "12345678");
	fails(ERROR_INVALID, "'f': larger than 7 bytes",
	      file_read(&text, "f", 7));
	fails(ERROR_NOT_FOUND, "absent", file_read(&text, "absent", 10));
	fails(ERROR_NOT_FOUND, "f/g", file_read(&text, "f/g", 10));
	fails(ERROR_FAILURE, "'.' is no regular file",
	      file_read(&text, ".", 10));
	assert_int_equal(mkfifo("pipe", 0666), 0);
	fails(ERROR_FAILURE, "'pipe' is no regular file",
	      file_read(&text, "pipe", 10));
	same(text.data, "before");
	ok(file_read(&text, "f", 8));
	same(text.data, "before12345678");
	buf_release(&text);
}

static void a_write_that_fails_leaves_the_old_content(void **state)
{
	struct rlimit before, small = { 10, RLIM_INFINITY };
	char big[100] = { 0 };

	(void)state;
	put("f", "old");
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	struct error *err = file_write("f", big, sizeof big, FILE_PLAIN);
	setrlimit(RLIMIT_FSIZE, &before);
	fails(ERROR_FAILURE, "cannot write 'f': File too large", err);
	content_is("f", "old");
	names_are(".", "f");
	mkdir("folder", 0777);
	fails(ERROR_FAILURE, "cannot write 'folder'",
	      file_write("folder", "x", 1, FILE_PLAIN));
	names_are(".", "f folder");
}

/* In a mount namespace of its own, so that nothing is left mounted. */
static void fill_disk(void)
{
	char big[65536] = { 0 };

	put("disk/f", "old");
	struct error *err = file_write("disk/f", big, sizeof big, FILE_DURABLE);
	assert_non_null(err);
	assert_non_null(strstr(err->message, "No space left"));
	assert_non_null(strstr(err->hint, "free some space"));
	error_free(err);
	content_is("disk/f", "old");
	names_are("disk", "f");
	/* It is another file system as well: moving there is a copy. */
	put("there/f", "moved");
	ok(file_move("there", "disk/here"));
	content_is("disk/here/f", "moved");
	assert_false(file_exists("there"));
}

static void a_full_disk_leaves_the_old_content_and_has_a_hint(void **state)
{
	(void)state;
	mkdir("disk", 0777);
	int pid = fork();
	if (!pid) {
		if (unshare(CLONE_NEWNS) ||
		    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    mount("tmpfs", "disk", "tmpfs", 0, "size=32k"))
			_exit(77);
		fill_disk();
		_exit(0);
	}
	int status;
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("skipped: needs a mount namespace\n");
		skip();
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void folders_are_made_and_removed_with_all_in_them(void **state)
{
	(void)state;
	ok(file_mkdirs("a/b//c/"));
	ok(file_mkdirs("a/b/c"));
	assert_true(file_is_dir("a/b/c"));
	put("a/b/c/f", "");
	put("keep", "kept");
	assert_int_equal(symlink("../keep", "a/link"), 0);
	assert_int_equal(symlink("..", "a/up"), 0);
	assert_int_equal(chmod("a/b/c", 0555), 0);
	assert_int_equal(chmod("a/b", 0), 0);
	ok(file_remove_tree("a"));
	ok(file_remove_tree("a"));
	names_are(".", "keep");
	content_is("keep", "kept");
	fails(ERROR_FAILURE, "keep", file_mkdirs("keep/below"));
	fails(ERROR_FAILURE, "keep", file_mkdirs("keep"));
}

static void removing_what_is_absent_is_fine(void **state)
{
	(void)state;
	put("f", "");
	ok(file_remove("f"));
	ok(file_remove("f"));
	ok(file_remove("no/such/f"));
	mkdir("d", 0777);
	fails(ERROR_FAILURE, "'d'", file_remove("d"));
}

static void names_are_listed_in_order(void **state)
{
	(void)state;
	put("b", "");
	put("a", "");
	put(".c", "");
	names_are(".", ".c a b");
	names_are("absent", "");
	struct strings names = STRINGS_INIT;
	fails(ERROR_FAILURE, "'a'", file_list(&names, "a"));
	assert_int_equal(names.len, 0);
}

static void existence_looks_at_the_link_itself(void **state)
{
	(void)state;
	assert_int_equal(symlink("nowhere", "link"), 0);
	assert_true(file_exists("link"));
	assert_false(file_exists("nowhere"));
	assert_false(file_is_dir("link"));
}

static void paths_are_joined_cut_and_resolved(void **state)
{
	static const char *const joins[][3] = { { "a", "b", "a/b" },
						{ "a/", "b", "a/b" },
						{ "/", "b", "/b" },
						{ "", "b", "b" } };
	static const char *const parents[][2] = {
		{ "a/b", "a" }, { "/b", "/" }, { "b", "." }, { "/a/b", "/a" }
	};
	char *real;

	for (size_t i = 0; i < 4; i++) {
		char *path = path_join(joins[i][0], joins[i][1]);
		char *parent = path_parent(parents[i][0]);

		same(path, joins[i][2]);
		same(parent, parents[i][1]);
		free(path);
		free(parent);
	}
	ok(file_real(&real, "./."));
	same(real, (const char *)*state);
	free(real);
	fails(ERROR_NOT_FOUND, "absent", file_real(&real, "absent"));
}

static void a_folder_moves_with_all_in_it(void **state)
{
	(void)state;
	put("a/b/f", "text");
	ok(file_move("a", "new/place"));
	content_is("new/place/b/f", "text");
	names_are(".", "new");
	fails(ERROR_FAILURE, "absent", file_move("absent", "x"));
	put("f", "");
	fails(ERROR_FAILURE, "'new'", file_move("f", "new"));
}

static void a_copy_keeps_modes_and_links(void **state)
{
	char target[16] = { 0 };

	(void)state;
	ok(file_write("a/b/run", "text", 4, FILE_EXEC));
	put("a/empty", "");
	assert_int_equal(symlink("b/run", "a/link"), 0);
	assert_int_equal(chmod("a/b", 0555), 0);
	ok(file_copy_tree("a", "c"));
	names_are("c", "b empty link");
	content_is("c/b/run", "text");
	assert_int_equal(mode_of("c/b/run"), 0755);
	assert_int_equal(mode_of("c/b"), 0555);
	assert_int_equal(readlink("c/link", target, sizeof target - 1), 5);
	same(target, "b/run");
	content_is("a/b/run", "text");
}

static void a_copy_that_fails_leaves_nothing(void **state)
{
	(void)state;
	put("a/f", "");
	assert_int_equal(mkfifo("a/pipe", 0666), 0);
	fails(ERROR_INVALID, "a/pipe", file_copy_tree("a", "b"));
	names_are(".", "a");
}

static void folders_of_the_user_come_from_xdg_or_home(void **state)
{
	char *dir;

	(void)state;
	setenv("HOME", "/home/x", 1);
	unsetenv("XDG_CONFIG_HOME");
	setenv("XDG_CACHE_HOME", "/c", 1);
	ok(file_config_dir(&dir));
	same(dir, "/home/x/.config/git-orch");
	free(dir);
	ok(file_cache_dir(&dir));
	same(dir, "/c/git-orch");
	free(dir);
	setenv("XDG_CACHE_HOME", "relative", 1);
	ok(file_cache_dir(&dir));
	same(dir, "/home/x/.cache/git-orch");
	free(dir);
	unsetenv("HOME");
	fails(ERROR_FAILURE, "HOME", file_config_dir(&dir));
}

/* A child that holds the lock until its pipe is closed; gives its pid. */
static int hold(const char *path, int *until)
{
	int ready[2], release[2];
	char byte;

	assert_int_equal(pipe(ready) | pipe(release), 0);
	int pid = fork();
	if (!pid) {
		struct file_lock lock = FILE_LOCK_INIT;

		close(release[1]);
		error_free(file_lock(&lock, path, 1));
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		_exit(read(release[0], &byte, 1) < 0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	close(release[0]);
	*until = release[1];
	return pid;
}

static void a_lock_has_one_holder(void **state)
{
	struct file_lock lock = FILE_LOCK_INIT, second = FILE_LOCK_INIT;

	(void)state;
	assert_false(file_locked("locks/a"));
	ok(file_lock(&lock, "locks/a", 0));
	assert_true(file_locked("locks/a"));
	fails(ERROR_CLAIMED, "locks/a", file_lock(&second, "locks/a", 0));
	assert_int_equal(second.fd, -1);
	file_unlock(&lock);
	file_unlock(&lock);
	assert_false(file_locked("locks/a"));
	ok(file_lock(&second, "locks/a", 0));
	file_unlock_remove(&second);
	assert_false(file_exists("locks/a"));
}

static void a_lock_ends_when_its_holder_is_killed(void **state)
{
	struct file_lock lock = FILE_LOCK_INIT;
	int until, pid = hold("l", &until);

	(void)state;
	fails(ERROR_CLAIMED, "l", file_lock(&lock, "l", 0));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ok(file_lock(&lock, "l", 0));
	file_unlock(&lock);
	close(until);
}

static void a_held_lock_is_waited_for(void **state)
{
	struct file_lock lock = FILE_LOCK_INIT;
	int until, pid = hold("l", &until);

	(void)state;
	/* The holder goes on while we wait. */
	int helper = fork();
	if (!helper) {
		struct timespec time = { 0, 100000000 };

		nanosleep(&time, NULL);
		kill(pid, SIGKILL);
		_exit(0);
	}
	ok(file_lock(&lock, "l", 1));
	file_unlock(&lock);
	close(until);
	waitpid(pid, NULL, 0);
	waitpid(helper, NULL, 0);
}

static void waiting_for_a_lock_ends_on_an_interrupt(void **state)
{
	struct file_lock lock = FILE_LOCK_INIT;
	int until, pid = hold("l", &until);

	(void)state;
	interrupted = SIGTERM;
	fails(ERROR_INTERRUPT, "'l'", file_lock(&lock, "l", 1));
	interrupted = 0;
	close(until);
	waitpid(pid, NULL, 0);
}

/* Takes and removes the lock many times; counts when it was not alone. */
static void compete(void)
{
	for (int i = 0; i < 200; i++) {
		struct file_lock lock = FILE_LOCK_INIT;

		error_free(file_lock(&lock, "race", 1));
		int fd = open("inside", O_CREAT | O_EXCL | O_WRONLY, 0666);
		if (fd < 0 || close(fd) || unlink("inside"))
			_exit(1);
		file_unlock_remove(&lock);
	}
	_exit(0);
}

static void a_lock_file_removed_while_waited_for_is_noticed(void **state)
{
	int pids[4], failed = 0;

	(void)state;
	for (int i = 0; i < 4; i++) {
		pids[i] = fork();
		if (!pids[i])
			compete();
	}
	for (int i = 0; i < 4; i++) {
		int status;

		waitpid(pids[i], &status, 0);
		failed += status != 0;
	}
	assert_int_equal(failed, 0);
}

/* A pipe that a child writes to, a piece every few ms, and may hold open. */
static int written_by(const char *const *pieces, int hold)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	if (fork()) {
		close(fds[1]);
		return fds[0];
	}
	for (; *pieces; pieces++) {
		usleep(20000);
		if (write(fds[1], *pieces, strlen(*pieces)) < 0)
			_exit(1);
	}
	usleep(hold ? 500000 : 0);
	_exit(0);
}

static void a_stream_is_read_to_its_end(void **state)
{
	static const char *const pieces[] = { "one ", "two ", "three", NULL };
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct stream stream = { .max = 13, .idle_ms = 5000 };

	(void)state;
	stream.fd = written_by(pieces, 0);
	ok(file_read_stream(&text, &stream));
	same(text.data, "one two three");
	close(stream.fd);
	while (wait(NULL) > 0)
		;
}

static void a_stream_is_bounded_in_size_and_in_silence(void **state)
{
	static const char *const pieces[] = { "one ", "two ", NULL };
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct stream stream = { .max = 7, .idle_ms = 5000 };

	(void)state;
	buf_str(&text, "before");
	stream.fd = written_by(pieces, 0);
	fails(ERROR_INVALID, "larger than 7 bytes",
	      file_read_stream(&text, &stream));
	close(stream.fd);
	stream.max = 8;
	stream.idle_ms = 100;
	stream.fd = written_by(pieces, 1);
	fails(ERROR_FAILURE, "nothing came for 1 s",
	      file_read_stream(&text, &stream));
	close(stream.fd);
	same(text.data, "before");
	while (wait(NULL) > 0)
		;
}

#define test(fn) cmocka_unit_test_setup_teardown(fn, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_is_written_is_read_back),
		test(modes_follow_the_flags_and_the_umask),
		test(reading_is_bounded_and_leaves_the_buffer_on_failure),
		test(a_stream_is_read_to_its_end),
		test(a_stream_is_bounded_in_size_and_in_silence),
		test(a_write_that_fails_leaves_the_old_content),
		test(a_full_disk_leaves_the_old_content_and_has_a_hint),
		test(folders_are_made_and_removed_with_all_in_them),
		test(removing_what_is_absent_is_fine),
		test(names_are_listed_in_order),
		test(existence_looks_at_the_link_itself),
		test(paths_are_joined_cut_and_resolved),
		test(a_folder_moves_with_all_in_it),
		test(a_copy_keeps_modes_and_links),
		test(a_copy_that_fails_leaves_nothing),
		test(folders_of_the_user_come_from_xdg_or_home),
		test(a_lock_has_one_holder),
		test(a_lock_ends_when_its_holder_is_killed),
		test(a_held_lock_is_waited_for),
		test(waiting_for_a_lock_ends_on_an_interrupt),
		test(a_lock_file_removed_while_waited_for_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
