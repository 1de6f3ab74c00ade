/* The loop runs what is ready, in order, and sees signals at once. */
#include "tests/unit/test.h"

#include "core/clock.h"
#include "core/loop.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What happened, one letter each. */
struct trace {
	char text[32];
	size_t len;
	int timer;
	int fds[2];
};

static void note(struct trace *trace, char letter)
{
	assert_true(trace->len < sizeof trace->text - 1);
	trace->text[trace->len++] = letter;
}

static struct error *note_a(struct loop *loop, void *data)
{
	(void)loop;
	note(data, 'a');
	return NULL;
}

static struct error *note_b(struct loop *loop, void *data)
{
	(void)loop;
	note(data, 'b');
	return NULL;
}

static struct error *stop(struct loop *loop, void *data)
{
	note(data, 's');
	loop_stop(loop);
	return NULL;
}

static struct error *again(struct loop *loop, void *data)
{
	struct trace *trace = data;

	note(trace, 'r');
	if (trace->len < 3)
		loop_timer(loop, 0, again, data);
	return NULL;
}

static struct error *refuse(struct loop *loop, void *data)
{
	(void)loop;
	note(data, 'x');
	return error_new(ERROR_REFUSED, "no");
}

static struct error *cancel(struct loop *loop, void *data)
{
	struct trace *trace = data;

	note(trace, 'c');
	loop_cancel(loop, trace->timer);
	return NULL;
}

static void timers_fire_in_order_of_time_then_of_asking(void **state)
{
	struct loop *loop = loop_new();
	struct trace trace = { 0 };
	int64_t begin = clock_ms();

	(void)state;
	loop_timer(loop, 40, note_b, &trace);
	loop_timer(loop, 10, note_a, &trace);
	loop_timer(loop, 10, note_b, &trace);
	ok(loop_run(loop));
	same(trace.text, "abb");
	assert_in_range(clock_ms() - begin, 40, 5000);
	loop_free(loop);
}

static void a_timer_may_ask_for_another(void **state)
{
	struct loop *loop = loop_new();
	struct trace trace = { 0 };

	(void)state;
	loop_timer(loop, 0, again, &trace);
	ok(loop_run(loop));
	same(trace.text, "rrr");
	loop_free(loop);
}

static void a_canceled_timer_does_not_fire(void **state)
{
	struct loop *loop = loop_new();
	struct trace trace = { 0 };

	(void)state;
	loop_timer(loop, 0, cancel, &trace);
	trace.timer = loop_timer(loop, 0, note_a, &trace);
	loop_timer(loop, 5, note_b, &trace);
	loop_cancel(loop, 12345);
	ok(loop_run(loop));
	same(trace.text, "cb");
	loop_free(loop);
}

static void an_error_ends_the_run_and_keeps_the_rest(void **state)
{
	struct loop *loop = loop_new();
	struct trace trace = { 0 };

	(void)state;
	loop_timer(loop, 0, refuse, &trace);
	loop_timer(loop, 0, note_a, &trace);
	fails(ERROR_REFUSED, "no", loop_run(loop));
	same(trace.text, "x");
	ok(loop_run(loop));
	same(trace.text, "xa");
	loop_free(loop);
}

static void a_stopped_loop_can_go_on(void **state)
{
	struct loop *loop = loop_new();
	struct trace trace = { 0 };

	(void)state;
	loop_timer(loop, 0, stop, &trace);
	loop_timer(loop, 0, note_a, &trace);
	ok(loop_run(loop));
	same(trace.text, "s");
	ok(loop_run(loop));
	same(trace.text, "sa");
	ok(loop_run(loop));
	loop_free(loop);
}

static struct error *on_read(struct loop *loop, int fd, short revents,
			     void *data)
{
	char byte;

	assert_true(revents & (POLLIN | POLLHUP));
	if (read(fd, &byte, 1) == 1)
		note(data, byte);
	else
		loop_unwatch(loop, fd);
	return NULL;
}

static struct error *write_x(struct loop *loop, void *data)
{
	struct trace *trace = data;

	(void)loop;
	assert_int_equal(write(trace->fds[1], "x", 1), 1);
	close(trace->fds[1]);
	return NULL;
}

static void descriptors_are_read_until_they_are_unwatched(void **state)
{
	struct loop *loop = loop_new();
	struct trace trace = { 0 };

	(void)state;
	assert_int_equal(pipe(trace.fds), 0);
	loop_watch(loop, trace.fds[0], POLLIN, on_read, &trace);
	loop_timer(loop, 10, write_x, &trace);
	ok(loop_run(loop));
	same(trace.text, "x");
	close(trace.fds[0]);
	loop_free(loop);
}

