/*
 * Growing arrays by macro, the list of strings built on them, and a hash map
 * from string to pointer for where thousands of items are looked up by id.
 */
#ifndef CORE_ARRAY_H
#define CORE_ARRAY_H

#include "core/alloc.h"
#include "core/buf.h"

/* struct { T *items; size_t len, cap; }; ARRAY_INIT or zeroed is empty. */
#define ARRAY(T)                                                               \
	struct {                                                               \
		T *items;                                                      \
		size_t len;                                                    \
		size_t cap;                                                    \
	}

#define ARRAY_INIT                                                             \
	{                                                                      \
		NULL, 0, 0                                                     \
	}

/* Appends a zeroed item and gives its address. */
#define PUSH(array)                                                            \
	((array)->items = array_grow((array)->items, &(array)->len,            \
				     &(array)->cap, sizeof *(array)->items),   \
	 &(array)->items[(array)->len - 1])

/* for (T *it; over all items): FOR_EACH (struct phase, p, &plan->phases) */
#define FOR_EACH(T, it, array)                                                 \
	for (T *it = (array)->items;                                           \
	     (array)->len && it < (array)->items + (array)->len; it++)

void *array_grow(void *items, size_t *len, size_t *cap, size_t size);

/* A list of owned strings. */
struct strings {
	char **items;
	size_t len;
	size_t cap;
};

#define STRINGS_INIT                                                           \
	{                                                                      \
		NULL, 0, 0                                                     \
	}

void strings_add(struct strings *list, const char *s);
void strings_addf(struct strings *list, const char *fmt, ...) PRINTF(2, 3);
void strings_take(struct strings *list, char *s); /* takes ownership */
void strings_addv(struct strings *list, const char *first, ...); /* to NULL */
void strings_sort(struct strings *list); /* strcmp order */
int strings_has(const struct strings *list, const char *s);
void strings_join(struct buf *out, const struct strings *list, const char *sep);
void strings_release(struct strings *list);

/* String to pointer; keys are copied, values borrowed. */
struct map {
	struct map_slot *slots;
	size_t len;
	size_t cap;
};

#define MAP_INIT                                                               \
	{                                                                      \
		NULL, 0, 0                                                     \
	}

void *map_get(const struct map *map, const char *key);
void *map_getn(const struct map *map, const char *key, size_t len);
/* Sets and returns the value that was there before, or NULL. */
void *map_set(struct map *map, const char *key, void *value);
/* Adds every key, in strcmp order: for messages that name what there is. */
void map_keys(struct strings *out, const struct map *map);
void map_release(struct map *map);

#endif
