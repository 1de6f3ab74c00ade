/* Unit tests of core/schema. */
#include "tests/unit/test.h"

#include "core/embed.h"
#include "core/json.h"
#include "core/schema.h"
#include "core/yaml.h"

static const char kinds[] =
	"{'type':'object','additionalProperties':false,"
	"'required':['title','goal'],'properties':{"
	"'title':{'type':'string','minLength':2,'maxLength':8},"
	"'goal':{'type':'string'},"
	"'id':{'$ref':'#/$defs/id','description':'The id.'},"
	"'ids':{'type':'array','items':{'$ref':'#/$defs/id'},"
	"'uniqueItems':true,'maxItems':3},"
	"'some':{'type':'array','minItems':2},"
	"'priority':{'type':'integer','minimum':1,'maximum':5},"
	"'least':{'type':'integer','minimum':1},"
	"'score':{'type':'number','maximum':1},"
	"'on':{'type':'boolean'},"
	"'version':{'type':'integer','const':1},"
	"'status':{'enum':['planned','done','failed']},"
	"'maybe':{'type':['string','null']},"
	"'either':{'anyOf':[{'type':'string','pattern':'^a'},"
	"{'$ref':'#/$defs/row'}]},"
	"'rows':{'type':'array','items':{'$ref':'#/$defs/row'}}},"
	"'$defs':{'id':{'type':'string','description':'Small letters.',"
	"'pattern':'^[a-z]+$'},"
	"'row':{'type':'object','additionalProperties':false,"
	"'required':['name'],'properties':{'name':{'type':'string'},"
	"'run':{'type':'string'},'rows':{'type':'array',"
	"'items':{'$ref':'#/$defs/row'}}}}}}";

/* Schemas are easier to read here with the other quotes. */
static struct error *parse(struct schema **out, const char *text)
{
	CLEANUP(free_str) char *json = xstrdup(text);

	for (char *at = json; *at; at++)
		if (*at == '\'')
			*at = '"';
	return schema_parse(out, "test", json, strlen(json));
}

/* "line:column rule: message | hint" for each finding. */
static void describe(struct buf *out, struct findings *found)
{
	findings_sort(found);
	FOR_EACH (struct finding, it, found) {
		buf_addf(out, "%u:%u %s: %s", it->line, it->column, it->rule,
			 it->message);
		if (it->hint)
			buf_addf(out, " | %s", it->hint);
		buf_ch(out, '\n');
	}
}

static void check(struct buf *out, const char *schema_text, const char *yaml)
{
	CLEANUP(schema_release) struct schema *schema = NULL;
	CLEANUP(findings_release) struct findings found = FINDINGS_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	ok(parse(&schema, schema_text));
	ok(yaml_parse(&tree, yaml, strlen(yaml), NULL));
	schema_check(schema, tree.root, &found);
	describe(out, &found);
}

