/*
 * The file of a ledger.  Each line is one write(2) under the lock; whoever
 * holds it next sees the line whole, or what a killed process left of it.
 */
#include "core/budget-ledger.h"

#include "core/clock.h"
#include "core/json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST ((int64_t)1000000000000)

struct charge {
	struct amount amount;
	int64_t *micros; /* the sum of its phase; NULL: of none */
	int in_phase;
};

/* The members of an amount, as they stand in a line. */
static const struct {
	const char *key;
	size_t offset;
} members[] = {
	{ "calls", offsetof(struct amount, calls) },
	{ "tokens", offsetof(struct amount, tokens) },
	{ "micros", offsetof(struct amount, micros) },
	{ "seconds", offsetof(struct amount, seconds) },
	{ "millis", offsetof(struct amount, millis) },
};
#define MEMBERS (sizeof members / sizeof *members)

static int64_t *member(struct amount *amount, size_t i)
{
	return (int64_t *)(void *)((char *)amount + members[i].offset);
}

static int64_t member_of(const struct amount *amount, size_t i)
{
	return *(const int64_t *)(const void *)((const char *)amount +
						members[i].offset);
}

int64_t ledger_clamp(int64_t n)
{
	return n < 0 ? 0 : n > MOST ? MOST : n;
}

void ledger_init(struct ledger *ledger, char *path, const char *phase)
{
	*ledger = (struct ledger){ .path = path, .phase = xstrdup(phase) };
}

/* Forgets what was read. */
static void forget(struct ledger *ledger)
{
	map_release(&ledger->open);
	map_release(&ledger->phases);
	arena_release(&ledger->charges);
	ledger->open = (struct map)MAP_INIT;
	ledger->phases = (struct map)MAP_INIT;
	ledger->charges = (struct arena)ARENA_INIT;
	ledger->all = ledger->of_phase = (struct amount){ 0 };
	ledger->seen = 0;
	ledger->lines = 0;
}

void ledger_release(struct ledger *ledger)
{
	forget(ledger);
	free_str(&ledger->path);
	free_str(&ledger->phase);
}

int ledger_has(const struct ledger *ledger, const char *id)
{
	return map_get(&ledger->open, id) != NULL;
}

/* Adds sign times amount to a sum. */
static void add(struct amount *sum, const struct amount *amount, int sign)
{
	for (size_t i = 0; i < MEMBERS; i++)
		*member(sum, i) += sign * member_of(amount, i);
	sum->seconds += sum->millis / 1000;
	sum->millis %= 1000;
	if (sum->millis < 0) {
		sum->seconds--;
		sum->millis += 1000;
	}
}

/* Charges amount, or takes it back, wherever it belongs. */
static void charge(struct ledger *ledger, const struct charge *belongs,
		   const struct amount *amount, int sign)
{
	add(&ledger->all, amount, sign);
	if (belongs->in_phase)
		add(&ledger->of_phase, amount, sign);
	if (belongs->micros)
		*belongs->micros += sign * amount->micros;
}

static int64_t *phase_sum(struct ledger *ledger, const char *phase)
{
	int64_t *sum = phase ? map_get(&ledger->phases, phase) : NULL;

	if (phase && !sum) {
		sum = arena_alloc(&ledger->charges, sizeof *sum);
		map_set(&ledger->phases, phase, sum);
	}
	return sum;
}

static void apply_reserve(struct ledger *ledger, const struct value *line,
			  const char *id, const struct amount *amount)
{
	const char *phase = value_text(value_get(line, "phase"), NULL);
	struct charge *new = arena_alloc(&ledger->charges, sizeof *new);

	new->amount = *amount;
	new->micros = phase_sum(ledger, phase);
	new->in_phase = phase && ledger->phase && !strcmp(phase, ledger->phase);
	charge(ledger, new, amount, 1);
	/* The same id once more: what it had before stays charged. */
	map_set(&ledger->open, id, new);
}

static void apply_settle(struct ledger *ledger, const char *id,
			 const struct amount *amount)
{
	struct charge *old = map_get(&ledger->open, id);

	if (!old)
		return;
	charge(ledger, old, &old->amount, -1);
	charge(ledger, old, amount, 1);
	map_set(&ledger->open, id, NULL);
}

/* 0: it is no line.  The first ledgers had no milliseconds. */
static int read_amount(struct amount *out, const struct value *line)
{
	*out = (struct amount){ 0 };
	for (size_t i = 0; i < MEMBERS; i++) {
		const struct value *it = value_get(line, members[i].key);

		if (!it && members[i].offset == offsetof(struct amount, millis))
			continue;
		if (!it || it->kind != VALUE_INT || it->integer < 0 ||
		    it->integer > MOST)
			return 0;
		*member(out, i) = it->integer;
	}
	return 1;
}

/* Adds up one line; 0: it is none. */
static int apply(struct ledger *ledger, const struct value *line)
{
	const char *op = value_text(value_get(line, "op"), "");
	const char *id = value_text(value_get(line, "id"), NULL);
	struct amount amount;

	if (!id || !read_amount(&amount, line))
		return 0;
	if (!strcmp(op, "reserve"))
		apply_reserve(ledger, line, id, &amount);
	else if (!strcmp(op, "settle"))
		apply_settle(ledger, id, &amount);
	else
		return 0;
	return 1;
}

