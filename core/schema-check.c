/*
 * The check of a value against a schema.  It goes on after each finding, so
 * that an author mends a document in one round; only where the type is wrong
 * are the rules below it skipped, since they would say the same again.
 */
#include "core/schema-type.h"

#include "core/json.h"
#include "core/nearest.h"

#include <stdlib.h>
#include <string.h>

/* A schema may refer to itself; documents are at most 64 levels deep. */
#define MAX_DEPTH 256

/*
 * Where a check is: what is tested, against what, where findings go, and how
 * many may be there.
 */
struct check {
	const struct schema *schema;
	struct findings *out;
	size_t most;
	int depth;
};

static void check_node(const struct check *check, const struct value *node,
		       const struct value *value);

/* "result.checks[0].exit"; empty for the root. */
static void add_place(struct buf *out, const struct value *value)
{
	if (!value || !value->parent)
		return;
	add_place(out, value->parent);
	if (value->key)
		buf_addf(out, out->len ? ".%s" : "%s", value->key);
	else
		buf_addf(out, "[%zu]", value->index);
}

/* Nobody reads so many, and a hostile document has as many as it likes. */
static int is_full(const struct check *check)
{
	return check->out->len >= check->most;
}

/* The subject of a message: "'priority'", or "the document". */
static void add_name(struct buf *out, const struct value *value)
{
	CLEANUP(buf_release) struct buf place = BUF_INIT;

	add_place(&place, value);
	if (place.len)
		buf_addf(out, "'%s'", place.data);
	else
		buf_str(out, "the document");
}

/* What stands there: "'high'", "a list", "empty"; long texts are cut. */
static void add_actual(struct buf *out, const struct value *value)
{
	if (type_is_empty(value)) {
		buf_str(out, "empty");
	} else if (value->kind == VALUE_LIST || value->kind == VALUE_OBJECT) {
		buf_str(out,
			value->kind == VALUE_LIST ? "a list" : "a mapping");
	} else {
		size_t len = strcspn(value->text, "\n");
		int cut = len > 60 || value->text[len];

		if (len > 60)
			for (len = 60; (value->text[len] & 0xc0) == 0x80;)
				len--;
		buf_addf(out, "'%.*s%s'", (int)len, value->text,
			 cut ? "..." : "");
	}
}

static void add_list(struct buf *out, const struct value *list)
{
	VALUE_EACH(it, list)
	buf_addf(out, it == list->child ? "%s" : ", %s",
		 it->text ? it->text : "null");
}

static void add_range(struct buf *out, const struct value *node)
{
	const char *min = value_text(value_get(node, "minimum"), NULL);
	const char *max = value_text(value_get(node, "maximum"), NULL);

	if (min && max)
		buf_addf(out, " from %s to %s", min, max);
	else if (min)
		buf_addf(out, " of at least %s", min);
	else if (max)
		buf_addf(out, " of at most %s", max);
}

static void add_type(struct buf *out, const struct value *node,
		     const char *type)
{
	static const char *const names[][2] = {
		{ "null", "empty" },         { "boolean", "true or false" },
		{ "integer", "an integer" }, { "number", "a number" },
		{ "string", "text" },        { "array", "a list" },
		{ "object", "a mapping" },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(type, names[i][0]))
			buf_str(out, names[i][1]);
	if (!strcmp(type, "integer") || !strcmp(type, "number"))
		add_range(out, node);
}

/* What is wanted there: "an integer from 1 to 5", "one of a, b". */
static void add_wanted(struct buf *out, const struct value *node)
{
	const struct value *type = value_get(node, "type");
	const struct value *choice = value_get(node, "enum");

	if (choice) {
		buf_str(out, "one of ");
		add_list(out, choice);
	} else if (type && type->kind == VALUE_LIST) {
		VALUE_EACH(it, type)
		{
			if (it != type->child)
				buf_str(out, " or ");
			add_type(out, node, it->text);
		}
	} else if (type) {
		add_type(out, node, type->text);
	}
}

/* "'priority' must be an integer from 1 to 5, not 'high'". */
static struct finding *add_mismatch(const struct check *check, const char *rule,
				    const struct value *node,
				    const struct value *value)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	add_name(&text, value);
	buf_str(&text, " must be ");
	add_wanted(&text, node);
	buf_str(&text, ", not ");
	add_actual(&text, value);
	return finding_add(check->out, rule, value, "%s", text.data);
}

/* A finding whose message begins with the value's name. */
static struct finding *add(const struct check *check, const char *rule,
			   const struct value *value, const char *text)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT;

	add_name(&name, value);
	return finding_add(check->out, rule, value, "%s %s", name.data, text);
}

