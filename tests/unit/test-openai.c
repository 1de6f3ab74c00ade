#include "tests/unit/test.h"

#include "core/dialect.h"
#include "core/json.h"
#include "core/schema-lower.h"
#include "core/sse.h"

/* An exchange that is never sent, and what came of it. */
struct desk {
	const struct dialect *dialect;
	struct endpoint endpoint;
	struct request request;
	struct exchange exchange;
	struct decoder decoder;
	struct buf texts, notices;
};

static void on_text(void *data, const char *text, size_t len)
{
	buf_add(&((struct desk *)data)->texts, text, len);
}

static void on_notice(void *data, const char *sentence)
{
	struct desk *desk = data;

	if (desk->notices.len)
		buf_ch(&desk->notices, '\n');
	buf_str(&desk->notices, sentence);
}

static void desk_open(struct desk *desk, const struct dialect *dialect,
		      const char *model)
{
	*desk = (struct desk){ .dialect = dialect, .texts = BUF_INIT };
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
	desk->dialect->release(&desk->decoder);
	buf_release(&desk->decoder.partial);
	exchange_release(&desk->exchange);
	request_release(&desk->request);
	endpoint_release(&desk->endpoint);
	buf_release(&desk->texts);
	buf_release(&desk->notices);
}

/* The decoder as before the first event, for the next turn. */
static void desk_next(struct desk *desk)
{
	desk->dialect->release(&desk->decoder);
	exchange_clear(&desk->exchange);
	desk->decoder.failed = desk->decoder.finished = 0;
	buf_clear(&desk->texts);
	buf_clear(&desk->notices);
}

/* JSON in these tests is written with ' where it has ". */
static const char *quoted(struct buf *out, const char *text)
{
	buf_clear(out);
	for (; *text; text++)
		buf_ch(out, (char)(*text == '\'' ? '"' : *text));
	return out->data;
}

static void parsed(struct tree *out, const char *json)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	ok(json_parse(out, quoted(&text, json), strlen(json)));
}

/* The body with "(key)" for the hash that is its prompt_cache_key. */
static void mask_key(struct buf *out, const struct buf *body)
{
	static const char name[] = "\"prompt_cache_key\":\"";
	const char *at = strstr(body->data, name);

	buf_add(out, body->data, body->len);
	if (at)
		buf_splice(out, (size_t)(at - body->data) + strlen(name), 32,
			   "(key)", 5);
}

/*
 * The body is as expected.  ORCH_BODIES names a file that is added the bodies
 * for the vendor's own server, for a check against the SDK's own types.
 */
static void encodes(struct desk *desk, const char *expected)
{
	const char *log = getenv("ORCH_BODIES");
	CLEANUP(buf_release) struct buf body = BUF_INIT;
	CLEANUP(buf_release) struct buf shown = BUF_INIT;
	CLEANUP(buf_release) struct buf want = BUF_INIT;
	int chat = desk->dialect == &dialect_chat;

	ok(desk->dialect->encode(&body, &desk->exchange));
	assert_null(strchr(body.data, '\n'));
	mask_key(&shown, &body);
	same(shown.data, quoted(&want, expected));
	if (log) {
		FILE *out = fopen(log, "a");

		assert_non_null(out);
		fprintf(out, "{\"path\":\"/v1/%s\",\"body\":%s}\n",
			chat ? "chat/completions" : "responses", body.data);
		fclose(out);
	}
}

static struct error *on_event(void *user, const char *event, const char *data,
			      size_t len)
{
	struct desk *desk = user;

	if (desk->decoder.failed || desk->decoder.finished)
		return NULL;
	return desk->dialect->event(&desk->decoder, event, data, len);
}

/* Feeds events, one a line, as the carrier does. */
static void hear(struct desk *desk, const char *lines)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(buf_release) struct buf stream = BUF_INIT;
	CLEANUP(sse_release) struct sse sse;
	const char *line;
	size_t len;

	sse_init(&sse, 0);
	for (line = quoted(&text, lines); *line; line += len + !!line[len]) {
		len = strcspn(line, "\n");
		buf_addf(&stream, "data: %.*s\n\n", (int)len, line);
	}
	ok(sse_feed(&sse, stream.data, stream.len, on_event, desk));
	if (!desk->decoder.failed)
		ok(desk->dialect->finish(&desk->decoder));
}

/* The reply's JSON without its id is as expected. */
static void replies(struct desk *desk, const char *expected)
{
	CLEANUP(buf_release) struct buf got = BUF_INIT;
	CLEANUP(buf_release) struct buf want = BUF_INIT;

	assert_false(desk->decoder.failed);
	reply_print(&got, &desk->exchange.reply);
	same(got.data, quoted(&want, expected));
}

static void fails_with(struct desk *desk, const char *type, const char *code,
		       const char *message)
{
	const struct failure *failure = &desk->exchange.failure;

	assert_true(desk->decoder.failed);
	same(failure->type ? failure->type : "", type);
	same(failure->code ? failure->code : "", code);
	same(failure->message ? failure->message : "", message);
}

#define PARAMETERS                                                             \
	"{'type':'object','properties':{'path':{'type':'string'},'line':{"     \
	"'type':'integer'}},'required':['path'],'additionalProperties':false}"
#define STRICT                                                                 \
	"{'type':'object','properties':{'path':{'type':'string'},'line':{"     \
	"'type':['integer','null']}},'required':['path','line'],"              \
	"'additionalProperties':false}"

