/*
 * Each question is one turn under the lock: read, decide, write.  The clock
 * is read behind the lock, or what another process has just counted would lie
 * in the future.
 */
#include "core/limit.h"

#include "core/clock.h"
#include "core/file.h"
#include "core/limit-state.h"

#include <string.h>

#define WINDOW_SLOTS  60
#define OPENS_AFTER   5
#define OPEN_FIRST_MS 30000
#define OPEN_LONGEST  600000
#define PROBE_LOOK_MS 1000
#define MOST_PER_TAKE ((int64_t)1 << 40)
#define MOST_PER_SLOT ((int64_t)1 << 44)

/* A provider's state while it is held. */
struct held {
	struct file_lock lock; /* of the file itself */
	int64_t now;
	struct limit_state state;
};

static void held_release(struct held *held)
{
	file_unlock(&held->lock);
}

static struct error *lock_and_read(struct held *held, const char *path,
				   const struct limiter *limiter)
{
	TRY(file_lock(&held->lock, path, 1));
	held->now = limiter->clock ? limiter->clock() : clock_ms();
	return limit_state_read(&held->state, held->lock.fd, held->now);
}

static struct error *explain(struct error *err, const struct limiter *limiter)
{
	if (!err || err->code != ERROR_FAILURE)
		return err;
	err = error_wrap(err, "the limits of provider '%s' cannot be kept",
			 limiter->provider);
	return err->hint ? err
			 : error_hint(err, "make '%s' a folder you can write",
				      limiter->dir);
}

static struct error *hold(struct held *held, const struct limiter *limiter)
{
	CLEANUP(free_str) char *path = NULL;

	if (!*limiter->provider || strpbrk(limiter->provider, "/."))
		BUG("'%s' is no name of a provider", limiter->provider);
	*held = (struct held){ .lock = FILE_LOCK_INIT };
	path = path_join(limiter->dir, limiter->provider);
	return explain(lock_and_read(held, path, limiter), limiter);
}

static struct error *keep(struct held *held, const struct limiter *limiter)
{
	return explain(limit_state_write(&held->state, held->lock.fd), limiter);
}

/* The slot of a time, made empty when it was of another round. */
static struct limit_slot *slot_at(struct limit_window *window, int64_t ms)
{
	int64_t index = ms / window->slot_ms;
	struct limit_slot *slot = &window->slots[index % LIMIT_SLOTS];

	if (slot->index != index)
		*slot = (struct limit_slot){ .index = index };
	return slot;
}

static int64_t used_in(const struct limit_slot *slot, int tokens)
{
	return tokens ? slot->tokens : slot->requests;
}

/*
 * How long until so much more fits: slots leave, the oldest first, until it
 * does.  With none left it fits whatever it is.
 */
static int64_t wait_until_fits(struct limit_window *window, int64_t now,
			       int tokens, int64_t more, int64_t limit)
{
	int64_t newest = now / window->slot_ms, sum = 0, wait = 0;
	int64_t oldest = newest - WINDOW_SLOTS;

	if (!limit)
		return 0;
	for (int64_t i = oldest < 0 ? 0 : oldest; i <= newest; i++)
		sum += used_in(slot_at(window, i * window->slot_ms), tokens);
	for (int64_t i = oldest < 0 ? 0 : oldest;
	     sum && sum + more > limit && i <= newest; i++) {
		struct limit_slot *slot = slot_at(window, i * window->slot_ms);
		int64_t leaves = (i + WINDOW_SLOTS + 1) * window->slot_ms;

		if (used_in(slot, tokens))
			wait = leaves - now;
		sum -= used_in(slot, tokens);
	}
	return wait;
}

