/*
 * The boot id is part of a sighting although the clock counts from the boot:
 * after a restart a larger number would look like a long wait.
 */
#include "gitops/sighting.h"

#include "core/clock.h"
#include "core/file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE ((size_t)16 << 20)

struct sighting {
	char *name; /* "<plan>/<phase>" */
	struct oid claim;
	char *boot;
	int64_t first_ms;
};

struct sightings {
	struct sighting *items;
	size_t len;
	size_t cap;
};

static void sighting_release(struct sighting *row)
{
	free_str(&row->name);
	free_str(&row->boot);
}

static void sightings_release(struct sightings *list)
{
	FOR_EACH (struct sighting, row, list)
		sighting_release(row);
	free(list->items);
	*list = (struct sightings){ NULL, 0, 0 };
}

/* "-" where the system has none: then only the clock tells of a restart. */
static char *boot_id(void)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	error_free(file_read(&text, "/proc/sys/kernel/random/boot_id", 64));
	buf_setlen(&text, strcspn(text.data, " \n"));
	return text.len ? buf_steal(&text) : xstrdup("-");
}

/* The next word of a line, or NULL; one blank parts it from the next. */
static char *word(const char **at, const char *end)
{
	const char *from = *at;
	size_t len = strcspn(from, " \n");

	if (!len || from + len > end)
		return NULL;
	*at = from + len + (from + len < end);
	return xstrndup(from, len);
}

static int read_number(int64_t *out, const char *text)
{
	char *end;

	if (!text || *text < '0' || *text > '9')
		return 0;
	*out = strtoll(text, &end, 10);
	return !*end;
}

static int read_row(struct sightings *out, const char *line, size_t len)
{
	CLEANUP(sighting_release) struct sighting row = { .name = NULL };
	const char *at = line, *end = line + len;
	CLEANUP(free_str) char *hex = NULL;
	CLEANUP(free_str) char *number = NULL;
	CLEANUP(error_release) struct error *err = NULL;

	row.name = word(&at, end);
	hex = word(&at, end);
	row.boot = word(&at, end);
	number = word(&at, end);
	if (!row.name || !hex || !row.boot || at != end ||
	    !read_number(&row.first_ms, number))
		return 0;
	err = oid_parse(&row.claim, hex);
	if (err)
		return 0;
	*PUSH(out) = row;
	row = (struct sighting){ .name = NULL };
	return 1;
}

/* All of the file or nothing: half a list is no better than none. */
static void read_rows(struct sightings *out, const char *text)
{
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");

		if (!line[len] || !read_row(out, line, len)) {
			sightings_release(out);
			return;
		}
		line += len + 1;
	}
}

static struct error *load(struct sightings *out, const char *path)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct error *err = file_read(&text, path, MAX_FILE);

	if (error_is(err, ERROR_NOT_FOUND) || error_is(err, ERROR_INVALID)) {
		error_free(err);
		return NULL;
	}
	if (err)
		return err;
	/* A NUL would hide what is behind it. */
	if (strlen(text.data) == text.len)
		read_rows(out, text.data);
	return NULL;
}

static struct error *store(const struct sightings *list, const char *path)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	char hex[OID_HEX];

	FOR_EACH (struct sighting, row, list)
		buf_addf(&text, "%s %s %s %" PRId64 "\n", row->name,
			 oid_hex(hex, &row->claim), row->boot, row->first_ms);
	return file_write(path, text.data, text.len, FILE_PLAIN);
}

/* Takes the lock and tells where the file is. */
static struct error *begin(struct file_lock *lock, char **path,
			   struct repo *repo)
{
	CLEANUP(free_str) char *guard = NULL;
	const char *orch;

	TRY(repo_orch_dir(&orch, repo));
	guard = path_join(orch, "lock/sightings.lock");
	TRY(file_lock(lock, guard, 1));
	*path = path_join(orch, "sightings");
	return NULL;
}

static struct sighting *find(struct sightings *list, const char *name)
{
	FOR_EACH (struct sighting, row, list)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}

/* Is it the same claim, seen before on the clock that runs now? */
static int still(const struct sighting *row, const struct oid *claim,
		 const char *boot, int64_t now)
{
	return oid_equal(&row->claim, claim) && !strcmp(row->boot, boot) &&
	       row->first_ms <= now;
}

static void set(struct sightings *list, const char *name,
		const struct oid *claim, const char *boot, int64_t now)
{
	struct sighting *row = find(list, name);

	if (!row) {
		row = PUSH(list);
		row->name = xstrdup(name);
	}
	free_str(&row->boot);
	row->boot = xstrdup(boot);
	row->claim = *claim;
	row->first_ms = now;
}

struct error *sighting_note(int64_t *unchanged_ms, struct repo *repo,
			    const char *plan, const char *phase,
			    const struct oid *claim)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	CLEANUP(sightings_release) struct sightings list = { NULL, 0, 0 };
	CLEANUP(free_str) char *name = xasprintf("%s/%s", plan, phase);
	CLEANUP(free_str) char *boot = boot_id();
	CLEANUP(free_str) char *path = NULL;
	const struct sighting *row;
	int64_t now;

	TRY(begin(&lock, &path, repo));
	TRY(load(&list, path));
	now = clock_ms();
	row = find(&list, name);
	if (row && still(row, claim, boot, now)) {
		*unchanged_ms = now - row->first_ms;
		return NULL;
	}
	set(&list, name, claim, boot, now);
	TRY(store(&list, path));
	*unchanged_ms = 0;
	return NULL;
}

struct error *sighting_prune(struct repo *repo, const struct strings *keep)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	CLEANUP(sightings_release) struct sightings list = { NULL, 0, 0 };
	CLEANUP(free_str) char *path = NULL;
	size_t kept = 0;

	TRY(begin(&lock, &path, repo));
	TRY(load(&list, path));
	for (size_t i = 0; i < list.len; i++) {
		if (strings_has(keep, list.items[i].name))
			list.items[kept++] = list.items[i];
		else
			sighting_release(&list.items[i]);
	}
	if (kept == list.len)
		return NULL;
	list.len = kept;
	return store(&list, path);
}