static void add_tool(struct desk *desk)
{
	CLEANUP(tree_release) struct tree schema = TREE_INIT;

	parsed(&schema, PARAMETERS);
	request_tool(&desk->request, "read_file", "Reads a file", schema.root);
}

static void add_output(struct desk *desk)
{
	CLEANUP(tree_release) struct tree schema = TREE_INIT;

	parsed(&schema, PARAMETERS);
	request_output(&desk->request, "reply/place", schema.root);
}

static void a_small_request_says_no_more_than_it_must(void **state)
{
	struct desk desk;

	(void)state;
	desk_open(&desk, &dialect_responses, "gpt-4.1");
	request_user(&desk.request, "go");
	encodes(&desk, "{'model':'gpt-4.1','input':[{'type':'message','role':"
		       "'user','content':'go'}],'store':false,'stream':true}");
	desk_close(&desk);
	desk_open(&desk, &dialect_chat, "gpt-4.1");
	request_user(&desk.request, "go");
	encodes(&desk, "{'model':'gpt-4.1','messages':[{'role':'user',"
		       "'content':'go'}],'stream':true,"
		       "'stream_options':{'include_usage':true}}");
	desk_close(&desk);
}

static void ask_all(struct desk *desk)
{
	request_system(&desk->request, "You write C.", 1);
	request_system(&desk->request, "Plan: x", 0);
	request_user(&desk->request, "go");
	add_tool(desk);
	add_output(desk);
	request_choice(&desk->request, "required");
	request_set_int(&desk->request, "max_tokens", 1000);
	request_set_number(&desk->request, "temperature", 0.5);
	request_set_string(&desk->request, "effort", "high");
}

/* The key itself is a hash: what it depends on is a test of its own. */
#define KEY "'prompt_cache_key':'(key)'"

static void everything_that_is_asked_is_put_into_responses(void **state)
{
	struct desk desk;

	(void)state;
	desk_open(&desk, &dialect_responses, "gpt-5.4");
	ask_all(&desk);
	encodes(&desk,
		"{'model':'gpt-5.4','instructions':'You write C.\\n\\nPlan: "
		"x','input':[{'type':'message','role':'user','content':'go'}],"
		"'tools':[{'type':'function','name':'read_file','description':"
		"'Reads a file','parameters':" STRICT ",'strict':true}],"
		"'tool_choice':'required','text':{'format':{'type':"
		"'json_schema','name':'reply_place','schema':" STRICT
		",'strict':true}},'reasoning':{'effort':'high'},'include':["
		"'reasoning.encrypted_content'],'max_output_tokens':1000," KEY
		",'store':false,'stream':true}");
	same(desk.notices.data,
	     "left out, because gpt-5.4 does not take it: temperature");
	desk_close(&desk);
}

static void everything_that_is_asked_is_put_into_chat(void **state)
{
	struct desk desk;

	(void)state;
	desk_open(&desk, &dialect_chat, "gpt-5.4");
	ask_all(&desk);
	encodes(&desk,
		"{'model':'gpt-5.4','messages':[{'role':'system','content':"
		"'You write C.\\n\\nPlan: x'},{'role':'user','content':'go'}],"
		"'tools':[{'type':'function','function':{'name':'read_file',"
		"'description':'Reads a file','parameters':" STRICT
		",'strict':true}}],'tool_choice':'required','response_format':"
		"{'type':'json_schema','json_schema':{'name':'reply_place',"
		"'schema':" STRICT ",'strict':true}},'reasoning_effort':'high'"
		",'max_completion_tokens':1000," KEY ",'stream':true,"
		"'stream_options':{'include_usage':true}}");
	desk_close(&desk);
}

static void other_servers_are_sent_what_all_of_them_take(void **state)
{
	struct desk desk;

	(void)state;
	desk_open(&desk, &dialect_chat, "qwen3:8b");
	desk.endpoint.base_url = strdup("http://127.0.0.1:11434");
	ask_all(&desk);
	encodes(&desk,
		"{'model':'qwen3:8b','messages':[{'role':'system','content':"
		"'You write C.\\n\\nPlan: x'},{'role':'user','content':'go'}],"
		"'tools':[{'type':'function','function':{'name':'read_file',"
		"'description':'Reads a file','parameters':" PARAMETERS "}}],"
		"'tool_choice':'required','max_tokens':1000,'temperature':0.5,"
		"'stream':true,'stream_options':{'include_usage':true}}");
	same(desk.notices.data,
	     "left out, because qwen3:8b does not take it: effort");
	desk_close(&desk);
}

static void a_schema_beyond_strict_mode_is_only_asked_for(void **state)
{
	CLEANUP(tree_release) struct tree schema = TREE_INIT;
	CLEANUP(buf_release) struct buf body = BUF_INIT;
	struct desk desk;

	(void)state;
	parsed(&schema, "{'type':'object'}");
	desk_open(&desk, &dialect_responses, "gpt-5.4");
	request_user(&desk.request, "go");
	request_tool(&desk.request, "t", "", schema.root);
	request_output(&desk.request, "o", schema.root);
	ok(dialect_responses.encode(&body, &desk.exchange));
	assert_non_null(strstr(body.data, "\"name\":\"t\",\"parameters\":{"
					  "\"type\":\"object\"},\"strict\":"
					  "false"));
	assert_null(strstr(body.data, "json_schema"));
	assert_non_null(strstr(desk.notices.data, "only asked for"));
	desk_close(&desk);
}