/* Each is checked behind "title: tt\ngoal: g\n", so on line 3. */
static const struct {
	const char *yaml, *found;
} rows[] = {
	{ "", "" },
	{ "id: Foo", "3:5 pattern: 'id' has the wrong form: 'Foo' | "
		     "Small letters.\n" },
	{ "id: \"a\\n\"", "3:5 pattern: 'id' has the wrong form: 'a...' | "
			  "Small letters.\n" },
	{ "priority: high", "3:11 type: 'priority' must be an integer from 1 "
			    "to 5, not 'high'\n" },
	{ "priority: 9", "3:11 range: 'priority' must be an integer from 1 "
			 "to 5, not '9'\n" },
	{ "priority: 5", "" },
	{ "priority: \"3\"", "3:11 type: 'priority' must be an integer from "
			     "1 to 5, not '3' | write it without quotes\n" },
	{ "priority: 03", "3:11 type: 'priority' must be an integer from 1 "
			  "to 5, not '03'\n" },
	{ "priority: 1.0", "3:11 type: 'priority' must be an integer from 1 "
			   "to 5, not '1.0'\n" },
	{ "least: 0",
	  "3:8 range: 'least' must be an integer of at least 1, not '0'\n" },
	{ "priority: [1]", "3:11 type: 'priority' must be an integer from 1 "
			   "to 5, not a list\n" },
	{ "score: 0.93", "" },
	{ "score: 1e-3", "" },
	{ "score: -1.5E+2", "" },
	{ "score: .5",
	  "3:8 type: 'score' must be a number of at most 1, not '.5'\n" },
	{ "score: 1.",
	  "3:8 type: 'score' must be a number of at most 1, not '1.'\n" },
	{ "score: -1e999",
	  "3:8 type: 'score' must be a number of at most 1, not '-1e999'\n" },
	{ "score: 1.01",
	  "3:8 range: 'score' must be a number of at most 1, not '1.01'\n" },
	{ "score: .inf",
	  "3:8 type: 'score' must be a number of at most 1, not '.inf'\n" },
	{ "on: true", "" },
	{ "on: yes", "3:5 type: 'on' must be true or false, not 'yes'\n" },
	{ "on: 'true'", "3:5 type: 'on' must be true or false, not 'true' | "
			"write it without quotes\n" },
	{ "version: 2", "3:10 const: 'version' must be 1, not '2'\n" },
	{ "version: 1", "" },
	{ "status: dnoe", "3:9 enum: 'status' must be one of planned, done, "
			  "failed, not 'dnoe' | did you mean 'done'?\n" },
	{ "status: 'done'", "" },
	{ "maybe: ~", "" },
	{ "maybe: x", "" },
	{ "maybe: []",
	  "3:8 type: 'maybe' must be text or empty, not a list\n" },
	{ "ids: [a, b, a]", "3:13 duplicate: 'ids' has 'a' twice\n" },
	{ "ids: [a, b, c, d]",
	  "3:6 count: 'ids' must have at most 3 items, not 4\n" },
	{ "ids:", "3:5 type: 'ids' must be a list, not empty | "
		  "write [] or leave the key out\n" },
	{ "ids: [a, B]", "3:10 pattern: 'ids[1]' has the wrong form: 'B' | "
			 "Small letters.\n" },
	{ "some: []", "3:7 count: 'some' must not be empty\n" },
	{ "some: [no]",
	  "3:7 count: 'some' must have at least 2 items, not 1\n" },
	{ "either: ab", "" },
	{ "either: {name: x}", "" },
	{ "either: b", "3:9 pattern: 'either' has the wrong form: 'b' | ^a\n" },
	{ "either: {nmae: x}",
	  "3:9 missing-key: missing key 'name' in 'either'\n"
	  "3:10 unknown-key: unknown key 'nmae' in 'either' | "
	  "did you mean 'name'?\n" },
	{ "rows: [{name: a}, {name: b, rum: c}]",
	  "3:29 unknown-key: unknown key 'rum' in 'rows[1]' | "
	  "did you mean 'run'?\n" },
	{ "rows: [{name: a, rows: [{name: no, rows: [{}]}]}]",
	  "3:43 missing-key: missing key 'name' in "
	  "'rows[0].rows[0].rows[0]'\n" },
	{ "zzzzzz: 1",
	  "3:1 unknown-key: unknown key 'zzzzzz' | known here: title, goal, "
	  "id, ids, some, priority, least, score, on, version, status, maybe, "
	  "either, rows\n" },
};

static void each_rule_finds_what_it_is_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT;
		CLEANUP(buf_release) struct buf found = BUF_INIT;

		buf_addf(&text, "title: tt\ngoal: g\n%s\n", rows[i].yaml);
		check(&found, kinds, text.data);
		same(found.data, rows[i].found);
	}
}

static void every_finding_is_told_with_its_place(void **state)
{
	CLEANUP(buf_release) struct buf found = BUF_INIT;

	(void)state;
	check(&found, kinds,
	      "# a comment\n"
	      "titel: x\n"
	      "title: far too long\n"
	      "priority: high\n"
	      "ids:\n"
	      "  - ok\n"
	      "  - \xc3\xa4\n");
	same(found.data,
	     "2:1 missing-key: missing key 'goal'\n"
	     "2:1 unknown-key: unknown key 'titel' | did you mean 'title'?\n"
	     "3:8 length: 'title' must have at most 8 characters, not 12\n"
	     "4:11 type: 'priority' must be an integer from 1 to 5, not "
	     "'high'\n"
	     "7:5 pattern: 'ids[1]' has the wrong form: '\xc3\xa4' | "
	     "Small letters.\n");
}

