/* The structured log; every failure in here ends in silence, by design. */
#include "core/log.h"

#include "core/clock.h"
#include "core/file.h"
#include "core/json.h"
#include "core/nearest.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HALF      (8 << 20)
#define KEEP_DAYS 30
#define KEEP      200
#define SUFFIX    ".jsonl"

struct log {
	int fd;
	enum log_level level;
	off_t size;
	char *path;
	char *older;
};

static const char *const level_names[] = { "error", "warn", "info", "debug" };

struct error *log_level_parse(enum log_level *out, const char *text)
{
	size_t n = sizeof level_names / sizeof *level_names;

	for (size_t i = 0; i < n; i++)
		if (!strcmp(text, level_names[i])) {
			*out = (enum log_level)i;
			return NULL;
		}
	struct error *err =
		error_new(ERROR_USAGE, "there is no log level '%s'", text);
	const char *near = nearest(text, level_names, n);
	if (near)
		return error_hint(err, "did you mean '%s'?", near);
	return error_hint(err, "use error, warn, info or debug");
}

static int is_log(const char *name)
{
	size_t len = strlen(name), suffix = strlen(SUFFIX);

	return len > suffix && !strcmp(name + len - suffix, SUFFIX);
}

/* Names begin with the run's time: the last in order are the newest. */
static void remove_old(const char *dir)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	int64_t oldest = clock_now() - (int64_t)KEEP_DAYS * 86400;
	size_t kept = 0;

	error_free(file_list(&names, dir));
	for (size_t i = names.len; i; i--) {
		CLEANUP(free_str)
		char *path = path_join(dir, names.items[i - 1]);
		struct stat st;

		if (!is_log(path) || lstat(path, &st) || !S_ISREG(st.st_mode))
			continue;
		/* One place is for the log that is about to be opened. */
		if (++kept >= KEEP || st.st_mtime < oldest)
			error_free(file_remove(path));
	}
}

static int open_file(struct log *log)
{
	struct stat st;

	log->fd = open(log->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
		       0666);
	log->size = log->fd >= 0 && !fstat(log->fd, &st) ? st.st_size : 0;
	return log->fd >= 0;
}

struct log *log_open(const char *dir, const char *run, enum log_level level)
{
	struct error *err = file_mkdirs(dir);

	if (err) {
		error_free(err);
		return NULL;
	}
	remove_old(dir);
	struct log *log = xcalloc(1, sizeof *log);
	log->level = level;
	log->path = xasprintf("%s/%s" SUFFIX, dir, run);
	log->older = xasprintf("%s/%s.1" SUFFIX, dir, run);
	if (!open_file(log))
		log_close(&log);
	return log;
}

void log_close(struct log **log)
{
	if (!*log)
		return;
	if ((*log)->fd >= 0)
		close((*log)->fd);
	free((*log)->path);
	free((*log)->older);
	free(*log);
	*log = NULL;
}

static void rotate(struct log *log)
{
	if (rename(log->path, log->older))
		return;
	close(log->fd);
	open_file(log);
}

static void add_pairs(struct tree *tree, struct value *line, va_list args)
{
	const char *key;

	while ((key = va_arg(args, const char *)))
		value_add_maybe(tree, line, key, va_arg(args, const char *));
}

void log_write(struct log *log, enum log_level level, const char *message, ...)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	char at[CLOCK_TEXT];
	va_list args;

	if (!log || log->fd < 0 || level > log->level)
		return;
	struct value *line = value_object(&tree, NULL, NULL);
	clock_format(at, clock_now());
	value_add_string(&tree, line, "at", at);
	value_add_string(&tree, line, "level", level_names[level]);
	value_add_string(&tree, line, "message", message);
	va_start(args, message);
	add_pairs(&tree, line, args);
	va_end(args);
	json_print(&text, line);
	buf_ch(&text, '\n');
	if (log->size && log->size + (off_t)text.len > HALF)
		rotate(log);
	if (log->fd >= 0 && write(log->fd, text.data, text.len) > 0)
		log->size += (off_t)text.len;
}
