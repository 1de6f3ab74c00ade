/*
 * Context under a budget.  Sections come in order of weight; what does not fit
 * is cut at the end of a line, or left out and named.
 */
#include "plans/context.h"

#include "gitops/layout.h"
#include "plans/prompt.h"

#include <stdlib.h>
#include <string.h>

#define LEAST_TOKENS 40 /* a shorter piece of a section says nothing */
#define MOST_NAMED   40 /* of what was left out */
#define MOST_BYTES   (256 << 10) /* of one file */

void context_release(struct context *context)
{
	buf_release(&context->text);
	strings_release(&context->left_out);
}

static void leave_out(struct context *context, const char *label, size_t len)
{
	strings_addf(&context->left_out, "%s (about %lld tokens)", label,
		     (long long)token_estimate(len));
}

/* As many bytes as the budget has left, at the end of a line. */
static size_t that_fits(const struct context *context, const char *text,
			size_t len)
{
	size_t most = (size_t)(context->budget > 0 ? context->budget : 0) * 4;

	if (len <= most)
		return len;
	while (most && text[most - 1] != '\n')
		most--;
	return most;
}

/* Takes a section's length from the budget; 0: it is left out. */
static size_t take(struct context *context, const char *label, const char *text,
		   size_t len)
{
	size_t part = that_fits(context, text, len);

	if (part < len && token_estimate(part) < LEAST_TOKENS)
		part = 0;
	if (part < len)
		leave_out(context, label, len - part);
	if (part)
		context->budget -= token_estimate(part);
	return part;
}

/* Redacted text in held, when there is a scan; else the text as it is. */
static struct error *clean(struct buf *held, const struct context *context,
			   const char **text, size_t *len)
{
	if (!context->secrets)
		return NULL;
	TRY(secrets_redact(held, context->secrets, *text, *len));
	*text = held->data;
	*len = held->len;
	return NULL;
}

void context_add(struct context *context, const char *title, const char *text,
		 size_t len)
{
	size_t part = len ? take(context, title, text, len) : 0;

	if (!part)
		return;
	buf_addf(&context->text, "## %s\n\n", title);
	buf_add(&context->text, text, part);
	if (text[part - 1] != '\n')
		buf_ch(&context->text, '\n');
	if (part < len)
		buf_str(&context->text, "[cut here]\n");
	buf_ch(&context->text, '\n');
}

struct error *context_quote(struct context *context, const char *label,
			    const char *text, size_t len)
{
	CLEANUP(buf_release) struct buf held = BUF_INIT;

	TRY(clean(&held, context, &text, &len));
	size_t part = len ? take(context, label, text, len) : 0;
	if (!part)
		return NULL;
	CLEANUP(free_str)
	char *full = part < len ? xasprintf("%s (its beginning)", label)
				: xstrdup(label);
	prompt_fence(&context->text, full, text, part);
	return NULL;
}

void context_end(struct context *context)
{
	if (!context->left_out.len)
		return;
	buf_str(&context->text, "## Not shown for lack of room\n\n");
	for (size_t i = 0; i < context->left_out.len && i < MOST_NAMED; i++)
		buf_addf(&context->text, "- %s\n", context->left_out.items[i]);
	if (context->left_out.len > MOST_NAMED)
		buf_addf(&context->text, "- and %zu more\n",
			 context->left_out.len - MOST_NAMED);
	buf_ch(&context->text, '\n');
}

static int is_text(const struct buf *content)
{
	return !memchr(content->data, 0, content->len);
}

/* A file of a tree; absent, too large and binary ones are passed over. */
static struct error *quote_file(struct context *context, struct repo *repo,
				const struct oid *tree, const char *path)
{
	CLEANUP(buf_release) struct buf content = BUF_INIT;
	enum file_mode mode;
	struct oid oid;
	size_t size;

	TRY(tree_entry(&mode, &oid, repo, tree, path));
	if (mode != MODE_FILE && mode != MODE_EXEC)
		return NULL;
	TRY(blob_size(&size, repo, &oid));
	/* Nothing is read of which nothing could be shown. */
	if (size > MOST_BYTES || (context->budget < LEAST_TOKENS &&
				  context->budget < token_estimate(size))) {
		leave_out(context, path, size);
		return NULL;
	}
	TRY(blob_read(&content, repo, &oid, MOST_BYTES));
	if (!is_text(&content))
		return NULL;
	return context_quote(context, path, content.data, content.len);
}

/* The tool's own folder is not the project's code. */
static int is_ours(const char *path)
{
	return !strncmp(path, ".orch/", 6);
}

static struct error *list_files(struct strings *out, struct repo *repo,
				const struct oid *tree)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(strings_release) struct strings all = STRINGS_INIT;

	TRY(workspace_open(&work, repo, tree));
	TRY(workspace_list(&all, work, ""));
	FOR_EACH (char *, path, &all)
		if (!is_ours(*path))
			strings_add(out, *path);
	return NULL;
}

