/*
 * The start of .orch/.  All files are compared before the first is written,
 * so that a refusal leaves nothing half-done.
 */
#include "plans/init.h"

#include "core/embed.h"
#include "core/file.h"
#include "core/yaml-edit.h"
#include "gitops/ref.h"
#include "gitops/workspace.h"
#include "plans/trust.h"

#include <stdlib.h>
#include <string.h>

/* Larger than any file that is written here. */
#define MOST_BYTES (1 << 20)

#define CONFIG ".orch/config.yaml"

/* From templates/ to the working tree. */
static const struct {
	const char *template;
	const char *path;
	const char *forge; /* only with this one; NULL: always */
} files[] = {
	{ "init/config.yaml", CONFIG, NULL },
	{ "schema/config.json", ".orch/schema/config.json", NULL },
	{ "schema/plan.json", ".orch/schema/plan.json", NULL },
	{ "schema/phase.json", ".orch/schema/phase.json", NULL },
	{ "schema/prices.json", ".orch/schema/prices.json", NULL },
	{ "workflows/git-orch.yaml", ".github/workflows/git-orch.yaml",
	  "github" },
};
#define N_FILES (sizeof files / sizeof *files)

/* A file as it is and as it is to be. */
struct wish {
	struct buf was;
	struct buf text;
	int there;
	int odd; /* what is there is too large to be ours, or no file */
	int wanted;
};
struct wishes {
	struct wish items[N_FILES];
};

static void wishes_init(struct wishes *wishes)
{
	for (size_t i = 0; i < N_FILES; i++)
		wishes->items[i] = (struct wish){ BUF_INIT, BUF_INIT, 0, 0, 0 };
}

static void wishes_release(struct wishes *wishes)
{
	for (size_t i = 0; i < N_FILES; i++) {
		buf_release(&wishes->items[i].was);
		buf_release(&wishes->items[i].text);
	}
}

void init_report_release(struct init_report *report)
{
	strings_release(&report->written);
	strings_release(&report->kept);
	free(report->base);
	*report = (struct init_report)INIT_REPORT_INIT;
}

static struct error *read_there(struct wish *wish, const char *dir, size_t i)
{
	CLEANUP(free_str) char *full = path_join(dir, files[i].path);
	struct error *err = file_read(&wish->was, full, MOST_BYTES);

	wish->there = !error_is(err, ERROR_NOT_FOUND);
	wish->odd = error_is(err, ERROR_INVALID);
	if (!wish->there || wish->odd) {
		error_free(err);
		return NULL;
	}
	return err;
}

/* People write their own configuration and workflow: those are not replaced. */
static struct error *choose_text(struct wish *wish, size_t i,
				 const struct init_options *options)
{
	int config = !strcmp(files[i].path, CONFIG);
	int stays = wish->there && !wish->odd && !options->force;
	struct embed file;

	if (!embed_find(&file, files[i].template))
		BUG("no template %s", files[i].template);
	if (stays && (files[i].forge || (config && options->forge)))
		buf_add(&wish->text, wish->was.data, wish->was.len);
	else
		buf_add(&wish->text, file.data, file.len);
	if (!config || !options->forge)
		return NULL;
	return error_wrap(
		yaml_edit_set(&wish->text, "delivery.forge", options->forge),
		CONFIG);
}

static int is_same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

/* Into written, kept or differ, by what is there. */
static struct error *compare(struct init_report *out, struct strings *differ,
			     struct wish *wish, const char *dir, size_t i,
			     const struct init_options *options)
{
	const char *path = files[i].path;

	wish->wanted =
		!files[i].forge ||
		(options->forge && !strcmp(options->forge, files[i].forge));
	if (!wish->wanted)
		return NULL;
	TRY(read_there(wish, dir, i));
	TRY(choose_text(wish, i, options));
	if (wish->there && !wish->odd && is_same(&wish->was, &wish->text))
		strings_add(&out->kept, path);
	else if (!wish->there || (!strcmp(path, CONFIG) && options->forge))
		strings_add(&out->written, path);
	else
		strings_add(differ, path);
	return NULL;
}

