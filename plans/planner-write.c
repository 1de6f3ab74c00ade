/*
 * From answers to documents.  New ones are printed in the style of the house;
 * those that are there, of a template or of a plan in progress, are edited
 * field by field, and one that says the same already keeps its bytes.
 *
 * Commands never come from an answer: the schemas of replies have no place for
 * one, and checks are named only.
 */
#include "core/yaml-edit.h"
#include "core/yaml.h"
#include "gitops/layout.h"
#include "plans/planner-step.h"

#include <string.h>

/* How a field is laid out; what is not named here is a block. */
static const struct layout {
	const char *key;
	int flow; /* on the key's line */
	int rows; /* a list with an item a line */
} layouts[] = {
	{ "depends_on", 1, 0 },       { "checks", 1, 0 },
	{ "commit", 1, 0 },           { "estimate", 1, 0 },
	{ "technology_stack", 0, 1 }, { "features", 0, 1 },
};

static const struct layout *layout_of(const char *key)
{
	static const struct layout block = { "", 0, 0 };

	for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
		if (!strcmp(layouts[i].key, key))
			return &layouts[i];
	return &block;
}

static void print_field(struct buf *out, const struct value *value)
{
	const struct yaml_form form = { 0, 2, 1 };
	const struct layout *layout = layout_of(value->key);

	buf_addf(out, "%s:", value->key);
	if (layout->flow) {
		buf_ch(out, ' ');
		yaml_print_flow(out, value);
		buf_ch(out, '\n');
	} else if (layout->rows) {
		buf_ch(out, '\n');
		VALUE_EACH(row, value)
		{
			buf_str(out, "  - ");
			yaml_print_flow(out, row);
			buf_ch(out, '\n');
		}
	} else {
		yaml_print_member(out, value, form);
	}
}

static void print_document(struct buf *out, const char *schema,
			   const struct value *want)
{
	buf_addf(out, "# yaml-language-server: $schema=%s\n", schema);
	VALUE_EACH(field, want)
	print_field(out, field);
}

/* Copies a member unless there is nothing in it. */
static void take_as(struct tree *tree, struct value *to, const char *key,
		    const struct value *value)
{
	if (!value || value->kind == VALUE_NULL ||
	    ((value->kind == VALUE_LIST || value->kind == VALUE_OBJECT) &&
	     !value->count))
		return;
	value_add_copy(tree, to, key, value);
}

static void take(struct tree *tree, struct value *to, const struct value *from,
		 const char *key)
{
	take_as(tree, to, key, value_get(from, key));
}

static void add_files(struct tree *tree, struct value *to,
		      const struct value *phase)
{
	const struct value *from = value_get(phase, "files");
	struct value *files = value_object(tree, to, "files");

	take(tree, files, from, "create");
	take(tree, files, from, "modify");
	take(tree, files, from, "delete");
}

/* The phase's document as the answer wants it. */
static void want_phase(struct tree *tree, const struct value *phase)
{
	struct value *root = value_object(tree, NULL, NULL);
	struct value *estimate;

	value_add_int(tree, root, "version", 1);
	take(tree, root, phase, "id");
	take(tree, root, phase, "title");
	take(tree, root, phase, "summary");
	take(tree, root, phase, "depends_on");
	take(tree, root, phase, "priority");
	take(tree, root, phase, "agent");
	take(tree, root, phase, "objectives");
	add_files(tree, root, phase);
	take(tree, root, phase, "tests");
	take(tree, root, phase, "acceptance");
	take(tree, root, phase, "checks");
	take(tree, root, phase, "commit");
	estimate = value_object(tree, root, "estimate");
	take(tree, estimate, phase, "complexity");
	take(tree, estimate, phase, "tokens");
	value_add_string(tree, root, "status", "planned");
}

/* Decisions of both answers, under ids of their own. */
static void add_decisions(struct tree *tree, struct value *root,
			  const struct planning *p)
{
	const struct value *lists[] = {
		value_get(p->synthesis.root, "decisions"),
		value_get(p->architecture.root, "decisions"),
	};
	struct value *out = value_list(tree, root, "decisions");
	int n = 0;

	for (size_t i = 0; i < 2; i++)
		VALUE_EACH(decision, lists[i])
		{
			struct value *row = value_object(tree, out, NULL);

			value_add_stringf(tree, row, "id", "d%d", ++n);
			take(tree, row, decision, "title");
			take(tree, row, decision, "choice");
			take(tree, row, decision, "why");
		}
}