static void the_cache_key_is_that_of_the_stable_beginning(void **state)
{
	char keys[3][33];

	(void)state;
	for (int i = 0; i < 3; i++) {
		CLEANUP(buf_release) struct buf body = BUF_INIT;
		CLEANUP(tree_release) struct tree tree = TREE_INIT;
		struct desk desk;

		desk_open(&desk, &dialect_responses, "gpt-5.4");
		request_system(&desk.request, i == 2 ? "b" : "a", 1);
		request_system(&desk.request, i == 1 ? "d" : "c", 0);
		request_user(&desk.request, i == 1 ? "x" : "y");
		ok(dialect_responses.encode(&body, &desk.exchange));
		ok(json_parse(&tree, body.data, body.len));
		snprintf(keys[i], sizeof keys[i], "%s",
			 value_text(value_get(tree.root, "prompt_cache_key"),
				    ""));
		desk_close(&desk);
	}
	assert_int_equal(strlen(keys[0]), 32);
	same(keys[0], keys[1]);
	assert_string_not_equal(keys[0], keys[2]);
}

#define REASONING                                                              \
	"{'type':'reasoning','id':'rs_1','summary':[{'type':'summary_text',"   \
	"'text':'Hm'}],'encrypted_content':'gAAA'}"
#define RESPONSE(status, output, more)                                             \
	"'response':{'id':'resp_1','model':'gpt-5.4-2026-03-05','status':'" status \
	"','error':null,'output':[" output "]" more                                \
	",'usage':{'input_tokens':100,'input_tokens_details':{'cached_tokens'"     \
	":60,'cache_write_tokens':10},'output_tokens':20,"                         \
	"'output_tokens_details':{'reasoning_tokens':5},'total_tokens':120}}"
#define ANSWER(stop, parts)                                                    \
	"{'model':'gpt-5.4-2026-03-05','stop':'" stop "','parts':[" parts      \
	"],'usage':{'input':30,'cached':60,'cache_write':10,'output':20,"      \
	"'reasoning':5},'id':'resp_1'}"
#define OPAQUE(value)                                                          \
	"{'type':'opaque','driver':'openai','model':'gpt-5.4','value':" value  \
	"}"

static const char turn[] =
	"{'type':'response.created','response':{'id':'resp_1','error':null}}\n"
	"{'type':'response.in_progress'}\n"
	"{'type':'response.output_item.added','item':{'type':'reasoning'}}\n"
	"{'type':'response.reasoning_summary_text.delta','delta':'Hm'}\n"
	"{'type':'response.output_item.done','item':" REASONING "}\n"
	"{'type':'response.output_text.delta','delta':'I will '}\n"
	"{'type':'response.output_text.delta','delta':'read.'}\n"
	"{'type':'response.function_call_arguments.delta','delta':'{'}\n"
	"{'type':'response.something.new','x':1}\n"
	"{'type':'response.completed'," RESPONSE(
		"completed",
		REASONING ",{'type':'message','id':'msg_1','phase':"
			  "'commentary','content':[{'type':'output_text',"
			  "'text':'I will read.'}]},{'type':'function_call',"
			  "'id':'fc_1','call_id':'call_abc','name':"
			  "'read_file','arguments':'{\\'path\\':\\'a\\',"
			  "\\'line\\':null}'},{'type':'function_call',"
			  "'call_id':'call_def','name':'other','arguments':"
			  "'no'},{'type':'web_search_call','id':'ws'}",
		"") "}";

static void a_turn_of_responses_is_read_and_given_back(void **state)
{
	struct desk desk;

	(void)state;
	desk_open(&desk, &dialect_responses, "gpt-5.4");
	request_user(&desk.request, "go");
	add_tool(&desk);
	hear(&desk, turn);
	same(desk.texts.data, "I will read.");
	replies(&desk,
		ANSWER("tool",
		       OPAQUE(REASONING) "," OPAQUE(
			       "{'type':'phase','phase':'commentary'}") ","
									"{'type':'text','text':'I will read.'},"
									"{'type':'call','id':'call-1','name':"
									"'read_file','input':{'path':'a'}},{'type':"
									"'call','id':'call-2','name':'other','input':{}"
									",'broken':'no'}"));
	request_reply(&desk.request, &desk.exchange.reply);
	request_result(&desk.request, "call-1", "text of a", 0);
	request_result(&desk.request, "call-2", "no such tool", 1);
	request_user(&desk.request, "go on");
	encodes(&desk,
		"{'model':'gpt-5.4','input':[{'type':'message','role':'user',"
		"'content':'go'}," REASONING ",{'type':'message','role':"
		"'assistant','content':'I will read.','phase':'commentary'},"
		"{'type':'function_call','call_id':'call-1','name':"
		"'read_file','arguments':'{\\'path\\':\\'a\\'}'},{'type':"
		"'function_call','call_id':'call-2','name':'other',"
		"'arguments':'{}'},{'type':'function_call_output','call_id':"
		"'call-1','output':'text of a'},{'type':"
		"'function_call_output','call_id':'call-2','output':'error: "
		"no such tool'},{'type':'message','role':'user','content':"
		"'go on'}],'tools':[{'type':'function','name':'read_file',"
		"'description':'Reads a file','parameters':" STRICT
		",'strict':true}],'include':['reasoning.encrypted_content']," KEY
		",'store':false,'stream':true}");
	/* Another model is not given what this one thought. */
	request_set_string(&desk.request, "model", "gpt-4.1");
	CLEANUP(buf_release) struct buf body = BUF_INIT;
	ok(dialect_responses.encode(&body, &desk.exchange));
	assert_null(strstr(body.data, "gAAA"));
	assert_null(strstr(body.data, "phase"));
	/* Nor is a server that speaks the other dialect. */
	buf_clear(&body);
	ok(dialect_chat.encode(&body, &desk.exchange));
	assert_null(strstr(body.data, "gAAA"));
	desk_close(&desk);
}

