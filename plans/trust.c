/*
 * Trust.  Plans are pinned by what they bring to run and not byte for byte:
 * rewording a goal should not ask anybody anything.
 */
#include "plans/trust.h"

#include "core/file.h"
#include "core/json.h"
#include "core/yaml.h"
#include "plans/plan.h"
#include "plans/validate.h"

#include <stdlib.h>
#include <string.h>

#define PINS_MAX (16 << 20)

void trust_release(struct trust *trust)
{
	FOR_EACH (struct trust_item, it, trust) {
		free(it->path);
		strings_release(&it->runs);
	}
	free(trust->items);
	memset(trust, 0, sizeof *trust);
}

/* The reading under way. */
struct reading {
	struct trust *trust;
	struct repo *repo;
	const struct map *pins;
};

static void add_commands(struct strings *out, const struct value *rows,
			 const char *key)
{
	VALUE_EACH(row, rows)
	{
		const char *run = value_text(value_get(row, key), NULL);

		if (run)
			strings_add(out, run);
	}
}

static void find_commands(struct strings *out, const struct value *root)
{
	add_commands(out, value_get(root, "checks"), "run");
	add_commands(out, value_get(root, "setup"), "run");
	add_commands(out, value_get(root, "providers"), "key_command");
	add_commands(out, value_get(root, "providers"), "command");
	add_commands(out, value_get(root, "agents"), "command");
}

static void add_item(const struct reading *reading, const char *path,
		     unsigned mode, const struct buf *content,
		     const struct value *root)
{
	struct trust_item *item = PUSH(reading->trust);
	CLEANUP(free_str) char *head = xasprintf("%s %o", path, mode);
	struct sha256 hash;

	item->path = xstrdup(path);
	sha256_init(&hash);
	sha256_add(&hash, head, strlen(head) + 1);
	sha256_add(&hash, content->data, content->len);
	sha256_hex(&hash, item->digest);
	item->pinned = map_get(reading->pins, item->digest) != NULL;
	find_commands(&item->runs, root);
}

/* NULL root where it is no YAML: templates and prompts need not be. */
static struct error *parse_maybe(struct tree *out, const struct buf *text)
{
	struct error *err = yaml_parse(out, text->data, text->len, NULL);

	if (!error_is(err, ERROR_INVALID))
		return err;
	error_free(err);
	return NULL;
}

static int is_yaml(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && !strcmp(dot, ".yaml");
}

/* A whole file, byte for byte. */
static struct error *read_blob(const struct reading *reading, const char *path,
			       unsigned mode, const struct oid *blob)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	TRY(blob_read(&text, reading->repo, blob, PINS_MAX));
	if (is_yaml(path))
		TRY(parse_maybe(&tree, &text));
	add_item(reading, path, mode, &text, tree.root);
	return NULL;
}

/* Every file below a folder; a submodule has no content of ours. */
static struct error *read_folder(const struct reading *reading,
				 const struct oid *tree, const char *folder)
{
	CLEANUP(changes_release) struct changes files = CHANGES_INIT;
	enum file_mode mode;
	struct oid entry;

	TRY(tree_entry(&mode, &entry, reading->repo, tree, folder));
	if (mode != MODE_TREE)
		return NULL;
	TRY(tree_diff(&files, reading->repo, &oid_zero, &entry));
	FOR_EACH (const struct change, it, &files) {
		CLEANUP(free_str) char *path = path_join(folder, it->path);

		if (it->new_mode != MODE_GITLINK)
			TRY(read_blob(reading, path, it->new_mode,
				      &it->new_oid));
	}
	return NULL;
}

/* What chooses commands and endpoints, and what says how dear they are. */
static int is_pinned(const char *path)
{
	enum document_kind kind;

	return is_prices(path) ||
	       (document_kind_of(&kind, path) && kind == DOCUMENT_CONFIG);
}

static struct error *read_configs(const struct reading *reading,
				  const struct oid *tree)
{
	CLEANUP(workspace_release) struct workspace *work = NULL;
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	enum file_mode mode;
	struct oid entry;

	TRY(tree_entry(&mode, &entry, reading->repo, tree, ".orch"));
	if (mode != MODE_TREE)
		return NULL;
	TRY(workspace_open(&work, reading->repo, tree));
	TRY(workspace_names(&names, work, ".orch"));
	FOR_EACH (char *, name, &names) {
		CLEANUP(free_str) char *path = path_join(".orch", *name);

		if (!is_pinned(path))
			continue;
		TRY(workspace_stat(&mode, &entry, work, path));
		TRY(read_blob(reading, path, mode, &entry));
	}
	return NULL;
}

