/*
 * Asking a model: the one way from a request to a reply that was paid for
 * once.
 *
 * In this order: secrets are taken out of the prompt; the key is computed; a
 * reply of this run (a resume) or of another (the cache) is taken if there is
 * one; the budget is reserved; the limits are waited for; an `open` line is
 * journalled and synced; the driver is asked, again as core/retry.h says, other
 * agents as fallback; the keys in use are taken out of the reply; it is stored
 * and synced; a `closed` line is journalled; the budget is settled.  A run that
 * was killed between open and closed sends the request again, and its
 * reservation stays charged.
 *
 * Journal lines (beside v, seq, at): open {"call","key","stage","plan",
 * "phase","attempt","agent","provider","model","micros"(reserved),"tokens"},
 * closed {"call","key","model","stop","usage","micros"|"unpriced","price",
 * "millis","tries","cached":"run|cache"|null}.
 */
#ifndef CORE_CALL_H
#define CORE_CALL_H

#include "core/budget.h"
#include "core/driver.h"
#include "core/journal.h"
#include "core/limit.h"
#include "core/log.h"
#include "core/price.h"
#include "core/replies.h"
#include "core/secret.h"

/* An agent as it is asked: an endpoint, a model, its parameters. */
struct model {
	char *agent; /* its name in the configuration */
	struct endpoint endpoint;
	char *model;
	double temperature; /* < 0: not set; so for top_p */
	double top_p;
	int64_t max_tokens; /* 0: the capability's, at most 16,384 */
	char *effort; /* NULL: not set */
	int64_t timeout_ms;
	int64_t idle_ms;
	struct limits limits;
	struct model *fallback; /* the next one to try; owned; NULL: none */
};
void model_release(struct model *model);
void model_free(struct model **model); /* for CLEANUP, with its fallbacks */

/* How a service counted the last request of a stage, for the next estimate. */
struct measure {
	char *model;
	char *stage;
	int64_t bytes;
	int64_t tokens;
};

/* What the calls of a process share; everything but loop may be NULL. */
struct caller {
	struct loop *loop;
	struct http *http; /* made when first needed; freed by release */
	struct journal *journal;
	struct log *log;
	struct budget *budget;
	const struct prices *prices;
	struct secrets *secrets;
	char *replies; /* folder of the store; NULL: none is kept */
	char *limits; /* folder of the limits' state */
	char *record; /* folder --record writes to */
	struct reply_expiry expiry;
	struct retry_policy retry;
	int no_cache; /* take no reply of another run */
	int allow_unpriced;
	/* A sentence for people (left out, waiting, switched); may be NULL. */
	void (*notice)(void *data, const char *sentence);
	void *notice_data;
	struct map noticed; /* said already */
	struct {
		struct call **items;
		size_t len, cap;
	} calls; /* under way */
	struct {
		struct call **items;
		size_t len, cap;
	} unsynced; /* of these: waiting for the disk */
	struct strings unsynced_keys; /* of replies that were stored */
	int sync_timer; /* 0: none */
	int sync_round; /* how many syncs there were */
	ARRAY(struct measure) measures;
};
#define CALLER_INIT                                                            \
	{                                                                      \
		.loop = NULL                                                   \
	}
void caller_release(struct caller *caller);
/* Says a sentence, once in the life of the caller. */
void caller_notice(struct caller *caller, const char *fmt, ...) PRINTF(2, 3);
/*
 * Ends every call under way, after an interrupt or an error of the loop: their
 * done gets ERROR_INTERRUPT.  Programs that were asked are reaped.
 */
void caller_cancel(struct caller *caller);
/*
 * Runs the loop until *done, which some callback sets, and returns the error
 * that this left.  When the loop fails all calls are cancelled, and its error
 * is returned.
 */
struct error *caller_wait(struct caller *caller, const int *done,
			  struct error **left) MUST_USE;

/* What to ask; borrowed until done. */
struct call_spec {
	const struct request *request; /* without model and parameters */
	const struct model *model;
	const char *stage;
	const char *plan;
	const char *phase; /* NULL: planning */
	int attempt;
	const struct strings *depends; /* keys of replies it rests on */
	int no_cache; /* taken from this run only */
	int own; /* a verdict: not of a reply that was pulled from others */
	enum retry_cause *cause; /* set when it is given up; may be NULL */
	const struct model **last; /* with it: who gave up; may be NULL */
};

/* What came of it. */
struct call_result {
	struct reply reply;
	char key[SHA256_HEX];
	const struct model *model; /* who answered */
	int64_t micros; /* UNPRICED, or what was paid: 0 from the store */
	int cached;
	int tries;
};
void call_result_init(struct call_result *result);
void call_result_release(struct call_result *result);

struct call;
/*
 * err: ERROR_REFUSED (budget), ERROR_AGAIN (the
 * service is down or limits us), ERROR_INVALID (it will not take the
 * request), ERROR_FAILURE.  result is NULL with err; both are the callee's.
 */
typedef struct error *(*call_fn)(struct error *err, struct call_result *result,
				 void *data);
struct error *call_start(struct call **out, struct caller *caller,
			 const struct call_spec *spec, call_fn done, void *data)
	MUST_USE;
void call_cancel(struct call *call); /* done is not called */

/* Starts it and runs the loop until it is done. */
struct error *call_run(struct call_result *out, struct caller *caller,
		       const struct call_spec *spec) MUST_USE;

#endif
