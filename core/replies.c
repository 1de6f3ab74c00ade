/*
 * One entry of the store of replies: as bytes, into its file and back.
 *
 * The crc is the last member of the header and covers the header before it and
 * all of the body, so that nothing of an entry is used that was not written.
 */
#include "core/replies.h"

#include "core/file.h"
#include "core/json.h"
#include "core/replies-entry.h"
#include "core/zlib.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_BYTES (64 << 20)
#define FEW        4 /* entries that are synced one by one */
#define WORTH      1024 /* bytes; shorter ones are not compressed */
#define CRC_LEN    18 /* ,"crc":"01234567"} */
#define AHEAD      (24 * HOUR) /* a clock that is put right soon */

void reply_entry_release(struct reply_entry *entry)
{
	free(entry->stage);
	free(entry->plan);
	free(entry->phase);
	free(entry->agent);
	free(entry->model);
	strings_release(&entry->depends);
	*entry = (struct reply_entry){ .at = 0 };
}

int reply_key_valid(const char *key)
{
	return strlen(key) == SHA256_HEX - 1 &&
	       strspn(key, "0123456789abcdef") == SHA256_HEX - 1;
}

char *reply_entry_path(const char *dir, const char *key)
{
	return xasprintf("%s/%.2s/%s", dir, key, key + 2);
}

static const struct {
	const char *name;
	size_t offset;
} names[] = {
	{ "stage", offsetof(struct reply_entry, stage) },
	{ "plan", offsetof(struct reply_entry, plan) },
	{ "phase", offsetof(struct reply_entry, phase) },
	{ "agent", offsetof(struct reply_entry, agent) },
	{ "model", offsetof(struct reply_entry, model) },
};
#define NAMES (sizeof names / sizeof *names)

/* The header, without its crc; raw: the body's length before compression. */
static void print_header(struct buf *out, const struct reply_entry *entry,
			 int compressed, size_t raw)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	struct value *depends;

	value_add_int(&tree, root, "v", 1);
	value_add_string(&tree, root, "key", entry->key);
	for (size_t i = 0; i < NAMES; i++) {
		char *text;

		memcpy(&text, (const char *)entry + names[i].offset,
		       sizeof text);
		value_add_maybe(&tree, root, names[i].name, text);
	}
	value_add_int(&tree, root, "at", entry->at);
	depends = value_list(&tree, root, "depends");
	FOR_EACH (char *, key, &entry->depends)
		value_add_string(&tree, depends, NULL, *key);
	value_add_int(&tree, root, "micros", entry->micros);
	usage_print(&tree, root, &entry->usage);
	if (entry->shared)
		value_add_bool(&tree, root, "shared", 1);
	value_add_bool(&tree, root, "z", compressed);
	value_add_int(&tree, root, "bytes", (int64_t)raw);
	json_print(out, root);
	buf_setlen(out, out->len - 1);
}

static void print_entry(struct buf *out, const struct reply_entry *entry,
			const struct reply *reply)
{
	CLEANUP(buf_release) struct buf json = BUF_INIT;
	CLEANUP(buf_release) struct buf shorter = BUF_INIT;
	uint32_t crc;

	reply_print(&json, reply);
	int z = json.len > WORTH && zlib_deflate(&shorter, json.data, json.len);
	const struct buf *body = z ? &shorter : &json;
	print_header(out, entry, z, json.len);
	crc = crc32c(0, out->data, out->len);
	crc = crc32c(crc, body->data, body->len);
	buf_addf(out, ",\"crc\":\"%08x\"}\n", (unsigned)crc);
	buf_add(out, body->data, body->len);
}

struct error *replies_put(const char *dir, const struct reply_entry *entry,
			  const struct reply *reply)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	if (!reply_key_valid(entry->key))
		BUG("'%s' is no key of a reply", entry->key);
	CLEANUP(free_str) char *path = reply_entry_path(dir, entry->key);
	print_entry(&text, entry, reply);
	return error_wrap(file_write(path, text.data, text.len, FILE_PLAIN),
			  "cannot keep a reply");
}

static struct error *sync_one(const char *path, int (*sync)(int fd))
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int failed = fd < 0 || sync(fd);
	struct error *err =
		failed ? error_errno("cannot sync '%s'", path) : NULL;

	if (fd >= 0)
		close(fd);
	return err;
}

struct error *replies_sync(const char *dir, const struct strings *keys)
{
	if (keys->len > FEW)
		return sync_one(dir, syncfs);
	FOR_EACH (char *, key, keys) {
		CLEANUP(free_str) char *path = reply_entry_path(dir, *key);
		CLEANUP(free_str) char *folder = path_parent(path);

		TRY(sync_one(path, fsync));
		TRY(sync_one(folder, fsync));
	}
	return NULL;
}

static struct error *damaged(const char *why)
{
	return error_new(ERROR_INVALID, "a damaged entry: %s", why);
}

static struct error *check_crc(const struct buf *file, size_t header)
{
	char text[CRC_LEN + 1];
	uint32_t crc;

