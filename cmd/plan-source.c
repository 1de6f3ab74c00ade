/*
 * The text behind --from.  It may come from a program, through a pipe that the
 * shell made or a named one: then it takes as long as the program does, and a
 * person is told what is waited for.
 */
#include "cmd/plan.h"
#include "core/file.h"
#include "core/utf8.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_QUIET ((int64_t)10 * 60 * 1000) /* ms */

int plan_is_text(const char *text, size_t len)
{
	uint32_t c;
	size_t n;

	for (; len; text += n, len -= n) {
		n = utf8_next(&c, text, len);
		if (!n || !c)
			return 0;
	}
	return 1;
}

struct source {
	struct out *out;
	const char *path;
	int fd;
};

static void source_close(struct source *source)
{
	if (source->fd > STDIN_FILENO)
		close(source->fd);
}

static void tell(void *data)
{
	const struct source *source = data;

	if (!source->out->tty_err)
		return;
	if (isatty(source->fd))
		say(source->out, "reading the goal from the terminal; Ctrl-D "
				 "ends it");
	else
		say(source->out, "waiting for what writes to %s",
		    strcmp(source->path, "-") ? source->path
					      : "standard input");
}

static struct error *read_stream(struct buf *out, struct source *source)
{
	const struct stream stream = { .fd = source->fd,
				       .max = MOST_SOURCE,
				       .idle_ms = MOST_QUIET,
				       .waiting = tell,
				       .data = source };

	return file_read_stream(out, &stream);
}

static int is_stream(const char *path)
{
	struct stat st;

	return !stat(path, &st) &&
	       (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode));
}

static struct error *read_source(struct buf *out, struct source *source)
{
	if (!strcmp(source->path, "-"))
		return read_stream(out, source);
	if (!is_stream(source->path))
		return file_read(out, source->path, MOST_SOURCE);
	/* A named pipe is open at once, and waited for where it can be told. */
	source->fd = open(source->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (source->fd < 0)
		return error_errno("cannot open '%s'", source->path);
	return read_stream(out, source);
}

struct error *plan_source(struct buf *out, struct session *session,
			  const char *path)
{
	CLEANUP(source_close)
	struct source source = { .out = &session->out,
				 .path = path,
				 .fd = STDIN_FILENO };

	TRY(error_wrap(read_source(out, &source), "--from %s", path));
	if (plan_is_text(out->data, out->len))
		return NULL;
	return error_hint(
		error_new(ERROR_USAGE, "--from %s: it is not UTF-8 text", path),
		"give a text file, for example in Markdown");
}