/* {"checks": …, "setup": …} of a plan; nothing when it has neither. */
static void add_plan(const struct reading *reading, const char *path,
		     const struct value *root)
{
	CLEANUP(tree_release) struct tree both = TREE_INIT;
	CLEANUP(buf_release) struct buf json = BUF_INIT;
	static const char *const keys[] = { "checks", "setup" };
	struct value *to = value_object(&both, NULL, NULL);

	for (size_t i = 0; i < 2; i++) {
		const struct value *rows = value_get(root, keys[i]);

		if (rows && rows->count)
			value_add_copy(&both, to, keys[i], rows);
	}
	if (!to->count)
		return;
	json_print_canonical(&json, to);
	add_item(reading, path, 0, &json, root);
}

static struct error *read_plan(const struct reading *reading,
			       const struct oid *tree, const char *id)
{
	CLEANUP(free_str)
	char *path = xasprintf(".orch/plans/%s/plan.yaml", id);
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(tree_release) struct tree parsed = TREE_INIT;
	enum file_mode mode;
	struct oid blob;

	TRY(tree_entry(&mode, &blob, reading->repo, tree, path));
	if (mode != MODE_FILE && mode != MODE_EXEC)
		return NULL;
	TRY(blob_read(&text, reading->repo, &blob, YAML_MAX_BYTES));
	TRY(parse_maybe(&parsed, &text));
	add_plan(reading, path, parsed.root);
	return NULL;
}

