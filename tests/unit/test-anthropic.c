#include "tests/unit/test.h"

#include "core/dialect.h"
#include "core/json.h"
#include "core/schema-lower.h"
#include "core/sse.h"

#define NEWEST "2026-10-21"
#define BEFORE "2023-06-01"

/* An exchange that is never sent, and what came of it. */
struct desk {
	struct endpoint endpoint;
	struct request request;
	struct exchange exchange;
	struct decoder decoder;
	struct buf texts, notices;
};

static void take(struct buf *out, const char *text, size_t len)
{
	buf_add(out, text, len);
}

static void on_text(void *data, const char *text, size_t len)
{
	take(&((struct desk *)data)->texts, text, len);
}

static void on_notice(void *data, const char *sentence)
{
	struct desk *desk = data;

	if (desk->notices.len)
		buf_ch(&desk->notices, '\n');
	buf_str(&desk->notices, sentence);
}

static void desk_open(struct desk *desk, const char *model)
{
	*desk = (struct desk){ .texts = BUF_INIT };
	buf_init(&desk->notices);
	request_init(&desk->request);
	request_set_string(&desk->request, "model", model);
	exchange_init(&desk->exchange);
	desk->exchange.endpoint = &desk->endpoint;
	desk->exchange.request = &desk->request;
	desk->exchange.on_text = on_text;
	desk->exchange.on_notice = on_notice;
	desk->exchange.data = desk;
	desk->decoder.exchange = &desk->exchange;
	desk->decoder.reply = &desk->exchange.reply;
	desk->decoder.failure = &desk->exchange.failure;
	buf_init(&desk->decoder.partial);
}

static void desk_close(struct desk *desk)
{
	dialect_anthropic.release(&desk->decoder);
	buf_release(&desk->decoder.partial);
	exchange_release(&desk->exchange);
	request_release(&desk->request);
	free(desk->endpoint.api_version);
	buf_release(&desk->texts);
	buf_release(&desk->notices);
}

/* JSON in these tests is written with ' where it has ". */
static const char *quoted(struct buf *out, const char *text)
{
	buf_clear(out);
	for (; *text; text++)
		buf_ch(out, (char)(*text == '\'' ? '"' : *text));
	return out->data;
}

/*
 * The body is as expected.  ORCH_BODIES names a file that is added the bodies
 * of the newest version, for a check against the SDK's own types.
 */
static void encodes(struct desk *desk, const char *expected)
{
	const char *log = getenv("ORCH_BODIES");
	CLEANUP(buf_release) struct buf body = BUF_INIT;
	CLEANUP(buf_release) struct buf want = BUF_INIT;

	ok(dialect_anthropic.encode(&body, &desk->exchange));
	same(body.data, quoted(&want, expected));
	if (log && !desk->endpoint.api_version) {
		FILE *out = fopen(log, "a");

		assert_non_null(out);
		fprintf(out, "{%cpath%c:%c/v1/messages%c,%cbody%c:%s}\n", '"',
			'"', '"', '"', '"', '"', body.data);
		fclose(out);
	}
}

static void at_version(struct desk *desk, const char *version)
{
	free(desk->endpoint.api_version);
	desk->endpoint.api_version = version ? strdup(version) : NULL;
}

static void parsed(struct tree *out, const char *json)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	ok(json_parse(out, quoted(&text, json), strlen(json)));
}

#define HEAD(model) "{'model':'" model "','max_tokens':100,'stream':true"
#define GO                                                                     \
	",'messages':[{'role':'user','content':[{'type':'text',"               \
	"'text':'go'}]}]"

static void ask(struct desk *desk, const char *model)
{
	desk_open(desk, model);
	request_set_int(&desk->request, "max_tokens", 100);
	request_user(&desk->request, "go");
}

/* Only the tail of the body is compared, from key on. */
static void ends(struct desk *desk, const char *key, const char *expected)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT;
	CLEANUP(buf_release) struct buf from = BUF_INIT;
	CLEANUP(buf_release) struct buf want = BUF_INIT;
	const char *at;

	ok(dialect_anthropic.encode(&body, &desk->exchange));
	at = strstr(body.data, quoted(&from, key));
	if (!at)
		fail_msg("no %s in %s", key, body.data);
	same(at, quoted(&want, expected));
	encodes(desk, body.data);
	buf_clear(&desk->notices);
}

static void a_plain_question(void **state)
{
	CLEANUP(desk_close) struct desk desk;

	(void)state;
	ask(&desk, "claude-opus-5-5");
	encodes(&desk, HEAD("claude-opus-5-5") GO "}");
	at_version(&desk, BEFORE);
	encodes(&desk, HEAD("claude-opus-5-5") GO "}");
	same(desk.notices.data, "");
}