static struct error *unwatch_both(struct loop *loop, int fd, short revents,
				  void *data)
{
	struct trace *trace = data;

	(void)fd;
	(void)revents;
	note(trace, 'u');
	loop_unwatch(loop, trace->fds[0]);
	loop_unwatch(loop, trace->fds[1]);
	return NULL;
}

static void a_callback_may_unwatch_what_is_ready_too(void **state)
{
	struct loop *loop = loop_new();
	struct trace trace = { 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		trace.fds[i] = open("/dev/zero", O_RDONLY);
		loop_watch(loop, trace.fds[i], POLLIN, unwatch_both, &trace);
	}
	ok(loop_run(loop));
	same(trace.text, "u");
	close(trace.fds[0]);
	close(trace.fds[1]);
	loop_free(loop);
}

static struct error *on_child(struct loop *loop, int pid, int status,
			      void *data)
{
	(void)loop;
	assert_true(pid > 0);
	note(data, (char)('0' + WEXITSTATUS(status)));
	return NULL;
}

static void wait_for_two_children(struct trace *trace)
{
	struct loop *loop = loop_new();

	for (int i = 1; i <= 2; i++) {
		int pid = fork();

		if (!pid) {
			usleep((useconds_t)i * 60000);
			_exit(i);
		}
		loop_child(loop, pid, on_child, trace);
	}
	ok(loop_run(loop));
	loop_free(loop);
}

static void children_are_reaped_as_they_end(void **state)
{
	struct trace trace = { 0 };

	(void)state;
	wait_for_two_children(&trace);
	same(trace.text, "12");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void children_are_reaped_without_a_pidfd_too(void **state)
{
	struct trace trace = { 0 };
	struct rlimit before, none;

	(void)state;
	/* No descriptor is left for pidfd_open(2). */
	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	wait_for_two_children(&trace);
	setrlimit(RLIMIT_NOFILE, &before);
	same(trace.text, "12");
}

static struct error *raise_int(struct loop *loop, void *data)
{
	(void)loop;
	note(data, 'i');
	raise(SIGINT);
	return NULL;
}

static void a_signal_ends_the_run_but_not_a_drain(void **state)
{
	struct loop *loop = loop_new();
	struct trace trace = { 0 };

	(void)state;
	loop_timer(loop, 0, raise_int, &trace);
	loop_timer(loop, 60000, note_a, &trace);
	fails(ERROR_INTERRUPT, "SIGINT", loop_run(loop));
	assert_int_equal(interrupted, SIGINT);
	fails(ERROR_INTERRUPT, "SIGINT", loop_run(loop));
	loop_timer(loop, 0, stop, &trace);
	ok(loop_drain(loop));
	same(trace.text, "is");
	interrupted = 0;
	loop_free(loop);
}

static void a_blocked_signal_is_seen_outside_the_loop(void **state)
{
	struct loop *loop = loop_new();
	struct trace trace = { 0 };

	(void)state;
	assert_false(loop_interrupted());
	raise(SIGTERM);
	assert_int_equal(interrupted, 0);
	assert_true(loop_interrupted());
	assert_int_equal(interrupted, SIGTERM);
	/* Lets it in, so that it is not pending for the next test. */
	loop_timer(loop, 0, note_a, &trace);
	ok(loop_drain(loop));
	interrupted = 0;
	assert_false(loop_interrupted());
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_fire_in_order_of_time_then_of_asking),
		cmocka_unit_test(a_timer_may_ask_for_another),
		cmocka_unit_test(a_canceled_timer_does_not_fire),
		cmocka_unit_test(an_error_ends_the_run_and_keeps_the_rest),
		cmocka_unit_test(a_stopped_loop_can_go_on),
		cmocka_unit_test(descriptors_are_read_until_they_are_unwatched),
		cmocka_unit_test(a_callback_may_unwatch_what_is_ready_too),
		cmocka_unit_test(children_are_reaped_as_they_end),
		cmocka_unit_test(children_are_reaped_without_a_pidfd_too),
		cmocka_unit_test(a_signal_ends_the_run_but_not_a_drain),
		cmocka_unit_test(a_blocked_signal_is_seen_outside_the_loop),
	};

	loop_catch_signals();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
