/*
 * The journal.  Each line is written with one write(2) and synced before the
 * caller goes on, so a kill leaves at most one torn line, the last.
 */
#include "core/journal.h"

#include "core/clock.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define JOURNAL_VERSION 1
#define JOURNAL_MAX     ((size_t)1 << 28)
#define CRC_TAIL        (sizeof ",\"crc\":\"12345678\"}" - 1)

struct journal {
	int fd; /* -1: for reading only */
	char *run;
	char *path;
	off_t size; /* of the lines that check */
	ARRAY(struct tree) lines;
};

char *journal_new_run(void)
{
	char at[CLOCK_TEXT];
	uint32_t random;

	clock_format(at, clock_now());
	random_bytes(&random, sizeof random);
	return xasprintf("%.4s%.2s%.5s%.2s%.3s-%08x", at, at + 5, at + 8,
			 at + 14, at + 17, random);
}

static void format_tail(char tail[CRC_TAIL + 1], const char *line, size_t len)
{
	snprintf(tail, CRC_TAIL + 1, ",\"crc\":\"%08x\"}",
		 crc32c(0, line, len));
}

/* Parses one line, without its newline, and keeps it when it checks. */
static struct error *take_line(struct journal *journal, const char *line,
			       size_t len)
{
	struct tree tree = TREE_INIT;
	char tail[CRC_TAIL + 1];

	if (len <= CRC_TAIL)
		return error_new(ERROR_INVALID, "too short");
	format_tail(tail, line, len - CRC_TAIL);
	if (memcmp(line + len - CRC_TAIL, tail, CRC_TAIL))
		return error_new(ERROR_INVALID, "its checksum does not match");
	TRY(json_parse(&tree, line, len));
	*PUSH(&journal->lines) = tree;
	return NULL;
}

static struct error *load(struct journal *journal)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	size_t at = 0;

	TRY(file_read(&text, journal->path, JOURNAL_MAX));
	while (at < text.len) {
		const char *line = text.data + at;
		const char *newline = memchr(line, '\n', text.len - at);
		size_t len = newline ? (size_t)(newline - line) : 0;
		struct error *err =
			newline ? take_line(journal, line, len) : NULL;
		int last = !newline || at + len + 1 == text.len;

		if (err && !last)
			return error_wrap(err, "journal '%s', line %zu",
					  journal->path,
					  journal->lines.len + 1);
		if (err || !newline) {
			error_free(err);
			break;
		}
		at += len + 1;
	}
	journal->size = (off_t)at;
	return NULL;
}

static struct journal *journal_new(const char *dir, const char *run)
{
	struct journal *journal = xcalloc(1, sizeof *journal);

	journal->fd = -1;
	journal->run = xstrdup(run);
	journal->path = xasprintf("%s/%s.jsonl", dir, run);
	return journal;
}

