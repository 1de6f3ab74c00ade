/* Arrays, lists of strings and the hash map (FNV-1a, open addressing). */
#include "core/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *array_grow(void *items, size_t *len, size_t *cap, size_t size)
{
	if (*len == *cap) {
		*cap = *cap ? *cap * 2 : 8;
		items = xrealloc(items, *cap, size);
	}
	memset((char *)items + *len * size, 0, size);
	++*len;
	return items;
}

void strings_take(struct strings *list, char *s)
{
	*PUSH(list) = s;
}

void strings_add(struct strings *list, const char *s)
{
	strings_take(list, xstrdup(s));
}

void strings_addf(struct strings *list, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	strings_take(list, xvasprintf(fmt, args));
	va_end(args);
}

void strings_addv(struct strings *list, const char *first, ...)
{
	va_list args;

	va_start(args, first);
	for (const char *s = first; s; s = va_arg(args, const char *))
		strings_add(list, s);
	va_end(args);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strings_sort(struct strings *list)
{
	if (list->len)
		qsort(list->items, list->len, sizeof *list->items, compare);
}

int strings_has(const struct strings *list, const char *s)
{
	FOR_EACH (char *, it, list)
		if (!strcmp(*it, s))
			return 1;
	return 0;
}

void strings_join(struct buf *out, const struct strings *list, const char *sep)
{
	for (size_t i = 0; i < list->len; i++) {
		if (i)
			buf_str(out, sep);
		buf_str(out, list->items[i]);
	}
}

void strings_release(struct strings *list)
{
	FOR_EACH (char *, it, list)
		free(*it);
	free(list->items);
	list->items = NULL;
	list->len = list->cap = 0;
}

struct map_slot {
	char *key;
	size_t len;
	void *value;
};

static struct map_slot *find(const struct map *map, const char *key, size_t len)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)key[i]) * 1099511628211u;
	for (size_t i = hash & (map->cap - 1);; i = (i + 1) & (map->cap - 1)) {
		struct map_slot *slot = &map->slots[i];

		if (!slot->key ||
		    (slot->len == len && !memcmp(slot->key, key, len)))
			return slot;
	}
}

void *map_getn(const struct map *map, const char *key, size_t len)
{
	return map->cap ? find(map, key, len)->value : NULL;
}

void *map_get(const struct map *map, const char *key)
{
	return map_getn(map, key, strlen(key));
}

static void rehash(struct map *map)
{
	struct map old = *map;

	map->cap = old.cap ? old.cap * 2 : 16;
	map->slots = xcalloc(map->cap, sizeof *map->slots);
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].key)
			*find(map, old.slots[i].key, old.slots[i].len) =
				old.slots[i];
	free(old.slots);
}

void *map_set(struct map *map, const char *key, void *value)
{
	size_t len = strlen(key);

	if (map->len * 4 >= map->cap * 3)
		rehash(map);
	struct map_slot *slot = find(map, key, len);
	void *before = slot->value;
	if (!slot->key) {
		slot->key = xstrdup(key);
		slot->len = len;
		map->len++;
	}
	slot->value = value;
	return before;
}

void map_keys(struct strings *out, const struct map *map)
{
	for (size_t i = 0; i < map->cap; i++)
		if (map->slots[i].key)
			strings_add(out, map->slots[i].key);
	strings_sort(out);
}

void map_release(struct map *map)
{
	for (size_t i = 0; i < map->cap; i++)
		free(map->slots[i].key);
	free(map->slots);
	map->slots = NULL;
	map->len = map->cap = 0;
}
