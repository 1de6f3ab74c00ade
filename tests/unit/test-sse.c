/* An event stream is read the same wherever the reads cut it. */
#include "tests/unit/test.h"

#include "core/array.h"
#include "core/sse.h"

/* Streams, and their events as "name=data|", LF in data shown as $. */
static const struct {
	const char *stream;
	size_t len; /* 0: strlen() */
	const char *events;
	const char *id;
	int64_t retry_ms;
} corpus[] = {
	{ "", 0, "", NULL, -1 },
	{ "data: a\n\n", 0, "message=a|", NULL, -1 },
	{ "data:a\n\n", 0, "message=a|", NULL, -1 },
	{ "data:  a\n\n", 0, "message= a|", NULL, -1 },
	{ "data\n\ndata\ndata\n\ndata:", 0, "message=|message=$|", NULL, -1 },
	{ "data: a\r\n\r\ndata: b\r\n\r\n", 0, "message=a|message=b|", NULL,
	  -1 },
	{ "data: a\r\rdata: b\r\r", 0, "message=a|message=b|", NULL, -1 },
	{ "data: a\r\n\rdata: b\n\r\n", 0, "message=a|message=b|", NULL, -1 },
	{ "data: a\r\ndata: b\rdata: c\ndata: d\n\n", 0, "message=a$b$c$d|",
	  NULL, -1 },
	{ "\xef\xbb\xbf"
	  "data: a\n\n",
	  0, "message=a|", NULL, -1 },
	{ "\xef\xbb\xbf\xef\xbb\xbf"
	  "data: a\n\ndata: b\n\n",
	  0, "message=b|", NULL, -1 },
	{ "\xef"
	  "data: a\n\ndata: b\n\n",
	  0, "message=b|", NULL, -1 },
	{ "\xef\xbb"
	  "data: a\ndata: b\n\n",
	  0, "message=b|", NULL, -1 },
	{ "data: \xef\xbb\xbf\n\n", 0, "message=\xef\xbb\xbf|", NULL, -1 },
	{ ": a comment\n\n:\ndata: a\n: b\n\n", 0, "message=a|", NULL, -1 },
	{ "event: x\ndata: a\n\ndata: b\n\n", 0, "x=a|message=b|", NULL, -1 },
	{ "event: x\n\ndata: b\n\n", 0, "message=b|", NULL, -1 },
	{ "event: x\nevent: y\ndata: a\n\n", 0, "y=a|", NULL, -1 },
	{ "event: x\nevent\ndata: a\n\n", 0, "message=a|", NULL, -1 },
	{ "Data: a\n data: b\ndata : c\ndatax: d\nother\n\n", 0, "", NULL, -1 },
	{ "data: a:b: c\n\n", 0, "message=a:b: c|", NULL, -1 },
	{ "data: a\n\ndata: unfinished\n", 0, "message=a|", NULL, -1 },
	{ "data: a\n\ndata: unfinished", 0, "message=a|", NULL, -1 },
	{ "id: 1\ndata: a\n\nid: 2\ndata: unfinished", 0, "message=a|", "1",
	  -1 },
	{ "id: 1\n\nid\n\n", 0, "", "", -1 },
	{ "id: a\0b\nid: 7\nid: \0\ndata: x\n\n", 29, "message=x|", "7", -1 },
	{ "retry: 1500\nretry: 1x\nretry: -1\nretry:\n", 0, "", NULL, 1500 },
	{ "retry: 99999999999999999999\n", 0, "", NULL, -1 },
	{ "\n\n\r\r\r\n\r\ndata: a\n\n\n\n", 0, "message=a|", NULL, -1 },
	{ "event: content_block_delta\r\n"
	  "data: {\"delta\":{\"text\":\"h\xc3\xa4\"}}\r\n\r\n"
	  "event: ping\r\ndata: {}\r\n\r\n"
	  "data: [DONE]\r\n\r\n",
	  0,
	  "content_block_delta={\"delta\":{\"text\":\"h\xc3\xa4\"}}|ping={}|"
	  "message=[DONE]|",
	  NULL, -1 },
};

#define N (sizeof corpus / sizeof *corpus)

static struct error *gather(void *user, const char *event, const char *data,
			    size_t len)
{
	struct buf *out = user;

	assert_int_equal(strlen(data), len);
	buf_addf(out, "%s=", event);
	for (; *data; data++)
		buf_ch(out, *data == '\n' ? '$' : *data);
	buf_ch(out, '|');
	return NULL;
}

/* Feeds pieces whose ends are given, each from memory of its own. */
static void feed(struct sse *sse, struct buf *out, const char *bytes,
		 size_t len)
{
	char *copy = malloc(len ? len : 1);

	memcpy(copy, bytes, len);
	ok(sse_feed(sse, copy, len, gather, out));
	free(copy);
}

