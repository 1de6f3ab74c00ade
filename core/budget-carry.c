/*
 * From the ledger of a goal to that of the plan it became.
 *
 * Lines are moved as they are, and known by their ids, which are unlike any
 * other: those that are there already are passed over, so that a move that was
 * killed on the way is made again and counts nothing twice.
 */
#include "core/budget-ledger.h"

#include "core/json.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static void ledger_at(struct ledger *out, const char *folder, const char *name)
{
	ledger_init(out, xasprintf("%s/%s.jsonl", folder, name), NULL);
}

/* "reserve <id>", "settle <id>": what a line is known by; owned. */
static char *name_of(const char *text, size_t len)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	error_free(json_parse(&tree, text, len));
	return xasprintf("%s %s", value_text(value_get(tree.root, "op"), ""),
			 value_text(value_get(tree.root, "id"), ""));
}

/* Calls fn for each line of a file, which ends with a newline. */
static struct error *
each_line(const char *path,
	  void (*fn)(void *data, const char *line, size_t len), void *data)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	TRY(file_read(&text, path, LEDGER_MOST));
	const char *line = text.data, *end;
	while ((end = strchr(line, '\n'))) {
		fn(data, line, (size_t)(end - line));
		line = end + 1;
	}
	return NULL;
}

struct moving {
	struct map known; /* lines that are there */
	struct buf lines; /* those that are not */
};

static void moving_release(struct moving *moving)
{
	map_release(&moving->known);
	buf_release(&moving->lines);
}

static void know(void *data, const char *line, size_t len)
{
	CLEANUP(free_str) char *name = name_of(line, len);
	struct moving *moving = data;

	map_set(&moving->known, name, moving);
}

static void take(void *data, const char *line, size_t len)
{
	CLEANUP(free_str) char *name = name_of(line, len);
	struct moving *moving = data;

	if (!map_get(&moving->known, name))
		buf_add(&moving->lines, line, len + 1);
}

static struct error *move(struct ledger *from, struct file_lock *held,
			  const char *folder, const char *plan)
{
	CLEANUP(ledger_release) struct ledger to = { 0 };
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	CLEANUP(moving_release)
	struct moving moving = { .known = MAP_INIT, .lines = BUF_INIT };

	ledger_at(&to, folder, plan);
	TRY(ledger_look(&to, &lock));
	TRY(each_line(to.path, know, &moving));
	TRY(each_line(from->path, take, &moving));
	TRY(ledger_append(&to, &lock, &moving.lines));
	file_unlock_remove(held);
	return NULL;
}

struct error *budget_carry(const char *folder, const char *goal,
			   const char *plan)
{
	CLEANUP(ledger_release) struct ledger from = { 0 };
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;

	ledger_at(&from, folder, goal);
	if (!file_exists(from.path))
		return NULL;
	TRY(ledger_look(&from, &lock));
	return move(&from, &lock, folder, plan);
}

/* Whoever writes to it waits for the lock, and then begins a new file. */
static struct error *forget(const char *path, int64_t before)
{
	CLEANUP(file_unlock) struct file_lock lock = FILE_LOCK_INIT;
	struct stat st;

	if (stat(path, &st) || st.st_mtime >= before)
		return NULL;
	TRY(file_lock(&lock, path, 1));
	if (!fstat(lock.fd, &st) && st.st_mtime < before)
		file_unlock_remove(&lock);
	return NULL;
}

struct error *budget_forget(const char *folder, const char *prefix,
			    int64_t before)
{
	CLEANUP(strings_release) struct strings names = STRINGS_INIT;

	TRY(file_list(&names, folder));
	FOR_EACH (char *, name, &names) {
		CLEANUP(free_str) char *path = path_join(folder, *name);

		if (!strncmp(*name, prefix, strlen(prefix)))
			TRY(forget(path, before));
	}
	return NULL;
}
