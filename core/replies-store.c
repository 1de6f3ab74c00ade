/*
 * The store of replies as a whole: what is in it, what of it goes.  Nothing is
 * locked: an entry appears and goes as a whole, two writers of one key write
 * the same, and what was removed too early is asked for again.
 */
#include "core/replies-entry.h"

#include "core/clock.h"
#include "core/file.h"

#include <stdlib.h>
#include <string.h>

#define MOST_BYTES ((int64_t)10 << 30)

void reply_entries_release(struct reply_entries *entries)
{
	FOR_EACH (struct reply_entry, entry, entries)
		reply_entry_release(entry);
	free(entries->items);
	*entries = (struct reply_entries){ .len = 0 };
}

static int newest_first(const void *a, const void *b)
{
	const struct reply_entry *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? 1 : -1;
	return strcmp(x->key, y->key);
}

static struct error *list_one(struct reply_entries *out,
			      struct strings *damaged, const char *dir,
			      const char *key)
{
	struct reply_entry entry = { .at = 0 };
	struct error *err = reply_entry_read(NULL, &entry, dir, key);

	if (error_is(err, ERROR_NOT_FOUND)) {
		error_free(err);
		return NULL;
	}
	if (error_is(err, ERROR_INVALID)) {
		error_free(err);
		strings_add(damaged, key);
		return NULL;
	}
	TRY(err);
	*PUSH(out) = entry;
	return NULL;
}

/* Every key that has a file; what else lies there is not looked at. */
static struct error *keys_of(struct strings *out, const char *dir)
{
	CLEANUP(strings_release) struct strings folders = STRINGS_INIT;

	TRY(file_list(&folders, dir));
	FOR_EACH (char *, folder, &folders) {
		CLEANUP(free_str) char *path = path_join(dir, *folder);
		CLEANUP(strings_release) struct strings names = STRINGS_INIT;

		if (strlen(*folder) != 2 || !file_is_dir(path))
			continue;
		TRY(file_list(&names, path));
		FOR_EACH (char *, name, &names) {
			CLEANUP(free_str)
			char *key = xasprintf("%s%s", *folder, *name);

			if (reply_key_valid(key))
				strings_add(out, key);
		}
	}
	return NULL;
}

struct error *replies_list(struct reply_entries *out, struct strings *damaged,
			   const char *dir)
{
	CLEANUP(strings_release) struct strings keys = STRINGS_INIT;

	TRY(keys_of(&keys, dir));
	FOR_EACH (char *, key, &keys)
		TRY(list_one(out, damaged, dir, *key));
	if (out->len)
		qsort(out->items, out->len, sizeof *out->items, newest_first);
	return NULL;
}

static struct error *remove_key(const char *dir, const char *key)
{
	CLEANUP(free_str) char *path = reply_entry_path(dir, key);

	return file_remove(path);
}

static int rests_on(const struct reply_entry *entry, const struct map *gone)
{
	FOR_EACH (char *, key, &entry->depends)
		if (map_get(gone, *key))
			return 1;
	return 0;
}

/* Adds the keys of what rests on what is gone, until nothing more does. */
static struct error *follow(struct strings *out, struct map *gone,
			    const char *dir)
{
	CLEANUP(reply_entries_release) struct reply_entries all = { .len = 0 };
	CLEANUP(strings_release) struct strings damaged = STRINGS_INIT;
	size_t before;

	TRY(replies_list(&all, &damaged, dir));
	do {
		before = out->len;
		FOR_EACH (struct reply_entry, entry, &all) {
			if (map_get(gone, entry->key) || !rests_on(entry, gone))
				continue;
			map_set(gone, entry->key, out);
			strings_add(out, entry->key);
		}
	} while (out->len > before);
	return NULL;
}

struct error *replies_invalidate(struct strings *removed, const char *dir,
				 const char *key, int cascade)
{
	CLEANUP(map_release) struct map gone = MAP_INIT;
	CLEANUP(strings_release) struct strings keys = STRINGS_INIT;

	if (!reply_key_valid(key))
		return error_new(ERROR_NOT_FOUND, "'%s' is no key of a reply",
				 key);
	CLEANUP(free_str) char *path = reply_entry_path(dir, key);
	if (!file_exists(path))
		return error_new(ERROR_NOT_FOUND, "no reply is kept under '%s'",
				 key);
	map_set(&gone, key, &keys);
	strings_add(&keys, key);
	if (cascade)
		TRY(follow(&keys, &gone, dir));
	FOR_EACH (char *, it, &keys) {
		TRY(remove_key(dir, *it));
		strings_add(removed, *it);
	}
	return NULL;
}

/* What a writer that was killed left; a young one may still be written to. */
static int is_left_over(const char *path, const char *name)
{
	struct stat st;

	return !strncmp(name, ".tmp-", 5) && !stat(path, &st) &&
	       clock_now() - st.st_mtime > HOUR;
}

static struct error *remove_left_over(const char *dir)
{
	CLEANUP(strings_release) struct strings folders = STRINGS_INIT;

	TRY(file_list(&folders, dir));
	FOR_EACH (char *, folder, &folders) {
		CLEANUP(free_str) char *path = path_join(dir, *folder);
		CLEANUP(strings_release) struct strings names = STRINGS_INIT;

		if (!file_is_dir(path))
			continue;
		TRY(file_list(&names, path));
		FOR_EACH (char *, name, &names) {
			CLEANUP(free_str) char *file = path_join(path, *name);

			if (is_left_over(file, *name))
				TRY(file_remove(file));
		}
	}
	return NULL;
}

struct error *replies_gc(const char *dir, struct reply_gc *gc)
{
	CLEANUP(reply_entries_release) struct reply_entries all = { .len = 0 };
	CLEANUP(strings_release) struct strings damaged = STRINGS_INIT;
	int64_t most = gc->max_bytes ? gc->max_bytes : MOST_BYTES;
	int full = 0;

	gc->kept = gc->removed = 0;
	gc->bytes = 0;
	TRY(remove_left_over(dir));
	TRY(replies_list(&all, &damaged, dir));
	gc->damaged = damaged.len;
	FOR_EACH (char *, key, &damaged)
		TRY(remove_key(dir, *key));
	FOR_EACH (struct reply_entry, entry, &all) {
		int stays = gc->keep && map_get(gc->keep, entry->key);
		int old = reply_expired(entry, gc->expiry, gc->now);

		/* All that is older than the first that has no room goes. */
		full |= !old && gc->bytes + entry->size > most;
		if (!stays && (old || full)) {
			TRY(remove_key(dir, entry->key));
			gc->removed++;
			continue;
		}
		gc->kept++;
		gc->bytes += entry->size;
	}
	return NULL;
}
