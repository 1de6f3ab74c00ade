/* Opening a project: repository, base, configuration, in that order. */
#include "plans/project.h"

#include "gitops/sync.h"

#include <string.h>

/*
 * Nothing that was fetched shows a base: there is nothing yet that could be
 * trusted, and the remote may have it.
 */
static struct error *look_there(struct base *out, struct repo *repo,
				const struct project_options *options,
				struct error *missing)
{
	if (!missing || !options->fetch || !repo_remote(repo))
		return missing;
	error_free(missing);
	TRY(sync_fetch(repo));
	return base_resolve(out, repo, options->base);
}

/*
 * A repository without a commit has the defaults and a base of zeros; a base
 * that was named has to be there all the same.
 */
static struct error *resolve_base(struct base *out, struct repo *repo,
				  const struct project_options *options)
{
	struct error *err = base_resolve(out, repo, options->base);

	err = look_there(out, repo, options, err);
	if (!err || !options->no_base || options->base)
		return err;
	error_free(err);
	return NULL;
}

static struct error *load_config(struct config *out, struct repo *repo,
				 const struct base *base,
				 const struct project_options *options)
{
	CLEANUP(findings_release) struct findings ignored = FINDINGS_INIT;
	struct config_flags flags = { options->environment, options->set };

	return config_load(out, repo, base, &flags,
			   options->any_config ? &ignored : NULL);
}

static struct error *load(struct project *project)
{
	CLEANUP(base_release) struct base base = BASE_INIT;
	struct config config = { 0 };

	TRY(resolve_base(&base, project->repo, &project->options));
	TRY(load_config(&config, project->repo, &base, &project->options));
	base_release(&project->base);
	config_release(&project->config);
	project->base = base;
	project->config = config;
	base = (struct base)BASE_INIT;
	return NULL;
}

struct error *project_open(struct project *out, const char *dir,
			   const struct project_options *options)
{
	CLEANUP(project_release) struct project project = PROJECT_INIT;

	if (options)
		project.options = *options;
	TRY(repo_open(&project.repo, dir));
	TRY(load(&project));
	*out = project;
	project = (struct project)PROJECT_INIT;
	return NULL;
}

struct error *project_reload(struct project *project)
{
	return load(project);
}

void project_release(struct project *project)
{
	base_release(&project->base);
	config_release(&project->config);
	strings_release(&project->keys);
	buf_release(&project->trusted);
	repo_free(project->repo);
	memset(project, 0, sizeof *project);
}
