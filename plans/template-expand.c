/* Templates applied: variables checked, documents and files rendered. */
#include "core/expand.h"
#include "core/nearest.h"
#include "core/regex.h"
#include "core/yaml-edit.h"
#include "core/yaml.h"
#include "gitops/layout.h"
#include "plans/template.h"

#include <stdlib.h>
#include <string.h>

static const struct template_var *var_of(const struct template *template,
					 const char *name, size_t len)
{
	FOR_EACH (struct template_var, var, &template->vars)
		if (strlen(var->name) == len && !memcmp(var->name, name, len))
			return var;
	return NULL;
}

static struct error *no_such_var(const struct template *template,
				 const char *given, size_t len)
{
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	FOR_EACH (struct template_var, var, &template->vars)
		buf_addf(&names, "%s%s", names.len ? ", " : "", var->name);
	return error_hint(error_new(ERROR_USAGE,
				    "template '%s' has no variable '%.*s'",
				    template->name, (int)len, given),
			  "it has: %s", names.len ? names.data : "none");
}

static struct error *set_given(struct map *out, struct arena *arena,
			       const struct template *template,
			       const char *given)
{
	const char *equals = strchr(given, '=');

	if (!equals)
		return error_hint(
			error_new(ERROR_USAGE, "'%s' is not name=value", given),
			"for example --var name=tally");
	const struct template_var *var =
		var_of(template, given, (size_t)(equals - given));
	if (!var)
		return no_such_var(template, given, (size_t)(equals - given));
	map_set(out, var->name,
		arena_strndup(arena, equals + 1, strlen(equals + 1)));
	return NULL;
}

static struct error *check_var(const struct template *template,
			       const struct template_var *var,
			       const char *value)
{
	CLEANUP(regex_release) struct regex *regex = NULL;
	int match = 1;

	if (!value)
		return error_hint(error_new(ERROR_USAGE,
					    "template '%s' needs '%s'",
					    template->name, var->name),
				  "--var %s=…: %s", var->name,
				  var->help ? var->help : "");
	if (!var->pattern)
		return NULL;
	TRY(regex_compile(&regex, var->pattern));
	TRY(regex_search(&match, NULL, NULL, regex, value, strlen(value), 0));
	if (match)
		return NULL;
	return error_hint(error_new(ERROR_USAGE, "%s '%s' does not match %s",
				    var->name, value, var->pattern),
			  "%s", var->help ? var->help : "");
}

struct error *template_vars(struct map *out, struct arena *arena,
			    const struct template *template,
			    const struct strings *given)
{
	FOR_EACH (struct template_var, var, &template->vars)
		if (var->value)
			map_set(out, var->name,
				arena_strndup(arena, var->value,
					      strlen(var->value)));
	FOR_EACH (char *, it, given)
		TRY(set_given(out, arena, template, *it));
	FOR_EACH (struct template_var, var, &template->vars)
		TRY(check_var(template, var, map_get(out, var->name)));
	return NULL;
}

/* Records the variables where the template's plan does not do so itself. */
static struct error *record_vars(struct buf *text,
				 const struct template *template,
				 const struct map *vars)
{
	CLEANUP(tree_release) struct tree have = TREE_INIT;
	CLEANUP(tree_release) struct tree want = TREE_INIT;
	struct value *list = value_list(&want, NULL, NULL);

	FOR_EACH (struct template_var, var, &template->vars) {
		struct value *row = value_object(&want, list, NULL);

		value_add_string(&want, row, "name", var->name);
		value_add_string(&want, row, "value", map_get(vars, var->name));
	}
	TRY(yaml_parse(&have, text->data, text->len, NULL));
	if (!list->count || value_equal(value_get(have.root, "vars"), list))
		return NULL;
	return yaml_edit_block(text, "vars", list);
}