static void expect(size_t i, const size_t *ends, size_t n)
{
	struct sse sse;
	struct buf out = BUF_INIT;
	size_t at = 0;

	sse_init(&sse, 0);
	for (size_t k = 0; k < n; k++) {
		feed(&sse, &out, corpus[i].stream + at, ends[k] - at);
		at = ends[k];
	}
	same(out.data, corpus[i].events);
	assert_int_equal(sse.retry_ms, corpus[i].retry_ms);
	if (corpus[i].id)
		same(sse.id, corpus[i].id);
	else
		assert_null(sse.id);
	buf_release(&out);
	sse_release(&sse);
}

static size_t length(size_t i)
{
	return corpus[i].len ? corpus[i].len : strlen(corpus[i].stream);
}

static void a_stream_has_the_events_the_standard_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++)
		expect(i, (size_t[]){ length(i) }, 1);
}

static void a_stream_cut_anywhere_has_the_same_events(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++)
		for (size_t at = 0; at <= length(i); at++)
			expect(i, (size_t[]){ at, length(i) }, 2);
}

static void a_stream_fed_by_the_byte_has_the_same_events(void **state)
{
	size_t ends[256];

	(void)state;
	for (size_t i = 0; i < N; i++) {
		assert_in_range(length(i), 0, 256);
		for (size_t at = 0; at < length(i); at++)
			ends[at] = at + 1;
		expect(i, ends, length(i));
	}
}

static void a_stream_cut_at_random_has_the_same_events(void **state)
{
	const char *loops = getenv("ORCH_LOOPS");
	int n = !loops ? 200 : strcmp(loops, "all") ? atoi(loops) : 20000;
	unsigned seed = 20261121;

	(void)state;
	for (int round = 0; round < n; round++) {
		size_t i = (size_t)rand_r(&seed) % N, ends[257], k = 0;

		for (size_t at = 0; at < length(i); at++)
			if (rand_r(&seed) % 4 == 0)
				ends[k++] = at;
		ends[k++] = length(i);
		expect(i, ends, k);
	}
	print_message("# cuts: %d/%d\n", n, n);
}

static void an_event_beyond_the_limit_is_invalid(void **state)
{
	struct sse sse;
	struct buf out = BUF_INIT;
	char bytes[300];

	(void)state;
	memset(bytes, 'x', sizeof bytes);
	sse_init(&sse, 100);
	ok(sse_feed(&sse, "data: ", 6, gather, &out));
	fails(ERROR_INVALID, "larger than 100 bytes",
	      sse_feed(&sse, bytes, sizeof bytes, gather, &out));
	sse_release(&sse);

	/* Many short lines make a long event, too. */
	sse_init(&sse, 100);
	for (int i = 0; i < 10; i++)
		ok(sse_feed(&sse, "data: 123456789\n", 16, gather, &out));
	fails(ERROR_INVALID, "larger than 100 bytes",
	      sse_feed(&sse, "data: x\n", 8, gather, &out));
	sse_release(&sse);

	/* So does a comment without an end. */
	sse_init(&sse, 100);
	ok(sse_feed(&sse, ":", 1, gather, &out));
	fails(ERROR_INVALID, "larger than 100 bytes",
	      sse_feed(&sse, bytes, sizeof bytes, gather, &out));
	sse_release(&sse);
	assert_int_equal(out.len, 0);
}

static struct error *refuse(void *user, const char *event, const char *data,
			    size_t len)
{
	(void)event;
	(void)data;
	(void)len;
	++*(int *)user;
	return error_new(ERROR_NO, "enough");
}

static void an_error_of_the_reader_ends_the_feeding(void **state)
{
	struct sse sse;
	int calls = 0;

	(void)state;
	sse_init(&sse, 0);
	fails(ERROR_NO, "enough",
	      sse_feed(&sse, "data: a\n\ndata: b\n\n", 18, refuse, &calls));
	assert_int_equal(calls, 1);
	sse_release(&sse);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_has_the_events_the_standard_says),
		cmocka_unit_test(a_stream_cut_anywhere_has_the_same_events),
		cmocka_unit_test(a_stream_fed_by_the_byte_has_the_same_events),
		cmocka_unit_test(a_stream_cut_at_random_has_the_same_events),
		cmocka_unit_test(an_event_beyond_the_limit_is_invalid),
		cmocka_unit_test(an_error_of_the_reader_ends_the_feeding),
	};

	return cmocka_run_group_tests_name("sse", tests, NULL, NULL);
}
