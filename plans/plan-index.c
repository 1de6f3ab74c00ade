/*
 * One walk over a phase's fields both writes and reads a record, so the two
 * cannot differ.  Integers are host-endian: the file never leaves the machine.
 *
 * Nothing here is an error for anybody: an index that cannot be read or
 * written costs time, that is all.
 */
#include "plans/plan-index.h"

#include "core/file.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC     "orch index 1 " GIT_ORCH_VERSION "\n"
#define MAX_INDEX (64 << 20)
#define ABSENT    UINT32_MAX

/* Writes when out is set, else reads; bad: the bytes ran out. */
struct codec {
	struct buf *out;
	const char *at;
	const char *end;
	int bad;
};

static void code_bytes(struct codec *codec, void *data, size_t len)
{
	if (codec->out) {
		buf_add(codec->out, data, len);
	} else if ((size_t)(codec->end - codec->at) < len) {
		codec->bad = 1;
	} else {
		memcpy(data, codec->at, len);
		codec->at += len;
	}
}

static void code_int(struct codec *codec, int *n)
{
	int32_t value = *n;

	code_bytes(codec, &value, sizeof value);
	*n = value;
}

static void code_string(struct codec *codec, char **s)
{
	uint32_t len = codec->out ? *s ? (uint32_t)strlen(*s) : ABSENT : ABSENT;

	code_bytes(codec, &len, sizeof len);
	if (codec->bad || len == ABSENT)
		return;
	if (codec->out) {
		buf_add(codec->out, *s, len);
	} else if ((size_t)(codec->end - codec->at) < len) {
		codec->bad = 1;
	} else {
		*s = xstrndup(codec->at, len);
		codec->at += len;
	}
}

static void code_strings(struct codec *codec, struct strings *list)
{
	int n = (int)list->len;

	code_int(codec, &n);
	for (int i = 0; i < n && !codec->bad; i++) {
		char *read = NULL;

		code_string(codec, codec->out ? &list->items[i] : &read);
		if (read)
			strings_take(list, read);
	}
}

static void code_phase(struct codec *codec, struct phase *phase)
{
	int status = (int)phase->status, complexity = (int)phase->complexity;
	char **const texts[] = {
		&phase->id,          &phase->title,        &phase->summary,
		&phase->path,        &phase->due,          &phase->agent,
		&phase->commit_type, &phase->commit_scope, &phase->reason,
	};
	struct strings *const lists[] = {
		&phase->depends_on, &phase->create,     &phase->modify,
		&phase->del,        &phase->acceptance, &phase->checks,
	};

	code_bytes(codec, phase->blob.id, sizeof phase->blob.id);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		code_string(codec, texts[i]);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		code_strings(codec, lists[i]);
	code_int(codec, &phase->priority);
	code_int(codec, &phase->checks_given);
	code_int(codec, &status);
	code_int(codec, &complexity);
	phase->status = (enum phase_status)status;
	phase->complexity = complexity;
}

static struct error *path_of(char **out, struct repo *repo, const char *plan)
{
	const char *orch = NULL;

	TRY(repo_orch_dir(&orch, repo));
	*out = xasprintf("%s/index/%s", orch, plan);
	return NULL;
}

/* Records are a length and that many bytes; the blob's id comes first. */
static int index_records(struct plan_index *index)
{
	const char *at = index->text.data + strlen(MAGIC);
	const char *end = index->text.data + index->text.len;

	while (at < end) {
		uint32_t len;
		struct oid blob;
		char hex[OID_HEX];

		if ((size_t)(end - at) < sizeof len)
			return 0;
		memcpy(&len, at, sizeof len);
		if (len < sizeof blob.id ||
		    (size_t)(end - at) - sizeof len < len)
			return 0;
		memcpy(blob.id, at + sizeof len, sizeof blob.id);
		map_set(&index->by_blob, oid_hex(hex, &blob), (void *)at);
		at += sizeof len + len;
	}
	return 1;
}

void plan_index_open(struct plan_index *index, struct repo *repo,
		     const char *plan)
{
	CLEANUP(free_str) char *path = NULL;
	struct error *err = path_of(&path, repo, plan);

	if (!err)
		err = file_read(&index->text, path, MAX_INDEX);
	if (err || strncmp(index->text.data, MAGIC, strlen(MAGIC)) != 0 ||
	    !index_records(index)) {
		map_release(&index->by_blob);
		buf_clear(&index->text);
	}
	error_free(err);
}

void plan_index_release(struct plan_index *index)
{
	map_release(&index->by_blob);
	buf_release(&index->text);
}

int plan_index_get(struct plan_index *index, struct phase *out,
		   const struct oid *blob)
{
	char hex[OID_HEX];
	const char *record = map_get(&index->by_blob, oid_hex(hex, blob));
	struct codec codec = { .out = NULL };
	uint32_t len;

	if (!record)
		return 0;
	memcpy(&len, record, sizeof len);
	codec.at = record + sizeof len;
	codec.end = codec.at + len;
	code_phase(&codec, out);
	if (codec.bad) {
		phase_release(out);
		memset(out, 0, sizeof *out);
		return 0;
	}
	index->used++;
	return 1;
}

void plan_index_save(struct plan_index *index, struct repo *repo,
		     const struct plan *plan)
{
	CLEANUP(free_str) char *path = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct codec codec = { .out = &text };

	if (!index->made && index->used == index->by_blob.len)
		return;
	buf_str(&text, MAGIC);
	FOR_EACH (struct phase, phase, &plan->phases) {
		size_t begin = text.len;
		uint32_t len = 0;

		code_bytes(&codec, &len, sizeof len);
		code_phase(&codec, phase);
		len = (uint32_t)(text.len - begin - sizeof len);
		memcpy(text.data + begin, &len, sizeof len);
	}
	struct error *err = path_of(&path, repo, plan->id);
	if (!err)
		err = file_write(path, text.data, text.len, FILE_PLAIN);
	error_free(err);
}