/* At most so many tokens of it: it is of little weight when it is long. */
static struct error *quote_list(struct context *context,
				const struct strings *files, int64_t most)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	int64_t rest = context->budget > most ? context->budget - most : 0;

	strings_join(&text, files, "\n");
	context->budget -= rest;
	struct error *err = context_quote(
		context, "all files of the repository", text.data, text.len);
	context->budget += rest;
	return err;
}

struct error *context_code(struct context *context, struct repo *repo,
			   const struct oid *tree)
{
	static const char *const manifests[] = {
		"AGENTS.md",     "README.md",        "README",
		"README.rst",    "Makefile",         "CMakeLists.txt",
		"meson.build",   "package.json",     "pyproject.toml",
		"setup.cfg",     "requirements.txt", "Cargo.toml",
		"go.mod",        "pom.xml",          "build.gradle",
		"composer.json", "Gemfile",          "CONTRIBUTING.md",
	};
	CLEANUP(strings_release) struct strings files = STRINGS_INIT;

	if (oid_is_zero(tree))
		return NULL;
	TRY(list_files(&files, repo, tree));
	if (!files.len) {
		context_add(context, "Existing code", "There is none yet.", 18);
		return NULL;
	}
	TRY(quote_list(context, &files, context->budget / 4));
	for (size_t i = 0; i < sizeof manifests / sizeof *manifests; i++)
		TRY(quote_file(context, repo, tree, manifests[i]));
	return NULL;
}

/* Every phase this one rests on, directly or not, marked by its index. */
static void mark_earlier(unsigned char *marks, const struct plan *plan,
			 const struct phase *phase)
{
	FOR_EACH (char *, id, &phase->depends_on) {
		const struct phase *other = plan_phase(plan, *id);

		if (!other || marks[other->index])
			continue;
		marks[other->index] = 1;
		mark_earlier(marks, plan, other);
	}
}

static struct error *quote_page(struct context *context, struct repo *repo,
				const struct plan *plan,
				const struct phase *phase,
				const struct oid *tree)
{
	CLEANUP(free_str) char *path = layout_page_file(plan->id, phase->id);

	return quote_file(context, repo, tree, path);
}

/* Their pages: what was built, decided, and which files it touched. */
static struct error *quote_earlier(struct context *context, struct repo *repo,
				   const struct plan *plan,
				   const struct phase *phase,
				   const struct oid *tree)
{
	unsigned char *marks = xcalloc(plan->phases.len + 1, 1);
	struct error *err = NULL;

	mark_earlier(marks, plan, phase);
	for (size_t i = 0; i < plan->phases.len && !err; i++) {
		const struct phase *other = &plan->phases.items[i];

		if (marks[other->index])
			err = quote_page(context, repo, plan, other, tree);
	}
	free(marks);
	return err;
}

/* Files that match, each once, those of the phase itself first. */
static struct error *quote_matching(struct context *context, struct repo *repo,
				    const struct strings *globs,
				    const struct strings *files,
				    struct map *shown, const struct oid *tree)
{
	CLEANUP(globs_release) struct globs *compiled = NULL;

	if (!globs->len)
		return NULL;
	TRY(globs_compile(&compiled, globs));
	FOR_EACH (char *, path, files) {
		if (map_get(shown, *path) || !globs_match(compiled, *path))
			continue;
		map_set(shown, *path, context);
		TRY(quote_file(context, repo, tree, *path));
	}
	return NULL;
}

static struct error *quote_document(struct context *context, struct repo *repo,
				    const struct oid *tree, const char *path)
{
	CLEANUP(free_str) char *owned = (char *)path;

	return quote_file(context, repo, tree, owned);
}

struct error *context_phase(struct context *context, struct project *project,
			    const struct plan *plan, const struct phase *phase,
			    const struct agent *agent, const struct oid *tree)
{
	const struct oid *base = &project->base.tree;
	struct repo *repo = project->repo;
	CLEANUP(strings_release) struct strings files = STRINGS_INIT;
	CLEANUP(map_release) struct map shown = MAP_INIT;

	TRY(quote_document(context, repo, base,
			   layout_phase_file(plan->id, phase->id)));
	TRY(quote_document(context, repo, base, layout_plan_file(plan->id)));
	TRY(quote_document(context, repo, base,
			   layout_doc_file(plan->id, "architecture.md")));
	TRY(quote_earlier(context, repo, plan, phase, tree));
	TRY(list_files(&files, repo, tree));
	TRY(quote_matching(context, repo, &phase->modify, &files, &shown,
			   tree));
	TRY(quote_matching(context, repo, &phase->create, &files, &shown,
			   tree));
	if (agent)
		TRY(quote_matching(context, repo, &agent->context, &files,
				   &shown, tree));
	return quote_list(context, &files, context->budget);
}