static int take_line(struct ledger *ledger, const char *text, size_t len)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct error *err = json_parse(&tree, text, len);
	int good = !err && apply(ledger, tree.root);

	error_free(err);
	ledger->lines += (size_t)good;
	return good;
}

/*
 * Takes the lines of text, and tells in *used how many bytes of it hold.  A
 * bad line that is not the last is an error.
 */
static struct error *take_lines(size_t *used, struct ledger *ledger,
				const struct buf *text)
{
	const char *newline;

	*used = 0;
	while ((newline =
			memchr(text->data + *used, '\n', text->len - *used))) {
		const char *line = text->data + *used;
		size_t len = (size_t)(newline - line);
		size_t next = *used + len + 1;

		if (take_line(ledger, line, len))
			*used = next;
		else if (next == text->len)
			return NULL;
		else
			return error_hint(
				error_new(ERROR_INVALID,
					  "'%s', line %zu: this is no line of "
					  "a ledger",
					  ledger->path, ledger->lines + 1),
				"move the file away; what it says was spent "
				"is forgotten then");
	}
	return NULL;
}

static struct error *read_rest(struct buf *out, const struct ledger *ledger,
			       int fd, off_t size)
{
	if (size > (off_t)LEDGER_MOST)
		return error_new(ERROR_INVALID, "'%s' is larger than %lld MiB",
				 ledger->path, (long long)(LEDGER_MOST >> 20));
	buf_grow(out, (size_t)(size - ledger->seen));
	while (ledger->seen + (off_t)out->len < size) {
		char *to = out->data + out->len;
		size_t want = (size_t)(size - ledger->seen) - out->len;
		ssize_t n = pread(fd, to, want, ledger->seen + (off_t)out->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_errno("cannot read '%s'", ledger->path);
		out->len += (size_t)n;
		out->data[out->len] = '\0';
	}
	return NULL;
}

static struct error *read_new(struct ledger *ledger, int fd)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct stat st;
	size_t used;

	if (fstat(fd, &st))
		return error_errno("cannot read '%s'", ledger->path);
	if (st.st_dev != ledger->dev || st.st_ino != ledger->ino ||
	    st.st_size < ledger->seen)
		forget(ledger);
	ledger->dev = st.st_dev;
	ledger->ino = st.st_ino;
	if (st.st_size == ledger->seen)
		return NULL;
	TRY(read_rest(&text, ledger, fd, st.st_size));
	struct error *err = take_lines(&used, ledger, &text);
	ledger->seen += (off_t)used;
	/* Nobody writes while we hold the lock: its writer is dead. */
	if (!err && ledger->seen < st.st_size && ftruncate(fd, ledger->seen))
		err = error_errno("cannot mend '%s'", ledger->path);
	return err;
}

struct error *ledger_look(struct ledger *ledger, struct file_lock *lock)
{
	TRY(file_lock(lock, ledger->path, 1));
	int flags = fcntl(lock->fd, F_GETFL);
	if (flags < 0 || fcntl(lock->fd, F_SETFL, flags | O_APPEND))
		return error_errno("cannot append to '%s'", ledger->path);
	return read_new(ledger, lock->fd);
}

/* What cannot be kept whole is taken back. */
static struct error *write_whole(const struct ledger *ledger, int fd,
				 const struct buf *text)
{
	ssize_t n = write(fd, text->data, text->len);

	if (n == (ssize_t)text->len)
		return NULL;
	if (n >= 0)
		errno = ENOSPC; /* what a short write to a file means */
	struct error *err = error_errno("cannot write '%s'", ledger->path);
	if (ftruncate(fd, ledger->seen))
		err = error_hint(err, "the last line of the file is torn");
	return err;
}

struct error *ledger_append(struct ledger *ledger, const struct file_lock *lock,
			    const struct buf *lines)
{
	size_t used;

	TRY(write_whole(ledger, lock->fd, lines));
	TRY(take_lines(&used, ledger, lines));
	if (used != lines->len)
		BUG("a line of our own is no line of a ledger");
	ledger->seen += (off_t)used;
	return NULL;
}

static struct error *append(struct ledger *ledger, const struct file_lock *lock,
			    const struct value *line)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	json_print(&text, line);
	buf_ch(&text, '\n');
	return ledger_append(ledger, lock, &text);
}

static struct value *begin(struct tree *tree, const char *op, const char *id)
{
	struct value *line = value_object(tree, NULL, NULL);
	char at[CLOCK_TEXT];

	clock_format(at, clock_now());
	value_add_string(tree, line, "op", op);
	value_add_string(tree, line, "id", id);
	value_add_string(tree, line, "at", at);
	return line;
}

static void add_amount(struct tree *tree, struct value *line,
		       const struct amount *amount)
{
	for (size_t i = 0; i < MEMBERS; i++)
		value_add_int(tree, line, members[i].key,
			      ledger_clamp(member_of(amount, i)));
}

struct error *ledger_reserve(struct ledger *ledger,
			     const struct file_lock *lock, const char *id,
			     const char *plan, const struct amount *most)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *line = begin(&tree, "reserve", id);

	value_add_string(&tree, line, "plan", plan);
	value_add_maybe(&tree, line, "phase", ledger->phase);
	add_amount(&tree, line, most);
	return append(ledger, lock, line);
}

struct error *ledger_settle(struct ledger *ledger, const struct file_lock *lock,
			    const char *id, const struct amount *used)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *line = begin(&tree, "settle", id);

	add_amount(&tree, line, used);
	return append(ledger, lock, line);
}
