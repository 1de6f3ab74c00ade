/*
 * One walk over a phase's fields both writes and reads a record, so the two
 * cannot differ.  Integers are host-endian: the file never leaves the machine.
 *
 * A file that was read stays as the plan's `known`, and the phases point into
 * it: copying twenty texts of each would be most of the work.
 *
 * Nothing here is an error for anybody: an index that cannot be read or
 * written costs time, that is all.
 */
#include "plans/plan-index.h"

#include "core/file.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC     "orch index 3 " GIT_ORCH_VERSION "\n"
#define MAX_INDEX (64 << 20)
#define ABSENT    UINT32_MAX

/* Writes when out is set, else reads; bad: the bytes are not a record. */
struct codec {
	struct buf *out;
	const char *at;
	const char *end;
	struct arena *arena; /* of the lists that are read */
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

/* Its length, its bytes, a NUL. */
static void code_string(struct codec *codec, char **s)
{
	uint32_t len = codec->out && *s ? (uint32_t)strlen(*s) : ABSENT;

	code_bytes(codec, &len, sizeof len);
	if (codec->bad || len == ABSENT)
		return;
	if (codec->out) {
		buf_add(codec->out, *s, len + 1);
	} else if ((size_t)(codec->end - codec->at) <= len || codec->at[len]) {
		codec->bad = 1;
	} else {
		*s = (char *)codec->at;
		codec->at += len + 1;
	}
}

static void code_strings(struct codec *codec, struct strings *list)
{
	int n = (int)list->len;

	code_int(codec, &n);
	if (!codec->out && n > 0 && n <= codec->end - codec->at) {
		list->items = arena_alloc(codec->arena,
					  (size_t)n * sizeof *list->items);
		list->len = list->cap = (size_t)n;
	}
	codec->bad |= list->len != (size_t)n;
	for (size_t i = 0; i < list->len && !codec->bad; i++)
		code_string(codec, &list->items[i]);
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

/* Behind it come the folder's id and the records. */
static const size_t magic_len = sizeof MAGIC - 1;

static const char *first_record(const struct plan_index *index)
{
	return index->plan->known.data + magic_len + sizeof index->tree.id;
}

static const char *end_of(const struct plan_index *index)
{
	return index->plan->known.data + index->plan->known.len;
}

/*
 * A record is a length and that many bytes, the blob's id first.  Gives the
 * next one, or NULL when this one is cut off.
 */
static const char *next_record(const char *at, const char *end)
{
	uint32_t len;

	if ((size_t)(end - at) < sizeof len)
		return NULL;
	memcpy(&len, at, sizeof len);
	at += sizeof len;
	return len < sizeof((struct oid *)0)->id || (size_t)(end - at) < len
		       ? NULL
		       : at + len;
}

static int read_record(struct plan_index *index, struct phase *out,
		       const char *record)
{
	struct codec codec = {
		.at = record + sizeof(uint32_t),
		.end = next_record(record, end_of(index)),
		.arena = &index->plan->arena,
	};

	if (!codec.end)
		return 0;
	out->borrowed = 1;
	code_phase(&codec, out);
	return !codec.bad && out->id && out->path;
}

void plan_index_open(struct plan_index *index, struct repo *repo,
		     struct plan *plan)
{
	CLEANUP(free_str) char *path = NULL;
	struct error *err = path_of(&path, repo, plan->id);
	struct buf *text = &plan->known;

	index->plan = plan;
	if (!err)
		err = file_read(text, path, MAX_INDEX);
	if (err || text->len < magic_len + sizeof index->tree.id ||
	    memcmp(text->data, MAGIC, magic_len) != 0)
		buf_release(text);
	else
		memcpy(index->tree.id, text->data + magic_len,
		       sizeof index->tree.id);
	error_free(err);
}

void plan_index_release(struct plan_index *index)
{
	map_release(&index->by_blob);
}

int plan_index_take(struct plan_index *index, const struct oid *tree)
{
	struct plan *plan = index->plan;

	if (oid_is_zero(&index->tree) || !oid_equal(&index->tree, tree))
		return 0;
	for (const char *at = first_record(index); at < end_of(index);
	     at = next_record(at, end_of(index))) {
		struct phase *phase = PUSH(&plan->phases);

		phase->index = plan->phases.len - 1;
		if (read_record(index, phase, at))
			continue;
		/* Damaged: as if there were no file. */
		plan->phases.len = 0;
		index->tree = oid_zero;
		return 0;
	}
	return 1;
}

static void map_records(struct plan_index *index)
{
	const char *end = end_of(index), *next;

	for (const char *at = first_record(index);
	     at < end && (next = next_record(at, end)); at = next) {
		struct oid blob;
		char hex[OID_HEX];

		memcpy(blob.id, at + sizeof(uint32_t), sizeof blob.id);
		map_set(&index->by_blob, oid_hex(hex, &blob), (void *)at);
	}
}

int plan_index_get(struct plan_index *index, struct phase *out,
		   const struct oid *blob)
{
	char hex[OID_HEX];
	const char *record;

	if (!index->plan || oid_is_zero(&index->tree))
		return 0;
	if (!index->by_blob.len)
		map_records(index);
	record = map_get(&index->by_blob, oid_hex(hex, blob));
	return record && read_record(index, out, record);
}

void plan_index_save(struct plan_index *index, struct repo *repo,
		     const struct oid *tree)
{
	CLEANUP(free_str) char *path = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct codec codec = { .out = &text };

	if (oid_equal(&index->tree, tree))
		return;
	buf_add(&text, MAGIC, magic_len);
	buf_add(&text, tree->id, sizeof tree->id);
	FOR_EACH (struct phase, phase, &index->plan->phases) {
		size_t begin = text.len;
		uint32_t len = 0;

		code_bytes(&codec, &len, sizeof len);
		code_phase(&codec, phase);
		len = (uint32_t)(text.len - begin - sizeof len);
		memcpy(text.data + begin, &len, sizeof len);
	}
	struct error *err = path_of(&path, repo, index->plan->id);
	if (!err)
		err = file_write(path, text.data, text.len, FILE_PLAIN);
	error_free(err);
}