static int by_path(const void *a, const void *b)
{
	const struct trust_item *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static void digest_all(struct trust *trust)
{
	struct sha256 hash;

	sha256_init(&hash);
	FOR_EACH (const struct trust_item, it, trust)
		sha256_add(&hash, it->digest, SHA256_HEX);
	sha256_hex(&hash, trust->digest);
}

static struct error *pins_path(char **out, const struct repo *repo)
{
	CLEANUP(free_str) char *folder = NULL;

	TRY(file_config_dir(&folder));
	*out = xasprintf("%s/trust/%s", folder, repo_id(repo));
	return NULL;
}

static struct error *read_pins(struct buf *out, const char *path)
{
	struct error *err = file_read(out, path, PINS_MAX);

	if (!error_is(err, ERROR_NOT_FOUND))
		return err;
	error_free(err);
	return NULL;
}

/* The digests of a file of pins; what is no digest is passed over. */
static void index_pins(struct map *out, const struct buf *text)
{
	const char *line = text->data;

	while (*line) {
		size_t len = strcspn(line, "\n");
		CLEANUP(free_str) char *digest = NULL;

		if (strspn(line, "0123456789abcdef") == SHA256_HEX - 1) {
			digest = xstrndup(line, SHA256_HEX - 1);
			map_set(out, digest, out);
		}
		line += len + (line[len] == '\n');
	}
}

static struct error *load_pins(struct map *out, const struct repo *repo)
{
	CLEANUP(free_str) char *path = NULL;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(error_release) struct error *homeless = pins_path(&path, repo);

	if (homeless)
		return NULL; /* nobody can have pinned anything */
	TRY(read_pins(&text, path));
	index_pins(out, &text);
	return NULL;
}

static struct error *read_all(const struct reading *reading,
			      const struct oid *tree)
{
	CLEANUP(strings_release) struct strings ids = STRINGS_INIT;

	if (oid_is_zero(tree))
		return NULL;
	TRY(read_configs(reading, tree));
	TRY(read_folder(reading, tree, ".orch/prompts"));
	TRY(read_folder(reading, tree, ".orch/templates"));
	TRY(plan_ids(&ids, reading->repo, tree));
	FOR_EACH (char *, id, &ids)
		TRY(read_plan(reading, tree, *id));
	return NULL;
}

struct error *trust_read(struct trust *out, struct project *project,
			 const struct oid *tree)
{
	CLEANUP(map_release) struct map pins = MAP_INIT;
	CLEANUP(trust_release) struct trust trust = TRUST_INIT;
	struct reading reading = { &trust, project->repo, &pins };

	TRY(load_pins(&pins, project->repo));
	TRY(read_all(&reading, tree));
	if (trust.len)
		qsort(trust.items, trust.len, sizeof *trust.items, by_path);
	digest_all(&trust);
	*out = trust;
	memset(&trust, 0, sizeof trust);
	return NULL;
}

static struct error *not_pinned(const struct trust *trust, const char *given)
{
	const struct trust_item *first = NULL;
	struct error *err;
	size_t n = 0;

	FOR_EACH (const struct trust_item, it, trust) {
		if (!it->pinned && !first)
			first = it;
		n += !it->pinned;
	}
	if (!first)
		return NULL;
	if (n > 1)
		err = error_new(ERROR_REFUSED,
				"%s and %zu more are not trusted as they are",
				first->path, n - 1);
	else
		err = error_new(ERROR_REFUSED, "%s is not trusted as it is",
				first->path);
	if (given)
		return error_hint(err,
				  "the digest given is %.16s…, this "
				  "content is %s",
				  given, trust->digest);
	return error_hint(err, "read what it can run and pin it: "
			       "'git orch trust'");
}

static struct error *require(struct project *project, const char *given)
{
	CLEANUP(trust_release) struct trust trust = TRUST_INIT;

	TRY(trust_read(&trust, project, &project->base.tree));
	if (given && !strcmp(given, trust.digest))
		return NULL;
	return not_pinned(&trust, given);
}

/* All that the answer depends on: the tree, the digest given, the pins. */
static struct error *question(struct buf *out, const struct project *project,
			      const char *given)
{
	CLEANUP(free_str) char *path = NULL;
	CLEANUP(error_release)
	struct error *homeless = pins_path(&path, project->repo);

	buf_add(out, project->base.tree.id, sizeof project->base.tree.id);
	buf_addf(out, "%s\n", given ? given : "");
	return homeless ? NULL : read_pins(out, path);
}

/* A phase asks several times, and templates can be many files. */
struct error *trust_require(struct project *project)
{
	const char *given = project->options.trust;
	CLEANUP(buf_release) struct buf asked = BUF_INIT;

	if (!given)
		given = getenv("ORCH_TRUST");
	if (given && !*given)
		given = NULL;
	TRY(question(&asked, project, given));
	if (asked.len == project->trusted.len &&
	    !memcmp(asked.data, project->trusted.data, asked.len))
		return NULL;
	TRY(require(project, given));
	buf_release(&project->trusted);
	project->trusted = asked;
	buf_init(&asked);
	return NULL;
}

static struct error *write_pins(const struct trust *trust, const char *path)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(map_release) struct map pins = MAP_INIT;
	size_t before;

	TRY(read_pins(&text, path));
	index_pins(&pins, &text);
	if (text.len && text.data[text.len - 1] != '\n')
		buf_ch(&text, '\n');
	before = text.len;
	FOR_EACH (const struct trust_item, it, trust)
		if (!map_set(&pins, it->digest, &pins))
			buf_addf(&text, "%s %s\n", it->digest, it->path);
	if (text.len == before)
		return NULL;
	return file_write(path, text.data, text.len,
			  FILE_PRIVATE | FILE_DURABLE);
}

/* The path is checked to be one line: it goes into a file of lines. */
static struct error *check_paths(const struct trust *trust)
{
	FOR_EACH (const struct trust_item, it, trust)
		if (strchr(it->path, '\n'))
			return error_new(ERROR_INVALID,
					 "a path below .orch has a line break");
	return NULL;
}

struct error *trust_pin(const struct trust *trust, struct project *project)
{
	CLEANUP(free_str) char *path = NULL;
	CLEANUP(free_str) char *lock_path = NULL;
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;

	TRY(check_paths(trust));
	TRY(pins_path(&path, project->repo));
	lock_path = xasprintf("%s.lock", path);
	TRY(file_lock(&lock, lock_path, 1));
	return error_wrap(write_pins(trust, path), "pinning");
}

struct error *trust_revoke(struct project *project)
{
	CLEANUP(free_str) char *path = NULL;
	CLEANUP(free_str) char *lock_path = NULL;
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;

	TRY(pins_path(&path, project->repo));
	lock_path = xasprintf("%s.lock", path);
	TRY(file_lock(&lock, lock_path, 1));
	return file_remove(path);
}
