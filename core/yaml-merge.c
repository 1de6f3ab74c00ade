/*
 * Merge by field: text merge would put conflict markers into documents that
 * two programs wrote side by side, though each wrote fields of its own.
 */
#include "core/yaml-edit.h"

#include "core/yaml.h"

#include <string.h>

/* One version of the document, with its fields by name. */
struct version {
	const struct buf *text; /* NULL: there is none */
	struct tree tree;
	struct map fields;
};

static void version_release(struct version *version)
{
	map_release(&version->fields);
	tree_release(&version->tree);
}

static struct error *version_read(struct version *version)
{
	const struct buf *text = version->text;

	if (!text)
		return NULL;
	TRY(yaml_parse(&version->tree, text->data, text->len, NULL));
	if (!version->tree.root || version->tree.root->kind != VALUE_OBJECT)
		return error_new(ERROR_INVALID, "the document is no mapping");
	VALUE_EACH(it, version->tree.root)
	map_set(&version->fields, it->key, it);
	return NULL;
}

enum side { OURS, THEIRS, NEITHER };

struct merge {
	struct version base;
	struct version ours;
	struct version theirs;
	const char *const *theirs_fields;
};

static void merge_release(struct merge *merge)
{
	version_release(&merge->base);
	version_release(&merge->ours);
	version_release(&merge->theirs);
}

static int is_listed(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return 1;
	return 0;
}

static enum side choose(const struct merge *merge, const char *field)
{
	const struct value *ours = map_get(&merge->ours.fields, field);
	const struct value *theirs = map_get(&merge->theirs.fields, field);
	const struct value *base = map_get(&merge->base.fields, field);

	if (value_equal(ours, theirs))
		return OURS;
	if (!merge->base.text)
		return is_listed(merge->theirs_fields, field) ? THEIRS : OURS;
	if (value_equal(theirs, base))
		return OURS;
	return value_equal(ours, base) ? THEIRS : NEITHER;
}

/* Goes over the fields of one version, but for those the other has too. */
static struct error *merge_fields(struct buf *text, const struct merge *merge,
				  const struct version *of,
				  const struct version *except,
				  struct strings *conflicts)
{
	VALUE_EACH(it, of->tree.root)
	{
		if (except && map_get(&except->fields, it->key))
			continue;
		enum side side = choose(merge, it->key);
		if (side == NEITHER)
			strings_add(conflicts, it->key);
		if (side != THEIRS)
			continue;
		struct yaml_piece piece = {
			merge->theirs.text,
			map_get(&merge->theirs.fields, it->key),
		};
		TRY(yaml_edit_take(text, it->key, &piece));
	}
	return NULL;
}

struct error *yaml_merge_fields(struct buf *out, const struct buf *base,
				const struct buf *ours,
				const struct buf *theirs,
				const char *const *theirs_fields,
				struct strings *conflicts)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(merge_release)
	struct merge merge = { .base.text = base,
			       .ours.text = ours,
			       .theirs.text = theirs,
			       .theirs_fields = theirs_fields };
	size_t before = conflicts->len;

	TRY(error_wrap(version_read(&merge.base), "common ancestor"));
	TRY(error_wrap(version_read(&merge.ours), "our version"));
	TRY(error_wrap(version_read(&merge.theirs), "their version"));
	buf_add(&text, ours->data, ours->len);
	TRY(merge_fields(&text, &merge, &merge.ours, NULL, conflicts));
	TRY(merge_fields(&text, &merge, &merge.theirs, &merge.ours, conflicts));
	if (conflicts->len > before)
		return NULL;
	buf_clear(out);
	buf_add(out, text.data, text.len);
	return NULL;
}
