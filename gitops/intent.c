/*
 * Records "name value", each ended by NUL: paths are bytes, and JSON would
 * want them to be UTF-8.
 */
#include "gitops/intent.h"

#include "core/file.h"

#include <stdlib.h>
#include <string.h>

#define MAX_INTENT (64u << 20)

void intent_release(struct intent *intent)
{
	free(intent->ref);
	free(intent->path);
	free(intent->git_dir);
	strings_release(&intent->keep);
	*intent = (struct intent)INTENT_INIT;
}

static char *file_of(const char *orch)
{
	return path_join(orch, "landing");
}

static void record(struct buf *out, const char *name, const char *value)
{
	buf_str(out, name);
	buf_ch(out, ' ');
	buf_str(out, value);
	buf_ch(out, '\0');
}

struct error *intent_write(const char *orch, const struct intent *intent)
{
	CLEANUP(free_str) char *path = file_of(orch);
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	char hex[OID_HEX];

	record(&out, "ref", intent->ref);
	record(&out, "old", oid_hex(hex, &intent->old_oid));
	record(&out, "new", oid_hex(hex, &intent->new_oid));
	if (intent->path) {
		record(&out, "worktree", intent->path);
		record(&out, "gitdir", intent->git_dir);
	}
	FOR_EACH (char *, keep, &intent->keep)
		record(&out, "keep", *keep);
	return file_write(path, out.data, out.len, FILE_DURABLE);
}

static struct error *read_record(struct intent *intent, const char *name,
				 size_t len, const char *value)
{
	const struct {
		const char *name;
		char **text;
		struct oid *oid;
	} rows[] = {
		{ "ref", &intent->ref, NULL },
		{ "old", NULL, &intent->old_oid },
		{ "new", NULL, &intent->new_oid },
		{ "worktree", &intent->path, NULL },
		{ "gitdir", &intent->git_dir, NULL },
	};

	if (len == 4 && !strncmp(name, "keep", len))
		strings_add(&intent->keep, value);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (strlen(rows[i].name) != len ||
		    strncmp(name, rows[i].name, len) != 0)
			continue;
		if (rows[i].oid)
			return oid_parse(rows[i].oid, value);
		free(*rows[i].text);
		*rows[i].text = xstrdup(value);
	}
	return NULL;
}

struct error *intent_read(struct intent *out, const char *orch)
{
	CLEANUP(intent_release) struct intent intent = INTENT_INIT;
	CLEANUP(free_str) char *path = file_of(orch);
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct stat st;

	TRY(file_read(&text, path, MAX_INTENT));
	if (stat(path, &st))
		return error_errno("'%s'", path);
	intent.written = st.st_mtim;
	for (size_t at = 0; at < text.len; at += strlen(text.data + at) + 1) {
		const char *line = text.data + at;
		const char *blank = strchr(line, ' ');

		if (blank)
			TRY(read_record(&intent, line, (size_t)(blank - line),
					blank + 1));
	}
	if (!intent.ref || oid_is_zero(&intent.new_oid) ||
	    !intent.path != !intent.git_dir)
		return error_hint(
			error_new(ERROR_INVALID, "'%s' cannot be read", path),
			"look at git status, then remove it");
	*out = intent;
	intent = (struct intent)INTENT_INIT;
	return NULL;
}

struct error *intent_remove(const char *orch)
{
	CLEANUP(free_str) char *path = file_of(orch);

	return file_remove(path);
}

int intent_exists(const char *orch)
{
	CLEANUP(free_str) char *path = file_of(orch);

	return file_exists(path);
}
