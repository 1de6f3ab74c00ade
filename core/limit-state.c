/*
 * The state as a line of JSON, so that a person can look at it:
 * {"boot","failures","open_until","open_for","probing","minute":[[index,
 * requests,tokens],...],"hour":[...]}, with blanks behind it where it was
 * longer before.  It is written over in place, in one write(2): replacing the
 * file makes ext4 wait for the disk, five milliseconds for each call.  It is
 * not synced: what a power cut loses was counted before the restart.
 */
#include "core/limit-state.h"

#include "core/file.h"
#include "core/json.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define STATE_MAX ((size_t)1 << 16)
/* No honest number is larger; sums of them do not overflow. */
#define MOST ((int64_t)1 << 50)

/* "" where the system has none: then a clock that went back tells. */
static void boot_id(struct buf *out)
{
	error_free(file_read(out, "/proc/sys/kernel/random/boot_id", 64));
	buf_setlen(out, strcspn(out->data, "\n"));
}

static int number_at(int64_t *out, const struct value *value)
{
	if (!value || value->kind != VALUE_INT || value->integer < 0 ||
	    value->integer > MOST)
		return 0;
	*out = value->integer;
	return 1;
}

static int window_from(struct limit_window *out, const struct value *list,
		       int64_t now)
{
	if (!list || list->kind != VALUE_LIST || list->count > LIMIT_SLOTS)
		return 0;
	VALUE_EACH(row, list)
	{
		struct limit_slot slot;

		if (row->kind != VALUE_LIST || row->count != 3 ||
		    !number_at(&slot.index, row->child) ||
		    !number_at(&slot.requests, row->child->next) ||
		    !number_at(&slot.tokens, row->last) ||
		    slot.index > now / out->slot_ms)
			return 0;
		out->slots[slot.index % LIMIT_SLOTS] = slot;
	}
	return 1;
}

static int state_from(struct limit_state *out, const struct value *root,
		      int64_t now)
{
	CLEANUP(buf_release) struct buf boot = BUF_INIT;

	boot_id(&boot);
	return !strcmp(value_text(value_get(root, "boot"), "none"),
		       boot.data) &&
	       number_at(&out->failures, value_get(root, "failures")) &&
	       number_at(&out->open_until, value_get(root, "open_until")) &&
	       number_at(&out->open_for, value_get(root, "open_for")) &&
	       number_at(&out->probing, value_get(root, "probing")) &&
	       window_from(&out->minute, value_get(root, "minute"), now) &&
	       window_from(&out->hour, value_get(root, "hour"), now);
}

struct error *limit_state_read(struct limit_state *out, int fd, int64_t now)
{
	const struct limit_state empty = { .minute.slot_ms = 1000,
					   .hour.slot_ms = 60000 };
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct error *err = buf_read_fd(&text, fd, STATE_MAX);

	*out = empty;
	if (!err)
		err = json_parse(&tree, text.data, text.len);
	if (!err && !state_from(out, tree.root, now))
		*out = empty;
	if (!error_is(err, ERROR_INVALID))
		return err;
	error_free(err);
	return NULL;
}

static void window_to(struct tree *tree, struct value *root, const char *key,
		      const struct limit_window *window)
{
	struct value *list = value_list(tree, root, key);

	for (size_t i = 0; i < LIMIT_SLOTS; i++) {
		const struct limit_slot *slot = &window->slots[i];

		if (!slot->requests && !slot->tokens)
			continue;
		struct value *row = value_list(tree, list, NULL);
		value_add_int(tree, row, NULL, slot->index);
		value_add_int(tree, row, NULL, slot->requests);
		value_add_int(tree, row, NULL, slot->tokens);
	}
}

/* In place of all that stands there. */
static struct error *overwrite(int fd, struct buf *text)
{
	off_t before = lseek(fd, 0, SEEK_END);

	while ((off_t)text->len < before && text->len < STATE_MAX)
		buf_ch(text, ' ');
	if (before > (off_t)text->len && ftruncate(fd, (off_t)text->len))
		return error_errno("cannot shorten the file");
	ssize_t n = pwrite(fd, text->data, text->len, 0);
	if (n >= 0 && n < (ssize_t)text->len)
		errno = ENOSPC; /* what a short write to a file means */
	return n == (ssize_t)text->len ? NULL
				       : error_errno("cannot write the file");
}

struct error *limit_state_write(const struct limit_state *state, int fd)
{
	CLEANUP(buf_release) struct buf boot = BUF_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);

	boot_id(&boot);
	value_add_string(&tree, root, "boot", boot.data);
	value_add_int(&tree, root, "failures", state->failures);
	value_add_int(&tree, root, "open_until", state->open_until);
	value_add_int(&tree, root, "open_for", state->open_for);
	value_add_int(&tree, root, "probing", state->probing);
	window_to(&tree, root, "minute", &state->minute);
	window_to(&tree, root, "hour", &state->hour);
	json_print(&text, root);
	buf_ch(&text, '\n');
	return overwrite(fd, &text);
}