static void add_stack(struct tree *tree, struct value *root,
		      const struct value *architecture)
{
	struct value *out = value_list(tree, root, "technology_stack");

	VALUE_EACH(technology, value_get(architecture, "technology_stack"))
	{
		struct value *row = value_object(tree, out, NULL);

		take(tree, row, technology, "name");
		take(tree, row, technology, "choice");
	}
}

static void add_components(struct tree *tree, struct value *root,
			   const struct value *architecture)
{
	struct value *out = value_list(tree, root, "components");

	VALUE_EACH(component, value_get(architecture, "components"))
	{
		struct value *row = value_object(tree, out, NULL);

		take(tree, row, component, "name");
		take(tree, row, component, "type");
		take(tree, row, component, "responsibilities");
	}
}

static void want_plan(struct tree *tree, const struct planning *p)
{
	const struct value *synthesis = p->synthesis.root;
	CLEANUP(tree_release) struct tree made = TREE_INIT;
	struct value *parts = value_object(&made, NULL, NULL);
	struct value *root = value_object(tree, NULL, NULL);

	add_stack(&made, parts, p->architecture.root);
	add_components(&made, parts, p->architecture.root);
	add_decisions(&made, parts, p);
	value_add_int(tree, root, "version", 1);
	value_add_string(tree, root, "id", p->out->plan);
	take(tree, root, synthesis, "title");
	value_add_string(tree, root, "goal", p->goal);
	take(tree, root, synthesis, "overview");
	take(tree, root, parts, "technology_stack");
	take_as(tree, root, "coding_standards",
		value_get(synthesis, "standards"));
	take(tree, root, parts, "components");
	take(tree, root, synthesis, "features");
	take(tree, root, parts, "decisions");
	take(tree, root, synthesis, "risks");
}

/* Fields that an answer empties by not having them. */
static struct error *drop_absent(struct buf *text, const struct value *have,
				 const struct value *want)
{
	static const char *const fields[] = { "depends_on", "objectives",
					      "files",      "tests",
					      "acceptance", "checks" };

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (value_get(have, fields[i]) && !value_get(want, fields[i]))
			TRY(yaml_edit_remove(text, fields[i]));
	return NULL;
}

/* Makes the document say what is wanted; the tool's own field is left. */
static struct error *edit_document(struct buf *text, enum document_kind kind,
				   const struct value *want)
{
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;
	CLEANUP(document_release) struct document have = DOCUMENT_INIT;
	const struct schema *schema;

	TRY(document_parse(&have, kind, "", text->data, text->len, &findings));
	if (findings_failing(&findings))
		return findings_error(&findings);
	TRY(document_schema(&schema, kind));
	schema_apply(schema, have.tree.root);
	VALUE_EACH(field, want)
	{
		const struct value *old = value_get(have.tree.root, field->key);

		if (!strcmp(field->key, "status") || value_equal(old, field))
			continue;
		TRY(yaml_edit_block(text, field->key, field));
	}
	return drop_absent(text, have.tree.root, want);
}

static struct error *read_maybe(struct buf *out, struct workspace *work,
				const char *path)
{
	struct error *err = workspace_read(out, work, path);

	if (!error_is(err, ERROR_NOT_FOUND))
		return err;
	error_free(err);
	return NULL;
}

/* Writes a text, without what looks like a secret. */
static struct error *put(struct workspace *work, struct planning *p,
			 const char *path, const struct buf *text)
{
	CLEANUP(buf_release) struct buf clean = BUF_INIT;

	TRY(secrets_redact(&clean, p->caller.secrets, text->data, text->len));
	return workspace_write(work, path, clean.data, clean.len, MODE_FILE);
}

/* Prints it anew, or edits what is there. */
static struct error *put_document(struct workspace *work, struct planning *p,
				  enum document_kind kind, const char *path,
				  const struct value *want)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(buf_release) struct buf old = BUF_INIT;

	TRY(read_maybe(&old, work, path));
	if (!old.len) {
		print_document(&text,
			       kind == DOCUMENT_PLAN
				       ? "../../schema/plan.json"
				       : "../../../schema/phase.json",
			       want);
		return put(work, p, path, &text);
	}
	buf_add(&text, old.data, old.len);
	TRY(error_wrap(edit_document(&text, kind, want), "%s", path));
	if (text.len == old.len && !memcmp(text.data, old.data, old.len))
		return NULL;
	return put(work, p, path, &text);
}

static struct error *put_phases(struct workspace *work, struct planning *p,
				const struct value *phases)
{
	VALUE_EACH(phase, phases)
	{
		CLEANUP(tree_release) struct tree want = TREE_INIT;
		const char *id = value_text(value_get(phase, "id"), "");
		CLEANUP(free_str)
		char *path = layout_phase_file(p->out->plan, id);

		want_phase(&want, phase);
		TRY(put_document(work, p, DOCUMENT_PHASE, path, want.root));
	}
	return NULL;
}

