/*
 * Errors are values: owned by whoever holds the pointer, NULL is success.
 *
 * The message is one line, lower case, without a full stop, and names the
 * thing: "plan 'auth' has no phase 'x'".  The hint says what to type or change
 * next.  Only cmd/ prints them and turns a code into an exit status.
 */
#ifndef CORE_ERROR_H
#define CORE_ERROR_H

#include <stddef.h>

#define CLEANUP(fn)  __attribute__((cleanup(fn)))
#define MUST_USE     __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define NORETURN     __attribute__((noreturn))

/* What the caller may do about it; error_status() maps each to an exit. */
enum error_code {
	ERROR_FAILURE, /* nothing: report it */
	ERROR_USAGE, /* the user: type something else */
	ERROR_NOT_FOUND, /* expected: treat as absent */
	ERROR_INVALID, /* the content is wrong: its author mends it */
	ERROR_NO, /* the answer is no: findings, a failed check or phase */
	ERROR_NOTHING, /* nothing to do */
	ERROR_REFUSED, /* trust, policy or budget */
	ERROR_CLAIMED, /* another runner holds it */
	ERROR_STALE, /* a compare-and-swap lost: read again, retry */
	ERROR_CONFLICT, /* a person must decide */
	ERROR_AGAIN, /* transient: try later */
	ERROR_INTERRUPT, /* SIGINT or SIGTERM arrived: unwind */
};

struct error {
	enum error_code code;
	char *message;
	char *hint; /* NULL: none */
};

struct error *error_new(enum error_code code, const char *fmt, ...) PRINTF(2, 3)
	MUST_USE;

/* ERROR_FAILURE with strerror(errno) behind the text, explained. */
struct error *error_errno(const char *fmt, ...) PRINTF(1, 2) MUST_USE;

/* Sets the hint, replacing one that is there; returns err; NULL passes. */
struct error *error_hint(struct error *err, const char *fmt, ...) PRINTF(2, 3)
	MUST_USE;

/*
 * Gives a hint to a message that ends in what the system says of a full disk
 * or a quota: also one of a library that knows errno no more.  Returns err.
 */
struct error *error_explain(struct error *err) MUST_USE;

/* Puts "text: " before the message; keeps code and hint; NULL passes. */
struct error *error_wrap(struct error *err, const char *fmt, ...) PRINTF(2, 3)
	MUST_USE;

void error_free(struct error *err);

/* For CLEANUP(error_release) on a struct error pointer. */
void error_release(struct error **err);

/* Tells whether err is an error with this code; NULL is none. */
int error_is(const struct error *err, enum error_code code);

/* The exit status of the contract in git-orch(1), EXIT STATUS. */
int error_status(enum error_code code);

/* Returns an error upward; the only macro that hides control flow. */
#define TRY(call)                                                              \
	do {                                                                   \
		struct error *try_error = (call);                              \
		if (try_error)                                                 \
			return try_error;                                      \
	} while (0)

/* Our own mistake: says where, then aborts.  Never for bad input. */
#define BUG(...) bug(__FILE__, __LINE__, __VA_ARGS__)
void bug(const char *file, int line, const char *fmt, ...)
	PRINTF(3, 4) NORETURN;

#endif
