/*
 * Project templates, opened: from .orch/templates/ of the base where there is
 * one of that name, else from the binary.
 *
 * A template's files are read as a whole: they are small, and a template that
 * is broken is then found before anything is written.
 */
#include "plans/template.h"

#include "core/embed.h"
#include "core/nearest.h"
#include "core/yaml.h"
#include "gitops/path.h"
#include "plans/document.h"

#include <stdlib.h>
#include <string.h>

#define BUILTIN           "projects/"
#define OWN               ".orch/templates"
#define MAX_TEMPLATE_FILE (1 << 20)

void template_release(struct template *template)
{
	FOR_EACH (struct template_var, var, &template->vars) {
		free(var->name);
		free(var->value);
		free(var->pattern);
		free(var->help);
	}
	FOR_EACH (struct template_file, file, &template->files) {
		free(file->path);
		buf_release(&file->text);
	}
	free(template->vars.items);
	free(template->files.items);
	free(template->name);
	free(template->title);
	free(template->summary);
	*template = (struct template){ 0 };
}

static void builtin_names(struct strings *out)
{
	struct embed row;

	for (size_t i = 0; embed_at(&row, BUILTIN, i); i++) {
		const char *name = row.path + strlen(BUILTIN);
		const char *slash = strchr(name, '/');

		if (!slash || strcmp(slash, "/template.yaml") != 0)
			continue;
		strings_take(out, xstrndup(name, (size_t)(slash - name)));
	}
}

/* Absent is fine: then there is nothing in it. */
static struct error *
list_own(struct strings *out, const struct workspace *work, const char *folder,
	 struct error *(*list)(struct strings *, const struct workspace *,
			       const char *))
{
	struct error *err = list(out, work, folder);

	if (!error_is(err, ERROR_NOT_FOUND))
		return err;
	error_free(err);
	return NULL;
}

static struct error *own_names(struct strings *out, struct project *project)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	TRY(workspace_open(&work, project->repo, &project->base.tree));
	TRY(list_own(&names, work, OWN, workspace_names));
	FOR_EACH (char *, name, &names) {
		size_t len = strlen(*name);

		if (len < 2 || (*name)[len - 1] != '/')
			continue;
		(*name)[len - 1] = '\0';
		if (!strings_has(out, *name))
			strings_add(out, *name);
	}
	return NULL;
}

struct error *template_names(struct strings *out, struct project *project)
{
	builtin_names(out);
	if (project)
		TRY(own_names(out, project));
	strings_sort(out);
	return NULL;
}

static struct template_file *add_file(struct template *template,
				      const char *path)
{
	struct template_file *file = PUSH(&template->files);

	file->path = xstrdup(path);
	buf_init(&file->text);
	return file;
}

/* The binary's own files have no mode; a script says so by its first line. */
static void read_builtin(struct template *out, const char *name)
{
	CLEANUP(free_str) char *prefix = xasprintf(BUILTIN "%s/", name);
	struct embed row;

	for (size_t i = 0; embed_at(&row, prefix, i); i++) {
		struct template_file *file =
			add_file(out, row.path + strlen(prefix));

		buf_add(&file->text, row.data, row.len);
		file->exec = row.len > 2 && !memcmp(row.data, "#!", 2);
	}
	out->builtin = 1;
}

static struct error *read_own(struct template *out, struct project *project,
			      const char *name)
{
	CLEANUP(free_str) char *folder = xasprintf(OWN "/%s", name);
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(strings_release) struct strings paths = STRINGS_INIT;

	TRY(workspace_open(&work, project->repo, &project->base.tree));
	TRY(list_own(&paths, work, folder, workspace_list));
	FOR_EACH (char *, path, &paths) {
		enum file_mode mode;
		struct oid oid;
		struct template_file *file =
			add_file(out, *path + strlen(folder) + 1);

		TRY(error_wrap(path_check(file->path), "template '%s'", name));
		TRY(workspace_stat(&mode, &oid, work, *path));
		if (mode == MODE_LINK)
			return error_new(ERROR_INVALID,
					 "%s is a symbolic link; templates "
					 "hold files",
					 *path);
		TRY(error_wrap(blob_read(&file->text, project->repo, &oid,
					 MAX_TEMPLATE_FILE),
			       "%s", *path));
		file->exec = mode == MODE_EXEC;
	}
	return NULL;
}

static const struct template_file *file_of(const struct template *template,
					   const char *path)
{
	FOR_EACH (struct template_file, file, &template->files)
		if (!strcmp(file->path, path))
			return file;
	return NULL;
}

static char *text_of(const struct value *row, const char *key)
{
	return xstrdup(value_text(value_get(row, key), NULL));
}

static struct error *read_head(struct template *out)
{
	const struct template_file *file = file_of(out, "template.yaml");
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	if (!file)
		return error_new(ERROR_INVALID,
				 "template '%s' has no template.yaml",
				 out->name);
	TRY(error_wrap(yaml_parse(&tree, file->text.data, file->text.len, NULL),
		       "template '%s': template.yaml", out->name));
	out->title = text_of(tree.root, "title");
	out->summary = text_of(tree.root, "summary");
	VALUE_EACH(row, value_get(tree.root, "vars"))
	{
		struct template_var *var = PUSH(&out->vars);

		var->name = text_of(row, "name");
		var->value = text_of(row, "default");
		var->pattern = text_of(row, "pattern");
		var->help = text_of(row, "help");
		if (!var->name)
			return error_new(ERROR_INVALID,
					 "template '%s': template.yaml, line "
					 "%u: a variable without a name",
					 out->name, row->span.line);
	}
	return NULL;
}

static struct error *unknown(struct project *project, const char *name)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(buf_release) struct buf list = BUF_INIT;

	TRY(template_names(&names, project));
	const char *near =
		nearest(name, (const char *const *)names.items, names.len);
	struct error *err =
		error_new(ERROR_NOT_FOUND, "there is no template '%s'", name);
	if (near)
		return error_hint(err, "did you mean '%s'?", near);
	strings_join(&list, &names, ", ");
	return error_hint(err, "there are: %s", list.data);
}

struct error *template_open(struct template *out, struct project *project,
			    const char *name)
{
	struct template template = { .name = xstrdup(name) };
	struct error *err = id_valid(name) && project
				    ? read_own(&template, project, name)
				    : NULL;

	if (!err && !template.files.len)
		read_builtin(&template, name);
	if (!err)
		err = template.files.len ? read_head(&template)
					 : unknown(project, name);
	if (err) {
		template_release(&template);
		return err;
	}
	*out = template;
	return NULL;
}

const struct template_file *template_file(const struct template *template,
					  const char *path)
{
	return file_of(template, path);
}