static int has_phase(const struct value *phases, const char *file)
{
	VALUE_EACH(phase, phases)
	{
		const char *id = value_text(value_get(phase, "id"), "");
		size_t len = strlen(id);

		if (!strncmp(file, id, len) && !strcmp(file + len, ".yaml"))
			return 1;
	}
	return 0;
}

/* Phases of the template that the answer left out. */
static struct error *drop_phases(struct workspace *work, struct planning *p,
				 const struct value *phases)
{
	CLEANUP(free_str)
	char *folder = xasprintf(".orch/plans/%s/phases", p->out->plan);
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	struct error *err = workspace_names(&names, work, folder);

	if (error_is(err, ERROR_NOT_FOUND)) {
		error_free(err);
		return NULL;
	}
	TRY(err);
	FOR_EACH (char *, name, &names) {
		CLEANUP(free_str)
		char *path = xasprintf("%s/%s", folder, *name);

		if (!has_phase(phases, *name))
			TRY(workspace_delete(work, path));
	}
	return NULL;
}

static struct error *skip(struct workspace *work, struct planning *p,
			  const struct value *answer)
{
	VALUE_EACH(row, value_get(answer, "skip"))
	{
		const char *id = value_text(value_get(row, "id"), "");
		CLEANUP(free_str)
		char *path = layout_phase_file(p->out->plan, id);
		CLEANUP(buf_release) struct buf text = BUF_INIT;

		TRY(workspace_read(&text, work, path));
		TRY(yaml_edit_set(&text, "status", "skipped"));
		TRY(yaml_edit_set(&text, "reason",
				  value_text(value_get(row, "reason"), "")));
		TRY(put(work, p, path, &text));
	}
	return NULL;
}

static struct error *put_page(struct workspace *work, struct planning *p,
			      const char *name, const struct buf *text)
{
	CLEANUP(free_str) char *path = layout_doc_file(p->out->plan, name);

	return put(work, p, path, text);
}

/* A plan in progress: its own document stays, its story goes on. */
static struct error *write_change(struct workspace *work, struct planning *p,
				  const struct value *answer)
{
	CLEANUP(free_str)
	char *path = layout_doc_file(p->out->plan, "brainstorm.md");
	CLEANUP(buf_release) struct buf page = BUF_INIT;

	TRY(put_phases(work, p, value_get(answer, "phases")));
	TRY(skip(work, p, answer));
	TRY(read_maybe(&page, work, path));
	page_change(&page, p, answer);
	return put(work, p, path, &page);
}

static struct error *write_new(struct workspace *work, struct planning *p,
			       const struct value *answer)
{
	const struct value *phases = value_get(answer, "phases");
	CLEANUP(free_str) char *path = layout_plan_file(p->out->plan);
	CLEANUP(buf_release) struct buf story = BUF_INIT;
	CLEANUP(buf_release) struct buf design = BUF_INIT;
	CLEANUP(tree_release) struct tree want = TREE_INIT;

	want_plan(&want, p);
	TRY(put_document(work, p, DOCUMENT_PLAN, path, want.root));
	TRY(drop_phases(work, p, phases));
	TRY(put_phases(work, p, phases));
	page_brainstorm(&story, p, phases);
	page_architecture(&design, p);
	TRY(put_page(work, p, "brainstorm.md", &story));
	return put_page(work, p, "architecture.md", &design);
}

struct error *write_documents(struct oid *out, struct planning *p,
			      const struct value *answer)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;

	TRY(workspace_open(&work, p->project->repo, &p->tree));
	TRY(p->request->replan ? write_change(work, p, answer)
			       : write_new(work, p, answer));
	return workspace_write_tree(out, work);
}

struct error *document_intent(struct buf *out, struct repo *repo,
			      const struct oid *tree, const char *path)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(tree_release) struct tree have = TREE_INIT;
	CLEANUP(tree_release) struct tree kept = TREE_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct value *root = value_object(&kept, NULL, NULL);

	TRY(workspace_open(&work, repo, tree));
	TRY(read_maybe(&text, work, path));
	TRY(error_wrap(yaml_parse(&have, text.data, text.len, NULL), "%s",
		       path));
	VALUE_EACH(field, have.root)
	if (strcmp(field->key, "result") != 0)
		value_add_copy(&kept, root, field->key, field);
	yaml_print(out, root, 0);
	return NULL;
}
