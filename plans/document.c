/*
 * Documents.  What a kind is called, where it lies and which schema it has is
 * one row of a table; a schema is parsed once per process, because validating
 * ten thousand phases asks for it ten thousand times.
 */
#include "plans/document.h"

#include "core/embed.h"
#include "core/yaml.h"

#include <stdlib.h>
#include <string.h>

static const struct kind {
	const char *name;
	const char *schema; /* below templates/ */
	const char *keys[8]; /* that only this kind has at its root */
} kinds[] = {
	[DOCUMENT_CONFIG] = { "config",
			      "schema/config.json",
			      { "providers", "agents", "policy", "budget",
				"delivery" } },
	[DOCUMENT_PLAN] = { "plan",
			    "schema/plan.json",
			    { "goal", "technology_stack", "components",
			      "features", "overview", "abandoned" } },
	[DOCUMENT_PHASE] = { "phase",
			     "schema/phase.json",
			     { "acceptance", "depends_on", "files", "status",
			       "objectives", "summary", "result" } },
};
#define KINDS (sizeof kinds / sizeof *kinds)

/* The part of a path behind its last ".orch/", or NULL. */
static const char *below_orch(const char *path)
{
	const char *found = NULL;

	for (const char *at = path; (at = strstr(at, ".orch/")); at++)
		if (at == path || at[-1] == '/')
			found = at + strlen(".orch/");
	return found;
}

static int ends_with(const char *text, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && !memcmp(text + len - n, end, n);
}

int document_kind_of(enum document_kind *out, const char *path)
{
	const char *rest = below_orch(path);
	const char *plan, *file;

	if (!rest)
		return 0;
	if (!strchr(rest, '/') && ends_with(rest, strlen(rest), ".yaml") &&
	    (!strncmp(rest, "config.", 7))) {
		*out = DOCUMENT_CONFIG;
		return 1;
	}
	if (strncmp(rest, "plans/", 6))
		return 0;
	plan = rest + 6;
	file = strchr(plan, '/');
	if (!file || file == plan)
		return 0;
	if (!strcmp(++file, "plan.yaml")) {
		*out = DOCUMENT_PLAN;
		return 1;
	}
	if (strncmp(file, "phases/", 7) || strchr(file + 7, '/') ||
	    !ends_with(file + 7, strlen(file + 7), ".yaml"))
		return 0;
	*out = DOCUMENT_PHASE;
	return 1;
}

int document_kind_guess(enum document_kind *out, const struct value *root)
{
	size_t best = 0;

	for (size_t i = 0; i < KINDS; i++) {
		size_t n = 0;

		for (size_t k = 0; k < 8 && kinds[i].keys[k]; k++)
			n += value_get(root, kinds[i].keys[k]) != NULL;
		if (n > best) {
			best = n;
			*out = (enum document_kind)i;
		}
	}
	return best > 0;
}

void document_release(struct document *document)
{
	free(document->path);
	document->path = NULL;
	buf_release(&document->text);
	tree_release(&document->tree);
}

struct place place_of(const struct value *value)
{
	struct place place = { 0, 0 };

	if (value) {
		place.line = value->span.line;
		place.column = value->span.column;
	}
	return place;
}

struct finding *finding_at(struct finding *finding, const char *path,
			   struct place place)
{
	free(finding->path);
	finding->path = xstrdup(path);
	finding->line = place.line;
	finding->column = place.column;
	return finding;
}

struct finding *finding_put(struct findings *list, const char *rule,
			    const char *path, struct place place,
			    const char *fmt, ...)
{
	CLEANUP(free_str) char *message = NULL;
	va_list args;

	va_start(args, fmt);
	message = xvasprintf(fmt, args);
	va_end(args);
	return finding_at(finding_add(list, rule, NULL, "%s", message), path,
			  place);
}

static struct error *redact(char **text, const struct secrets *secrets)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT;

	if (!*text)
		return NULL;
	TRY(secrets_redact(&out, secrets, *text, strlen(*text)));
	free(*text);
	*text = buf_steal(&out);
	return NULL;
}

struct error *findings_redact(struct findings *list,
			      const struct secrets *secrets)
{
	FOR_EACH (struct finding, finding, list) {
		TRY(redact(&finding->path, secrets));
		TRY(redact(&finding->message, secrets));
		TRY(redact(&finding->hint, secrets));
	}
	return NULL;
}

struct error *findings_hide(struct findings *list)
{
	CLEANUP(secrets_free) struct secrets *secrets = NULL;

	if (!list->len)
		return NULL;
	TRY(secrets_load(&secrets, NULL));
	return findings_redact(list, secrets);
}

struct error *findings_error(struct findings *list)
{
	CLEANUP(buf_release) struct buf where = BUF_INIT;
	const struct finding *first = NULL;