/* Sets a field only where it says something else. */
static struct error *ensure(struct buf *text, const char *key,
			    const char *value)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	if (!value)
		return NULL;
	TRY(yaml_parse(&tree, text->data, text->len, NULL));
	if (!strcmp(value_text(value_get(tree.root, key), ""), value))
		return NULL;
	return yaml_edit_set(text, key, value);
}

/* What the plan must say, whatever the template says. */
static struct error *complete(struct buf *text, const struct template *template,
			      const char *id, const char *goal,
			      const struct map *vars)
{
	TRY(ensure(text, "id", id));
	TRY(ensure(text, "goal", goal));
	TRY(ensure(text, "template", template->name));
	return record_vars(text, template, vars);
}

static struct error *write_plan(struct workspace *work,
				const struct template *template, const char *id,
				const char *goal, const struct map *vars)
{
	const struct template_file *file = template_file(template, "plan.yaml");
	CLEANUP(free_str) char *path = layout_plan_file(id);
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	if (!file)
		return error_new(ERROR_INVALID,
				 "template '%s' has no plan.yaml",
				 template->name);
	TRY(error_wrap(
		expand_yaml(&text, file->text.data, file->text.len, vars),
		"template '%s': plan.yaml", template->name));
	TRY(error_wrap(complete(&text, template, id, goal, vars),
		       "template '%s': plan.yaml", template->name));
	return workspace_write(work, path, text.data, text.len, MODE_FILE);
}

/* A folder of the template, and where what is in it goes. */
struct part {
	const char *prefix; /* "phases/" */
	const char *folder; /* "" for the root */
	struct error *(*expand)(struct buf *out, const char *text, size_t len,
				const struct map *vars);
};

/* Writes one file at its expanded path. */
static struct error *write_file(struct workspace *work,
				const struct template *template,
				const struct template_file *file,
				const struct part *part, const struct map *vars)
{
	const char *relative = file->path + strlen(part->prefix);
	CLEANUP(buf_release) struct buf path = BUF_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	buf_str(&path, part->folder);
	TRY(error_wrap(expand(&path, relative, strlen(relative), vars),
		       "template '%s': %s", template->name, file->path));
	TRY(error_wrap(
		part->expand(&text, file->text.data, file->text.len, vars),
		"template '%s': %s", template->name, file->path));
	return workspace_write(work, path.data, text.data, text.len,
			       file->exec ? MODE_EXEC : MODE_FILE);
}

/* Writes every file of a part of the template; *n counts them. */
static struct error *write_part(size_t *n, struct workspace *work,
				const struct template *template,
				const struct part *part, const struct map *vars)
{
	size_t len = strlen(part->prefix);

	*n = 0;
	FOR_EACH (struct template_file, file, &template->files) {
		if (strncmp(file->path, part->prefix, len) != 0)
			continue;
		TRY(write_file(work, template, file, part, vars));
		++*n;
	}
	return NULL;
}

struct error *template_plan(struct workspace *work,
			    const struct template *template, const char *id,
			    const char *goal, const struct map *vars)
{
	CLEANUP(free_str)
	char *folder = xasprintf(".orch/plans/%s/phases/", id);
	const struct part phases = { "phases/", folder, expand_yaml };
	size_t n = 0;

	TRY(write_plan(work, template, id, goal, vars));
	TRY(write_part(&n, work, template, &phases, vars));
	if (!n)
		return error_new(ERROR_INVALID, "template '%s' has no phases",
				 template->name);
	return NULL;
}

struct error *template_render(struct workspace *work,
			      const struct template *template,
			      const char *phase, const struct map *vars)
{
	CLEANUP(free_str) char *prefix = xasprintf("files/%s/", phase);
	const struct part files = { prefix, "", expand };
	size_t n = 0;

	TRY(write_part(&n, work, template, &files, vars));
	if (!n)
		return error_hint(error_new(ERROR_NO,
					    "template '%s' has no files for "
					    "phase '%s'",
					    template->name, phase),
				  "add files/%s/ to the template, or give the "
				  "phase another agent",
				  phase);
	return NULL;
}
