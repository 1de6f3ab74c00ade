/* The journal keeps what was synced, and tells torn from bad. */
#include "tests/unit/test.h"

#include "core/file.h"
#include "core/hash.h"
#include "core/journal.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUN  "20261120T103000Z-0123abcd"
#define PATH "runs/" RUN ".jsonl"

static int enter(void **state)
{
	char *dir = xstrdup("/tmp/test-journal-XXXXXX");

	*state = dir;
	return !mkdtemp(dir) || chdir(dir) ? -1 : 0;
}

static int leave(void **state)
{
	char *dir = *state;

	if (chdir("/"))
		return -1;
	ok(file_remove_tree(dir));
	free(dir);
	return 0;
}

static struct journal *reopen(void)
{
	struct journal *journal = NULL;

	ok(journal_open(&journal, "runs", RUN));
	return journal;
}

/* Appends a line with a phase and a number. */
static struct error *append(struct journal *journal, const char *type,
			    const char *phase, int n)
{
	struct tree tree = TREE_INIT;
	struct value *fields = value_object(&tree, NULL, NULL);

	value_add_string(&tree, fields, "phase", phase);
	value_add_int(&tree, fields, "n", n);
	struct error *err = journal_append(journal, type, fields);
	tree_release(&tree);
	return err;
}

/* A journal of three lines, closed. */
static void write_three(void)
{
	struct journal *journal = reopen();

	ok(append(journal, "start", "auth", 1));
	ok(append(journal, "open", "auth", 2));
	ok(append(journal, "open", "models", 3));
	journal_close(&journal);
}

static struct buf content(void)
{
	struct buf text = BUF_INIT;

	ok(file_read(&text, PATH, 1 << 20));
	return text;
}

static void put(const struct buf *text)
{
	ok(file_write(PATH, text->data, text->len, FILE_PLAIN));
}

static void run_names_hold_their_time_and_differ(void **state)
{
	char *a = journal_new_run(), *b = journal_new_run();

	(void)state;
	assert_int_equal(strlen(a), strlen(RUN));
	assert_string_not_equal(a, b);
	for (size_t i = 0; i < strlen(RUN); i++)
		if (strchr("TZ-", RUN[i]))
			assert_int_equal(a[i], RUN[i]);
		else
			assert_non_null(strchr("0123456789abcdef", a[i]));
	free(a);
	free(b);
}

static void lines_are_found_again_after_reopening(void **state)
{
	(void)state;
	write_three();
	struct journal *journal = reopen();
	assert_int_equal(journal_len(journal), 3);
	same(journal_run(journal), RUN);
	const struct value *line = journal_line(journal, 2);
	assert_int_equal(value_int(value_get(line, "v"), 0), 1);
	assert_int_equal(value_int(value_get(line, "seq"), 0), 3);
	same(value_text(value_get(line, "type"), ""), "open");
	same(value_text(value_get(line, "phase"), ""), "models");
	assert_null(journal_line(journal, 3));
	ok(journal_append(journal, "end", NULL));
	line = journal_line(journal, 3);
	assert_int_equal(value_int(value_get(line, "seq"), 0), 4);
	journal_close(&journal);
	journal_close(&journal);
}

static void the_last_matching_line_is_given(void **state)
{
	(void)state;
	write_three();
	struct journal *journal = reopen();
	const struct value *line = journal_last(journal, "open", NULL);
	assert_int_equal(value_int(value_get(line, "n"), 0), 3);
	line = journal_last(journal, "open", "phase=auth", NULL);
	assert_int_equal(value_int(value_get(line, "n"), 0), 2);
	line = journal_last(journal, "open", "phase=auth", "n=2", NULL);
	assert_non_null(line);
	assert_null(journal_last(journal, "open", "phase=auth", "n=3", NULL));
	assert_null(journal_last(journal, "closed", NULL));
	assert_null(journal_last(journal, "open", "attempt=1", NULL));
	assert_null(journal_last(journal, "open", "phase=", NULL));
	journal_close(&journal);
}

static void the_checksum_is_over_the_bytes_before_it(void **state)
{
	char expected[32];

	(void)state;
	write_three();
	struct buf text = content();
	char *end = strchr(text.data, '\n');
	char *crc = strstr(text.data, ",\"crc\":\"");
	assert_true(crc && crc < end);
	snprintf(expected, sizeof expected, ",\"crc\":\"%08x\"}\n",
		 crc32c(0, text.data, (size_t)(crc - text.data)));
	assert_memory_equal(crc, expected, strlen(expected));
	buf_release(&text);
}

