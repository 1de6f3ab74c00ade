/*
 * The merge queue's order.  Prefixes are judged from the whole window down,
 * and not from one entry up: a window is green far more often than not, and
 * then it has cost one verdict.
 */
#include "plans/queue.h"

#include "core/alloc.h"

#include <stdlib.h>
#include <string.h>

struct queue {
	const struct queue_ops *ops;
	void *data;
	size_t window;
	size_t *left; /* neither landed nor put out, in their order */
	size_t len;
};

static void queue_release(struct queue *queue)
{
	free(queue->left);
}

static void leave(struct queue *queue, size_t at, size_t n)
{
	queue->len -= n;
	memmove(queue->left + at, queue->left + at + n,
		(queue->len - at) * sizeof *queue->left);
}

static struct error *put_out(struct queue *queue, size_t at,
			     enum queue_verdict why)
{
	size_t entry = queue->left[at];

	leave(queue, at, 1);
	return queue->ops->put_out(entry, why, queue->data);
}

static struct error *judge(enum queue_verdict *out, const struct queue *queue,
			   size_t n)
{
	return queue->ops->judge(out, queue->left, n, queue->data);
}

/* How many of those left stand one upon the other: the window. */
static struct error *build(size_t *out, struct queue *queue)
{
	size_t n = 0;

	while (n < queue->len && n < queue->window) {
		enum queue_verdict verdict = QUEUE_GREEN;

		if (queue->ops->merge)
			TRY(queue->ops->merge(&verdict, queue->left, n + 1,
					      queue->data));
		if (verdict == QUEUE_WAIT && n)
			break;
		if (verdict == QUEUE_GREEN)
			n++;
		else
			TRY(put_out(queue, n, QUEUE_OUT));
	}
	*out = n;
	return NULL;
}

/*
 * Of a red window, the smallest red prefix and with it the greatest green one,
 * which is one shorter.
 */
static struct error *bisect(size_t *red, const struct queue *queue)
{
	size_t green = 0;

	while (*red - green > 1) {
		size_t half = green + (*red - green) / 2;
		enum queue_verdict verdict;

		TRY(judge(&verdict, queue, half));
		if (verdict == QUEUE_GREEN)
			green = half;
		else
			*red = half;
	}
	return NULL;
}

static struct error *land(size_t *landed, struct queue *queue, size_t n)
{
	*landed = 0;
	if (!n)
		return NULL;
	TRY(queue->ops->land(landed, queue->left, n, queue->data));
	leave(queue, 0, *landed);
	return NULL;
}

/*
 * One window.  A culprit on a base that is no longer there is none: it is
 * asked again with the others.
 */
static struct error *look(struct queue *queue)
{
	enum queue_verdict verdict;
	size_t n = 0, green, landed;

	TRY(build(&n, queue));
	if (!n)
		return NULL;
	TRY(judge(&verdict, queue, n));
	green = n;
	if (verdict != QUEUE_GREEN) {
		TRY(bisect(&n, queue));
		green = n - 1;
	}
	TRY(land(&landed, queue, green));
	if (landed < green || verdict == QUEUE_GREEN)
		return NULL;
	return put_out(queue, 0, QUEUE_RED);
}

struct error *queue_run(size_t n, size_t window, const struct queue_ops *ops,
			void *data)
{
	CLEANUP(queue_release)
	struct queue queue = {
		.ops = ops,
		.data = data,
		.window = window ? window : 1,
		.left = xcalloc(n + 1, sizeof *queue.left),
		.len = n,
	};

	for (size_t i = 0; i < n; i++)
		queue.left[i] = i;
	while (queue.len)
		TRY(look(&queue));
	return NULL;
}
