/*
 * Setting up a repository on GitHub.  Everything is looked for before it is
 * made, and looked for again when GitHub says that it exists: what a run began
 * that was killed, the next one finds.
 */
#include "gitops/forge-github-admin.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_LABEL_TEXT 100

char *github_branch_path(const struct forge_client *client, const char *branch,
			 const char *rest)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT;

	github_escape(&name, branch);
	return github_path(client, "/branches/%s%s", name.data, rest);
}

char *github_ref_path(const struct forge_client *client, const char *kind,
		      const char *name)
{
	CLEANUP(buf_release) struct buf ref = BUF_INIT;

	buf_addf(&ref, "%s%%2F", kind);
	github_escape(&ref, name);
	return github_path(client, "/git/ref/%s", ref.data);
}

struct error *github_login(char **out, struct forge_client *client)
{
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	const char *login = "";

	TRY(github_do(&reply, client, "GET", "/user", NULL));
	TRY(read_text(&login, reply.tree.root, "login"));
	*out = xstrdup(login);
	return NULL;
}

/* It becomes a remote's address: nothing that git takes for more than that. */
static struct error *read_ssh_url(const char **out, const struct value *root)
{
	const char *url = value_text(value_get(root, "ssh_url"), NULL);

	*out = url;
	if (!url)
		return NULL;
	if (*url == '-' || strstr(url, "::"))
		return read_wrong("ssh_url", "no address");
	for (const char *c = url; *c; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
			return read_wrong("ssh_url", "no address");
	return NULL;
}

static struct error *read_repository(struct forge_repository *out,
				     const struct value *root)
{
	const char *clone = "", *ssh = NULL, *web = "", *branch = "";

	TRY(read_url(&clone, root, "clone_url"));
	TRY(read_ssh_url(&ssh, root));
	TRY(read_url(&web, root, "html_url"));
	TRY(read_text(&branch, root, "default_branch"));
	*out = (struct forge_repository){
		.clone_url = xstrdup(clone),
		.ssh_url = xstrdup(ssh),
		.web = xstrdup(web),
		.default_branch = xstrdup(branch),
		.private_ = value_bool(value_get(root, "private"), 0),
		.deletes_branches = value_bool(
			value_get(root, "delete_branch_on_merge"), 0),
	};
	return NULL;
}

/* An empty repository has a default branch all the same, by name. */
static struct error *drop_unborn(struct forge_repository *repository,
				 struct forge_client *client, const char *path)
{
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	CLEANUP(buf_release) struct buf ref = BUF_INIT;
	struct ask ask = { .method = "GET" };

	buf_addf(&ref, "%s/git/ref/heads%%2F", path);
	github_escape(&ref, repository->default_branch);
	ask.path = ref.data;
	TRY(github_ask(&reply, client, &ask));
	if (reply.status == 404 || reply.status == 409)
		free_str(&repository->default_branch);
	else
		return reply_error(&reply);
	return NULL;
}

/* *found is 0 where there is none. */
static struct error *look(int *found, struct forge_repository *out,
			  struct forge_client *client, const char *path)
{
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	CLEANUP(forge_repository_release) struct forge_repository made = { 0 };
	struct ask ask = { .method = "GET", .path = path };

	TRY(github_ask(&reply, client, &ask));
	*found = reply.status != 404;
	if (!*found)
		return NULL;
	TRY(reply_error(&reply));
	TRY(read_repository(&made, reply.tree.root));
	TRY(drop_unborn(&made, client, path));
	*out = made;
	made = (struct forge_repository){ 0 };
	return NULL;
}

static struct error *post(struct forge_reply *reply,
			  struct forge_client *client,
			  const struct forge_repository_spec *spec)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(buf_release) struct buf path = BUF_INIT;
	struct ask ask = { .method = "POST" };

	ask.body = value_object(&tree, NULL, NULL);
	value_add_string(&tree, tree.root, "name", client->site->name);
	if (spec->description)
		value_add_string(&tree, tree.root, "description",
				 spec->description);
	value_add_bool(&tree, tree.root, "private", spec->private_);
	if (spec->organization) {
		buf_str(&path, "/orgs/");
		github_escape(&path, client->site->owner);
		buf_str(&path, "/repos");
	} else {
		buf_str(&path, "/user/repos");
	}
	ask.path = path.data;
	return github_ask(reply, client, &ask);
}

static struct error *make(struct forge_repository *out,
			  struct forge_client *client, const char *path,
			  const struct forge_repository_spec *spec)
{
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	int found = 0;

	TRY(post(&reply, client, spec));
	if (reply.status == 422 && strcasestr(reply.words, "already exists")) {
		TRY(look(&found, out, client, path));
		if (found)
			return NULL;
		/* It is there, but not yet in what is read from. */
		reply.error->code = ERROR_AGAIN;
	}
	TRY(reply_error(&reply));
	TRY(read_repository(out, reply.tree.root));
	free_str(&out->default_branch);
	out->made = 1;
	return NULL;
}