static struct error *refuse(const struct strings *differ)
{
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	strings_join(&names, differ, ", ");
	return error_hint(error_new(ERROR_FAILURE,
				    "%s would be overwritten: nothing was "
				    "written",
				    names.data),
			  "git orch init --force overwrites what differs");
}

static struct error *write_files(const struct init_report *out,
				 const struct wishes *wishes, const char *dir)
{
	for (size_t i = 0; i < N_FILES; i++) {
		const struct buf *text = &wishes->items[i].text;
		CLEANUP(free_str) char *full = path_join(dir, files[i].path);

		if (strings_has(&out->written, files[i].path))
			TRY(file_write(full, text->data, text->len,
				       FILE_PLAIN));
	}
	return NULL;
}

/* A configuration as a tree, which trust can read. */
static struct error *read_trust(struct trust *out, struct project *project,
				const struct buf *config)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	struct oid tree;

	TRY(workspace_open(&work, project->repo, &oid_zero));
	TRY(workspace_write(work, CONFIG, config->data, config->len,
			    MODE_FILE));
	TRY(workspace_write_tree(&tree, work));
	return trust_read(out, project, &tree);
}

/*
 * What was written comes from this binary and is pinned.  What a person wrote
 * is so only where it was before the forge was put into it.
 */
static struct error *pin(struct project *project, const struct wish *config,
			 const struct init_options *options)
{
	CLEANUP(trust_release) struct trust was = TRUST_INIT;
	CLEANUP(trust_release) struct trust now = TRUST_INIT;
	int theirs = config->there && !config->odd && options->forge &&
		     !options->force;

	if (theirs)
		TRY(read_trust(&was, project, &config->was));
	FOR_EACH (struct trust_item, item, &was)
		if (!item->pinned)
			return NULL;
	TRY(read_trust(&now, project, &config->text));
	return trust_pin(&now, project);
}

static const char *short_branch(const char *ref)
{
	static const char prefix[] = "refs/heads/";
	size_t len = strlen(prefix);

	return strncmp(ref, prefix, len) ? ref : ref + len;
}

static struct error *set_base(struct init_report *out, struct project *project,
			      int dry_run)
{
	const char *asked = project->options.base;
	CLEANUP(free_str) char *head = NULL;
	struct error *err = NULL;
	struct oid tip = oid_zero;

	TRY(repo_head(&head, project->repo));
	if (head)
		TRY(ref_read_maybe(&tip, project->repo, head));
	out->unborn = head && oid_is_zero(&tip);
	if (!asked)
		err = repo_config(&out->base, project->repo, "orch.base");
	if (!asked && !error_is(err, ERROR_NOT_FOUND))
		return err;
	error_free(err);
	if (!asked && !head)
		return NULL;
	out->base = xstrdup(asked ? asked : short_branch(head));
	return dry_run ? NULL
		       : repo_config_set(project->repo, "orch.base", out->base);
}

struct error *init_write(struct init_report *out, struct project *project,
			 const struct init_options *options)
{
	const char *dir = repo_work_dir(project->repo);
	CLEANUP(strings_release) struct strings differ = STRINGS_INIT;
	CLEANUP(wishes_release) struct wishes wishes;

	wishes_init(&wishes);
	if (!dir)
		return error_hint(error_new(ERROR_FAILURE,
					    "a bare repository has no working "
					    "tree to write .orch/ into"),
				  "run git orch init in a clone and push");
	for (size_t i = 0; i < N_FILES; i++)
		TRY(compare(out, &differ, &wishes.items[i], dir, i, options));
	if (differ.len && !options->force)
		return refuse(&differ);
	FOR_EACH (char *, path, &differ)
		strings_add(&out->written, *path);
	if (!options->dry_run) {
		TRY(write_files(out, &wishes, dir));
		TRY(pin(project, &wishes.items[0], options));
	}
	return set_base(out, project, options->dry_run);
}