/* Opens, locks and loads; a torn line goes. */
static struct error *open_for_append(struct journal *journal, const char *dir)
{
	TRY(file_mkdirs(dir));
	journal->fd = open(journal->path,
			   O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (journal->fd < 0)
		return error_errno("cannot open journal '%s'", journal->path);
	if (flock(journal->fd, LOCK_EX | LOCK_NB))
		return error_new(ERROR_CLAIMED,
				 "journal '%s' is open in another process",
				 journal->path);
	TRY(load(journal));
	if (ftruncate(journal->fd, journal->size))
		return error_errno("cannot mend journal '%s'", journal->path);
	return journal->lines.len ? NULL : file_sync_dir(dir);
}

struct error *journal_open(struct journal **out, const char *dir,
			   const char *run)
{
	struct journal *journal = journal_new(dir, run);
	struct error *err = open_for_append(journal, dir);

	if (err)
		journal_close(&journal);
	else
		*out = journal;
	return err;
}

struct error *journal_read(struct journal **out, const char *dir,
			   const char *run)
{
	struct journal *journal = journal_new(dir, run);
	struct error *err = load(journal);

	if (err)
		journal_close(&journal);
	else
		*out = journal;
	return err;
}

void journal_close(struct journal **journal)
{
	if (!*journal)
		return;
	if ((*journal)->fd >= 0)
		close((*journal)->fd);
	FOR_EACH (struct tree, tree, &(*journal)->lines)
		tree_release(tree);
	free((*journal)->lines.items);
	free((*journal)->run);
	free((*journal)->path);
	free(*journal);
	*journal = NULL;
}

const char *journal_run(const struct journal *journal)
{
	return journal->run;
}

static void check_name(const char *name)
{
	static const char *const own[] = { "v", "seq", "type", "at", "crc" };

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (!strcmp(name, own[i]))
			BUG("journal field '%s' is the journal's own", name);
}

/* The line with its checksum and newline. */
static void format_line(struct buf *out, const struct journal *journal,
			const char *type, const struct value *fields)
{
	struct tree tree = TREE_INIT;
	struct value *line = value_object(&tree, NULL, NULL);
	char at[CLOCK_TEXT], tail[CRC_TAIL + 1];

	clock_format(at, clock_now());
	value_add_int(&tree, line, "v", JOURNAL_VERSION);
	value_add_int(&tree, line, "seq", (int64_t)journal->lines.len + 1);
	value_add_string(&tree, line, "type", type);
	value_add_string(&tree, line, "at", at);
	VALUE_EACH(field, fields)
	{
		check_name(field->key);
		value_add_copy(&tree, line, field->key, field);
	}
	json_print(out, line);
	tree_release(&tree);
	buf_setlen(out, out->len - 1); /* the bracket goes behind the crc */
	format_tail(tail, out->data, out->len);
	buf_str(out, tail);
	buf_ch(out, '\n');
}

static struct error *write_line(struct journal *journal, const struct buf *line)
{
	ssize_t n = write(journal->fd, line->data, line->len);

	if (n == (ssize_t)line->len) {
		journal->size += n;
		return NULL;
	}
	if (n >= 0 && n < (ssize_t)line->len)
		errno = ENOSPC; /* what a short write to a file means */
	struct error *err =
		error_errno("cannot write journal '%s'", journal->path);
	/* Best effort: what stays is a torn line, cut off at the next open. */
	if (ftruncate(journal->fd, journal->size))
		err = error_hint(err, "the last line of the journal is torn");
	return err;
}

struct error *journal_write(struct journal *journal, const char *type,
			    const struct value *fields)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT;

	if (journal->fd < 0)
		BUG("journal '%s' is open for reading only", journal->path);
	format_line(&line, journal, type, fields);
	TRY(write_line(journal, &line));
	return take_line(journal, line.data, line.len - 1);
}

struct error *journal_sync(struct journal *journal)
{
	return fdatasync(journal->fd)
		       ? error_errno("cannot sync journal '%s'", journal->path)
		       : NULL;
}

struct error *journal_append(struct journal *journal, const char *type,
			     const struct value *fields)
{
	TRY(journal_write(journal, type, fields));
	return journal_sync(journal);
}

static int matches(const struct value *line, const char *match)
{
	size_t len = strcspn(match, "=");

	VALUE_EACH(field, line)
	if (!strncmp(field->key, match, len) && !field->key[len]) {
		const char *text = value_text(field, NULL);

		return text && match[len] && !strcmp(text, match + len + 1);
	}
	return 0;
}

const struct value *journal_last(const struct journal *journal,
				 const char *type, ...)
{
	for (size_t i = journal->lines.len; i; i--) {
		const struct value *line = journal->lines.items[i - 1].root;
		int found =
			!strcmp(value_text(value_get(line, "type"), ""), type);
		va_list args;

		va_start(args, type);
		for (const char *match;
		     found && (match = va_arg(args, const char *));)
			found = matches(line, match);
		va_end(args);
		if (found)
			return line;
	}
	return NULL;
}

const struct value *journal_line(const struct journal *journal, size_t i)
{
	return i < journal->lines.len ? journal->lines.items[i].root : NULL;
}

size_t journal_len(const struct journal *journal)
{
	return journal->lines.len;
}