	if (header < CRC_LEN)
		return damaged("no header");
	crc = crc32c(0, file->data, header - CRC_LEN);
	crc = crc32c(crc, file->data + header + 1, file->len - header - 1);
	snprintf(text, sizeof text, ",\"crc\":\"%08x\"}", (unsigned)crc);
	if (memcmp(file->data + header - CRC_LEN, text, CRC_LEN))
		return damaged("its checksum is wrong");
	return NULL;
}

static struct error *read_header(struct reply_entry *out,
				 const struct value *root)
{
	const char *key = value_text(value_get(root, "key"), "");

	if (value_int(value_get(root, "v"), 0) != 1 || !reply_key_valid(key))
		return damaged("its header is of another form");
	memcpy(out->key, key, sizeof out->key);
	for (size_t i = 0; i < NAMES; i++) {
		const struct value *name = value_get(root, names[i].name);
		char *text = xstrdup(value_text(name, NULL));

		memcpy((char *)out + names[i].offset, &text, sizeof text);
	}
	out->at = value_int(value_get(root, "at"), 0);
	value_strings(&out->depends, value_get(root, "depends"));
	out->micros = value_int(value_get(root, "micros"), -1);
	usage_read(&out->usage, value_get(root, "usage"));
	out->shared = value_bool(value_get(root, "shared"), 0);
	return NULL;
}

/* The body as it was before it was compressed. */
static struct error *read_body(struct buf *out, const struct value *header,
			       const char *data, size_t len)
{
	int64_t raw = value_int(value_get(header, "bytes"), -1);

	if (raw < 0 || raw > MOST_BYTES)
		return damaged("its length");
	if (value_bool(value_get(header, "z"), 0))
		return zlib_inflate(out, (size_t)raw, data, len);
	buf_add(out, data, len);
	return NULL;
}

static struct error *parse(struct reply *reply, struct reply_entry *out,
			   const struct buf *file)
{
	CLEANUP(tree_release) struct tree header = TREE_INIT;
	CLEANUP(buf_release) struct buf body = BUF_INIT;
	const char *end = memchr(file->data, '\n', file->len);
	size_t len = end ? (size_t)(end - file->data) : 0;

	TRY(check_crc(file, len));
	TRY(json_parse(&header, file->data, len));
	TRY(read_header(out, header.root));
	out->size = (int64_t)file->len;
	if (!reply)
		return NULL;
	TRY(read_body(&body, header.root, end + 1, file->len - len - 1));
	return reply_parse(reply, body.data, body.len);
}

struct error *reply_entry_parse(struct reply *reply, struct reply_entry *out,
				const struct buf *file)
{
	CLEANUP(reply_entry_release) struct reply_entry entry = { .at = 0 };
	struct reply fresh;

	TRY(parse(reply ? &fresh : NULL, &entry, file));
	if (reply) {
		reply_release(reply);
		*reply = fresh;
	}
	*out = entry;
	entry = (struct reply_entry){ .at = 0 };
	return NULL;
}

struct error *reply_entry_read(struct reply *reply, struct reply_entry *out,
			       const char *dir, const char *key)
{
	CLEANUP(free_str) char *path = reply_entry_path(dir, key);
	CLEANUP(reply_entry_release) struct reply_entry entry = { .at = 0 };
	CLEANUP(buf_release) struct buf file = BUF_INIT;

	TRY(file_read(&file, path, MOST_BYTES));
	TRY(parse(reply, &entry, &file));
	if (strcmp(entry.key, key)) {
		if (reply)
			reply_release(reply);
		return damaged("it is another's");
	}
	*out = entry;
	entry = (struct reply_entry){ .at = 0 };
	return NULL;
}

int reply_expired(const struct reply_entry *entry,
		  const struct reply_expiry *expiry, int64_t now)
{
	static const struct reply_expiry none = { 0 };
	const struct reply_expiry *set = expiry ? expiry : &none;
	const char *stage = entry->stage ? entry->stage : "";
	int64_t most = set->other ? set->other : 72 * HOUR;

	if (!strcmp(stage, "brainstorm"))
		most = set->brainstorm ? set->brainstorm : 168 * HOUR;
	else if (!strcmp(stage, "integration"))
		most = set->integration ? set->integration : 24 * HOUR;
	return now && (now - entry->at >= most || entry->at - now > AHEAD);
}

static struct error *none(const char *key)
{
	return error_new(ERROR_NOT_FOUND, "no reply is kept under '%s'", key);
}

struct error *replies_get(struct reply *out, struct reply_entry *entry,
			  const char *dir, const char *key,
			  const struct reply_expiry *expiry, int64_t now)
{
	CLEANUP(reply_entry_release) struct reply_entry found = { .at = 0 };
	struct reply reply;

	if (!reply_key_valid(key))
		return none(key);
	struct error *err = reply_entry_read(&reply, &found, dir, key);
	if (error_is(err, ERROR_INVALID)) {
		CLEANUP(free_str) char *path = reply_entry_path(dir, key);

		error_free(err);
		TRY(file_remove(path));
		return none(key);
	}
	TRY(err);
	if (reply_expired(&found, expiry, now)) {
		reply_release(&reply);
		return none(key);
	}
	reply_release(out);
	*out = reply;
	*entry = found;
	found = (struct reply_entry){ .at = 0 };
	return NULL;
}
