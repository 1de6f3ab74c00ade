/*
 * One sync for many calls.  A hundred calls in flight would otherwise wait for
 * the disk a hundred times, one behind the other, in the thread that reads
 * their answers.
 */
#include "core/call-step.h"

static struct error *sync_all(struct caller *caller)
{
	struct error *err = NULL;

	if (caller->unsynced_keys.len)
		err = replies_sync(caller->replies, &caller->unsynced_keys);
	strings_release(&caller->unsynced_keys);
	if (!err && caller->journal)
		err = journal_sync(caller->journal);
	return err;
}

/* Those that came before the sync; who comes now waits for the next one. */
static struct error *on_sync(struct loop *loop, void *data)
{
	struct caller *caller = data;
	int round = caller->sync_round++;

	(void)loop;
	caller->sync_timer = 0;
	TRY(sync_all(caller));
	while (caller->unsynced.len &&
	       caller->unsynced.items[0]->sync_round == round) {
		struct call *call = caller->unsynced.items[0];

		call_leave_sync(call);
		TRY(call->after_sync(call));
	}
	return NULL;
}

void call_after_sync(struct call *call, struct error *(*then)(struct call *))
{
	struct caller *caller = call->caller;

	call->after_sync = then;
	call->sync_round = caller->sync_round;
	*PUSH(&caller->unsynced) = call;
	if (!caller->sync_timer)
		caller->sync_timer =
			loop_timer(caller->loop, 0, on_sync, caller);
}

void call_leave_sync(const struct call *call)
{
	struct caller *caller = call->caller;
	size_t n = 0;

	FOR_EACH (struct call *, it, &caller->unsynced)
		if (*it != call)
			caller->unsynced.items[n++] = *it;
	caller->unsynced.len = n;
}