#define TEXT(text)                                                             \
	"{'type':'message','content':[{'type':'output_text','text':'" text     \
	"'}]}"

static const struct {
	const char *event;
	const char *reply;
} ends[] = {
	{ "{'type':'response.completed'," RESPONSE("completed", TEXT("Yes"),
						   "") "}",
	  ANSWER("end", "{'type':'text','text':'Yes'}") },
	{ "{'type':'response.incomplete'," RESPONSE(
		  "incomplete", TEXT("Ye"),
		  ",'incomplete_details':{'reason':"
		  "'max_output_tokens'}") "}",
	  ANSWER("length", "{'type':'text','text':'Ye'}") },
	{ "{'type':'response.incomplete'," RESPONSE(
		  "incomplete", "",
		  ",'incomplete_details':{'reason':"
		  "'content_filter'}") "}",
	  ANSWER("filter", "") },
	{ "{'type':'response.completed'," RESPONSE(
		  "completed",
		  "{'type':'message','content':[{'type':'refusal',"
		  "'refusal':'I will not.'}]}",
		  "") "}",
	  ANSWER("refusal", "{'type':'text','text':'I will not.'}") },
	/* the items that came before, where the end has none */
	{ "{'type':'response.output_item.done','item':" TEXT(
		  "Yes") "}\n{'type':'response.completed'," RESPONSE("completed",
								     "",
								     "") "}",
	  ANSWER("end", "{'type':'text','text':'Yes'}") },
	/* thoughts that cannot be given back are not kept */
	{ "{'type':'response.completed'," RESPONSE(
		  "completed",
		  "{'type':'reasoning','id':'rs','summary':[],"
		  "'encrypted_content':null}," TEXT("Yes"),
		  "") "}\n[DONE]",
	  ANSWER("end", "{'type':'text','text':'Yes'}") },
};

static void responses_end_for_reasons_that_have_names(void **state)
{

	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		struct desk desk;

		desk_open(&desk, &dialect_responses, "gpt-5.4");
		hear(&desk, ends[i].event);
		replies(&desk, ends[i].reply);
		desk_close(&desk);
	}
}

static const struct {
	const char *event;
	const char *type, *code, *message;
} failures[] = {
	{ "{'type':'error','code':'rate_limit_exceeded','message':"
	  "'slow','param':null}",
	  "", "rate_limit_exceeded", "slow" },
	{ "{'type':'error','error':{'type':'invalid_request_error',"
	  "'code':'context_length_exceeded','message':'long'}}",
	  "invalid_request_error", "context_length_exceeded", "long" },
	{ "{'type':'response.failed','response':{'status':'failed',"
	  "'error':{'code':'server_error','message':'oops'},"
	  "'usage':{'input_tokens':7}}}",
	  "", "server_error", "oops" },
	{ "{'type':'response.failed','response':{'status':'failed',"
	  "'error':null}}",
	  "server_error", "", "" },
	{ "{'error':{'message':'no','type':'insufficient_quota',"
	  "'code':'insufficient_quota'}}",
	  "insufficient_quota", "insufficient_quota", "no" },
	{ "{'type':'response.output_text.delta','delta':'x'}", "", "",
	  "the answer stopped in the middle" },
};

static void responses_fail_with_type_code_and_message(void **state)
{

	(void)state;
	for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
		struct desk desk;

		desk_open(&desk, &dialect_responses, "gpt-5.4");
		hear(&desk, failures[i].event);
		fails_with(&desk, failures[i].type, failures[i].code,
			   failures[i].message);
		desk_close(&desk);
	}
}

#define CHUNK(delta, more)                                                     \
	"{'id':'c1','model':'m1','choices':[{'index':0,'delta':" delta more    \
	"}]}\n"
#define STOP(reason) CHUNK("{}", ",'finish_reason':'" reason "'")
#define USAGE                                                                  \
	"{'id':'c1','model':'m1','choices':[],'usage':{'prompt_tokens':100,"   \
	"'completion_tokens':20,'prompt_tokens_details':{'cached_tokens':70}," \
	"'completion_tokens_details':{'reasoning_tokens':5}}}\n"
#define DONE "[DONE]"
#define SAID(stop, parts)                                                      \
	"{'model':'m1','stop':'" stop "','parts':[" parts                      \
	"],'usage':{'input':30,'cached':70,'cache_write':0,'output':20,"       \
	"'reasoning':5},'id':'c1'}"
#define CALL(n, input)                                                         \
	"{'type':'call','id':'call-" n "','name':'read_file','input':" input "}"
#define CALLS(calls) CHUNK("{'tool_calls':[" calls "]}", "")

