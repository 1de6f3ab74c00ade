/*
 * Printing.  Everything passes through put(), which keeps the first failure:
 * whoever writes to a full disk hears of it once, at the end, with exit 128.
 */
#include "cmd/out.h"

#include "core/json.h"
#include "core/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char *const codes[] = {
	[COLOUR_NONE] = "",          [COLOUR_BOLD] = "\033[1m",
	[COLOUR_DIM] = "\033[2m",    [COLOUR_RED] = "\033[31m",
	[COLOUR_GREEN] = "\033[32m", [COLOUR_YELLOW] = "\033[33m",
	[COLOUR_BLUE] = "\033[34m",  [COLOUR_CYAN] = "\033[36m",
};
#define RESET "\033[m"

/* COLUMNS, as git reads it, else the terminal's own; 80 where none tells. */
static int columns(int fd, int tty)
{
	const char *told = getenv("COLUMNS");
	long n = told ? strtol(told, NULL, 10) : 0;
	struct winsize size;

	if (!tty)
		return 80;
	if (n >= 20 && n < 10000)
		return (int)n;
	if (!ioctl(fd, TIOCGWINSZ, &size) && size.ws_col >= 20)
		return size.ws_col;
	return 80;
}

void out_init(struct out *out)
{
	*out = (struct out){ .tty = isatty(STDOUT_FILENO),
			     .tty_err = isatty(STDERR_FILENO) };
	out->width = columns(STDOUT_FILENO, out->tty);
	out->width_err = columns(STDERR_FILENO, out->tty_err);
}

static int is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

/* 1 always, 0 never, -1 as the descriptor is. */
static int wanted(const char *when, const char *ui)
{
	const char *term = getenv("TERM");
	const char *force = getenv("CLICOLOR_FORCE");

	if (when && strcmp(when, "auto") != 0)
		return !strcmp(when, "always");
	if (is_set("NO_COLOR"))
		return 0;
	if (force && *force && strcmp(force, "0") != 0)
		return 1;
	if (term && !strcmp(term, "dumb"))
		return 0;
	if (ui && !strcmp(ui, "always"))
		return 1;
	if (ui && (!strcmp(ui, "never") || !strcmp(ui, "false")))
		return 0;
	return -1;
}

struct error *out_set_colour(struct out *out, const char *when, const char *ui)
{
	if (when && strcmp(when, "auto") != 0 && strcmp(when, "always") != 0 &&
	    strcmp(when, "never") != 0)
		return error_hint(error_new(ERROR_USAGE,
					    "--color does not know '%s'", when),
				  "it takes auto, always or never");
	int want = wanted(when, ui);

	out->colour = want < 0 ? out->tty : want;
	out->colour_err = want < 0 ? out->tty_err : want;
	return NULL;
}

static void put(struct out *out, const char *data, size_t len)
{
	if (out->fault || !len)
		return;
	errno = 0;
	if (fwrite(data, 1, len, stdout) != len)
		out->fault = errno ? errno : EIO;
}

/* Moves a terminal's cursor or colours, or turns around what follows. */
static int misleads(uint32_t point)
{
	int control = point < 0x20 || (point >= 0x7f && point < 0xa0);
	int bidi = (point >= 0x202a && point <= 0x202e) ||
		   (point >= 0x2066 && point <= 0x2069);

	return (control && point != '\n' && point != '\t') || bidi;
}

static void add_plain(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint32_t point;
		size_t n = utf8_next(&point, text + i, len - i);

		if (n && !misleads(point))
			buf_add(out, text + i, n);
		else
			buf_str(out, "\xef\xbf\xbd");
		i += n ? n : 1;
	}
}

static void PRINTF(2, 0) format(struct buf *out, const char *fmt, va_list args)
{
	CLEANUP(buf_release) struct buf raw = BUF_INIT;

	buf_vaddf(&raw, fmt, args);
	add_plain(out, raw.data, raw.len);
}

void out_text(struct out *out, const char *fmt, ...)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	va_list args;

	va_start(args, fmt);
	format(&text, fmt, args);
	va_end(args);
	put(out, text.data, text.len);
}

void out_colour(struct out *out, enum colour colour, const char *fmt, ...)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	int on = out->colour && colour != COLOUR_NONE;
	va_list args;

	if (on)
		buf_str(&text, codes[colour]);
	va_start(args, fmt);
	format(&text, fmt, args);
	va_end(args);
	if (on)
		buf_str(&text, RESET);
	put(out, text.data, text.len);
}

void out_buf(struct out *out, const struct buf *buf)
{
	put(out, buf->data, buf->len);
}

void out_json(struct out *out, const struct value *value)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	json_print_pretty(&text, value);
	put(out, text.data, text.len);
}

struct error *out_flush(struct out *out)
{
	errno = 0;
	if (fflush(stdout) && !out->fault)
		out->fault = errno ? errno : EIO;
	if (!out->fault || out->fault == EPIPE)
		return NULL;
	errno = out->fault;
	out->fault = 0;
	return error_errno("cannot write to standard output");
}

static void PRINTF(4, 0)
	to_stderr(struct out *out, enum colour colour, const char *label,
		  const char *fmt, va_list args)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(buf_release) struct buf said = BUF_INIT;

	format(&said, fmt, args);
	if (out->colour_err && colour != COLOUR_NONE)
		buf_addf(&text, "%s%s" RESET, codes[colour], label);
	else
		buf_str(&text, label);
	if (out->tty_err)
		text_wrap(&text, said.data, strlen(label), strlen(label),
			  (size_t)out->width_err);
	else
		buf_add(&text, said.data, said.len);
	buf_ch(&text, '\n');
	fwrite(text.data, 1, text.len, stderr);
}

void say(struct out *out, const char *fmt, ...)
{
	va_list args;

	if (out->quiet)
		return;
	va_start(args, fmt);
	to_stderr(out, COLOUR_NONE, "", fmt, args);
	va_end(args);
}

void hint(struct out *out, const char *fmt, ...)
{
	va_list args;

	if (out->quiet)
		return;
	va_start(args, fmt);
	to_stderr(out, COLOUR_YELLOW, "hint: ", fmt, args);
	va_end(args);
}

static void PRINTF(2, 3) failed(struct out *out, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	to_stderr(out, COLOUR_RED, "error: ", fmt, args);
	va_end(args);
}

void out_error(struct out *out, const struct error *err)
{
	failed(out, "%s", err->message);
	if (err->hint)
		hint(out, "%s", err->hint);
}

void out_findings(struct out *out, const struct findings *findings)
{
	FOR_EACH (struct finding, finding, findings) {
		const char *path = finding->path ? finding->path : "-";

		CLEANUP(free_str)
		char *place = finding->line ? xasprintf("%s:%u:%u: ", path,
							finding->line,
							finding->column)
					    : xasprintf("%s: ", path);
		out_colour(out, COLOUR_BOLD, "%s", place);
		out_wrap(out, text_width(place), 4, "%s%s",
			 finding->note ? "note: " : "", finding->message);
		out_text(out, "\n");
		if (!finding->hint)
			continue;
		out_text(out, "  hint: ");
		out_wrap(out, 8, 8, "%s", finding->hint);
		out_text(out, "\n");
	}
}
