/* What progress writes, byte for byte; the terminal is a file. */
#include "tests/unit/test.h"

#include "core/array.h"
#include "core/progress.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* A file in memory to write to, and a progress on it. */
struct screen {
	int fd;
	struct progress *progress;
};

static void begin(struct screen *screen, int live, int colour,
		  const char *columns)
{
	char path[] = "/tmp/test-progress-XXXXXX";

	setenv("COLUMNS", columns, 1);
	screen->fd = mkstemp(path);
	assert_true(screen->fd >= 0);
	unlink(path);
	screen->progress = progress_new(screen->fd, live, colour);
}

/* What was written since the last look is this. */
static void shows(struct screen *screen, const char *expected)
{
	char text[4096];

	off_t len = lseek(screen->fd, 0, SEEK_END);
	assert_in_range(len, 0, sizeof text - 1);
	assert_int_equal(pread(screen->fd, text, (size_t)len, 0), len);
	text[len] = '\0';
	same(text, expected);
	assert_int_equal(ftruncate(screen->fd, 0), 0);
	lseek(screen->fd, 0, SEEK_SET);
}

static void finish(struct screen *screen)
{
	progress_free(screen->progress);
	close(screen->fd);
}

static void elsewhere_each_change_is_a_line(void **state)
{
	struct screen screen;

	(void)state;
	begin(&screen, 0, 0, "10");
	progress_set(screen.progress, "auth", "implementing step %d", 1);
	progress_set(screen.progress, "auth", "implementing step 1");
	progress_set(screen.progress, "models", "checks");
	progress_set(screen.progress, "auth", "checks");
	progress_note(screen.progress, "a note of %d", 2);
	progress_done(screen.progress, "auth", "done");
	progress_free(screen.progress);
	shows(&screen, "auth  implementing step 1\n"
		       "models  checks\n"
		       "auth  checks\n"
		       "a note of 2\n"
		       "auth  done  0 s\n");
	close(screen.fd);
}

static void a_row_ends_as_a_sentence_or_without_a_word(void **state)
{
	struct screen screen;
	char text[64] = "";

	(void)state;
	begin(&screen, 0, 0, "80");
	progress_set(screen.progress, "landing auth", "check");
	shows(&screen, "landing auth  check\n");
	progress_end(screen.progress, "landing auth", "landed  %s", "auth");
	assert_true(pread(screen.fd, text, sizeof text - 1, 0) > 0);
	assert_memory_equal(text, "landed  auth  0.", 16);
	same(text + 17, " s\n");
	progress_drop(screen.progress, "landing auth");
	progress_free(screen.progress);
	close(screen.fd);
}

static void a_dropped_row_leaves_the_screen(void **state)
{
	struct screen screen;

	(void)state;
	begin(&screen, 1, 0, "80");
	progress_set(screen.progress, "auth", "one");
	shows(&screen, "auth  one  0 s\n");
	progress_drop(screen.progress, "auth");
	shows(&screen, "\033[1A\r\033[J");
	finish(&screen);
}

static void live_rows_are_redrawn_in_place(void **state)
{
	struct screen screen;

	(void)state;
	begin(&screen, 1, 0, "80");
	progress_set(screen.progress, "auth", "one");
	shows(&screen, "auth  one  0 s\n");
	progress_set(screen.progress, "models", "two");
	shows(&screen, "\033[1A\r\033[J"
		       "auth  one  0 s\nmodels  two  0 s\n");
	progress_set(screen.progress, "auth", "three");
	shows(&screen, "\033[2A\r\033[J"
		       "auth  three  0 s\nmodels  two  0 s\n");
	finish(&screen);
}

static void an_ended_row_stays_above_the_live_ones(void **state)
{
	struct screen screen;

	(void)state;
	begin(&screen, 1, 0, "80");
	progress_set(screen.progress, "auth", "one");
	progress_set(screen.progress, "models", "two");
	shows(&screen, "auth  one  0 s\n\033[1A\r\033[J"
		       "auth  one  0 s\nmodels  two  0 s\n");
	progress_done(screen.progress, "auth", "landed");
	shows(&screen, "\033[2A\r\033[Jauth  landed  0 s\n"
		       "models  two  0 s\n");
	progress_note(screen.progress, "note");
	shows(&screen, "\033[1A\r\033[Jnote\nmodels  two  0 s\n");
	progress_free(screen.progress);
	shows(&screen, "\033[1A\r\033[J");
	close(screen.fd);
}