static const struct {
	const char *stream;
	const char *reply;
} streams[] = {
	{ CHUNK("{'role':'assistant','content':''}", "")
		  CHUNK("{'content':'Hel'}", "")
			  CHUNK("{'content':'lo'}", ",'finish_reason':null")
				  STOP("stop") USAGE DONE,
	  SAID("end", "{'type':'text','text':'Hello'}") },
	{ CHUNK("{'content':'Hel'}", "") STOP("length") USAGE DONE,
	  SAID("length", "{'type':'text','text':'Hel'}") },
	{ STOP("content_filter") USAGE DONE, SAID("filter", "") },
	{ CHUNK("{'refusal':'No'}", "") CHUNK("{'refusal':'.'}", "")
		  STOP("stop") USAGE DONE,
	  SAID("refusal", "{'type':'text','text':'No.'}") },
	/* two calls, interleaved by index */
	{ CALLS("{'index':0,'id':'a','type':'function','function':{"
		"'name':'read_file','arguments':''}}")
		  CALLS("{'index':1,'id':'b','function':{'name':"
			"'read_file','arguments':'{\\'path\\'}'}}")
			  CALLS("{'index':0,'function':{'arguments':"
				"'{\\'path\\':'}}")
				  CALLS("{'index':0,'function':{"
					"'arguments':'\\'x\\'}'}}")
					  STOP("tool_calls") USAGE DONE,
	  SAID("tool", CALL("1", "{'path':'x'}") ",{'type':'call','id':"
						 "'call-2','name':'read_file',"
						 "'input':{},'broken':"
						 "'{\\'path\\'}'}") },
	/* whole calls in one delta, without ids and indexes */
	{ CALLS("{'function':{'name':'read_file','arguments':"
		"'{\\'path\\':\\'a\\'}'}},{'function':{'name':"
		"'read_file','arguments':'{\\'path\\':\\'b\\'}'}}") STOP("stop")
		  USAGE DONE,
	  SAID("tool",
	       CALL("1", "{'path':'a'}") "," CALL("2", "{'path':'b'}")) },
	/* an index that is used again for another id */
	{ CALLS("{'index':0,'id':'a','function':{'name':'read_file',"
		"'arguments':'{\\'path\\':\\'a\\'}'}}")
		  CALLS("{'index':0,'id':'b','function':{'name':"
			"'read_file','arguments':'{\\'path\\':'}}")
			  CALLS("{'index':0,'function':{'arguments':"
				"'\\'b\\'}'}}") STOP("tool_calls") USAGE DONE,
	  SAID("tool",
	       CALL("1", "{'path':'a'}") "," CALL("2", "{'path':'b'}")) },
	/* pieces that repeat the id, and no index */
	{ CALLS("{'id':'a','function':{'name':'read_file',"
		"'arguments':'{\\'path\\':'}}")
		  CALLS("{'id':'a','function':{'arguments':"
			"'\\'a\\'}'}}") STOP("tool_calls") USAGE DONE,
	  SAID("tool", CALL("1", "{'path':'a'}")) },
	/* pieces with neither */
	{ CALLS("{'function':{'name':'read_file','arguments':"
		"'{\\'path\\':'}}")
		  CALLS("{'function':{'arguments':'\\'a\\'}'}}")
			  STOP("tool_calls") USAGE DONE,
	  SAID("tool", CALL("1", "{'path':'a'}")) },
	/* arguments as an object, nulls of strict mode */
	{ CALLS("{'index':0,'function':{'name':'read_file',"
		"'arguments':{'path':'a','line':null}}}") STOP("tool_calls")
		  USAGE DONE,
	  SAID("tool", CALL("1", "{'path':'a'}")) },
	/* the way of before: one function_call */
	{ CHUNK("{'function_call':{'name':'read_file','arguments':''}"
		"}",
		"") CHUNK("{'function_call':{'arguments':"
			  "'{\\'path\\':\\'a\\'}'}}",
			  "") STOP("function_call") USAGE DONE,
	  SAID("tool", CALL("1", "{'path':'a'}")) },
	/* no [DONE], content in pieces, another choice */
	{ CHUNK("{'content':[{'type':'text','text':'Yes'}]}",
		"") "{'choices':[{'index':1,'delta':{'content':'No'}}]}"
		    "\n" STOP("stop") USAGE,
	  SAID("end", "{'type':'text','text':'Yes'}") },
	/* an error that is none */
	{ "{'choices':[{'index':0,'error':null,'delta':{'content':'Yes'},"
	  "'finish_reason':'stop'}],'error':null}\n" USAGE DONE,
	  SAID("end", "{'type':'text','text':'Yes'}") },
	/* no reason, but [DONE] */
	{ CHUNK("{'content':'Yes'}", "") USAGE DONE,
	  SAID("end", "{'type':'text','text':'Yes'}") },
	/* thoughts in a field of their own are not the answer */
	{ CHUNK("{'reasoning_content':'Hm'}", "")
		  CHUNK("{'content':'Yes','reasoning':null}", "") STOP("stop")
			  USAGE DONE,
	  SAID("end", "{'type':'text','text':'Yes'}") },
};

static void deltas_of_chat_are_put_together(void **state)
{

	(void)state;
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
		struct desk desk;

		desk_open(&desk, &dialect_chat, "gpt-4.1");
		request_user(&desk.request, "go");
		add_tool(&desk);
		hear(&desk, streams[i].stream);
		replies(&desk, streams[i].reply);
		desk_close(&desk);
	}
}

static void usage_that_is_not_sent_is_estimated_and_said(void **state)
{
	struct desk desk;
	const struct usage *usage = &desk.exchange.reply.usage;

	(void)state;
	desk_open(&desk, &dialect_chat, "m1");
	desk.endpoint.provider = strdup("local");
	request_user(&desk.request, "go");
	hear(&desk, CHUNK("{'content':'12345678'}", "") STOP("stop") DONE);
	assert_int_equal(usage->output, 2);
	assert_int_equal(usage->input, request_tokens(&desk.request));
	same(desk.notices.data,
	     "the server of 'local' counts no tokens: estimated");
	desk_next(&desk);
	hear(&desk,
	     CHUNK("{'content':'12345678'}", "") STOP("stop") USAGE DONE);
	assert_int_equal(usage->output, 20);
	same(desk.notices.data, "");
	desk_close(&desk);
}

