/* A buffer is always a string, whatever was done to it. */
#include "tests/unit/test.h"

#include "core/buf.h"

#include <unistd.h>

static void an_empty_buffer_is_an_empty_string(void **state)
{
	struct buf buf = BUF_INIT;

	(void)state;
	same(buf.data, "");
	buf_clear(&buf);
	buf_add(&buf, NULL, 0);
	buf_splice(&buf, 0, 0, NULL, 0);
	same(buf.data, "");
	assert_int_equal(buf.len, 0);
	buf_release(&buf);
	buf_release(&buf);
	same(buf.data, "");
}

static void pieces_are_added_in_order(void **state)
{
	struct buf buf = BUF_INIT;

	(void)state;
	buf_str(&buf, "one");
	buf_ch(&buf, ' ');
	buf_addf(&buf, "%d %s", 2, "three");
	buf_add(&buf, "\0x", 2);
	assert_int_equal(buf.len, 13);
	assert_memory_equal(buf.data, "one 2 three\0x", 14);
	buf_setlen(&buf, 3);
	same(buf.data, "one");
	buf_clear(&buf);
	same(buf.data, "");
	buf_release(&buf);
}

static void growing_keeps_what_is_there(void **state)
{
	struct buf buf = BUF_INIT;

	(void)state;
	for (int i = 0; i < 10000; i++)
		buf_ch(&buf, (char)('a' + i % 26));
	assert_int_equal(buf.len, 10000);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(buf.data[i], 'a' + i % 26);
	assert_int_equal(buf.data[10000], 0);
	buf_release(&buf);
}

static void a_splice_replaces_bytes_by_more_or_fewer(void **state)
{
	static const struct {
		size_t pos, len;
		const char *by;
		const char *result;
	} rows[] = {
		{ 0, 0, "xy", "xyabcdef" }, { 6, 0, "xy", "abcdefxy" },
		{ 2, 2, "12", "ab12ef" },   { 2, 2, "12345", "ab12345ef" },
		{ 2, 3, "", "abf" },        { 0, 6, "", "" },
		{ 0, 6, "z", "z" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf buf = BUF_INIT;

		buf_str(&buf, "abcdef");
		buf_splice(&buf, rows[i].pos, rows[i].len, rows[i].by,
			   strlen(rows[i].by));
		same(buf.data, rows[i].result);
		assert_int_equal(buf.len, strlen(rows[i].result));
		buf_release(&buf);
	}
}

static void a_stolen_string_leaves_an_empty_buffer(void **state)
{
	struct buf buf = BUF_INIT;
	char *empty = buf_steal(&buf);

	(void)state;
	same(empty, "");
	free(empty);
	buf_str(&buf, "text");
	char *text = buf_steal(&buf);
	same(text, "text");
	same(buf.data, "");
	assert_int_equal(buf.cap, 0);
	free(text);
}

/* A pipe that holds len bytes and is closed. */
static int filled_pipe(size_t len)
{
	char bytes[10000];
	int ends[2];

	memset(bytes, 'x', sizeof bytes);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], bytes, len), len);
	close(ends[1]);
	return ends[0];
}

static void reading_takes_all_there_is_up_to_the_maximum(void **state)
{
	struct buf buf = BUF_INIT;
	int fd = filled_pipe(10000);

	(void)state;
	buf_str(&buf, "before");
	ok(buf_read_fd(&buf, fd, 10006));
	assert_int_equal(buf.len, 10006);
	close(fd);
	fd = filled_pipe(1);
	fails(ERROR_INVALID, "larger than 10006 bytes",
	      buf_read_fd(&buf, fd, 10006));
	close(fd);
	fails(ERROR_FAILURE, "cannot read", buf_read_fd(&buf, -1, 20000));
	buf_release(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_is_an_empty_string),
		cmocka_unit_test(pieces_are_added_in_order),
		cmocka_unit_test(growing_keeps_what_is_there),
		cmocka_unit_test(a_splice_replaces_bytes_by_more_or_fewer),
		cmocka_unit_test(a_stolen_string_leaves_an_empty_buffer),
		cmocka_unit_test(reading_takes_all_there_is_up_to_the_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
