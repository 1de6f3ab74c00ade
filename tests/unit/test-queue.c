/*
 * The merge queue against a world of made-up entries: what lands and who is
 * put out is what landing one by one comes to, at the cost that is promised.
 */
#include "tests/unit/test.h"

#include "plans/queue.h"

#define MOST 20
#define NONE MOST /* no entry */

/* What is true of an entry, and what has become of it. */
enum fate { WAITING, LANDED, RED, OUT };
struct entry {
	int red; /* by itself */
	int refused;
	size_t red_with; /* an earlier one, or NONE */
	size_t conflict; /* with an earlier one, or NONE */
	enum fate fate;
};

struct world {
	struct entry entries[MOST];
	size_t n, window;
	size_t landed[MOST];
	size_t n_landed;
	/* The sources judged green: as many as verdicts. */
	struct source {
		size_t entries[MOST];
		size_t n, epoch;
		enum queue_verdict verdict;
	} judged[400];
	size_t verdicts, epoch, stale;
	unsigned seed;
	const char *fail; /* the op that ends with an error */
};

/* Numerical Recipes' quick generator: the same on every machine. */
static unsigned draw(struct world *world, unsigned below)
{
	world->seed = world->seed * 1664525u + 1013904223u;
	return (world->seed >> 8) % below;
}

static struct error *may_fail(const struct world *world, const char *op)
{
	return world->fail && !strcmp(world->fail, op)
		       ? error_new(ERROR_FAILURE, "%s failed", op)
		       : NULL;
}

/* What has landed, and upon it these. */
static struct source source_of(const struct world *world, const size_t *entries,
			       size_t n)
{
	struct source source = { .epoch = world->epoch };

	for (size_t i = 0; i < world->n_landed; i++)
		source.entries[source.n++] = world->landed[i];
	for (size_t i = 0; i < n; i++)
		source.entries[source.n++] = entries[i];
	return source;
}

static int holds(const struct source *source, size_t n, size_t entry)
{
	for (size_t i = 0; i < n; i++)
		if (source->entries[i] == entry)
			return 1;
	return 0;
}

static int is_red(const struct world *world, const struct source *source)
{
	for (size_t i = 0; i < source->n; i++) {
		const struct entry *it = &world->entries[source->entries[i]];

		if (it->red || holds(source, source->n, it->red_with))
			return 1;
	}
	return 0;
}

static int same_source(const struct source *a, const struct source *b)
{
	return a->n == b->n && a->epoch == b->epoch &&
	       !memcmp(a->entries, b->entries, a->n * sizeof *a->entries);
}

static const struct source *known(const struct world *world,
				  const struct source *source)
{
	for (size_t i = 0; i < world->verdicts; i++)
		if (same_source(&world->judged[i], source))
			return &world->judged[i];
	return NULL;
}

static struct error *merge(enum queue_verdict *out, const size_t *entries,
			   size_t n, void *data)
{
	struct world *world = data;
	const struct entry *last = &world->entries[entries[n - 1]];
	struct source source = source_of(world, entries, n - 1);

	assert_in_range(n, 1, world->window);
	assert_int_equal(last->fate, WAITING);
	*out = QUEUE_GREEN;
	if (last->refused || holds(&source, world->n_landed, last->conflict))
		*out = QUEUE_OUT;
	else if (holds(&source, source.n, last->conflict))
		*out = QUEUE_WAIT;
	return may_fail(world, "merge");
}

static struct error *judge(enum queue_verdict *out, const size_t *entries,
			   size_t n, void *data)
{
	struct world *world = data;
	struct source source = source_of(world, entries, n);

	assert_in_range(n, 1, world->window);
	assert_null(known(world, &source));
	assert_true(world->verdicts <
		    sizeof world->judged / sizeof *world->judged);
	source.verdict = is_red(world, &source) ? QUEUE_RED : QUEUE_GREEN;
	world->judged[world->verdicts++] = source;
	*out = source.verdict;
	return may_fail(world, "judge");
}

static struct error *land(size_t *landed, const size_t *entries, size_t n,
			  void *data)
{
	struct world *world = data;
	struct source source = source_of(world, entries, n);
	const struct source *verdict = known(world, &source);

	assert_non_null(verdict);
	assert_int_equal(verdict->verdict, QUEUE_GREEN);
	TRY(may_fail(world, "land"));
	*landed = !world->stale || draw(world, 3) != 0 ? n : 0;
	if (!*landed) {
		world->stale--;
		world->epoch++;
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(world->entries[entries[i]].fate, WAITING);
		world->entries[entries[i]].fate = LANDED;
		world->landed[world->n_landed++] = entries[i];
	}
	return NULL;
}

static struct error *put_out(size_t entry, enum queue_verdict why, void *data)
{
	struct world *world = data;