static void a_usage_of_nothing_is_none(void **state)
{
	struct desk desk;
	const struct usage *usage = &desk.exchange.reply.usage;

	(void)state;
	desk_open(&desk, &dialect_responses, "m1");
	request_user(&desk.request, "go");
	hear(&desk, "{'type':'response.completed','response':{'output':[" TEXT(
			    "12345678") "],'usage':{'input_tokens':0,"
					"'output_tokens':0}}}");
	assert_int_equal(usage->output, 2);
	assert_int_equal(usage->input, request_tokens(&desk.request));
	same(desk.notices.data,
	     "the server of 'openai' counts no tokens: estimated");
	desk_close(&desk);
}

static void counts_that_no_model_has_are_cut_down(void **state)
{
	struct desk desk;
	const struct usage *usage = &desk.exchange.reply.usage;

	(void)state;
	desk_open(&desk, &dialect_chat, "m1");
	request_user(&desk.request, "go");
	hear(&desk,
	     CHUNK("{'content':'x'}", "") STOP(
		     "stop") "{'choices':[],'usage':{"
			     "'prompt_tokens':1,'completion_tokens':9223372036854775807,"
			     "'prompt_tokens_details':{'cached_tokens':9223372036854775807,"
			     "'cache_write_tokens':9223372036854775807}}}\n" DONE);
	assert_int_equal(usage->input, 0);
	assert_int_equal(usage->cached, (int64_t)1 << 40);
	assert_int_equal(usage->output, (int64_t)1 << 40);
	desk_close(&desk);
}

static void a_turn_of_chat_is_given_back(void **state)
{
	struct desk desk;

	(void)state;
	desk_open(&desk, &dialect_chat, "gpt-4o");
	request_user(&desk.request, "go");
	hear(&desk, CALLS("{'index':0,'id':'a','function':{'name':'read_file',"
			  "'arguments':'{\\'path\\':\\'a\\'}'}}")
			    STOP("tool_calls") USAGE DONE);
	request_reply(&desk.request, &desk.exchange.reply);
	request_user(&desk.request, "go on");
	request_result(&desk.request, "call-1", "text of a", 0);
	encodes(&desk,
		"{'model':'gpt-4o','messages':[{'role':'user','content':'go'},"
		"{'role':'assistant','content':null,'tool_calls':[{'id':"
		"'call-1','type':'function','function':{'name':'read_file',"
		"'arguments':'{\\'path\\':\\'a\\'}'}}]},{'role':'tool',"
		"'tool_call_id':'call-1','content':'text of a'},{'role':"
		"'user','content':'go on'}],'stream':true,"
		"'stream_options':{'include_usage':true}}");
	desk_close(&desk);
}

static const struct {
	const char *stream;
	const char *type, *code, *message;
} chat_failures[] = {
	{ CHUNK("{'content':'x'}",
		"") "{'error':{'message':'gone','type':'server_error',"
		    "'code':null}}",
	  "server_error", "", "gone" },
	{ "{'error':{'code':502,'message':'upstream'}}", "server_error", "502",
	  "upstream" },
	{ "{'error':{'code':429,'message':'slow'}}", "rate_limit_error", "429",
	  "slow" },
	{ "{'object':'error','message':'bad','type':"
	  "'BadRequestError','code':400}",
	  "BadRequestError", "400", "bad" },
	{ "{'error':'model is loading'}", "", "", "model is loading" },
	{ CHUNK("{'content':'x'}", ",'error':{'message':'cut','code':500}"),
	  "server_error", "500", "cut" },
	{ CHUNK("{'content':'x'}", ""), "", "",
	  "the answer stopped in the middle" },
	{ DONE, "", "", "the answer stopped in the middle" },
	{ "", "", "", "the answer stopped in the middle" },
};

static void chat_fails_with_type_code_and_message(void **state)
{

	(void)state;
	for (size_t i = 0; i < sizeof chat_failures / sizeof *chat_failures;
	     i++) {
		struct desk desk;

		desk_open(&desk, &dialect_chat, "m1");
		hear(&desk, chat_failures[i].stream);
		fails_with(&desk, chat_failures[i].type, chat_failures[i].code,
			   chat_failures[i].message);
		desk_close(&desk);
	}
}

static void an_answer_that_is_no_stream_is_read_as_a_whole(void **state)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct desk desk;

	(void)state;
	desk_open(&desk, &dialect_chat, "m1");
	quoted(&text,
	       "{'id':'c1','model':'m1','object':'chat.completion','choices':[{"
	       "'index':0,'message':{'role':'assistant','content':'Yes',"
	       "'refusal':null},'finish_reason':'stop'}],'usage':{"
	       "'prompt_tokens':100,'completion_tokens':20,"
	       "'prompt_cache_hit_tokens':70,'completion_tokens_details':{"
	       "'reasoning_tokens':5}}}");
	ok(dialect_chat.whole(&desk.decoder, text.data, text.len));
	ok(dialect_chat.finish(&desk.decoder));
	replies(&desk, SAID("end", "{'type':'text','text':'Yes'}"));
	fails(ERROR_INVALID, "no choices",
	      dialect_chat.whole(&desk.decoder, "{}", 2));
	desk_close(&desk);

	desk_open(&desk, &dialect_responses, "gpt-5.4");
	quoted(&text, "{" RESPONSE("completed", TEXT("Yes"), "") "}");
	/* Only the response itself, not the event around it. */
	buf_splice(&text, 0, strlen("{\"response\":"), "", 0);
	buf_setlen(&text, text.len - 1);
	ok(dialect_responses.whole(&desk.decoder, text.data, text.len));
	ok(dialect_responses.finish(&desk.decoder));
	replies(&desk, ANSWER("end", "{'type':'text','text':'Yes'}"));
	fails(ERROR_INVALID, "no output",
	      dialect_responses.whole(&desk.decoder, "{}", 2));
	desk_close(&desk);
}

