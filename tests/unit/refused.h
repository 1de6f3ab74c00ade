/* Texts that a parser refuses, each with what it says. */
#ifndef TESTS_UNIT_REFUSED_H
#define TESTS_UNIT_REFUSED_H

#include "tests/unit/test.h"

#include "core/value.h"

struct refused {
	const char *text;
	const char *message;
};

static inline void each_is_refused(struct error *(*parse)(struct tree *out,
							  const char *text),
				   const struct refused *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(tree_release) struct tree tree = TREE_INIT;

		fails(ERROR_INVALID, rows[i].message,
		      parse(&tree, rows[i].text));
		assert_null(tree.root);
	}
}

#endif
