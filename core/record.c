/* Recordings: written as they come, found by the request's key. */
#include "core/record.h"

#include "core/clock.h"
#include "core/file.h"
#include "core/json.h"

#include <stdlib.h>
#include <string.h>

#define MOST_BYTES (64 << 20)

static char *path_of(const char *dir, const struct request *request)
{
	char key[SHA256_HEX];

	request_key(key, request, "");
	return xasprintf("%s/%s.json", dir, key);
}

struct error *record_write(const char *dir, const char *driver,
			   const char *stage, const struct request *request,
			   const struct reply *reply)
{
	CLEANUP(free_str) char *path = path_of(dir, request);
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(tree_release) struct tree said = TREE_INIT;
	CLEANUP(buf_release) struct buf json = BUF_INIT;
	struct value *root = value_object(&tree, NULL, NULL);

	/* With stop and usage, which are not in the reply's own tree. */
	reply_print(&json, reply);
	TRY(json_parse(&said, json.data, json.len));
	value_add_int(&tree, root, "version", 1);
	value_add_string(&tree, root, "driver", driver);
	value_add_maybe(&tree, root, "stage", stage);
	value_add_copy(&tree, root, "request", request->tree.root);
	value_add_copy(&tree, root, "reply", said.root);
	json_print_pretty(&text, root);
	return error_wrap(file_write(path, text.data, text.len, FILE_PLAIN),
			  "cannot record");
}

static struct error *load(struct tree *out, const char *path)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	TRY(file_read(&text, path, MOST_BYTES));
	return error_wrap(json_parse(out, text.data, text.len), "'%s'", path);
}

static void cut(struct buf *out, const struct value *value)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	if (!value) {
		buf_str(out, "nothing");
		return;
	}
	json_print(&text, value);
	buf_add(out, text.data, text.len > 120 ? 120 : text.len);
	if (text.len > 120)
		buf_str(out, "...");
}

/*
 * Two texts that begin alike are shown from where they part, or a long prompt
 * would show nothing but what is the same.
 */
static void tell_texts(struct buf *out, const struct value *a,
		       const struct value *b)
{
	size_t same = 0;

	while (a->text[same] && a->text[same] == b->text[same])
		same++;
	while (same && ((unsigned char)a->text[same] & 0xc0) == 0x80)
		same--;
	buf_addf(out, "from byte %zu: '%.120s' was recorded, '%.120s' is asked",
		 same, a->text + same, b->text + same);
}

/* Where two trees first differ; how much was equal before, in values. */
struct difference {
	struct buf at; /* "messages.2.parts.0.text" */
	struct buf text;
	size_t equal;
};

static void differ(struct difference *out, const struct value *a,
		   const struct value *b)
{
	if (a && b && a->kind == VALUE_STRING && b->kind == VALUE_STRING) {
		tell_texts(&out->text, a, b);
		return;
	}
	cut(&out->text, a);
	buf_str(&out->text, " was recorded, ");
	cut(&out->text, b);
	buf_str(&out->text, " is asked");
}

/* 1: they differ, and where is in out. */
static int compare(struct difference *out, const struct value *a,
		   const struct value *b)
{
	size_t len = out->at.len, i = 0;

	if (!a || !b || a->kind != b->kind || !a->child || !b->child) {
		if (a && b && value_equal(a, b)) {
			out->equal++;
			return 0;
		}
		differ(out, a, b);
		return 1;
	}
	const struct value *other = b->child;
	VALUE_EACH(child, a)
	{
		if (child->key)
			buf_addf(&out->at, "%s%s", len ? "." : "", child->key);
		else
			buf_addf(&out->at, "%s%zu", len ? "." : "", i++);
		if (compare(out, child,
			    child->key ? value_get(b, child->key) : other))
			return 1;
		buf_setlen(&out->at, len);
		other = other ? other->next : NULL;
	}
	if (b->count <= a->count)
		return 0;
	/* b has members that a has not. */
	VALUE_EACH(child, b)
	if (child->key ? !value_get(a, child->key) : !child->next) {
		buf_addf(&out->at, "%s%s", len ? "." : "",
			 child->key ? child->key : "last");
		differ(out, NULL, child);
		return 1;
	}
	return 0;
}

static void difference_release(struct difference *difference)
{
	buf_release(&difference->at);
	buf_release(&difference->text);
}

static struct error *no_such(const char *dir, const char *nearest,
			     const struct difference *difference)
{
	if (!nearest)
		return error_hint(error_new(ERROR_NOT_FOUND,
					    "'%s' has no recorded request",
					    dir),
				  "record a run with --record %s", dir);
	return error_hint(
		error_new(ERROR_NOT_FOUND,
			  "this request was not recorded; the nearest differs "
			  "at %s, %s",
			  difference->at.len ? difference->at.data : "its root",
			  difference->text.data),
		"compare with '%s', or record the run again", nearest);
}

/* Tells apart by the recorded request that has most in common with it. */
static struct error *explain(const char *dir, const struct request *request)
{
	CLEANUP(difference_release)
	struct difference best = { BUF_INIT, BUF_INIT, 0 };
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(free_str) char *nearest = NULL;

	TRY(file_list(&names, dir));
	FOR_EACH (char *, name, &names) {
		CLEANUP(free_str) char *path = path_join(dir, *name);
		CLEANUP(tree_release) struct tree tree = TREE_INIT;
		struct difference one = { BUF_INIT, BUF_INIT, 0 };

		TRY(load(&tree, path));
		compare(&one, value_get(tree.root, "request"),
			request->tree.root);
		if (nearest && one.equal <= best.equal) {
			difference_release(&one);
			continue;
		}
		difference_release(&best);
		best = one;
		free(nearest);
		nearest = xstrdup(path);
	}
	return no_such(dir, nearest, &best);
}

struct error *record_read(struct reply *out, const char *dir,
			  const struct request *request)
{
	CLEANUP(free_str) char *path = path_of(dir, request);
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct error *err = load(&tree, path);

	if (error_is(err, ERROR_NOT_FOUND)) {
		error_free(err);
		return explain(dir, request);
	}
	TRY(err);
	struct reply reply;
	json_print(&text, value_get(tree.root, "reply"));
	TRY(error_wrap(reply_parse(&reply, text.data, text.len), "'%s'", path));
	reply_release(out);
	*out = reply;
	return NULL;
}
