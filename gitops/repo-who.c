/* Who works here: the runner that claims, and the person who commits. */
#include "gitops/repo.h"

#include "core/file.h"
#include "core/hash.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Lower case; what is no letter, digit or '-' becomes '-'. */
static char *runner_name(const char *text)
{
	char *name = xstrdup(text);

	for (char *p = name; *p; p++) {
		*p = (char)tolower((unsigned char)*p);
		if (!isalnum((unsigned char)*p) || (unsigned char)*p > 126)
			*p = '-';
	}
	return name;
}

/* *out stays as it is when the key is absent. */
static struct error *config_maybe(char **out, const struct repo *repo,
				  const char *key)
{
	struct error *err = repo_config(out, repo, key);

	if (!error_is(err, ERROR_NOT_FOUND))
		return err;
	error_free(err);
	return NULL;
}

static struct error *read_runner(char **out, const char *file)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	TRY(file_read(&text, file, 512));
	while (text.len && isspace((unsigned char)text.data[text.len - 1]))
		buf_setlen(&text, text.len - 1);
	*out = runner_name(text.data);
	return NULL;
}

static struct error *make_runner(char **out, const char *file)
{
	CLEANUP(free_str) char *made = NULL;
	CLEANUP(free_str) char *line = NULL;
	char host[256] = "";
	unsigned char nonce[4];

	if (gethostname(host, sizeof host - 1) || !*host)
		snprintf(host, sizeof host, "localhost");
	random_bytes(nonce, sizeof nonce);
	line = xasprintf("%.60s-%02x%02x%02x%02x\n", host, nonce[0], nonce[1],
			 nonce[2], nonce[3]);
	made = xstrndup(line, strlen(line) - 1);
	TRY(file_write(file, line, strlen(line), FILE_PLAIN));
	*out = runner_name(made);
	return NULL;
}

/* Two processes that begin at once must not make two names: hence the lock. */
static struct error *kept_runner(char **out, struct repo *repo)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	CLEANUP(free_str) char *file = NULL;
	CLEANUP(free_str) char *guard = NULL;
	const char *orch;
	struct error *err;

	TRY(repo_orch_dir(&orch, repo));
	file = path_join(orch, "runner");
	guard = path_join(orch, "lock/runner.lock");
	err = read_runner(out, file);
	if (!error_is(err, ERROR_NOT_FOUND))
		return err;
	error_free(err);
	TRY(file_lock(&lock, guard, 1));
	err = read_runner(out, file);
	if (!error_is(err, ERROR_NOT_FOUND))
		return err;
	error_free(err);
	return make_runner(out, file);
}

struct error *repo_runner(char **out, struct repo *repo)
{
	CLEANUP(free_str) char *configured = NULL;
	const char *env = getenv("ORCH_RUNNER");

	if (env && *env) {
		*out = runner_name(env);
		return NULL;
	}
	TRY(config_maybe(&configured, repo, "orch.runner"));
	if (!configured || !*configured)
		return kept_runner(out, repo);
	*out = runner_name(configured);
	return NULL;
}

/* One half of an identity: the environment, then each key in turn. */
struct who {
	const char *env;
	const char *keys[2];
	const char *last_env; /* or NULL */
};

static struct error *who_is(char **out, const struct repo *repo,
			    const struct who *who, const char *what)
{
	const char *env = getenv(who->env);
	const char *last = who->last_env ? getenv(who->last_env) : NULL;
	CLEANUP(free_str) char *found = env && *env ? xstrdup(env) : NULL;

	for (size_t i = 0; !found && i < 2; i++)
		TRY(config_maybe(&found, repo, who->keys[i]));
	if (!found && last && *last)
		found = xstrdup(last);
	if (!found || !*found)
		return error_hint(error_new(ERROR_FAILURE,
					    "git does not know your %s", what),
				  "git config --global user.%s \"...\"", what);
	*out = found;
	found = NULL;
	return NULL;
}

static struct error *identity_read(struct identity *out,
				   const struct repo *repo,
				   const struct who *name,
				   const struct who *email)
{
	CLEANUP(identity_release) struct identity who = { NULL, NULL };

	TRY(who_is(&who.name, repo, name, "name"));
	TRY(who_is(&who.email, repo, email, "email"));
	*out = who;
	who = (struct identity){ NULL, NULL };
	return NULL;
}

struct error *repo_author(struct identity *out, const struct repo *repo)
{
	static const struct who name = { "GIT_AUTHOR_NAME",
					 { "author.name", "user.name" },
					 NULL };
	static const struct who email = { "GIT_AUTHOR_EMAIL",
					  { "author.email", "user.email" },
					  "EMAIL" };

	return identity_read(out, repo, &name, &email);
}

struct error *repo_committer(struct identity *out, const struct repo *repo)
{
	static const struct who name = { "GIT_COMMITTER_NAME",
					 { "committer.name", "user.name" },
					 NULL };
	static const struct who email = { "GIT_COMMITTER_EMAIL",
					  { "committer.email", "user.email" },
					  "EMAIL" };

	return identity_read(out, repo, &name, &email);
}

void identity_release(struct identity *identity)
{
	free(identity->name);
	free(identity->email);
	*identity = (struct identity){ NULL, NULL };
}