static void any_scalar_is_text_where_text_is_wanted(void **state)
{
	static const char *const texts[] = { "no",  "12",   "null",
					     "~",   "true", "\"\"",
					     "1.5", "'12'", "|\n  x" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT;
		CLEANUP(buf_release) struct buf found = BUF_INIT;

		buf_addf(&text, "title: tt\ngoal: %s\n", texts[i]);
		check(&found, kinds, text.data);
		same(found.data, "");
	}
	CLEANUP(buf_release) struct buf found = BUF_INIT;
	check(&found, kinds, "title: tt\ngoal:\n");
	assert_non_null(strstr(found.data, "'goal' must be text, not empty"));
}

static void lengths_count_characters_and_not_bytes(void **state)
{
	CLEANUP(buf_release) struct buf found = BUF_INIT;

	(void)state;
	check(&found, kinds,
	      "goal: g\ntitle: \xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\n");
	same(found.data, "");
	check(&found, kinds, "goal: g\ntitle: \xc3\xa4\n");
	same(found.data,
	     "2:8 length: 'title' must have at least 2 characters, not 1\n");
	buf_clear(&found);
	check(&found, kinds, "goal: g\ntitle: ''\n");
	same(found.data, "2:8 length: 'title' must not be empty\n");
}

static void a_document_of_the_wrong_kind_is_one_finding(void **state)
{
	CLEANUP(buf_release) struct buf found = BUF_INIT;

	(void)state;
	check(&found, kinds, "");
	same(found.data, "0:0 type: the document must be a mapping, not "
			 "empty\n");
	buf_clear(&found);
	check(&found, kinds, "- a\n");
	same(found.data,
	     "1:1 type: the document must be a mapping, not a list\n");
}

static void json_is_checked_by_its_own_types(void **state)
{
	CLEANUP(schema_release) struct schema *schema = NULL;
	static const struct {
		const char *json;
		size_t findings;
	} cases[] = {
		{ "{\"title\":\"tt\",\"goal\":\"\"}", 0 },
		{ "{\"title\":\"tt\",\"goal\":1}", 1 },
		{ "{\"title\":\"tt\",\"goal\":\"\",\"priority\":3.0}", 0 },
		{ "{\"title\":\"tt\",\"goal\":\"\",\"priority\":3.5}", 1 },
		{ "{\"title\":\"tt\",\"goal\":\"\",\"priority\":\"3\"}", 1 },
		{ "{\"title\":\"tt\",\"goal\":\"\",\"on\":true}", 0 },
		{ "{\"title\":\"tt\",\"goal\":\"\",\"on\":\"true\"}", 1 },
		{ "{\"title\":\"tt\",\"goal\":null,\"maybe\":null}", 1 },
	};

	(void)state;
	ok(parse(&schema, kinds));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CLEANUP(findings_release) struct findings found = FINDINGS_INIT;
		CLEANUP(tree_release) struct tree tree = TREE_INIT;

		ok(json_parse(&tree, cases[i].json, strlen(cases[i].json)));
		schema_check(schema, tree.root, &found);
		if (found.len != cases[i].findings)
			fail_msg("%s: %zu findings", cases[i].json, found.len);
	}
}

static void a_tree_that_passed_prints_as_typed_json(void **state)
{
	CLEANUP(schema_release) struct schema *schema = NULL;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(buf_release) struct buf out = BUF_INIT;
	static const char yaml[] = "title: 12\ngoal: no\npriority: +3\n"
				   "score: 0.5\non: True\nmaybe: ~\n"
				   "version: 1\nrows: [{name: 7}]\n"
				   "either: {name: 'yes'}\n";

	(void)state;
	ok(parse(&schema, kinds));
	ok(yaml_parse(&tree, yaml, strlen(yaml), NULL));
	schema_apply(schema, tree.root);
	json_print(&out, tree.root);
	same(out.data, "{\"title\":\"12\",\"goal\":\"no\",\"priority\":3,"
		       "\"score\":0.5,\"on\":true,\"maybe\":null,"
		       "\"version\":1,\"rows\":[{\"name\":\"7\"}],"
		       "\"either\":{\"name\":\"yes\"}}");
}

