/*
 * Progress lines.  Each change is composed in a buffer and written at once:
 * a terminal that shows half a redraw flickers.
 */
#include "core/progress.h"

#include "core/array.h"
#include "core/clock.h"
#include "core/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BOLD  "\033[1m"
#define DIM   "\033[2m"
#define PLAIN "\033[0m"
#define GAP   "  "

struct row {
	char *name;
	char *text;
	int64_t begin; /* clock_ms() */
};

struct progress {
	int fd;
	int live;
	int colour;
	size_t drawn; /* rows on the screen, the cursor below them */
	ARRAY(struct row) rows;
};

struct progress *progress_new(int fd, int live, int colour)
{
	struct progress *progress = xcalloc(1, sizeof *progress);

	progress->fd = fd;
	progress->live = live;
	progress->colour = colour;
	return progress;
}

int progress_is_live(const struct progress *progress)
{
	return progress->live;
}

static void screen(const struct progress *progress, size_t *width,
		   size_t *height)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	*width = columns ? strtoul(columns, NULL, 10) : 0;
	*height = 0;
	if (!ioctl(progress->fd, TIOCGWINSZ, &size)) {
		*width = size.ws_col ? size.ws_col : *width;
		*height = size.ws_row;
	}
	*width = *width ? *width : 80;
	*height = *height ? *height : 24;
}

/* Adds at most max characters, none of them a control; returns how many. */
static size_t add_clean(struct buf *out, const char *text, size_t max)
{
	size_t left = strlen(text), n = 0;

	for (; left && n < max; n++) {
		uint32_t point;
		size_t len = utf8_next(&point, text, left);

		if (!len)
			buf_ch(out, '?');
		else if (point < 0x20 || (point >= 0x7f && point < 0xa0))
			buf_ch(out, ' ');
		else
			buf_add(out, text, len);
		len = len ? len : 1;
		text += len;
		left -= len;
	}
	return n;
}

static void add_styled(struct buf *out, const struct progress *progress,
		       const char *style, const char *text, size_t *room)
{
	if (progress->colour)
		buf_str(out, style);
	*room -= add_clean(out, text, *room);
	if (progress->colour)
		buf_str(out, PLAIN);
}

/* "name  text  12 s" in width characters; of the three the text gives way. */
static void add_row(struct buf *out, const struct progress *progress,
		    const struct row *row, int with_time, size_t width)
{
	char time[40] = GAP;
	size_t len = strlen(GAP);

	clock_span(time + len, sizeof time - len,
		   (clock_ms() - row->begin) / 1000);
	size_t for_time = with_time ? strlen(time) : 0;
	if (for_time > width)
		for_time = 0;
	size_t room = width - for_time;
	add_styled(out, progress, BOLD, row->name, &room);
	room -= add_clean(out, GAP, room);
	add_clean(out, row->text, room);
	if (for_time)
		add_styled(out, progress, DIM, time, &for_time);
	buf_ch(out, '\n');
}

static void erase(struct buf *out, struct progress *progress)
{
	if (progress->drawn)
		buf_addf(out, "\033[%zuA\r\033[J", progress->drawn);
	progress->drawn = 0;
}

static void draw(struct buf *out, struct progress *progress)
{
	size_t width, height;

	if (!progress->live)
		return;
	screen(progress, &width, &height);
	FOR_EACH (struct row, row, &progress->rows) {
		/* The cursor stands below: it needs a line too. */
		if (progress->drawn + 1 >= height)
			break;
		add_row(out, progress, row, 1, width);
		progress->drawn++;
	}
}

/* A terminal that is gone is no reason to stop the work. */
static void flush(const struct progress *progress, const struct buf *out)
{
	size_t at = 0;

	while (progress->fd >= 0 && at < out->len) {
		ssize_t n = write(progress->fd, out->data + at, out->len - at);

		if (n <= 0)
			return;
		at += (size_t)n;
	}
}

static struct row *find(struct progress *progress, const char *name)
{
	FOR_EACH (struct row, row, &progress->rows)
		if (!strcmp(row->name, name))
			return row;
	struct row *row = PUSH(&progress->rows);
	*row = (struct row){ xstrdup(name), NULL, clock_ms() };
	return row;
}

static void row_release(struct row *row)
{
	free(row->name);
	free(row->text);
}

/* Takes text; tells whether it is another than before. */
static int set_text(struct row *row, char *text)
{
	int changed = !row->text || strcmp(row->text, text);

	free(row->text);
	row->text = text;
	return changed;
}

void progress_free(struct progress *progress)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	if (!progress)
		return;
	erase(&out, progress);
	flush(progress, &out);
	FOR_EACH (struct row, row, &progress->rows)
		row_release(row);
	free(progress->rows.items);
	free(progress);
}

void progress_set(struct progress *progress, const char *name, const char *fmt,
		  ...)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	va_list args;

	va_start(args, fmt);
	struct row *row = find(progress, name);
	int changed = set_text(row, xvasprintf(fmt, args));
	va_end(args);
	erase(&out, progress);
	if (!progress->live && changed)
		add_row(&out, progress, row, 0, SIZE_MAX);
	draw(&out, progress);
	flush(progress, &out);
}

static void remove_row(struct progress *progress, struct row *row)
{
	row_release(row);
	struct row *end = progress->rows.items + progress->rows.len--;
	memmove(row, row + 1, (size_t)(end - row - 1) * sizeof *row);
}

void progress_done(struct progress *progress, const char *name, const char *fmt,
		   ...)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	struct row *row = find(progress, name);
	va_list args;

	va_start(args, fmt);
	set_text(row, xvasprintf(fmt, args));
	va_end(args);
	erase(&out, progress);
	add_row(&out, progress, row, 1, SIZE_MAX);
	remove_row(progress, row);
	draw(&out, progress);
	flush(progress, &out);
}

/* Tenths of a second where they say something. */
static void add_took(struct buf *out, const struct progress *progress,
		     int64_t ms)
{
	char time[40];
	size_t room = sizeof time;

	if (ms < 10000)
		snprintf(time, sizeof time, "%.1f s", (double)ms / 1000);
	else
		clock_span(time, sizeof time, ms / 1000);
	buf_str(out, GAP);
	add_styled(out, progress, DIM, time, &room);
}

void progress_end(struct progress *progress, const char *name, const char *fmt,
		  ...)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	struct row *row = find(progress, name);
	va_list args;

	va_start(args, fmt);
	set_text(row, xvasprintf(fmt, args));
	va_end(args);
	erase(&out, progress);
	add_clean(&out, row->text, SIZE_MAX);
	add_took(&out, progress, clock_ms() - row->begin);
	buf_ch(&out, '\n');
	remove_row(progress, row);
	draw(&out, progress);
	flush(progress, &out);
}

void progress_drop(struct progress *progress, const char *name)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	erase(&out, progress);
	FOR_EACH (struct row, row, &progress->rows) {
		if (strcmp(row->name, name) != 0)
			continue;
		remove_row(progress, row);
		break;
	}
	draw(&out, progress);
	flush(progress, &out);
}

void progress_note(struct progress *progress, const char *fmt, ...)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	va_list args;

	va_start(args, fmt);
	CLEANUP(free_str) char *text = xvasprintf(fmt, args);
	va_end(args);
	erase(&out, progress);
	add_clean(&out, text, SIZE_MAX);
	buf_ch(&out, '\n');
	draw(&out, progress);
	flush(progress, &out);
}