static void a_row_that_was_never_begun_can_be_ended(void **state)
{
	struct screen screen;

	(void)state;
	begin(&screen, 1, 0, "80");
	progress_done(screen.progress, "auth", "landed");
	shows(&screen, "auth  landed  0 s\n");
	finish(&screen);
}

static void rows_are_cut_by_characters_and_keep_their_time(void **state)
{
	struct screen screen;

	(void)state;
	begin(&screen, 1, 0, "16");
	progress_set(screen.progress, "auth",
		     "\303\244\303\266\303\274"
		     "\342\202\254more than fits");
	shows(&screen, "auth  \303\244\303\266\303\274\342\202\254m  0 s\n");
	finish(&screen);
	begin(&screen, 1, 0, "6");
	progress_set(screen.progress, "auth", "text");
	shows(&screen, "a  0 s\n");
	finish(&screen);
	begin(&screen, 1, 0, "3");
	progress_set(screen.progress, "auth", "text");
	shows(&screen, "aut\n");
	finish(&screen);
}

static void control_characters_and_broken_text_do_no_harm(void **state)
{
	struct screen screen;

	(void)state;
	begin(&screen, 1, 0, "80");
	progress_set(screen.progress, "a\nb", "x\033[2Jy\302\233z\377");
	shows(&screen, "a b  x [2Jy z?  0 s\n");
	finish(&screen);
}

static void colour_does_not_count_as_width(void **state)
{
	struct screen screen;

	(void)state;
	begin(&screen, 1, 1, "14");
	progress_set(screen.progress, "auth", "something");
	shows(&screen, "\033[1mauth\033[0m  som\033[2m  0 s\033[0m\n");
	finish(&screen);
}

static void the_seconds_of_a_row_go_on_when_its_text_changes(void **state)
{
	struct timespec time = { 1, 100000000 };
	struct screen screen;

	(void)state;
	begin(&screen, 0, 0, "80");
	progress_set(screen.progress, "auth", "one");
	nanosleep(&time, NULL);
	progress_set(screen.progress, "auth", "two");
	progress_done(screen.progress, "auth", "three");
	shows(&screen, "auth  one\nauth  two\nauth  three  1 s\n");
	finish(&screen);
}

/* A pseudo-terminal of 4 lines: three rows fit above the cursor. */
static void a_terminal_gives_its_own_size(void **state)
{
	struct winsize size = { .ws_row = 4, .ws_col = 12 };
	int master, slave;
	char text[256];

	(void)state;
	setenv("COLUMNS", "80", 1);
	assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
	struct progress *progress = progress_new(slave, 1, 0);
	progress_set(progress, "a", "0123456789");
	ssize_t n = read(master, text, sizeof text - 1);
	assert_true(n > 0);
	text[n] = '\0';
	same(text, "a  0123  0 s\r\n");
	for (int i = 0; i < 5; i++) {
		char name[2] = { (char)('b' + i), '\0' };

		progress_set(progress, name, "x");
		n = read(master, text, sizeof text - 1);
		assert_true(n > 0);
	}
	text[n] = '\0';
	same(text, "\033[3A\r\033[Ja  0123  0 s\r\nb  x  0 s\r\nc  x  0 s\r\n");
	progress_free(progress);
	close(master);
	close(slave);
}

static void without_a_descriptor_nothing_is_written(void **state)
{
	struct progress *progress = progress_new(-1, 1, 1);

	(void)state;
	progress_set(progress, "auth", "one");
	progress_done(progress, "auth", "done");
	progress_note(progress, "note");
	progress_free(progress);
	progress_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elsewhere_each_change_is_a_line),
		cmocka_unit_test(a_row_ends_as_a_sentence_or_without_a_word),
		cmocka_unit_test(a_dropped_row_leaves_the_screen),
		cmocka_unit_test(live_rows_are_redrawn_in_place),
		cmocka_unit_test(an_ended_row_stays_above_the_live_ones),
		cmocka_unit_test(a_row_that_was_never_begun_can_be_ended),
		cmocka_unit_test(
			rows_are_cut_by_characters_and_keep_their_time),
		cmocka_unit_test(control_characters_and_broken_text_do_no_harm),
		cmocka_unit_test(colour_does_not_count_as_width),
		cmocka_unit_test(
			the_seconds_of_a_row_go_on_when_its_text_changes),
		cmocka_unit_test(a_terminal_gives_its_own_size),
		cmocka_unit_test(without_a_descriptor_nothing_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