static void what_is_no_json_is_an_error(void **state)
{
	struct desk desk;

	(void)state;
	desk_open(&desk, &dialect_chat, "m1");
	fails(ERROR_INVALID, "an event of the stream",
	      dialect_chat.event(&desk.decoder, "message", "{mal", 4));
	fails(ERROR_INVALID, "an event of the stream",
	      dialect_responses.event(&desk.decoder, "message", "<html>", 6));
	dialect_responses.release(&desk.decoder);
	desk_close(&desk);
}

static const struct {
	const char *base, *version;
	const struct dialect *dialect;
	const char *url, *header;
} addresses[] = {
	{ NULL, NULL, &dialect_responses, "https://api.openai.com/v1/responses",
	  "Authorization: Bearer k" },
	{ "https://api.openai.com", NULL, &dialect_chat,
	  "https://api.openai.com/v1/chat/completions",
	  "Authorization: Bearer k" },
	{ "https://api.openai.com/v1/", NULL, &dialect_responses,
	  "https://api.openai.com/v1/responses", "Authorization: Bearer k" },
	{ "http://127.0.0.1:11434", NULL, &dialect_chat,
	  "http://127.0.0.1:11434/v1/chat/completions",
	  "Authorization: Bearer k" },
	{ "http://127.0.0.1:8000/v1", NULL, &dialect_chat,
	  "http://127.0.0.1:8000/v1/chat/completions",
	  "Authorization: Bearer k" },
	{ "https://openrouter.ai/api/v1", NULL, &dialect_chat,
	  "https://openrouter.ai/api/v1/chat/completions",
	  "Authorization: Bearer k" },
	{ "https://example.org/v1beta/openai/", NULL, &dialect_chat,
	  "https://example.org/v1beta/openai/chat/completions",
	  "Authorization: Bearer k" },
	{ "https://example.org/x/chat/completions", NULL, &dialect_chat,
	  "https://example.org/x/chat/completions", "Authorization: Bearer k" },
	{ "https://example.org/v1?tenant=1", NULL, &dialect_chat,
	  "https://example.org/v1/chat/completions?tenant=1",
	  "Authorization: Bearer k" },
	{ "https://x.openai.azure.com/openai/deployments/d", NULL,
	  &dialect_chat,
	  "https://x.openai.azure.com/openai/deployments/d/chat/"
	  "completions?api-version=2024-10-21",
	  "api-key: k" },
	{ "https://x.openai.azure.com/openai/deployments/d",
	  "2025-04-01-preview", &dialect_chat,
	  "https://x.openai.azure.com/openai/deployments/d/chat/"
	  "completions?api-version=2025-04-01-preview",
	  "api-key: k" },
	{ "https://x.openai.azure.com/openai/deployments/d/chat/"
	  "completions?api-version=2024-06-01",
	  NULL, &dialect_chat,
	  "https://x.openai.azure.com/openai/deployments/d/chat/"
	  "completions?api-version=2024-06-01",
	  "api-key: k" },
	{ "https://x.openai.azure.com/openai/v1", NULL, &dialect_responses,
	  "https://x.openai.azure.com/openai/v1/responses", "api-key: k" },
	{ "https://x.openai.azure.com/openai/v1/", "preview",
	  &dialect_responses,
	  "https://x.openai.azure.com/openai/v1/responses?api-version="
	  "preview",
	  "api-key: k" },
	{ "https://x.openai.azure.com", NULL, &dialect_responses,
	  "https://x.openai.azure.com/openai/v1/responses", "api-key: k" },
	{ "https://x.openai.azure.com/openai", NULL, &dialect_chat,
	  "https://x.openai.azure.com/openai/v1/chat/completions",
	  "api-key: k" },
	{ "https://api.openai.com.example.org/v1", NULL, &dialect_chat,
	  "https://api.openai.com.example.org/v1/chat/completions",
	  "Authorization: Bearer k" },
};

static void each_kind_of_base_url_has_its_address(void **state)
{

	(void)state;
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		struct endpoint endpoint = {
			.base_url = (char *)addresses[i].base,
			.api_version = (char *)addresses[i].version,
			.key = (char *)"k"
		};
		CLEANUP(buf_release) struct buf url = BUF_INIT;
		CLEANUP(strings_release) struct strings headers = STRINGS_INIT;

		addresses[i].dialect->address(&url, &headers, &endpoint, NULL);
		same(url.data, addresses[i].url);
		assert_int_equal(headers.len, 1);
		same(headers.items[0], addresses[i].header);
		strings_release(&headers);
		endpoint.key = NULL;
		addresses[i].dialect->address(&url, &headers, &endpoint, NULL);
		assert_int_equal(headers.len, 0);
	}
}