static void the_last_stable_block_and_the_last_tool_are_breakpoints(void **s)
{
	CLEANUP(desk_close) struct desk desk;
	CLEANUP(tree_release) struct tree schema = TREE_INIT;

	(void)s;
	ask(&desk, "claude-opus-5-5");
	parsed(&schema, "{'type':'object','properties':{'p':{'type':'string','"
			"maxLength':9}}}");
	request_system(&desk.request, "one", 1);
	request_system(&desk.request, "two", 1);
	request_system(&desk.request, " \n", 1);
	request_system(&desk.request, "now", 0);
	request_tool(&desk.request, "look", "Looks.", schema.root);
	request_tool(&desk.request, "done", "", schema.root);
	ends(&desk, "'system'",
	     "'system':[{'type':'text','text':'one'},{'type':'text','text':"
	     "'two','cache_control':{'type':'ephemeral'}},{'type':'text',"
	     "'text':'now'}]" GO ",'tools':[{'name':'look','description':"
	     "'Looks.','input_schema':{'type':'object','properties':{'p':{"
	     "'type':'string','maxLength':9}}}},{'name':'done',"
	     "'input_schema':{'type':'object','properties':{'p':{'type':"
	     "'string','maxLength':9}}},'cache_control':{'type':"
	     "'ephemeral'}}]}");
}

static void says(struct desk *desk, const char *notice)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT;

	buf_clear(&desk->notices);
	ok(dialect_anthropic.encode(&body, &desk->exchange));
	same(desk->notices.data, notice);
	buf_clear(&desk->notices);
}

static void a_choice_is_forced_only_where_the_model_takes_it(void **state)
{
	CLEANUP(desk_close) struct desk desk;
	CLEANUP(tree_release) struct tree schema = TREE_INIT;
	const char *bare = "'tools':[{'name':'t','input_schema':{'type':'"
			   "object'},'cache_control':{'type':'ephemeral'}}]}";

	(void)state;
	ask(&desk, "claude-opus-4-8");
	parsed(&schema, "{'type':'object'}");
	request_choice(&desk.request, "required");
	ends(&desk, "]}]}", "]}]}"); /* no tools: no choice */
	request_tool(&desk.request, "t", "", schema.root);
	ends(&desk, "'tool_choice'", "'tool_choice':{'type':'any'}}");
	/* Forced and thinking exclude each other. */
	request_set_string(&desk.request, "effort", "high");
	ends(&desk, "'tool_choice'",
	     "'tool_choice':{'type':'any'},'output_config':{'effort':'high'}}");
	request_choice(&desk.request, "none");
	ends(&desk, "'tool_choice'",
	     "'tool_choice':{'type':'none'},'output_config':{'effort':'high'},'"
	     "thinking':{'type':'adaptive'}}");
	request_choice(&desk.request, "auto");
	ends(&desk, "'output_config'",
	     "'output_config':{'effort':'high'},'thinking':{'type':'adaptive'}"
	     "}");

	CLEANUP(desk_close) struct desk newer;
	ask(&newer, "claude-opus-5-5");
	request_tool(&newer.request, "t", "", schema.root);
	request_choice(&newer.request, "required");
	ends(&newer, "'tools'", bare);
	says(&newer, "left out, because claude-opus-5-5 does not take it on "
		     "API version 2026-10-21: a forced choice of tool");
}