static struct error *not_the_user(const char *owner, const char *login)
{
	return error_hint(error_new(ERROR_REFUSED,
				    "the token is not of '%s' but of '%s'",
				    owner, login),
			  "if '%s' is an organization: --org %s", owner, owner);
}

static char *path_of(const struct forge_client *client, const char *owner)
{
	struct buf path = BUF_INIT;

	buf_str(&path, "/repos/");
	github_escape(&path, owner);
	buf_ch(&path, '/');
	github_escape(&path, client->site->name);
	return buf_steal(&path);
}

static struct error *create(struct forge_repository *out,
			    struct forge_client *client,
			    const struct forge_repository_spec *spec)
{
	const char *owner = client->site->owner;
	CLEANUP(free_str) char *login = NULL;
	CLEANUP(free_str) char *path = NULL;
	int found = 0;

	if (!*owner)
		TRY(github_login(&login, client));
	path = path_of(client, login ? login : owner);
	TRY(look(&found, out, client, path));
	if (found)
		return NULL;
	if (!login && !spec->organization)
		TRY(github_login(&login, client));
	if (login && *owner && strcasecmp(login, owner))
		return not_the_user(owner, login);
	return make(out, client, path, spec);
}

static struct error *create_named(struct forge_repository *out,
				  struct forge_client *client,
				  const struct forge_repository_spec *spec)
{
	return error_wrap(create(out, client, spec),
			  "cannot create the repository '%s'",
			  client->site->name);
}

static struct error *repository(struct forge_repository *out,
				struct forge_client *client)
{
	CLEANUP(free_str) char *path = github_path(client, "%s", "");
	int found = 0;

	TRY(look(&found, out, client, path));
	if (found)
		return NULL;
	return error_hint(error_new(ERROR_NOT_FOUND,
				    "'%s' has no repository '%s/%s', or the "
				    "token may not see it",
				    client->host, client->site->owner,
				    client->site->name),
			  "git orch init --forge github --create");
}

/* Who may not change the setting need not, where it is right. */
static struct error *set_default(struct forge_client *client,
				 const char *branch)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	CLEANUP(free_str) char *path = github_path(client, "%s", "");
	const char *now = "";

	TRY(github_do(&reply, client, "GET", path, NULL));
	TRY(read_text(&now, reply.tree.root, "default_branch"));
	if (!strcmp(now, branch))
		return NULL;
	value_add_string(&tree, value_object(&tree, NULL, NULL),
			 "default_branch", branch);
	return error_wrap(github_do(NULL, client, "PATCH", path, tree.root),
			  "cannot make '%s' the default branch", branch);
}

static struct error *add_name(const struct value *item, void *data)
{
	const char *name = "";

	TRY(read_text(&name, item, "name"));
	strings_add(data, name);
	return NULL;
}

/* GitHub's labels do not differ by case alone. */
static int has_label(const struct strings *there, const char *name)
{
	FOR_EACH (char *, it, there)
		if (!strcasecmp(*it, name))
			return 1;
	return 0;
}

static struct error *make_label(struct forge_client *client,
				const struct forge_label *label)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(forge_reply_release)
	struct forge_reply reply = FORGE_REPLY_INIT;
	CLEANUP(free_str) char *path = github_path(client, "/labels");
	CLEANUP(free_str)
	char *text = cut_text(label->description ? label->description : "",
			      MAX_LABEL_TEXT, "...");
	struct ask ask = { .method = "POST", .path = path };

	ask.body = value_object(&tree, NULL, NULL);
	value_add_string(&tree, tree.root, "name", label->name);
	value_add_string(&tree, tree.root, "color", label->color);
	value_add_string(&tree, tree.root, "description", text);
	TRY(github_ask(&reply, client, &ask));
	if (reply.status == 422 && strstr(reply.words, "already_exists"))
		return NULL;
	return error_wrap(reply_error(&reply), "cannot make the label '%s'",
			  label->name);
}

static struct error *labels(struct forge_client *client,
			    const struct forge_label *rows, size_t n)
{
	CLEANUP(strings_release) struct strings there = STRINGS_INIT;
	CLEANUP(free_str)
	char *path = github_path(client, "/labels?per_page=100");

	TRY(github_pages(client, path, add_name, &there));
	for (size_t i = 0; i < n; i++)
		if (!has_label(&there, rows[i].name))
			TRY(make_label(client, &rows[i]));
	return NULL;
}

const struct forge_admin github_admin = {
	.create = create_named,
	.repository = repository,
	.set_default = set_default,
	.rules = github_rules,
	.protect = github_protect,
	.labels = labels,
	.release = github_release,
	.enqueue = github_enqueue,
	.probe = github_probe,
};
