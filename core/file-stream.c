/*
 * Reading what is no file: a pipe, a terminal.  It goes through the poll loop,
 * as SIGINT is blocked everywhere else, and a pipe may stay open for ever.
 */
#include "core/file.h"
#include "core/loop.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#define SECOND 1000

struct reading {
	const struct stream *stream;
	struct buf *out;
	size_t before; /* bytes that were in out */
	struct loop *loop;
	int idle; /* timers; 0: none */
	int word;
};

static void reading_release(struct reading *reading)
{
	loop_free(reading->loop);
}

static struct error *on_idle(struct loop *loop, void *data)
{
	const struct reading *reading = data;

	(void)loop;
	return error_new(ERROR_FAILURE, "nothing came for %lld s",
			 (long long)(reading->stream->idle_ms + SECOND - 1) /
				 SECOND);
}

static struct error *on_quiet(struct loop *loop, void *data)
{
	struct reading *reading = data;

	(void)loop;
	reading->word = 0;
	reading->stream->waiting(reading->stream->data);
	return NULL;
}

static void stop_timers(struct reading *reading)
{
	if (reading->idle)
		loop_cancel(reading->loop, reading->idle);
	if (reading->word)
		loop_cancel(reading->loop, reading->word);
	reading->idle = reading->word = 0;
}

static struct error *on_readable(struct loop *loop, int fd, short revents,
				 void *data)
{
	struct reading *reading = data;
	struct buf *out = reading->out;
	size_t max = reading->stream->max;

	(void)revents;
	buf_grow(out, 8192);
	ssize_t n = read(fd, out->data + out->len, out->cap - out->len - 1);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return NULL;
	if (n < 0)
		return error_errno("cannot read");
	stop_timers(reading);
	if (!n) {
		loop_unwatch(loop, fd);
		return NULL;
	}
	out->len += (size_t)n;
	out->data[out->len] = '\0';
	if (out->len - reading->before > max)
		return error_new(ERROR_INVALID, "larger than %zu bytes", max);
	reading->idle =
		loop_timer(loop, reading->stream->idle_ms, on_idle, reading);
	return NULL;
}

struct error *file_read_stream(struct buf *out, const struct stream *stream)
{
	CLEANUP(reading_release)
	struct reading reading = { .stream = stream,
				   .out = out,
				   .before = out->len,
				   .loop = loop_new() };

	reading.idle =
		loop_timer(reading.loop, stream->idle_ms, on_idle, &reading);
	if (stream->waiting)
		reading.word =
			loop_timer(reading.loop, SECOND, on_quiet, &reading);
	loop_watch(reading.loop, stream->fd, POLLIN, on_readable, &reading);
	struct error *err = loop_run(reading.loop);
	if (err)
		buf_setlen(out, reading.before);
	return err;
}