static void a_torn_last_line_is_cut_off_wherever_it_was_torn(void **state)
{
	(void)state;
	write_three();
	struct buf whole = content();
	size_t two = (size_t)(strrchr(whole.data, '{') - whole.data);
	for (size_t len = two; len < whole.len; len++) {
		struct buf torn = BUF_INIT;
		buf_add(&torn, whole.data, len);
		put(&torn);
		struct journal *journal = reopen();
		assert_int_equal(journal_len(journal), 2);
		ok(append(journal, "open", "models", 3));
		journal_close(&journal);
		journal = reopen();
		assert_int_equal(journal_len(journal), 3);
		journal_close(&journal);
		buf_release(&torn);
	}
	buf_release(&whole);
}

static void a_last_line_that_does_not_check_is_torn_too(void **state)
{
	(void)state;
	write_three();
	struct buf text = content();
	text.data[text.len - 30] ^= 1;
	put(&text);
	struct journal *journal = reopen();
	assert_int_equal(journal_len(journal), 2);
	journal_close(&journal);
	buf_release(&text);
}

static void a_bad_line_elsewhere_is_refused_with_its_number(void **state)
{
	struct journal *journal = NULL;

	(void)state;
	write_three();
	struct buf before = content();
	size_t second = (size_t)(strchr(before.data, '\n') - before.data) + 1;
	for (size_t i = second; before.data[i] != '\n'; i++) {
		before.data[i] ^= 1;
		put(&before);
		fails(ERROR_INVALID, "line 2",
		      journal_open(&journal, "runs", RUN));
		before.data[i] ^= 1;
	}
	struct buf after = content();
	assert_int_equal(after.len, before.len); /* nothing was cut */
	buf_release(&before);
	buf_release(&after);
}

static void a_journal_has_one_writer_and_many_readers(void **state)
{
	struct journal *second = NULL;

	(void)state;
	fails(ERROR_NOT_FOUND, RUN, journal_read(&second, "runs", RUN));
	write_three();
	struct journal *journal = reopen();
	fails(ERROR_CLAIMED, "another process",
	      journal_open(&second, "runs", RUN));
	ok(journal_read(&second, "runs", RUN));
	assert_int_equal(journal_len(second), 3);
	journal_close(&second);
	journal_close(&journal);
}

static void a_reader_leaves_a_torn_line_in_place(void **state)
{
	struct journal *journal = NULL;

	(void)state;
	write_three();
	struct buf text = content();
	buf_str(&text, "{\"v\":1,\"se");
	put(&text);
	ok(journal_read(&journal, "runs", RUN));
	assert_int_equal(journal_len(journal), 3);
	journal_close(&journal);
	struct buf after = content();
	assert_int_equal(after.len, text.len);
	buf_release(&text);
	buf_release(&after);
}

static void a_full_disk_leaves_the_journal_as_it_was(void **state)
{
	struct rlimit before, small;

	(void)state;
	write_three();
	struct buf text = content();
	struct journal *journal = reopen();
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = text.len + 20;
	setrlimit(RLIMIT_FSIZE, &small);
	struct error *err = append(journal, "end", "auth", 4);
	setrlimit(RLIMIT_FSIZE, &before);
	fails(ERROR_FAILURE, "cannot write journal", err);
	assert_int_equal(journal_len(journal), 3);
	struct buf after = content();
	same(after.data, text.data);
	ok(append(journal, "end", "auth", 4));
	assert_int_equal(journal_len(journal), 4);
	journal_close(&journal);
	buf_release(&text);
	buf_release(&after);
}

static void what_a_killed_writer_appended_is_there(void **state)
{
	int status, pid = fork();

	(void)state;
	if (!pid) {
		struct journal *journal = NULL;

		if (journal_open(&journal, "runs", RUN) ||
		    append(journal, "start", "auth", 1))
			_exit(1);
		raise(SIGKILL);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
	struct journal *journal = reopen();
	assert_int_equal(journal_len(journal), 1);
	journal_close(&journal);
}

#define test(fn) cmocka_unit_test_setup_teardown(fn, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(run_names_hold_their_time_and_differ),
		test(lines_are_found_again_after_reopening),
		test(the_last_matching_line_is_given),
		test(the_checksum_is_over_the_bytes_before_it),
		test(a_torn_last_line_is_cut_off_wherever_it_was_torn),
		test(a_last_line_that_does_not_check_is_torn_too),
		test(a_bad_line_elsewhere_is_refused_with_its_number),
		test(a_journal_has_one_writer_and_many_readers),
		test(a_reader_leaves_a_torn_line_in_place),
		test(a_full_disk_leaves_the_journal_as_it_was),
		test(what_a_killed_writer_appended_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