static void members_are_found_through_references(void **state)
{
	CLEANUP(schema_release) struct schema *schema = NULL;

	(void)state;
	ok(parse(&schema, kinds));
	const struct value *root = schema_root(schema);
	const struct value *rows_node = schema_member(schema, root, "rows");
	const struct value *items = value_get(rows_node, "items");
	assert_non_null(schema_member(schema, items, "run"));
	assert_null(schema_member(schema, items, "rum"));
	same(value_text(value_get(schema_follow(schema, items), "type"), ""),
	     "object");
}

static void a_faulty_schema_is_refused(void **state)
{
	static const struct {
		const char *json, *message;
	} cases[] = {
		{ "{'oneOf':[]}", "schema 'test': line 1: unknown keyword "
				  "'oneOf'" },
		{ "{'properties':{'a':{'format':'date'}}}",
		  "unknown keyword 'format'" },
		{ "{'$defs':{'a':{'if':{}}}}", "unknown keyword 'if'" },
		{ "{'anyOf':[{'not':{}}]}", "unknown keyword 'not'" },
		{ "{'items':{'xx':1}}", "unknown keyword 'xx'" },
		{ "{'type':'text'}", "'type' has a value of the wrong kind" },
		{ "{'type':[]}", "'type' has" },
		{ "{'additionalProperties':true}", "'additionalProperties'" },
		{ "{'properties':{'a':1}}", "not an object" },
		{ "{'pattern':'('}", "pattern '('" },
		{ "{'minLength':-1}", "'minLength'" },
		{ "{'enum':[]}", "'enum'" },
		{ "{'required':[1]}", "'required'" },
		{ "{'$ref':'#/$defs/a'}", "no definition '#/$defs/a'" },
		{ "{'$ref':'other.json'}", "no definition 'other.json'" },
		{ "{'$defs':{'a':{'$ref':'#/$defs/b'},"
		  "'b':{'$ref':'#/$defs/a'}}}",
		  "leads back to itself" },
		{ "[]", "not an object" },
		{ "{", "schema 'test'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct schema *schema = NULL;

		fails(ERROR_INVALID, cases[i].message,
		      parse(&schema, cases[i].json));
		assert_null(schema);
	}
}

static void a_schema_that_refers_to_itself_ends(void **state)
{
	CLEANUP(buf_release) struct buf found = BUF_INIT;

	(void)state;
	check(&found,
	      "{'$defs':{'a':{'anyOf':[{'$ref':'#/$defs/a'}]}},"
	      "'$ref':'#/$defs/a'}",
	      "x: 1\n");
	same(found.data, "");
}

/* Every property is described and every object closed, all the way down. */
/* A list of so many texts where numbers are wanted. */
static void check_long_list(struct findings *found, int items)
{
	CLEANUP(schema_release) struct schema *schema = NULL;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	ok(parse(&schema, "{'type':'array','items':{'type':'array','items':"
			  "{'type':'integer'}}}"));
	struct value *root = value_list(&tree, NULL, NULL);
	for (int i = 0; i < items; i++)
		value_add_string(&tree, value_list(&tree, root, NULL), NULL,
				 "x");
	schema_check(schema, tree.root, found);
}

static void the_last_items_of_a_list_are_named_by_their_place(void **state)
{
	CLEANUP(findings_release) struct findings found = FINDINGS_INIT;

	(void)state;
	check_long_list(&found, 900);
	assert_int_equal(found.len, 900);
	same(found.items[899].message,
	     "'[899][0]' must be an integer, not 'x'");
}

static void a_hostile_document_is_left_after_many_findings(void **state)
{
	CLEANUP(findings_release) struct findings found = FINDINGS_INIT;

	(void)state;
	check_long_list(&found, 200000);
	assert_int_equal(found.len, FINDINGS_MOST + 1);
}

static void each_path_keeps_its_first_findings(void **state)
{
	CLEANUP(findings_release) struct findings found = FINDINGS_INIT;
	const struct finding *last;

	(void)state;
	for (int i = 0; i < FINDINGS_MOST + 5; i++) {
		struct finding *it = finding_add(&found, "r", NULL, "m");

		it->path = xstrdup("a");
		it->line = (unsigned)i + 1;
	}
	for (int i = 0; i < FINDINGS_MOST; i++)
		finding_add(&found, "r", NULL, "m")->path = xstrdup("b");
	findings_sort(&found);
	findings_limit(&found);
	assert_int_equal(found.len, 2 * FINDINGS_MOST + 1);
	last = &found.items[FINDINGS_MOST];
	same(last->path, "a");
	same(last->rule, "too-many");
	assert_int_equal(last->line, FINDINGS_MOST + 1);
	assert_null(strstr(found.items[2 * FINDINGS_MOST].rule, "too-many"));
}

static void assert_tidy(const char *path, const struct value *node)
{
	const char *type = value_text(value_get(node, "type"), "");

	if (value_get(node, "properties") &&
	    !value_get(node, "additionalProperties"))
		fail_msg("%s:%u is open", path, node->span.line);
	if (!strcmp(type, "array") && !value_get(node, "items"))
		fail_msg("%s:%u has no items", path, node->span.line);
	VALUE_EACH(it, value_get(node, "properties"))
	{
		const char *text = value_text(value_get(it, "description"), "");

		if (!*text || text[strlen(text) - 1] != '.')
			fail_msg("%s: '%s' has no sentence", path, it->key);
		assert_tidy(path, it);
	}
	VALUE_EACH(it, value_get(node, "$defs"))
	assert_tidy(path, it);
	if (value_get(node, "items"))
		assert_tidy(path, value_get(node, "items"));
}

static void every_schema_parses_and_those_of_documents_are_tidy(void **state)
{
	struct embed file;
	size_t n = 0;

	(void)state;
	for (; embed_at(&file, "schema/", n); n++) {
		CLEANUP(schema_release) struct schema *schema = NULL;

		ok(schema_parse(&schema, file.path, file.data, file.len));
		/* Those of --json output are no source of a reference. */
		if (strncmp(file.path, "schema/out/", 11) != 0)
			assert_tidy(file.path, schema_root(schema));
	}
	assert_true(n >= 3);
}

/* References are local, so shared shapes stand in several files. */
static void a_shape_that_several_schemas_have_is_the_same(void **state)
{
	static const char *const names[] = { "schema/config.json",
					     "schema/plan.json",
					     "schema/phase.json" };
	struct schema *schemas[3];
	struct embed file;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(embed_find(&file, names[i]));
		ok(schema_parse(&schemas[i], names[i], file.data, file.len));
	}
	for (int i = 0; i < 3; i++) {
		const struct value *defs =
			value_get(schema_root(schemas[i]), "$defs");
		const struct value *others =
			value_get(schema_root(schemas[(i + 1) % 3]), "$defs");

		VALUE_EACH(it, defs)
		{
			const struct value *other = value_get(others, it->key);

			if (other && !value_equal(it, other))
				fail_msg("'%s' differs", it->key);
		}
	}
	for (int i = 0; i < 3; i++)
		schema_free(schemas[i]);
}

