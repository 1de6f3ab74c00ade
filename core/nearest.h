/* "did you mean": which of the known names a mistyped word is closest to. */
#ifndef CORE_NEAREST_H
#define CORE_NEAREST_H

#include <stddef.h>

/*
 * The nearest of n names to word, or NULL when none is near: at most a third
 * of the word's letters, and never fewer than one, may be added, dropped,
 * changed or swapped with a neighbour.  Of equally near names the first; the
 * word itself counts as near.  Words over 64 bytes have no near name.
 */
const char *nearest(const char *word, const char *const *names, size_t n);

#endif