static void effort_is_asked_for_as_the_model_has_it(void **state)
{
	static const struct {
		const char *model, *effort, *tail, *notice;
	} rows[] = {
		{ "claude-opus-5-5", "xhigh",
		  ",'output_config':{'effort':'xhigh'},'thinking':{'type':'"
		  "adaptive'}}",
		  "" },
		{ "claude-opus-5-5", "none",
		  ",'output_config':{'effort':'low'}}",
		  "claude-opus-5-5 is asked with effort low, not none, which "
		  "it does not take" },
		{ "claude-opus-4-5", "max",
		  ",'output_config':{'effort':'high'}}",
		  "claude-opus-4-5 is asked with effort high, not max, which "
		  "it does not take" },
		{ "claude-haiku-4-5", "high", "}",
		  "left out, because claude-haiku-4-5 does not take it on API "
		  "version 2026-10-21: effort" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(desk_close) struct desk desk;
		CLEANUP(buf_release) struct buf tail = BUF_INIT;

		ask(&desk, rows[i].model);
		request_set_string(&desk.request, "effort", rows[i].effort);
		buf_addf(&tail, "'go'}]}]%s", rows[i].tail);
		says(&desk, rows[i].notice);
		ends(&desk, "'go'}", tail.data);
	}
}

static void sampling_is_left_out_where_it_is_refused(void **state)
{
	static const struct {
		const char *model, *version, *tail, *notice;
	} rows[] = {
		{ "claude-opus-4-6", BEFORE, ",'temperature':0.5}",
		  "left out, because claude-opus-4-6 does not take it on API "
		  "version 2023-06-01: top_p" },
		{ "claude-opus-4-6", NULL, "}",
		  "left out, because claude-opus-4-6 does not take it on API "
		  "version 2026-10-21: temperature, top_p" },
		{ "claude-opus-4-6", "2027-01-01", "}",
		  "left out, because claude-opus-4-6 does not take it on API "
		  "version 2027-01-01: temperature, top_p" },
		{ "claude-sonnet-5-5", BEFORE, "}",
		  "left out, because claude-sonnet-5-5 does not take it on API "
		  "version 2023-06-01: temperature, top_p" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(desk_close) struct desk desk;
		CLEANUP(buf_release) struct buf tail = BUF_INIT;

		ask(&desk, rows[i].model);
		at_version(&desk, rows[i].version);
		request_set_number(&desk.request, "temperature", 0.5);
		request_set_number(&desk.request, "top_p", 0.9);
		buf_addf(&tail, "'go'}]}]%s", rows[i].tail);
		says(&desk, rows[i].notice);
		ends(&desk, "'go'}", tail.data);
	}
	CLEANUP(desk_close) struct desk desk;
	ask(&desk, "claude-opus-4-5");
	at_version(&desk, BEFORE);
	request_set_number(&desk.request, "top_p", 0.9);
	says(&desk, "");
	ends(&desk, "'go'}", "'go'}]}],'top_p':0.9}");
}

/* Thinking fixes the temperature. */
static void who_thinks_has_no_temperature(void **state)
{
	CLEANUP(desk_close) struct desk desk;

	(void)state;
	ask(&desk, "claude-opus-4-6");
	at_version(&desk, BEFORE);
	request_set_number(&desk.request, "temperature", 0);
	request_set_string(&desk.request, "effort", "max");
	ends(&desk, "'go'}",
	     "'go'}]}],'output_config':{'effort':'max'},'thinking':{'type':'"
	     "adaptive'}}");
}

static void an_output_schema_is_lowered_and_asked_for(void **state)
{
	CLEANUP(desk_close) struct desk desk, old;
	CLEANUP(tree_release) struct tree schema = TREE_INIT;
	CLEANUP(tree_release) struct tree lowered = TREE_INIT;
	CLEANUP(buf_release) struct buf tail = BUF_INIT;

	(void)state;
	parsed(&schema, "{'type':'object','properties':{'n':{'type':"
			"'integer','minimum':1}},'required':['n']}");
	ok(schema_lower(&lowered, schema.root, "anthropic"));
	assert_false(value_equal(lowered.root, schema.root));
	buf_str(&tail, "'output_config':{'effort':'low','format':{"
		       "'type':'json_schema','schema':");
	json_print(&tail, lowered.root);
	buf_str(&tail, "}},'thinking':{'type':'adaptive'}}");
	ask(&desk, "claude-opus-5-5");
	request_output(&desk.request, "count", schema.root);
	request_set_string(&desk.request, "effort", "low");
	ends(&desk, "'output_config'", tail.data);
	ask(&old, "claude-3-opus-20240229");
	request_output(&old.request, "count", schema.root);
	ends(&old, "'go'}", "'go'}]}]}");
}

static void the_limit_is_lowered_to_what_the_model_can(void **state)
{
	CLEANUP(desk_close) struct desk desk, unknown;

	(void)state;
	ask(&desk, "claude-haiku-4-5");
	request_set_int(&desk.request, "max_tokens", 100000);
	ends(&desk, "'max_tokens':64000,",
	     "'max_tokens':64000,'stream':true" GO "}");
	desk_open(&unknown, "house-model");
	request_user(&unknown.request, "go");
	ends(&unknown, "'max_tokens'",
	     "'max_tokens':16384,'stream':true" GO "}");
	request_set_int(&unknown.request, "max_tokens", 500000);
	ends(&unknown, "'max_tokens'",
	     "'max_tokens':500000,'stream':true" GO "}");
}

static void the_address_takes_a_base_url_of_any_length(void **state)
{
	static const struct {
		const char *base, *version, *url, *name, *key;
	} rows[] = {
		{ NULL, NULL, "https://api.anthropic.com/v1/messages", NEWEST,
		  "Authorization: Bearer k" },
		{ "http://127.0.0.1:1", NULL, "http://127.0.0.1:1/v1/messages",
		  NEWEST, "Authorization: Bearer k" },
		{ "https://h/", BEFORE, "https://h/v1/messages", BEFORE,
		  "x-api-key: k" },
		{ "https://h/v1", BEFORE, "https://h/v1/messages", BEFORE,
		  "x-api-key: k" },
		{ "https://h/a/v1//", NEWEST, "https://h/a/v1/messages", NEWEST,
		  "Authorization: Bearer k" },
		{ "https://h/v1/messages", "2027-02-03",
		  "https://h/v1/messages", "2027-02-03",
		  "Authorization: Bearer k" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(buf_release) struct buf url = BUF_INIT;
		CLEANUP(buf_release) struct buf header = BUF_INIT;
		CLEANUP(strings_release) struct strings headers = STRINGS_INIT;
		struct endpoint endpoint = {
			.base_url = (char *)rows[i].base,
			.api_version = (char *)rows[i].version,
			.key = (char *)"k",
		};

		dialect_anthropic.address(&url, &headers, &endpoint, NULL);
		same(url.data, rows[i].url);
		assert_int_equal(headers.len, 2);
		buf_addf(&header, "anthropic-version: %s", rows[i].name);
		same(headers.items[0], header.data);
		same(headers.items[1], rows[i].key);
	}
	CLEANUP(buf_release) struct buf url = BUF_INIT;
	CLEANUP(strings_release) struct strings headers = STRINGS_INIT;
	struct endpoint keyless = { .key = NULL };
	dialect_anthropic.address(&url, &headers, &keyless, NULL);
	assert_int_equal(headers.len, 1);
}

/* Decoding. */

static struct error *event(void *user, const char *name, const char *data,
			   size_t len)
{
	struct desk *desk = user;

	if (desk->decoder.failed || desk->decoder.finished)
		return NULL;
	return dialect_anthropic.event(&desk->decoder, name, data, len);
}

/* The events of a stream, to NULL, as bytes. */
static void write_stream(struct buf *out, const char *const *events)
{
	for (; *events; events++) {
		CLEANUP(buf_release) struct buf json = BUF_INIT;
		CLEANUP(tree_release) struct tree tree = TREE_INIT;

		quoted(&json, *events);
		ok(json_parse(&tree, json.data, json.len));
		buf_addf(out, "event: %s\ndata: %s\n\n",
			 value_text(value_get(tree.root, "type"), "?"),
			 json.data);
	}
}

/* Feeds a stream in two pieces, cut at the byte. */
static struct error *feed_cut(struct desk *desk, const char *stream, size_t cut)
{
	struct sse sse;
	struct error *err;

	sse_init(&sse, 0);
	err = sse_feed(&sse, stream, cut, event, desk);
	if (!err)
		err = sse_feed(&sse, stream + cut, strlen(stream) - cut, event,
			       desk);
	sse_release(&sse);
	if (!err && !desk->decoder.failed)
		err = dialect_anthropic.finish(&desk->decoder);
	return err;
}

static void feed(struct desk *desk, const char *const *events)
{
	CLEANUP(buf_release) struct buf stream = BUF_INIT;

	write_stream(&stream, events);
	ok(feed_cut(desk, stream.data, 0));
}

static void replies(struct desk *desk, const char *expected)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(buf_release) struct buf want = BUF_INIT;

	assert_false(desk->decoder.failed);
	reply_print(&text, &desk->exchange.reply);
	same(text.data, quoted(&want, expected));
}

#define EVENTS(...)                                                            \
	(const char *const[])                                                  \
	{                                                                      \
		START, __VA_ARGS__, NULL                                       \
	}
#define START                                                                  \
	"{'type':'message_start','message':{'id':'msg_1','type':'message',"    \
	"'role':'assistant','content':[],'model':'claude-x-1','stop_reason':"  \
	"null,'usage':{'input_tokens':25,'cache_creation_input_tokens':40,"    \
	"'cache_read_input_tokens':960,'output_tokens':1}}}"
#define BLOCK(n, block)                                                        \
	"{'type':'content_block_start','index':" #n ",'content_block':" block  \
	"}"
#define DELTA(n, type, rest)                                                   \
	"{'type':'content_block_delta','index':" #n ",'delta':{'type':'" type  \
	"'," rest "}}"
#define STOP(n) "{'type':'content_block_stop','index':" #n "}"
#define LAST(reason)                                                           \
	"{'type':'message_delta','delta':{'stop_reason':'" reason              \
	"','stop_sequence':null},'usage':{'input_tokens':null,"                \
	"'output_tokens':9,'output_tokens_details':{'thinking_tokens':4}}}",   \
		"{'type':'message_stop'}"
#define TEXT_BLOCK "{'type':'text','text':''}"
#define CALL_BLOCK "{'type':'tool_use','id':'toolu_1','name':'look','input':{}}"
#define SAY_X      DELTA(0, "text_delta", "'text':'x'")
#define X          BLOCK(0, TEXT_BLOCK), SAY_X, STOP(0)

static const char *const turn[] = {
	START,
	"{'type':'ping'}",
	BLOCK(0, "{'type':'thinking','thinking':'','signature':''}"),
	DELTA(0, "thinking_delta", "'thinking':'Let me '"),
	DELTA(0, "thinking_delta", "'thinking':'see\xe2\x80\xa6'"),
	DELTA(0, "signature_delta", "'signature':'Sig/+='"),
	STOP(0),
	BLOCK(1, "{'type':'redacted_thinking','data':'Zz=='}"),
	STOP(1),
	BLOCK(2, TEXT_BLOCK),
	DELTA(2, "text_delta", "'text':'I look'"),
	DELTA(2, "text_delta", "'text':' \xc3\xa9.'"),
	STOP(2),
	BLOCK(3, CALL_BLOCK),
	DELTA(3, "input_json_delta", "'partial_json':''"),
	DELTA(3, "input_json_delta", "'partial_json':'{\\'path\\': \\'a'"),
	DELTA(3, "input_json_delta", "'partial_json':'.c\\'}'"),
	STOP(3),
	BLOCK(4, "{'type':'tool_use','id':'toolu_2','name':'list','input':{}}"),
	STOP(4),
	LAST("tool_use"),
	NULL,
};

static const char turn_reply[] =
	"{'model':'claude-x-1','stop':'tool','parts':[{'type':'opaque','driver'"
	":'anthropic','model':'claude-x','value':{'type':'thinking','thinking':"
	"'Let me "
	"see\xe2\x80\xa6','signature':'Sig/"
	"+='}},{'type':'opaque','driver':'anthropic','model':'claude-x','value'"
	":{'type':'redacted_thinking','data':'Zz=='}},{'type':'text','text':'I "
	"look "
	"\xc3\xa9.'},{'type':'call','id':'call-1','name':'look','input':{'path'"
	":'a.c'}},{'type':'call','id':'call-2','name':'list','input':{}}],'"
	"usage':{'input':25,'cached':960,'cache_write':40,'output':9,'"
	"reasoning':4},'id':'msg_1'}";

static void a_stream_is_read_wherever_it_is_cut(void **state)
{
	CLEANUP(buf_release) struct buf stream = BUF_INIT;
	size_t n = 0;

	(void)state;
	write_stream(&stream, turn);
	for (size_t cut = 0; cut <= stream.len; cut++, n++) {
		CLEANUP(desk_close) struct desk desk;

		desk_open(&desk, "claude-x");
		ok(feed_cut(&desk, stream.data, cut));
		replies(&desk, turn_reply);
		same(desk.texts.data, "I look \xc3\xa9.");
	}
	print_message("%zu/%zu\n", n, stream.len + 1);
}

static void a_turn_goes_back_as_the_service_gave_it(void **state)
{
	CLEANUP(desk_close) struct desk desk, other;

	(void)state;
	ask(&desk, "claude-x");
	feed(&desk, turn);
	request_reply(&desk.request, &desk.exchange.reply);
	request_user(&desk.request, "And then?");
	request_result(&desk.request, "call-1", "int x;", 0);
	request_result(&desk.request, "call-2", "", 1);
	encodes(&desk,
		HEAD("claude-x") ",'messages':[{'role':'user','content':[{'"
				 "type':'text','text':'go','cache_control':{'"
				 "type':'ephemeral'}}]},{'role':'assistant','"
				 "content':[{'type':'thinking','thinking':'Let "
				 "me "
				 "see\xe2\x80\xa6','signature':'Sig/"
				 "+='},{'type':'redacted_thinking','data':'Zz=="
				 "'},{'type':'text','text':'I look "
				 "\xc3\xa9.'},{'type':'tool_use','id':'call-1',"
				 "'name':'look','input':{'path':'a.c'}},{'type'"
				 ":'tool_use','id':'call-2','name':'list','"
				 "input':{}}]},{'role':'user','content':[{'"
				 "type':'tool_result','tool_use_id':'call-1','"
				 "content':'int "
				 "x;'},{'type':'tool_result','tool_use_id':'"
				 "call-2','is_error':true},{'type':'text','"
				 "text':'And "
				 "then?','cache_control':{'type':'ephemeral'}}]"
				 "}]}");
	/* Another model gets no thoughts of this one. */
	request_copy(&other.request, &desk.request);
	request_set_string(&other.request, "model", "claude-y");
	CLEANUP(buf_release) struct buf body = BUF_INIT;
	struct exchange exchange = desk.exchange;
	exchange.request = &other.request;
	ok(dialect_anthropic.encode(&body, &exchange));
	assert_null(strstr(body.data, "thinking"));
	assert_non_null(strstr(body.data, "I look"));
	request_release(&other.request);
	desk_open(&other, "claude-y");
}

static void only_the_last_two_user_messages_are_breakpoints(void **state)
{
	CLEANUP(desk_close) struct desk desk;
	CLEANUP(buf_release) struct buf body = BUF_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	int n = 0, i = 0;

	(void)state;
	ask(&desk, "claude-x");
	for (int round = 0; round < 5; round++) {
		CLEANUP(reply_release) struct reply reply;

		reply_init(&reply);
		reply_add_text(&reply, "yes", 3);
		request_reply(&desk.request, &reply);
		request_user(&desk.request, "more");
	}
	ok(dialect_anthropic.encode(&body, &desk.exchange));
	ok(json_parse(&tree, body.data, body.len));
	VALUE_EACH(it, value_get(tree.root, "messages"))
	{
		const struct value *content = value_get(it, "content");

		i++;
		if (!value_get(content->last, "cache_control"))
			continue;
		n++;
		assert_true(i == 9 || i == 11);
	}
	assert_int_equal(n, 2);
	assert_int_equal(i, 11);
}

static void a_message_that_says_nothing_is_not_sent(void **state)
{
	CLEANUP(desk_close) struct desk desk;
	CLEANUP(reply_release) struct reply reply;

	(void)state;
	ask(&desk, "claude-x");
	reply_init(&reply);
	reply_add_text(&reply, " \n", 2);
	request_reply(&desk.request, &reply);
	request_user(&desk.request, "on");
	ends(&desk, "'messages'",
	     "'messages':[{'role':'user','content':[{'type':'text','text':'go',"
	     "'cache_control':{'type':'ephemeral'}}]},{'role':'user','content':"
	     "[{'type':'text','text':'on','cache_control':{'type':'ephemeral'}}"
	     "]}]}");
}

static void every_stop_reason_has_its_name(void **state)
{
	static const struct {
		const char *reason;
		enum stop stop;
	} rows[] = {
		{ "end_turn", STOP_END },
		{ "stop_sequence", STOP_END },
		{ "max_tokens", STOP_LENGTH },
		{ "tool_use", STOP_TOOL },
		{ "pause_turn", STOP_PAUSE },
		{ "refusal", STOP_REFUSAL },
		{ "model_context_window_exceeded", STOP_CONTEXT },
		{ "content_filter", STOP_FILTER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(desk_close) struct desk desk;
		CLEANUP(buf_release) struct buf delta = BUF_INIT;

		buf_addf(
			&delta,
			"{'type':'message_delta','delta':{'stop_reason':'%s'}}",
			rows[i].reason);
		desk_open(&desk, "claude-x");
		feed(&desk, EVENTS(X, delta.data, "{'type':'message_stop'}"));
		assert_false(desk.decoder.failed);
		assert_int_equal(desk.exchange.reply.stop, rows[i].stop);
		same(desk.notices.data, "");
	}
}

static void an_unknown_stop_reason_is_what_the_parts_say(void **state)
{
	CLEANUP(desk_close) struct desk text, call;

	(void)state;
	desk_open(&text, "claude-x");
	feed(&text, EVENTS(X, LAST("tired")));
	assert_int_equal(text.exchange.reply.stop, STOP_END);
	same(text.notices.data,
	     "the model stopped for a reason that is not known: tired");
	desk_open(&call, "claude-x");
	feed(&call, EVENTS(BLOCK(0, CALL_BLOCK), STOP(0), LAST("tired")));
	assert_int_equal(call.exchange.reply.stop, STOP_TOOL);
}

static void a_refusal_says_why(void **state)
{
	CLEANUP(desk_close) struct desk desk;

	(void)state;
	desk_open(&desk, "claude-x");
	feed(&desk, EVENTS("{'type':'message_delta','delta':{'stop_reason':'"
			   "refusal','stop_details':{'type':'refusal','"
			   "category':'cyber','explanation':'No "
			   "exploits.'}},'usage':{'output_tokens':2}}",
			   "{'type':'message_stop'}"));
	assert_int_equal(desk.exchange.reply.stop, STOP_REFUSAL);
	assert_int_equal(desk.exchange.reply.usage.output, 2);
	same(desk.notices.data, "the model refused: No exploits.");
}

static void what_is_not_known_is_passed_over(void **state)
{
	CLEANUP(desk_close) struct desk desk;

	(void)state;
	desk_open(&desk, "claude-x");
	feed(&desk, EVENTS("{'type':'weather','sky':[1]}",
			   DELTA(0, "text_delta", "'text':'lost'"),
			   BLOCK(0, "{'type':'text','text':'','citations':[]}"),
			   DELTA(0, "citations_delta", "'citation':{}"),
			   DELTA(0, "scent", "'of':'rain'"),
			   DELTA(0, "text_delta", "'text':'ok'"), STOP(0),
			   BLOCK(1, "{'type':'server_tool_use','id':'s','name':"
				    "'web','input':{}}"),
			   DELTA(1, "input_json_delta",
				 "'partial_json':'{\\'q\\':1}'"),
			   STOP(1), "{'type':'content_block_start','index':2}",
			   LAST("end_turn")));
	replies(&desk,
		"{'model':'claude-x-1','stop':'end','parts':[{'type':'text','"
		"text':'ok'},{'type':'opaque','driver':'anthropic','model':'"
		"claude-x','value':{'type':'server_tool_use','id':'s','name':'"
		"web','input':{'q':1}}}],'usage':{'input':25,'cached':960,'"
		"cache_write':40,'output':9,'reasoning':4},'id':'msg_1'}");
	same(desk.texts.data, "ok");
}

static void input_that_was_cut_off_is_kept_as_broken(void **state)
{
	CLEANUP(desk_close) struct desk desk;

	(void)state;
	desk_open(&desk, "claude-x");
	feed(&desk,
	     EVENTS(BLOCK(0, CALL_BLOCK),
		    DELTA(0, "input_json_delta", "'partial_json':'{\\'a\\':'"),
		    STOP(0), LAST("max_tokens")));
	const struct value *call = reply_call(&desk.exchange.reply);
	same(value_text(value_get(call, "broken"), ""), "{\"a\":");
	assert_int_equal(value_get(call, "input")->count, 0);
	assert_int_equal(desk.exchange.reply.stop, STOP_LENGTH);
}

static void thinking_that_is_not_signed_is_dropped(void **state)
{
	CLEANUP(desk_close) struct desk desk;

	(void)state;
	desk_open(&desk, "claude-x");
	feed(&desk, EVENTS(BLOCK(0, "{'type':'thinking','thinking':''}"),
			   DELTA(0, "thinking_delta", "'thinking':'hm'"),
			   STOP(0), X, LAST("end_turn")));
	assert_int_equal(
		value_get(desk.exchange.reply.tree.root, "parts")->count, 1);
	same(desk.texts.data, "x");
}

static void an_error_in_the_stream_is_a_failure(void **state)
{
	CLEANUP(desk_close) struct desk desk;

	(void)state;
	desk_open(&desk, "claude-x");
	feed(&desk, EVENTS(X,
			   "{'type':'error','error':{'type':'overloaded_error',"
			   "'message':'Overloaded','details':{'error_code':'"
			   "busy'}},'request_id':'req_1'}",
			   "{'type':'message_stop'}"));
	assert_true(desk.decoder.failed);
	assert_int_equal(desk.exchange.failure.end, HTTP_OK);
	same(desk.exchange.failure.type, "overloaded_error");
	same(desk.exchange.failure.code, "busy");
	same(desk.exchange.failure.message, "Overloaded");
	same(desk.exchange.failure.request_id, "req_1");
	assert_int_equal(desk.exchange.reply.usage.cached, 960);
}

/* Servers that are made alike write it into whatever they answer. */
static void an_error_that_is_null_is_none(void **state)
{
	CLEANUP(desk_close) struct desk desk, whole;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	const char *json = "{'type':'message','error':null,'content':[{'type':"
			   "'text','text':'x'}],'stop_reason':'end_turn'}";

	(void)state;
	desk_open(&desk, "claude-x");
	feed(&desk,
	     EVENTS("{'type':'ping','error':null}", X, LAST("end_turn")));
	assert_false(desk.decoder.failed);
	assert_int_equal(desk.exchange.reply.stop, STOP_END);

	desk_open(&whole, "claude-x");
	ok(dialect_anthropic.whole(&whole.decoder, quoted(&text, json),
				   strlen(json)));
	assert_false(whole.decoder.failed);
	same(whole.texts.data, "x");
}

static void a_count_that_no_model_has_is_cut_down(void **state)
{
	CLEANUP(desk_close) struct desk desk;
	const struct usage *usage = &desk.exchange.reply.usage;

	(void)state;
	desk_open(&desk, "claude-x");
	feed(&desk, EVENTS(X,
			   "{'type':'message_delta','usage':{'output_tokens':"
			   "9223372036854775807,'input_tokens':-1}}",
			   "{'type':'message_stop'}"));
	assert_int_equal(usage->output, (int64_t)1 << 40);
	assert_int_equal(usage->input, 25);
}

/* Every prefix of the stream that lacks its last event is a cut. */
static void a_stream_that_stops_early_is_cut(void **state)
{
	CLEANUP(buf_release) struct buf stream = BUF_INIT;
	size_t n = 0, all;

	(void)state;
	write_stream(&stream, turn);
	all = stream.len - 1;
	for (size_t len = 0; len < all; len++, n++) {
		CLEANUP(desk_close) struct desk desk;
		CLEANUP(buf_release) struct buf part = BUF_INIT;

		buf_add(&part, stream.data, len);
		desk_open(&desk, "claude-x");
		ok(feed_cut(&desk, part.data, 0));
		assert_true(desk.decoder.failed);
		assert_int_equal(desk.exchange.failure.end, HTTP_CUT);
		assert_null(desk.exchange.failure.type);
	}
	print_message("%zu/%zu\n", n, all);
}

static void what_is_no_json_ends_the_stream(void **state)
{
	CLEANUP(desk_close) struct desk desk;

	(void)state;
	desk_open(&desk, "claude-x");
	fails(ERROR_INVALID, "an event of the stream",
	      feed_cut(&desk, "data: {malformed\n\ndata: {}\n\n", 0));
	desk_close(&desk);
	desk_open(&desk, "claude-x");
	ok(feed_cut(&desk, "data: [DONE]\n\n", 0));
	assert_int_equal(desk.exchange.failure.end, HTTP_CUT);
}

static void one_message_is_read_like_a_stream(void **state)
{
	CLEANUP(desk_close) struct desk desk;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	const char *json =
		"{'id':'msg_1','type':'message','role':'assistant','model':'"
		"claude-x-1','content':[{'type':'thinking','thinking':'Let me "
		"see\xe2\x80\xa6','signature':'Sig/"
		"+='},{'type':'redacted_thinking','data':'Zz=='},{'type':'text'"
		",'text':'I look "
		"\xc3\xa9.'},{'type':'tool_use','id':'toolu_01','name':'look','"
		"input':{'path':'a.c'}},{'type':'tool_use','id':'toolu_02','"
		"name':'list','input':{}}],'stop_reason':'tool_use','usage':{'"
		"input_tokens':25,'cache_creation_input_tokens':40,'cache_read_"
		"input_tokens':960,'output_tokens':9,'output_tokens_details':{'"
		"thinking_tokens':4}}}";

	(void)state;
	desk_open(&desk, "claude-x");
	ok(dialect_anthropic.whole(&desk.decoder, quoted(&text, json),
				   strlen(json)));
	ok(dialect_anthropic.finish(&desk.decoder));
	replies(&desk, turn_reply);
	same(desk.texts.data, "I look \xc3\xa9.");

	CLEANUP(desk_close) struct desk bad;
	const char *error =
		"{'type':'error','error':{'type':'api_error','message':'No'}}";
	desk_open(&bad, "claude-x");
	ok(dialect_anthropic.whole(&bad.decoder, quoted(&text, error),
				   strlen(error)));
	assert_true(bad.decoder.failed);
	same(bad.exchange.failure.type, "api_error");
	fails(ERROR_INVALID, "no content",
	      dialect_anthropic.whole(&bad.decoder, "{}", 2));
	fails(ERROR_INVALID, "the answer",
	      dialect_anthropic.whole(&bad.decoder, "{x", 2));
}

static void errors_are_explained(void **state)
{
	static const struct {
		const char *body, *type, *code, *message, *id;
	} rows[] = {
		{ "{'type':'error','error':{'type':'rate_limit_error','message'"
		  ":'Spent.','details':{'error_code':'enforced_spend_limit_"
		  "reached'}},'request_id':'req_9'}",
		  "rate_limit_error", "enforced_spend_limit_reached", "Spent.",
		  "req_9" },
		{ "{'type':'error','error':{'type':'invalid_request_error','"
		  "message':'Bad.'},'request_id':null}",
		  "invalid_request_error", NULL, "Bad.", NULL },
		{ "{'error':{'message':'m','type':'t','code':'invalid_api_key'}"
		  "}",
		  "t", "invalid_api_key", "m", NULL },
		{ "{'error':'gone'}", NULL, NULL, "gone", NULL },
		{ "<html>\n <b>502</b>  Bad\tGateway</html>\n", NULL, NULL,
		  "<html> <b>502</b> Bad Gateway</html>", NULL },
		{ " \n", NULL, NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct failure failure = FAILURE_INIT;
		CLEANUP(buf_release) struct buf body = BUF_INIT;

		quoted(&body, rows[i].body);
		dialect_anthropic.explain(&failure, body.data, body.len);
		const char *got[] = { failure.type, failure.code,
				      failure.message, failure.request_id };
		const char *want[] = { rows[i].type, rows[i].code,
				       rows[i].message, rows[i].id };
		for (int k = 0; k < 4; k++) {
			if (want[k])
				assert_non_null(got[k]);
			else
				assert_null(got[k]);
			if (want[k])
				same(got[k], want[k]);
		}
		failure_release(&failure);
	}
}

static void the_headers_request_id_goes_before_the_bodys(void **state)
{
	struct failure failure = FAILURE_INIT;
	CLEANUP(buf_release) struct buf body = BUF_INIT;

	(void)state;
	quoted(&body, "{'error':{'type':'t','message':'m'},'request_id':'of-"
		      "the-body'}");
	failure.request_id = strdup("of-the-header");
	dialect_anthropic.explain(&failure, body.data, body.len);
	same(failure.request_id, "of-the-header");
	failure_release(&failure);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_question),
		cmocka_unit_test(
			the_last_stable_block_and_the_last_tool_are_breakpoints),
		cmocka_unit_test(
			a_choice_is_forced_only_where_the_model_takes_it),
		cmocka_unit_test(effort_is_asked_for_as_the_model_has_it),
		cmocka_unit_test(sampling_is_left_out_where_it_is_refused),
		cmocka_unit_test(who_thinks_has_no_temperature),
		cmocka_unit_test(an_output_schema_is_lowered_and_asked_for),
		cmocka_unit_test(the_limit_is_lowered_to_what_the_model_can),
		cmocka_unit_test(the_address_takes_a_base_url_of_any_length),
		cmocka_unit_test(a_stream_is_read_wherever_it_is_cut),
		cmocka_unit_test(a_turn_goes_back_as_the_service_gave_it),
		cmocka_unit_test(
			only_the_last_two_user_messages_are_breakpoints),
		cmocka_unit_test(a_message_that_says_nothing_is_not_sent),
		cmocka_unit_test(every_stop_reason_has_its_name),
		cmocka_unit_test(an_unknown_stop_reason_is_what_the_parts_say),
		cmocka_unit_test(a_refusal_says_why),
		cmocka_unit_test(what_is_not_known_is_passed_over),
		cmocka_unit_test(input_that_was_cut_off_is_kept_as_broken),
		cmocka_unit_test(thinking_that_is_not_signed_is_dropped),
		cmocka_unit_test(an_error_in_the_stream_is_a_failure),
		cmocka_unit_test(an_error_that_is_null_is_none),
		cmocka_unit_test(a_count_that_no_model_has_is_cut_down),
		cmocka_unit_test(a_stream_that_stops_early_is_cut),
		cmocka_unit_test(what_is_no_json_ends_the_stream),
		cmocka_unit_test(one_message_is_read_like_a_stream),
		cmocka_unit_test(errors_are_explained),
		cmocka_unit_test(the_headers_request_id_goes_before_the_bodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