static void check_kind(struct buf *out, const char *name, const char *yaml)
{
	CLEANUP(schema_release) struct schema *schema = NULL;
	CLEANUP(findings_release) struct findings found = FINDINGS_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct embed file;

	assert_true(embed_find(&file, name));
	ok(schema_parse(&schema, name, file.data, file.len));
	ok(yaml_parse(&tree, yaml, strlen(yaml), NULL));
	schema_check(schema, tree.root, &found);
	describe(out, &found);
}

static const char full_config[] =
	"version: 1\n"
	"providers: [{name: claude, driver: anthropic,\n"
	"  base_url: https://api.anthropic.com, key_env: ANTHROPIC_API_KEY,\n"
	"  headers: [{name: X-A, value: b}], limits: {\n"
	"  requests_per_minute: 50, requests_per_hour: 1000,\n"
	"  tokens_per_minute: 400000}},\n"
	"  {name: gpt, driver: openai, api: chat, api_version: 2024-10-21,\n"
	"  key_command: get, command: llm}]\n"
	"agents: [{name: developer, role: developer, worker: tools,\n"
	"  provider: claude, model: m, temperature: 0.3, max_tokens: 8192,\n"
	"  timeout: 600, strengths: [c], fallback: [other],\n"
	"  context: [src/**], top_p: 1, effort: high, idle_timeout: 60,\n"
	"  profile: codex, command: codex, network: true, env: [HOME],\n"
	"  budget: {usd: \"1\"}}]\n"
	"checks: [{name: test, run: make check, timeout: 600,\n"
	"  network: false}]\n"
	"setup: [{name: deps, run: npm ci, key: [package-lock.json],\n"
	"  keep: [node_modules], network: true}]\n"
	"policy: {paths: [\"**\"], always: [], files: extend, attempts: 3,\n"
	"  sandbox: off, run_hooks: false, setup_on_change: refuse,\n"
	"  max_file_bytes: 1048576, max_files: 200, memory: 4G,\n"
	"  processes: 512, readable: [/opt/go, ~/.cargo],\n"
	"  coverage: {file: c.info, format: lcov, minimum: 80}}\n"
	"budget: {phase: {usd: \"2.00\"}, plan: {usd: \"20.00\", calls: 9},\n"
	"  day: {tokens: 1, seconds: 2}}\n"
	"cache: {max_bytes: 1, share: false, expiry: {brainstorm: 1,\n"
	"  integration: 2, other: 3}}\n"
	"secrets: {allow: [{path: a, pattern: b, reason: c}]}\n"
	"delivery: {forge: local, land: push, method: squash,\n"
	"  stacking: false, branch_prefix: orch, lease: 600,\n"
	"  mutation_gap: 1}\n";