static const struct {
	const char *body;
	const char *type, *code, *message;
} errors[] = {
	{ "{'error':{'message':'You exceeded your quota','type':"
	  "'insufficient_quota','param':null,'code':"
	  "'insufficient_quota'}}",
	  "insufficient_quota", "insufficient_quota",
	  "You exceeded your quota" },
	{ "{'error':{'message':'x','type':'billing','code':"
	  "'credit_balance_exhausted'}}",
	  "billing", "credit_balance_exhausted", "x" },
	{ "{'error':{'message':'x','type':'billing','code':"
	  "'billing_hard_limit_reached'}}",
	  "billing", "billing_hard_limit_reached", "x" },
	{ "{'error':{'code':'DeploymentNotFound','message':'none'}}", "",
	  "DeploymentNotFound", "none" },
	{ "{'error':{'code':'429','message':'slow'}}", "rate_limit_error",
	  "429", "slow" },
	{ "{'error':'model not found'}", "", "", "model not found" },
	{ "{'object':'error','message':'m','type':'NotFoundError',"
	  "'code':404}",
	  "NotFoundError", "404", "m" },
	{ "[{'error':{'code':400,'message':'m','status':"
	  "'INVALID_ARGUMENT'}}]",
	  "invalid_request_error", "400", "m" },
	{ "<html>\n <body>502 Bad Gateway</body></html>", "", "",
	  "<html> <body>502 Bad Gateway</body></html>" },
	{ "{}", "", "", "{}" },
	{ "[]", "", "", "[]" },
	{ "", "", "", "" },
};

static void bodies_of_errors_are_explained(void **state)
{

	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		CLEANUP(buf_release) struct buf body = BUF_INIT;
		struct desk desk;

		desk_open(&desk, &dialect_chat, "m1");
		quoted(&body, errors[i].body);
		dialect_chat.explain(&desk.exchange.failure, body.data,
				     body.len);
		desk.decoder.failed = 1;
		fails_with(&desk, errors[i].type, errors[i].code,
			   errors[i].message);
		desk_close(&desk);
	}
}

static void an_api_that_is_not_known_is_an_error(void **state)
{
	struct desk desk;

	(void)state;
	desk_open(&desk, &dialect_chat, "m1");
	desk.endpoint.api = strdup("batch");
	fails(ERROR_INVALID, "no api of openai is called 'batch'",
	      driver_openai.start(&desk.exchange));
	desk_close(&desk);
}

/* Hostile streams: whatever is cut out or put in, an answer or a failure. */
static void broken_streams_end_in_an_answer_or_a_failure(void **state)
{
	const char *loops = getenv("ORCH_LOOPS");
	long all = loops && !strcmp(loops, "all") ? 1000000
		   : loops                        ? atol(loops)
						  : 5000;
	static const char *const chat = CHUNK("{'content':'Hel'}", "")
		CALLS("{'index':0,'id':'a','function':{'name':'f',"
		      "'arguments':'{}'}}") STOP("stop") USAGE DONE;
	uint64_t seed = 11;

	(void)state;
	for (long n = 0; n < all; n++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT;
		const char *from = n % 2 ? chat : turn;
		struct desk desk;

		quoted(&text, from);
		for (int k = 0; k < 3; k++) {
			seed = seed * 6364136223846793005u +
			       1442695040888963407u;
			size_t at = (size_t)(seed >> 33) % text.len;
			size_t gone = (size_t)(seed >> 20) % 9;

			if (gone > text.len - at)
				gone = text.len - at;
			buf_splice(&text, at, gone, &"{[\"1:,null]}"[at % 9],
				   (size_t)(seed >> 12) % 4);
		}
		desk_open(&desk, n % 2 ? &dialect_chat : &dialect_responses,
			  "gpt-5.4");
		for (const char *line = text.data; *line;) {
			size_t len = strcspn(line, "\n");
			CLEANUP(free_str) char *event = xstrndup(line, len);

			error_free(on_event(&desk, "message", event, len));
			line += len + !!line[len];
		}
		if (!desk.decoder.failed)
			ok(desk.dialect->finish(&desk.decoder));
		CLEANUP(buf_release) struct buf out = BUF_INIT;
		CLEANUP(reply_release) struct reply again = { 0 };
		reply_print(&out, &desk.exchange.reply);
		ok(reply_parse(&again, out.data, out.len));
		desk_close(&desk);
	}
	printf("%ld/%ld streams\n", all, all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_request_says_no_more_than_it_must),
		cmocka_unit_test(
			everything_that_is_asked_is_put_into_responses),
		cmocka_unit_test(everything_that_is_asked_is_put_into_chat),
		cmocka_unit_test(other_servers_are_sent_what_all_of_them_take),
		cmocka_unit_test(a_schema_beyond_strict_mode_is_only_asked_for),
		cmocka_unit_test(the_cache_key_is_that_of_the_stable_beginning),
		cmocka_unit_test(a_turn_of_responses_is_read_and_given_back),
		cmocka_unit_test(responses_end_for_reasons_that_have_names),
		cmocka_unit_test(responses_fail_with_type_code_and_message),
		cmocka_unit_test(deltas_of_chat_are_put_together),
		cmocka_unit_test(usage_that_is_not_sent_is_estimated_and_said),
		cmocka_unit_test(a_usage_of_nothing_is_none),
		cmocka_unit_test(counts_that_no_model_has_are_cut_down),
		cmocka_unit_test(a_turn_of_chat_is_given_back),
		cmocka_unit_test(chat_fails_with_type_code_and_message),
		cmocka_unit_test(
			an_answer_that_is_no_stream_is_read_as_a_whole),
		cmocka_unit_test(what_is_no_json_is_an_error),
		cmocka_unit_test(each_kind_of_base_url_has_its_address),
		cmocka_unit_test(bodies_of_errors_are_explained),
		cmocka_unit_test(an_api_that_is_not_known_is_an_error),
		cmocka_unit_test(broken_streams_end_in_an_answer_or_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