static void wrong_type(const struct check *check, const struct value *node,
		       const struct value *value)
{
	struct finding *finding = add_mismatch(check, "type", node, value);
	const char *type = value_text(value_get(node, "type"), "");

	if (type_is_empty(value) && !strcmp(type, "array"))
		finding_hint(finding, "write [] or leave the key out");
	else if (value && type_is_yaml(value) && value->style != STYLE_PLAIN &&
		 strcmp(type, "array") != 0 && strcmp(type, "object") != 0)
		finding_hint(finding, "write it without quotes");
}

static void check_enum(const struct check *check, const struct value *node,
		       const struct value *value)
{
	const struct value *choice = value_get(node, "enum");
	const char *names[64];
	size_t n = 0;

	VALUE_EACH(it, choice)
	{
		if (type_is_constant(it, value))
			return;
		if (it->text && n < sizeof names / sizeof *names)
			names[n++] = it->text;
	}
	if (!choice)
		return;
	struct finding *finding = add_mismatch(check, "enum", node, value);
	const char *text = value_text(value, NULL);
	const char *near = text ? nearest(text, names, n) : NULL;
	if (near)
		finding_hint(finding, "did you mean '%s'?", near);
}

static void check_const(const struct check *check, const struct value *node,
			const struct value *value)
{
	const struct value *constant = value_get(node, "const");
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	if (!constant || type_is_constant(constant, value))
		return;
	buf_addf(&text, "must be %s, not ", value_text(constant, "null"));
	add_actual(&text, value);
	add(check, "const", value, text.data);
}

static void check_range(const struct check *check, const struct value *node,
			const struct value *value)
{
	const struct value *min = value_get(node, "minimum");
	const struct value *max = value_get(node, "maximum");
	double number;

	if ((!min && !max) || !type_number(&number, value))
		return;
	if ((min && number < min->number) || (max && number > max->number))
		add_mismatch(check, "range", node, value);
}

static int64_t characters(const struct value *value)
{
	int64_t n = 0;

	for (size_t i = 0; i < value->len; i++)
		n += (value->text[i] & 0xc0) != 0x80;
	return n;
}

static void check_length(const struct check *check, const struct value *node,
			 const struct value *value)
{
	int64_t min = value_int(value_get(node, "minLength"), 0);
	int64_t max = value_int(value_get(node, "maxLength"), INT64_MAX);
	int64_t n = characters(value);
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	if (n >= min && n <= max)
		return;
	if (!n)
		buf_str(&text, "must not be empty");
	else if (n < min)
		buf_addf(&text, "must have at least %lld characters, not %lld",
			 (long long)min, (long long)n);
	else
		buf_addf(&text, "must have at most %lld characters, not %lld",
			 (long long)max, (long long)n);
	add(check, "length", value, text.data);
}

static void check_pattern(const struct check *check, const struct value *node,
			  const struct value *value)
{
	const char *pattern = value_text(value_get(node, "pattern"), NULL);
	const char *description =
		value_text(value_get(node, "description"), NULL);
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	int found = 0;

	if (!pattern)
		return;
	/* A text that exhausts the step limit does not match. */
	error_free(regex_search(&found, NULL, NULL,
				schema_pattern(check->schema, pattern),
				value->text, value->len, 0));
	if (found)
		return;
	buf_str(&text, "has the wrong form: ");
	add_actual(&text, value);
	struct finding *finding = add(check, "pattern", value, text.data);
	finding_hint(finding, "%s", description ? description : pattern);
}

static void check_count(const struct check *check, const struct value *node,
			const struct value *value)
{
	int64_t min = value_int(value_get(node, "minItems"), 0);
	int64_t max = value_int(value_get(node, "maxItems"), INT64_MAX);
	int64_t n = (int64_t)value->count;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	if (n >= min && n <= max)
		return;
	if (!n)
		buf_str(&text, "must not be empty");
	else
		buf_addf(&text, "must have at %s %lld items, not %lld",
			 n < min ? "least" : "most",
			 (long long)(n < min ? min : max), (long long)n);
	add(check, "count", value, text.data);
}

static void check_unique(const struct check *check, const struct value *node,
			 const struct value *value)
{
	struct map seen = MAP_INIT;

	if (!value_bool(value_get(node, "uniqueItems"), 0))
		return;
	VALUE_EACH(it, value)
	{
		CLEANUP(buf_release) struct buf key = BUF_INIT;
		CLEANUP(buf_release) struct buf text = BUF_INIT;

		if (is_full(check))
			break;
		json_print_canonical(&key, it);
		if (!map_set(&seen, key.data, it))
			continue;
		add_name(&text, value);
		buf_str(&text, " has ");
		add_actual(&text, it);
		finding_add(check->out, "duplicate", it, "%s twice", text.data);
	}
	map_release(&seen);
}

