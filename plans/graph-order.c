/*
 * The order of work.  Edges are kept the other way round, from a phase to
 * those that wait for it, in two plain arrays; the free phases wait in a heap.
 */
#include "plans/graph.h"

#include <stdlib.h>
#include <string.h>

struct edge {
	size_t from, to;
};

struct edges {
	size_t *begin; /* n + 1: where a phase's waiting ones begin in to */
	size_t *to;
	size_t *open; /* per phase: dependencies not yet put in order */
};

static void edges_release(struct edges *edges)
{
	free(edges->begin);
	free(edges->to);
	free(edges->open);
}

/* The phase a dependency means; NULL for none and for the phase itself. */
static const struct phase *dependency(const struct plan *plan,
				      const struct phase *phase, size_t i)
{
	const struct phase *to = plan_phase(plan, phase->depends_on.items[i]);

	return to == phase ? NULL : to;
}

static void edges_fill(struct edges *edges, const struct plan *plan)
{
	size_t n = plan->phases.len;
	size_t *end = xcalloc(n + 1, sizeof *end);
	ARRAY(struct edge) found = ARRAY_INIT;

	edges->begin = xcalloc(n + 1, sizeof *edges->begin);
	edges->open = xcalloc(n + 1, sizeof *edges->open);
	FOR_EACH (const struct phase, it, &plan->phases)
		for (size_t i = 0; i < it->depends_on.len; i++) {
			const struct phase *to = dependency(plan, it, i);

			if (!to)
				continue;
			edges->begin[to->index + 1]++;
			edges->open[it->index]++;
			*PUSH(&found) = (struct edge){ it->index, to->index };
		}
	for (size_t i = 0; i < n; i++)
		edges->begin[i + 1] += edges->begin[i];
	edges->to = xcalloc(found.len + 1, sizeof *edges->to);
	memcpy(end, edges->begin, (n + 1) * sizeof *end);
	for (size_t i = 0; i < found.len; i++)
		edges->to[end[found.items[i].to]++] = found.items[i].from;
	free(found.items);
	free(end);
}

/* Any order that has dependencies first; gives how many it could place. */
static size_t sort_once(size_t *order, const struct edges *edges, size_t n)
{
	size_t *open = xcalloc(n + 1, sizeof *open);
	size_t len = 0;

	memcpy(open, edges->open, n * sizeof *open);
	for (size_t i = 0; i < n; i++)
		if (!open[i])
			order[len++] = i;
	for (size_t at = 0; at < len; at++)
		for (size_t e = edges->begin[order[at]];
		     e < edges->begin[order[at] + 1]; e++)
			if (!--open[edges->to[e]])
				order[len++] = edges->to[e];
	free(open);
	return len;
}

/* Phases on a cycle, which no order has, count one. */
static void fill_depth(size_t *depth, const struct edges *edges, size_t n)
{
	size_t *order = xcalloc(n + 1, sizeof *order);
	size_t len = sort_once(order, edges, n);

	for (size_t i = 0; i < n; i++)
		depth[i] = 1;
	while (len--) {
		size_t at = order[len];

		for (size_t e = edges->begin[at]; e < edges->begin[at + 1]; e++)
			if (depth[edges->to[e]] + 1 > depth[at])
				depth[at] = depth[edges->to[e]] + 1;
	}
	free(order);
}

/* The free phases, the one to do first at items[0]. */
struct heap {
	const struct phase *phases;
	const size_t *depth;
	size_t *items;
	size_t len;
};

/* An absent date is later than any. */
static int compare_due(const char *a, const char *b)
{
	if (!a || !b)
		return (a == NULL) - (b == NULL);
	return strcmp(a, b);
}

static int before(const struct heap *heap, size_t a, size_t b)
{
	const struct phase *x = &heap->phases[a], *y = &heap->phases[b];
	int due;

	if (x->priority != y->priority)
		return x->priority < y->priority;
	due = compare_due(x->due, y->due);
	if (due)
		return due < 0;
	if (heap->depth[a] != heap->depth[b])
		return heap->depth[a] > heap->depth[b];
	return strcmp(x->id, y->id) < 0;
}

static void swap(size_t *a, size_t *b)
{
	size_t kept = *a;

	*a = *b;
	*b = kept;
}

static void heap_add(struct heap *heap, size_t item)
{
	size_t at = heap->len++;

	heap->items[at] = item;
	for (; at && before(heap, item, heap->items[(at - 1) / 2]);
	     at = (at - 1) / 2)
		swap(&heap->items[at], &heap->items[(at - 1) / 2]);
}

static size_t heap_take(struct heap *heap)
{
	size_t *items = heap->items;
	size_t first = items[0];
	size_t at = 0;

	items[0] = items[--heap->len];
	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= heap->len)
			break;
		if (child + 1 < heap->len &&
		    before(heap, items[child + 1], items[child]))
			child++;
		if (!before(heap, items[child], items[at]))
			break;
		swap(&items[at], &items[child]);
		at = child;
	}
	return first;
}

static size_t drain(size_t *order, struct heap *heap, struct edges *edges)
{
	size_t len = 0;

	while (heap->len) {
		size_t at = heap_take(heap);

		order[len++] = at;
		for (size_t e = edges->begin[at]; e < edges->begin[at + 1]; e++)
			if (!--edges->open[edges->to[e]])
				heap_add(heap, edges->to[e]);
	}
	return len;
}

struct error *graph_sort(size_t *order, size_t *depth, const struct plan *plan)
{
	CLEANUP(edges_release) struct edges edges = { NULL, NULL, NULL };
	size_t n = plan->phases.len;
	size_t *made = xcalloc(n + 1, sizeof *made);
	struct heap heap = { plan->phases.items, depth, NULL, 0 };
	size_t len;

	edges_fill(&edges, plan);
	fill_depth(depth, &edges, n);
	heap.items = xcalloc(n + 1, sizeof *heap.items);
	for (size_t i = 0; i < n; i++)
		if (!edges.open[i])
			heap_add(&heap, i);
	len = drain(made, &heap, &edges);
	if (len == n)
		memcpy(order, made, n * sizeof *order);
	free(heap.items);
	free(made);
	if (len == n)
		return NULL;
	return error_hint(error_new(ERROR_INVALID,
				    "plan '%s' has phases that wait for each "
				    "other",
				    plan->id),
			  "'git orch validate' shows the cycle");
}

struct error *graph_order(size_t *order, const struct plan *plan)
{
	size_t *depth = xcalloc(plan->phases.len + 1, sizeof *depth);
	struct error *err = graph_sort(order, depth, plan);

	free(depth);
	return err;
}