static int64_t longest(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* *which: the one that makes it wait longest. */
static int64_t limit_wait(const char **which, struct held *held,
			  const struct limits *limits, int64_t tokens)
{
	struct limit_state *state = &held->state;
	const struct {
		const char *name;
		struct limit_window *window;
		int tokens;
		int64_t most;
	} rows[] = {
		{ "requests_per_minute", &state->minute, 0,
		  limits->requests_per_minute },
		{ "requests_per_hour", &state->hour, 0,
		  limits->requests_per_hour },
		{ "tokens_per_minute", &state->minute, 1,
		  limits->tokens_per_minute },
	};
	int64_t wait = 0;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t ms = wait_until_fits(
			rows[i].window, held->now, rows[i].tokens,
			rows[i].tokens ? tokens : 1, rows[i].most);

		if (ms <= wait)
			continue;
		wait = ms;
		*which = rows[i].name;
	}
	return wait;
}

/* What is left of an open breaker; 0: closed, or time for one to try. */
static int64_t breaker_wait(const struct limit_state *state, int64_t now)
{
	int64_t left = state->open_until - now;

	if (left <= 0)
		return 0;
	return state->probing && left > PROBE_LOOK_MS ? PROBE_LOOK_MS : left;
}

static void count(struct held *held, int64_t tokens)
{
	struct limit_slot *second = slot_at(&held->state.minute, held->now);
	struct limit_slot *minute = slot_at(&held->state.hour, held->now);

	second->requests++;
	second->tokens += second->tokens < MOST_PER_SLOT ? tokens : 0;
	minute->requests++;
	if (held->state.open_until) {
		held->state.probing = 1;
		held->state.open_until = held->now + held->state.open_for;
	}
}

static int64_t at_most(int64_t tokens)
{
	return tokens < 0 ? 0 : tokens > MOST_PER_TAKE ? MOST_PER_TAKE : tokens;
}

struct error *limit_take(struct turn *out, const struct limiter *limiter,
			 const struct limits *limits, int64_t tokens)
{
	CLEANUP(held_release) struct held held;
	int64_t ask = at_most(tokens);

	TRY(hold(&held, limiter));
	int64_t wait = breaker_wait(&held.state, held.now);
	int open = wait > 0;
	const char *which = NULL;
	if (!wait)
		wait = limit_wait(&which, &held, limits, ask);
	if (!wait) {
		count(&held, ask);
		TRY(keep(&held, limiter));
	}
	*out = (struct turn){ .wait_ms = wait,
			      .open = open,
			      .limit = which,
			      .at = held.now,
			      .tokens = ask };
	return NULL;
}

struct error *limit_settle(const struct limiter *limiter,
			   const struct turn *turn, int64_t used)
{
	CLEANUP(held_release) struct held held;
	int64_t more = at_most(used) - turn->tokens;

	TRY(hold(&held, limiter));
	struct limit_window *window = &held.state.minute;
	int64_t index = turn->at / window->slot_ms;
	struct limit_slot *taken = &window->slots[index % LIMIT_SLOTS];
	if (more < 0 && taken->index == index)
		taken->tokens = longest(taken->tokens + more, 0);
	if (more > 0)
		slot_at(window, held.now)->tokens += more;
	return keep(&held, limiter);
}

static void fail(struct limit_state *state, int64_t now)
{
	if (state->probing)
		state->open_for = state->open_for * 2 < OPEN_LONGEST
					  ? state->open_for * 2
					  : OPEN_LONGEST;
	else if (!state->open_until && ++state->failures >= OPENS_AFTER)
		state->open_for = OPEN_FIRST_MS;
	else
		return; /* sent before it opened: nothing new */
	state->open_until = now + state->open_for;
	state->probing = 0;
}

struct error *limit_report(const struct limiter *limiter, int failed)
{
	CLEANUP(held_release) struct held held;
	struct limit_state *state = &held.state;

	TRY(hold(&held, limiter));
	if (!failed && !state->failures && !state->open_until)
		return NULL; /* as it is nearly always: nothing to write */
	if (failed)
		fail(state, held.now);
	else
		state->failures = state->open_until = state->open_for =
			state->probing = 0;
	return keep(&held, limiter);
}