static const char full_plan[] =
	"version: 1\nid: todo-api\ntitle: Todo API\ngoal: REST API\n"
	"overview: |\n  Two\n  lines\ntemplate: api-service\n"
	"vars: [{name: name, value: todo}, {name: a_b, value: ''}]\n"
	"technology_stack: [{name: backend, choice: Python/FastAPI}]\n"
	"coding_standards: [no secrets]\n"
	"components: [{name: a, type: backend, responsibilities: [x]}]\n"
	"features: [{id: crud, title: CRUD, priority: must}]\n"
	"decisions: [{id: d1, title: t, choice: c, why: w}]\n"
	"risks: [{title: t, mitigation: m}]\n"
	"checks: [{name: test, run: make}]\n"
	"setup: [{name: deps, run: npm ci}]\nabandoned: no time\n";

#define OID "0123456789012345678901234567890123456789"
#define SHA "sha256:" OID "012345678901234567890123"
static const char full_phase[] =
	"version: 1\nid: auth\ntitle: User authentication\nsummary: s\n"
	"depends_on: [models]\npriority: 2\ndue: 2026-12-01\n"
	"agent: developer\nobjectives: [o]\n"
	"files: {create: [src/auth/*.py], modify: [src/app.py], delete: []}\n"
	"tests: [t]\nacceptance:\n  - Users can register with e-mail\n"
	"checks: [test]\ncommit: {type: feat, scope: auth}\n"
	"estimate: {complexity: 3, tokens: 40000}\nstatus: failed\n"
	"reason: because\nresult:\n"
	"  spec: " OID "\n  start: " OID "\n  source: " OID "\n"
	"  attempts: 2\n"
	"  agents: [{role: developer, model: m, calls: 5, input_tokens: 1,\n"
	"    cached_tokens: 1, output_tokens: 1, cost_usd: \"0.421000\"}]\n"
	"  checks: [{name: test, exit: 1, seconds: 12.4, sandbox: off,\n"
	"    output: " SHA ", tail: \"a\\nb\\n\"}]\n"
	"  verdict: {success: true, score: 0.93, warnings: [w],\n"
	"    suggestions: [s]}\n"
	"  files: [{path: a, change: create, declared: true}]\n"
	"  decisions: [d]\n  notes: [n]\n"
	"  started: 2026-11-20T10:30:00Z\n  seconds: 83\n";