	TRY(findings_hide(list));
	findings_sort(list);
	FOR_EACH (const struct finding, it, list)
		if (!it->note) {
			first = it;
			break;
		}
	if (!first)
		return NULL;
	if (first->path)
		buf_str(&where, first->path);
	if (first->path && first->line)
		buf_addf(&where, ":%u:%u", first->line, first->column);
	return error_hint(error_new(ERROR_INVALID, "%s%s%s", where.data,
				    where.len ? ": " : "", first->message),
			  "see everything that is wrong with "
			  "'git orch validate'");
}

struct error *document_schema(const struct schema **out,
			      enum document_kind kind)
{
	static struct schema *parsed[KINDS];
	struct embed file;

	if (!parsed[kind]) {
		if (!embed_find(&file, kinds[kind].schema))
			BUG("no %s in the binary", kinds[kind].schema);
		TRY(schema_parse(&parsed[kind], kinds[kind].schema, file.data,
				 file.len));
	}
	*out = parsed[kind];
	return NULL;
}

/* A text libyaml or our limits refused, as a finding. */
static void add_fault(struct findings *findings, const char *path,
		      const struct yaml_fault *fault)
{
	struct place place = { fault->line, fault->column };
	struct finding *finding = finding_put(findings, "yaml", path, place,
					      "%s", fault->message);

	if (fault->hint)
		finding_hint(finding, "%s", fault->hint);
}

static struct error *parse(struct document *document, struct findings *findings)
{
	CLEANUP(yaml_fault_release) struct yaml_fault fault = YAML_FAULT_INIT;
	struct error *err = yaml_parse(&document->tree, document->text.data,
				       document->text.len, &fault);

	if (error_is(err, ERROR_INVALID) && fault.message) {
		add_fault(findings, document->path, &fault);
		error_free(err);
		return NULL;
	}
	TRY(err);
	if (!document->tree.root)
		finding_hint(finding_put(findings, "empty", document->path,
					 (struct place){ 0, 0 },
					 "the document is empty"),
			     "a %s begins with 'version: 1'",
			     kinds[document->kind].name);
	return NULL;
}

struct error *document_parse(struct document *out, enum document_kind kind,
			     const char *path, const char *text, size_t len,
			     struct findings *findings)
{
	CLEANUP(document_release) struct document made = DOCUMENT_INIT;
	const struct schema *schema;
	size_t first = findings->len;

	TRY(document_schema(&schema, kind));
	made.kind = kind;
	made.path = xstrdup(path);
	buf_add(&made.text, text, len);
	TRY(parse(&made, findings));
	if (made.tree.root)
		schema_check(schema, made.tree.root, findings);
	for (size_t i = first; i < findings->len; i++)
		if (!findings->items[i].path)
			findings->items[i].path = xstrdup(path);
	*out = made;
	made = (struct document)DOCUMENT_INIT;
	return NULL;
}

static void check_rows(const struct document *document,
		       const struct value *list, struct findings *findings)
{
	struct map seen = MAP_INIT;

	VALUE_EACH(row, list)
	{
		const struct value *name = value_get(row, "name");
		const struct value *first;

		if (!name || !name->text)
			continue;
		first = map_set(&seen, name->text, (void *)name);
		if (first)
			finding_put(findings, "duplicate-name", document->path,
				    place_of(name),
				    "'%s' is there already, in line %u",
				    name->text, first->span.line);
	}
	map_release(&seen);
}

void document_check_names(const struct document *document,
			  struct findings *findings)
{
	VALUE_EACH(list, document->tree.root)
	if (list->kind == VALUE_LIST)
		check_rows(document, list, findings);
}

#define ID_LONGEST 64

static int is_id_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

int id_reserved(const char *id)
{
	return !strcmp(id, "plan");
}

int id_valid(const char *id)
{
	size_t len = strlen(id);

	if (!len || len > ID_LONGEST || id_reserved(id))
		return 0;
	for (size_t i = 0; i < len; i++)
		if (!is_id_char(id[i]) &&
		    (id[i] != '-' || !i || i + 1 == len || id[i - 1] == '-'))
			return 0;
	return 1;
}

/* Cuts at the last '-' that leaves at most so many characters. */
static void cut_words(struct buf *id, size_t most)
{
	size_t end = most;

	if (id->len <= most)
		return;
	while (end && id->data[end] != '-')
		end--;
	buf_setlen(id, end ? end : most);
}

char *id_from_text(const char *text)
{
	struct buf id = BUF_INIT;

	for (; *text; text++) {
		char c = *text;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		/* An apostrophe does not part a word. */
		if (is_id_char(c))
			buf_ch(&id, c);
		else if (c != '\'' && id.len && id.data[id.len - 1] != '-')
			buf_ch(&id, '-');
	}
	while (id.len && id.data[id.len - 1] == '-')
		buf_setlen(&id, id.len - 1);
	cut_words(&id, ID_LONGEST);
	if (id_reserved(id.data))
		buf_str(&id, "-1");
	return buf_steal(&id);
}
