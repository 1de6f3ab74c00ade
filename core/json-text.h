/* What reading and printing JSON have in common; for json.c, json-print.c. */
#ifndef CORE_JSON_TEXT_H
#define CORE_JSON_TEXT_H

#include <stddef.h>

/*
 * How many bytes from here on can stand in a string as they are: most texts
 * are all so.
 */
size_t json_plain(const char *text, size_t len);

#endif