static void documents_that_use_every_field_pass(void **state)
{
	CLEANUP(buf_release) struct buf found = BUF_INIT;

	(void)state;
	check_kind(&found, "schema/config.json", full_config);
	check_kind(&found, "schema/plan.json", full_plan);
	check_kind(&found, "schema/phase.json", full_phase);
	same(found.data, "");
}

static void a_phase_document_tells_what_is_wrong(void **state)
{
	CLEANUP(buf_release) struct buf found = BUF_INIT;

	(void)state;
	check_kind(&found, "schema/phase.json",
		   "version: 1\nid: Auth\ntitel: x\npriority: high\n"
		   "due: 2026-13-01\ndepends_on: [a, a]\n"
		   "status: finished\nfiles: {create: [/etc/passwd]}\n");
	same(found.data,
	     "1:1 missing-key: missing key 'title'\n"
	     "2:5 pattern: 'id' has the wrong form: 'Auth' | Lower case "
	     "letters and digits, in words joined by single hyphens.\n"
	     "3:1 unknown-key: unknown key 'titel' | did you mean 'title'?\n"
	     "4:11 type: 'priority' must be an integer from 1 to 5, not "
	     "'high'\n"
	     "5:6 pattern: 'due' has the wrong form: '2026-13-01' | The day "
	     "the phase is due, as year-month-day.\n"
	     "6:17 duplicate: 'depends_on' has 'a' twice\n"
	     "7:9 enum: 'status' must be one of planned, done, failed, "
	     "blocked, skipped, not 'finished'\n"
	     "8:18 pattern: 'files.create[0]' has the wrong form: "
	     "'/etc/passwd' | A relative path, where * and ? stay within a "
	     "part and ** covers any number of parts.\n");
}

static void what_differs_from_run_to_run_is_marked(void **state)
{
	static const char *const paths[][2] = {
		{ "result", "start" },       { "result", "started" },
		{ "result", "seconds" },     { "work", "calls" },
		{ "work", "input_tokens" },  { "work", "cached_tokens" },
		{ "work", "output_tokens" }, { "work", "cost_usd" },
		{ "outcome", "seconds" },
	};
	CLEANUP(schema_release) struct schema *schema = NULL;
	struct embed file;

	(void)state;
	assert_true(embed_find(&file, "schema/phase.json"));
	ok(schema_parse(&schema, file.path, file.data, file.len));
	const struct value *defs = value_get(schema_root(schema), "$defs");
	size_t n = 0;
	VALUE_EACH(def, defs)
	VALUE_EACH(it, value_get(def, "properties"))
	n += value_bool(value_get(it, "x-volatile"), 0) == 1;
	assert_int_equal(n, sizeof paths / sizeof *paths);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		const struct value *node = schema_member(
			schema, value_get(defs, paths[i][0]), paths[i][1]);

		assert_int_equal(value_bool(value_get(node, "x-volatile"), 0),
				 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_finds_what_it_is_for),
		cmocka_unit_test(every_finding_is_told_with_its_place),
		cmocka_unit_test(any_scalar_is_text_where_text_is_wanted),
		cmocka_unit_test(lengths_count_characters_and_not_bytes),
		cmocka_unit_test(a_document_of_the_wrong_kind_is_one_finding),
		cmocka_unit_test(json_is_checked_by_its_own_types),
		cmocka_unit_test(a_tree_that_passed_prints_as_typed_json),
		cmocka_unit_test(members_are_found_through_references),
		cmocka_unit_test(a_faulty_schema_is_refused),
		cmocka_unit_test(a_schema_that_refers_to_itself_ends),
		cmocka_unit_test(
			every_schema_parses_and_those_of_documents_are_tidy),
		cmocka_unit_test(a_shape_that_several_schemas_have_is_the_same),
		cmocka_unit_test(documents_that_use_every_field_pass),
		cmocka_unit_test(a_phase_document_tells_what_is_wrong),
		cmocka_unit_test(what_differs_from_run_to_run_is_marked),
		cmocka_unit_test(
			the_last_items_of_a_list_are_named_by_their_place),
		cmocka_unit_test(
			a_hostile_document_is_left_after_many_findings),
		cmocka_unit_test(each_path_keeps_its_first_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