	assert_int_equal(world->entries[entry].fate, WAITING);
	assert_true(why == QUEUE_RED || why == QUEUE_OUT);
	world->entries[entry].fate = why == QUEUE_RED ? RED : OUT;
	return may_fail(world, "put_out");
}

static const struct queue_ops ops = { merge, judge, land, put_out };

/* A world of green entries that have nothing to do with each other. */
static struct world green_world(size_t n, size_t window)
{
	struct world world = { .n = n, .window = window };

	for (size_t i = 0; i < MOST; i++)
		world.entries[i] =
			(struct entry){ .red_with = NONE, .conflict = NONE };
	return world;
}

static void run(struct world *world)
{
	ok(queue_run(world->n, world->window, &ops, world));
}

/* One digit per entry: 1 landed, 2 red, 3 out. */
static void becomes(const struct world *world, const char *fates)
{
	char got[MOST + 1] = "";

	for (size_t i = 0; i < world->n; i++)
		got[i] = (char)('0' + (int)world->entries[i].fate);
	assert_string_equal(got, fates);
}

static void a_green_window_costs_one_verdict(void **state)
{
	struct world world = green_world(8, 4);

	(void)state;
	run(&world);
	becomes(&world, "11111111");
	assert_int_equal(world.verdicts, 2);
}

static void an_empty_queue_asks_nothing(void **state)
{
	struct world world = green_world(0, 4);

	(void)state;
	run(&world);
	assert_int_equal(world.verdicts, 0);
}

static void the_culprit_alone_is_put_out(void **state)
{
	(void)state;
	for (size_t red = 0; red < 4; red++) {
		struct world world = green_world(4, 4);
		char fates[] = "1111";

		world.entries[red].red = 1;
		fates[red] = '2';
		run(&world);
		becomes(&world, fates);
		/* All, two bisections, and those behind the culprit. */
		assert_int_equal(world.verdicts, red == 3 ? 3 : 4);
	}
}

static void of_two_that_are_red_together_the_later_one_is_out(void **state)
{
	struct world world = green_world(5, 4);

	(void)state;
	world.entries[3].red_with = 1;
	run(&world);
	becomes(&world, "11121");
}

/* Also where the one it is red with is put out itself: it lands then. */
static void what_was_red_with_a_culprit_lands_without_it(void **state)
{
	struct world world = green_world(4, 4);

	(void)state;
	world.entries[0].red = 1;
	world.entries[2].red_with = 0;
	run(&world);
	becomes(&world, "2111");
}

static void who_is_out_by_itself_costs_no_verdict(void **state)
{
	struct world world = green_world(5, 4);

	(void)state;
	world.entries[0].refused = 1;
	world.entries[2].refused = 1;
	run(&world);
	becomes(&world, "31311");
	assert_int_equal(world.verdicts, 1);
}

static void
a_conflict_in_the_window_waits_for_what_it_conflicts_with(void **state)
{
	struct world lands = green_world(4, 4), stays = green_world(4, 4);

	(void)state;
	lands.entries[2].conflict = 1;
	run(&lands);
	becomes(&lands, "1131");
	stays.entries[1].red = 1;
	stays.entries[2].conflict = 1;
	run(&stays);
	becomes(&stays, "1211");
}

/* Lands nothing the first time, since the base has moved. */
static struct error *land_late(size_t *landed, const size_t *entries, size_t n,
			       void *data)
{
	struct world *world = data;

	if (world->stale) {
		world->stale--;
		world->epoch++;
		/* The culprit was one on the base as it was. */
		for (size_t i = 0; i < world->n; i++)
			world->entries[i].red = 0;
		*landed = 0;
		return NULL;
	}
	return land(landed, entries, n, data);
}

static void a_base_that_moved_begins_anew_and_puts_nobody_out(void **state)
{
	struct world world = green_world(4, 4);
	struct queue_ops late = ops;

	(void)state;
	late.land = land_late;
	world.stale = 1;
	world.entries[2].red = 1;
	ok(queue_run(4, 4, &late, &world));
	becomes(&world, "1111");
}

/* Only the first; what was red with it is asked for again behind it. */
static struct error *land_first(size_t *landed, const size_t *entries, size_t n,
				void *data)
{
	struct world *world = data;

	(void)n;
	world->entries[entries[0]].fate = LANDED;
	world->landed[world->n_landed++] = entries[0];
	world->epoch++;
	*landed = 1;
	return NULL;
}

static void what_did_not_land_with_the_others_begins_anew(void **state)
{
	struct world world = green_world(6, 4);
	struct queue_ops one = ops;

	(void)state;
	one.land = land_first;
	world.entries[3].red = 1;
	ok(queue_run(6, 4, &one, &world));
	becomes(&world, "111211");
}

static void without_merge_all_of_them_merge(void **state)
{
	struct world world = green_world(6, 3);
	struct queue_ops plain = ops;

	(void)state;
	plain.merge = NULL;
	world.entries[0].refused = 1;
	ok(queue_run(6, 3, &plain, &world));
	becomes(&world, "111111");
}