static void check_items(const struct check *check, const struct value *node,
			const struct value *value)
{
	const struct value *items = value_get(node, "items");

	check_count(check, node, value);
	check_unique(check, node, value);
	if (!items)
		return;
	VALUE_EACH(it, value)
	check_node(check, items, it);
}

/* " in 'checks[0]'", or nothing at the root. */
static void add_within(struct buf *out, const struct value *object)
{
	CLEANUP(buf_release) struct buf place = BUF_INIT;

	add_place(&place, object);
	if (place.len)
		buf_addf(out, " in '%s'", place.data);
}

static void unknown_key(const struct check *check,
			const struct value *properties,
			const struct value *value)
{
	CLEANUP(buf_release) struct buf within = BUF_INIT;
	CLEANUP(buf_release) struct buf list = BUF_INIT;
	const char **names = xcalloc(properties->count + 1, sizeof *names);
	size_t n = 0;

	VALUE_EACH(it, properties)
	{
		buf_addf(&list, n ? ", %s" : "%s", it->key);
		names[n++] = it->key;
	}
	add_within(&within, value->parent);
	struct finding *finding =
		finding_add(check->out, "unknown-key", value,
			    "unknown key '%s'%s", value->key, within.data);
	finding_at_key(finding, value);
	const char *near = nearest(value->key, names, n);
	if (near)
		finding_hint(finding, "did you mean '%s'?", near);
	else if (n)
		finding_hint(finding, "known here: %s", list.data);
	free(names);
}

static void check_members(const struct check *check, const struct value *node,
			  const struct value *value)
{
	const struct value *properties = value_get(node, "properties");
	CLEANUP(buf_release) struct buf within = BUF_INIT;

	add_within(&within, value);
	VALUE_EACH(it, value_get(node, "required"))
	if (!value_get(value, it->text))
		finding_add(check->out, "missing-key", value,
			    "missing key '%s'%s", it->text, within.data);
	VALUE_EACH(it, value)
	{
		const struct value *member = value_get(properties, it->key);

		if (is_full(check))
			return;
		if (member)
			check_node(check, member, it);
		else if (properties && value_get(node, "additionalProperties"))
			unknown_key(check, properties, it);
	}
}

/* How badly a branch of anyOf fits: another type is worse than any detail. */
static size_t misfit(const struct check *check, const struct value *branch,
		     const struct value *value, struct findings *out)
{
	struct check inner = *check;

	inner.out = out;
	inner.most = check->most - check->out->len;
	check_node(&inner, branch, value);
	return out->len +
	       (type_fitting(schema_follow(check->schema, branch), value)
			? 0
			: 100000);
}

static void check_any(const struct check *check, const struct value *node,
		      const struct value *value)
{
	CLEANUP(findings_release) struct findings best = FINDINGS_INIT;
	size_t least = SIZE_MAX;

	VALUE_EACH(it, value_get(node, "anyOf"))
	{
		struct findings found = FINDINGS_INIT;
		size_t score = misfit(check, it, value, &found);

		if (score < least) {
			struct findings worse = best;

			best = found;
			found = worse;
			least = score;
		}
		findings_release(&found);
	}
	FOR_EACH (struct finding, it, &best)
		*PUSH(check->out) = *it;
	best.len = 0;
}

static void check_node(const struct check *outer, const struct value *node,
		       const struct value *value)
{
	struct check check = *outer;

	if (++check.depth > MAX_DEPTH || is_full(&check))
		return;
	if (value_get(node, "$ref"))
		check_node(&check, schema_follow(check.schema, node), value);
	const char *type = type_fitting(node, value);
	if (!type) {
		wrong_type(&check, node, value);
		return;
	}
	check_enum(&check, node, value);
	check_const(&check, node, value);
	check_any(&check, node, value);
	if (!value)
		return;
	if (value->kind == VALUE_LIST)
		check_items(&check, node, value);
	else if (value->kind == VALUE_OBJECT)
		check_members(&check, node, value);
	else if (!strcmp(type, "integer") || !strcmp(type, "number"))
		check_range(&check, node, value);
	else if (!strcmp(type, "string")) {
		check_length(&check, node, value);
		check_pattern(&check, node, value);
	}
}

void schema_check_node(const struct schema *schema, const struct value *node,
		       const struct value *value, struct findings *out)
{
	struct check check = { schema, out, out->len + FINDINGS_MOST + 1, 0 };

	check_node(&check, node, value);
}

void schema_check(const struct schema *schema, const struct value *value,
		  struct findings *out)
{
	schema_check_node(schema, schema_root(schema), value, out);
}
