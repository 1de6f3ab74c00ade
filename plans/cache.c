/* The store as one repository has it: found, verified, cleared. */
#include "plans/cache.h"

#include "core/file.h"

#include <stdlib.h>
#include <string.h>

#define HOUR     3600
#define SHORTEST 7

struct error *cache_dir(char **out, struct project *project)
{
	const char *orch;

	TRY(repo_orch_dir(&orch, project->repo));
	*out = path_join(orch, "replies");
	return NULL;
}

struct reply_expiry cache_expiry(const struct config *config)
{
	const struct cache_policy *cache = &config->cache;

	return (struct reply_expiry){ cache->brainstorm * HOUR,
				      cache->integration * HOUR,
				      cache->other * HOUR };
}

int64_t cache_longest(const struct config *config)
{
	const struct reply_expiry expiry = cache_expiry(config);
	int64_t longest = (int64_t)168 * 3600;

	longest = expiry.brainstorm > longest ? expiry.brainstorm : longest;
	longest = expiry.integration > longest ? expiry.integration : longest;
	return expiry.other > longest ? expiry.other : longest;
}

static struct error *several(const struct strings *found, const char *prefix)
{
	CLEANUP(strings_release) struct strings shown = STRINGS_INIT;
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	for (size_t i = 0; i < found->len && i < 5; i++)
		strings_addf(&shown, "%.16s", found->items[i]);
	strings_join(&names, &shown, ", ");
	return error_hint(error_new(ERROR_USAGE, "%zu keys begin with '%s'",
				    found->len, prefix),
			  "they are %s%s", names.data,
			  found->len > shown.len ? ", …" : "");
}

struct error *cache_find(char key[SHA256_HEX], const char *dir,
			 const char *prefix)
{
	size_t len = strlen(prefix);
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;
	CLEANUP(strings_release) struct strings found = STRINGS_INIT;

	if (len < SHORTEST || prefix[strspn(prefix, "0123456789abcdef")])
		return error_hint(error_new(ERROR_USAGE,
					    "'%s' is no key of a reply",
					    prefix),
				  "give at least its first seven hex digits; "
				  "git orch cache list shows them");
	CLEANUP(free_str) char *folder = xasprintf("%s/%.2s", dir, prefix);
	TRY(file_list(&names, folder));
	FOR_EACH (char *, name, &names) {
		CLEANUP(free_str)
		char *full = xasprintf("%.2s%s", prefix, *name);

		if (reply_key_valid(full) && !strncmp(full, prefix, len))
			strings_add(&found, full);
	}
	if (!found.len)
		return error_hint(error_new(ERROR_NOT_FOUND,
					    "no reply is kept under '%s'",
					    prefix),
				  "git orch cache list shows what is kept");
	if (found.len > 1)
		return several(&found, prefix);
	memcpy(key, found.items[0], SHA256_HEX);
	return NULL;
}

static struct error *drop(const char *dir, const char *key)
{
	CLEANUP(free_str) char *path = reply_entry_path(dir, key);

	return file_remove(path);
}

struct error *cache_verify(struct cache_verify *out, const char *dir, int mend)
{
	CLEANUP(reply_entries_release)
	struct reply_entries all = { NULL, 0, 0 };

	TRY(replies_list(&all, &out->damaged, dir));
	out->checked = all.len + out->damaged.len;
	strings_sort(&out->damaged);
	if (mend)
		FOR_EACH (char *, key, &out->damaged)
			TRY(drop(dir, *key));
	return NULL;
}

struct error *cache_clear(size_t *n, const char *dir)
{
	CLEANUP(reply_entries_release)
	struct reply_entries all = { NULL, 0, 0 };
	CLEANUP(strings_release) struct strings damaged = STRINGS_INIT;

	TRY(replies_list(&all, &damaged, dir));
	*n = all.len + damaged.len;
	FOR_EACH (struct reply_entry, entry, &all)
		TRY(drop(dir, entry->key));
	FOR_EACH (char *, key, &damaged)
		TRY(drop(dir, *key));
	return NULL;
}