static void an_error_ends_it_and_what_has_landed_has(void **state)
{
	static const char *const names[] = { "merge", "judge", "land",
					     "put_out" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct world world = green_world(4, 4);

		world.entries[1].red = 1;
		world.fail = names[i];
		fails(ERROR_FAILURE, names[i], queue_run(4, 4, &ops, &world));
		becomes(&world, i == 3 ? "1200" : "0000");
	}
}

/* Something of everything, from a seed. */
static void make_random(struct world *world)
{
	unsigned odds = 2 + draw(world, 8);

	for (size_t i = 0; i < world->n; i++) {
		struct entry *it = &world->entries[i];

		it->red = !draw(world, odds);
		it->refused = !draw(world, 12);
		if (i && !draw(world, odds))
			it->red_with = draw(world, (unsigned)i);
		if (i && !draw(world, 8))
			it->conflict = draw(world, (unsigned)i);
	}
}

/* One by one: what each entry has to become. */
static void one_by_one(enum fate *fates, const struct world *world)
{
	struct source landed = { .n = 0 };

	for (size_t i = 0; i < world->n; i++) {
		const struct entry *it = &world->entries[i];

		if (it->refused || holds(&landed, landed.n, it->conflict))
			fates[i] = OUT;
		else if (it->red || holds(&landed, landed.n, it->red_with))
			fates[i] = RED;
		else
			fates[i] = LANDED;
		if (fates[i] == LANDED)
			landed.entries[landed.n++] = i;
	}
}

static size_t ceil_log2(size_t n)
{
	size_t bits = 0;

	while (((size_t)1 << bits) < n)
		bits++;
	return bits;
}

static int is_as_one_by_one(const struct world *world, size_t *culprits)
{
	enum fate fates[MOST];

	*culprits = 0;
	one_by_one(fates, world);
	for (size_t i = 0; i < world->n; i++) {
		if (world->entries[i].fate != fates[i])
			return 0;
		*culprits += fates[i] == RED;
	}
	return 1;
}

static struct world random_world(size_t seed, size_t window)
{
	struct world world = green_world(MOST, window);

	world.seed = (unsigned)(seed * 8 + window);
	make_random(&world);
	return world;
}

static size_t seeds(void)
{
	const char *loops = getenv("ORCH_LOOPS");

	return loops && !strcmp(loops, "all") ? 2000 : 50;
}

static void any_queue_ends_as_one_by_one_and_costs_no_more(void **state)
{
	size_t good = 0, all = 0, culprits;

	(void)state;
	for (size_t seed = 0; seed < seeds(); seed++)
		for (size_t window = 1; window <= 8; window++, all++) {
			struct world world = random_world(seed, window);

			run(&world);
			int same_end = is_as_one_by_one(&world, &culprits);
			size_t most = world.n + culprits * ceil_log2(world.n) +
				      culprits;
			if (same_end && world.verdicts <= most)
				good++;
			else
				print_error("seed %zu, window %zu: %zu verdicts"
					    " of %zu, end %d\n",
					    seed, window, world.verdicts, most,
					    same_end);
		}
	print_message("# queue: %zu/%zu ended as one by one, within the "
		      "verdicts\n",
		      good, all);
	assert_int_equal(good, all);
}

static void a_base_that_moves_now_and_then_changes_no_end(void **state)
{
	size_t good = 0, culprits;

	(void)state;
	for (size_t seed = 0; seed < seeds(); seed++) {
		struct world world = random_world(seed, 1 + seed % 8);

		world.stale = 5;
		run(&world);
		good += is_as_one_by_one(&world, &culprits);
	}
	print_message("# queue: %zu/%zu ended the same with a base that "
		      "moved\n",
		      good, seeds());
	assert_int_equal(good, seeds());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_green_window_costs_one_verdict),
		cmocka_unit_test(an_empty_queue_asks_nothing),
		cmocka_unit_test(the_culprit_alone_is_put_out),
		cmocka_unit_test(
			of_two_that_are_red_together_the_later_one_is_out),
		cmocka_unit_test(what_was_red_with_a_culprit_lands_without_it),
		cmocka_unit_test(who_is_out_by_itself_costs_no_verdict),
		cmocka_unit_test(
			a_conflict_in_the_window_waits_for_what_it_conflicts_with),
		cmocka_unit_test(
			a_base_that_moved_begins_anew_and_puts_nobody_out),
		cmocka_unit_test(what_did_not_land_with_the_others_begins_anew),
		cmocka_unit_test(without_merge_all_of_them_merge),
		cmocka_unit_test(an_error_ends_it_and_what_has_landed_has),
		cmocka_unit_test(
			any_queue_ends_as_one_by_one_and_costs_no_more),
		cmocka_unit_test(a_base_that_moves_now_and_then_changes_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
