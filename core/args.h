/*
 * Options as rows: the same table feeds the parser, -h, completion, and the
 * test that holds the man page against it.
 *
 * Long options take --name=value or --name value; names are exact, a near
 * miss gets "did you mean".  Short ones combine (-qn).  "--" ends them.
 * --no-<name> negates a flag.
 */
#ifndef CORE_ARGS_H
#define CORE_ARGS_H

#include "core/array.h"

#include <stdint.h>

struct opt {
	char letter; /* 0: none */
	const char *name; /* NULL ends the table */
	const char *arg; /* what -h shows for its argument; NULL: a flag */
	const char *help;
};

struct arg_value {
	const struct opt *opt;
	const char *text; /* borrowed from argv; NULL for a flag */
	int off; /* --no-<name> */
};

struct args {
	ARRAY(struct arg_value) values; /* in the order given */
	ARRAY(const char *) rest; /* what is not an option */
};
#define ARGS_INIT                                                              \
	{                                                                      \
		ARRAY_INIT, ARRAY_INIT                                         \
	}

void args_release(struct args *args);

/*
 * Parses argv[1..]; tables is a NULL-terminated list of option tables looked
 * at in turn.  stop_at_first: the first operand ends the options (git's own
 * way before a subcommand).  ERROR_USAGE names the option.
 */
struct error *args_parse(struct args *args, const struct opt *const *tables,
			 int argc, char **argv, int stop_at_first) MUST_USE;

/* The last value given, or NULL; flags: whether it is on. */
const char *args_text(const struct args *args, const char *name);
int args_flag(const struct args *args, const char *name);
int args_given(const struct args *args, const char *name);
/* A whole number within [min, max], or fallback when not given. */
struct error *args_int(int64_t *out, const struct args *args, const char *name,
		       int64_t fallback, int64_t min, int64_t max) MUST_USE;

#endif
