/*
 * The shared half of the two dialects of OpenAI.  Fields that only the
 * vendor's own servers are known to take (strict tools, prompt_cache_key) are
 * not sent to others, of which some refuse what they do not know.
 */
#include "core/dialect-openai.h"

#include "core/json.h"
#include "core/schema-lower.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HOME "https://api.openai.com/v1"
/* The last dated version of Azure; later ones are /openai/v1. */
#define AZURE_VERSION "2024-10-21"

static int ends_in(const char *text, size_t len, const char *tail)
{
	size_t n = strlen(tail);

	return len >= n && !strncasecmp(text + len - n, tail, n);
}

enum openai_host openai_host(const struct endpoint *endpoint)
{
	const char *url = endpoint->base_url ? endpoint->base_url : HOME;
	const char *host = strstr(url, "://");
	size_t len;

	host = host ? host + 3 : url;
	len = strcspn(host, "/?:");
	if (len == strlen("api.openai.com") &&
	    ends_in(host, len, "api.openai.com"))
		return HOST_OPENAI;
	if (ends_in(host, len, ".openai.azure.com") ||
	    ends_in(host, len, ".cognitiveservices.azure.com") ||
	    ends_in(host, len, ".services.ai.azure.com"))
		return HOST_AZURE;
	return HOST_OTHER;
}

/* Whether base_url stops at the host, with no path of its own. */
static int has_path(const struct buf *url)
{
	const char *host = strstr(url->data, "://");

	return strchr(host ? host + 3 : url->data, '/') != NULL;
}

/* What there is of a path is kept; an address without any gets the usual. */
static void add_path(struct buf *url, const struct endpoint *endpoint,
		     const char *path)
{
	int azure = openai_host(endpoint) == HOST_AZURE;

	if (ends_in(url->data, url->len, path))
		return;
	if (!has_path(url))
		buf_str(url, azure ? "/openai/v1" : "/v1");
	else if (azure && ends_in(url->data, url->len, ".com/openai"))
		buf_str(url, "/v1");
	buf_str(url, path);
}

void openai_address(struct buf *url, struct strings *headers,
		    const struct endpoint *endpoint, const char *path)
{
	const char *base = endpoint->base_url ? endpoint->base_url : HOME;
	const char *query = strchr(base, '?');
	int dated;

	buf_add(url, base, query ? (size_t)(query - base) : strlen(base));
	while (url->len && url->data[url->len - 1] == '/')
		buf_setlen(url, url->len - 1);
	dated = strstr(url->data, "/openai/deployments/") != NULL;
	add_path(url, endpoint, path);
	if (query)
		buf_str(url, query);
	if ((dated ||
	     (openai_host(endpoint) == HOST_AZURE && endpoint->api_version)) &&
	    !(query && strstr(query, "api-version=")))
		buf_addf(url, "%capi-version=%s", query ? '&' : '?',
			 endpoint->api_version ? endpoint->api_version
					       : AZURE_VERSION);
	if (!endpoint->key)
		return;
	if (dated || openai_host(endpoint) == HOST_AZURE)
		strings_addf(headers, "api-key: %s", endpoint->key);
	else
		strings_addf(headers, "Authorization: Bearer %s",
			     endpoint->key);
}

void openai_encoder_init(struct openai_encoder *encoder,
			 const struct exchange *exchange)
{
	const struct value *from = exchange->request->tree.root;

	*encoder = (struct openai_encoder){
		.tree = TREE_INIT,
		.exchange = exchange,
		.from = from,
		.model = value_text(value_get(from, "model"), ""),
		.host = openai_host(exchange->endpoint),
	};
	encoder->can = capability_find(OPENAI, encoder->model);
	value_object(&encoder->tree, NULL, NULL);
	value_add_string(&encoder->tree, encoder->tree.root, "model",
			 encoder->model);
}

void openai_encoder_release(struct openai_encoder *encoder)
{
	tree_release(&encoder->tree);
	strings_release(&encoder->left_out);
}

void openai_system(struct buf *out, const struct openai_encoder *encoder)
{
	VALUE_EACH(it, value_get(encoder->from, "system"))
	{
		const char *text = value_text(value_get(it, "text"), "");

		if (*text)
			buf_addf(out, "%s%s", out->len ? "\n\n" : "", text);
	}
}

int64_t openai_max_tokens(const struct openai_encoder *encoder)
{
	int64_t asked = value_int(value_get(encoder->from, "max_tokens"), 0);
	int64_t most = encoder->can->max_output;

	return strcmp(encoder->can->model, "*") && asked > most ? most : asked;
}

void openai_sampling(struct openai_encoder *encoder)
{
	static const char *const keys[] = { "temperature", "top_p" };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const struct value *it = value_get(encoder->from, keys[i]);

		if (it && encoder->can->sampling)
			value_add_copy(&encoder->tree, encoder->tree.root,
				       keys[i], it);
		else if (it)
			strings_add(&encoder->left_out, keys[i]);
	}
}

void openai_effort(char *out, size_t size, struct openai_encoder *encoder)
{
	const char *wanted =
		value_text(value_get(encoder->from, "effort"), NULL);

	*out = '\0';
	if (!wanted)
		return;
	if (!capability_effort(out, size, encoder->can, wanted)) {
		*out = '\0';
		strings_add(&encoder->left_out, "effort");
	} else if (*out && strcmp(out, wanted)) {
		exchange_notice(encoder->exchange,
				"%s is asked with effort %s, not %s, which it "
				"does not take",
				encoder->model, out, wanted);
	}
}

void openai_choice(struct openai_encoder *encoder)
{
	const char *choice =
		value_text(value_get(encoder->from, "choice"), "auto");

	if (!value_get(encoder->from, "tools") || !strcmp(choice, "auto"))
		return;
	if (!strcmp(choice, "required") && !encoder->can->forced)
		strings_add(&encoder->left_out, "a forced choice of tool");
	else
		value_add_string(&encoder->tree, encoder->tree.root,
				 "tool_choice", choice);
}

void openai_function(struct openai_encoder *encoder, struct value *out,
		     const struct value *tool)
{
	const struct value *schema = value_get(tool, "schema");
	const char *about = value_text(value_get(tool, "description"), "");
	CLEANUP(tree_release) struct tree lowered = TREE_INIT;
	CLEANUP(error_release) struct error *err = NULL;
	struct tree *tree = &encoder->tree;

	value_add_copy(tree, out, "name", value_get(tool, "name"));
	if (*about)
		value_add_string(tree, out, "description", about);
	/* What strict mode cannot say is taken as it is, and not strictly. */
	if (encoder->host != HOST_OTHER)
		err = schema_lower(&lowered, schema, OPENAI);
	value_add_copy(tree, out, "parameters",
		       lowered.root ? lowered.root : schema);
	if (encoder->host != HOST_OTHER)
		value_add_bool(tree, out, "strict", lowered.root != NULL);
}

/* Letters, digits, _ and -, at most 64. */
static void add_name(struct tree *tree, struct value *out, const char *name)
{
	char text[65] = "output";

	for (size_t i = 0; i < sizeof text - 1 && *name; i++) {
		unsigned char c = (unsigned char)name[i];

		text[i] = isalnum(c) && c < 0x80 ? (char)c : '_';
		text[i + 1] = '\0';
		if (c == '-')
			text[i] = '-';
		if (!name[i + 1])
			break;
	}
	value_add_string(tree, out, "name", text);
}

int openai_format(struct openai_encoder *encoder, struct tree *out)
{
	const struct value *output = value_get(encoder->from, "output");
	CLEANUP(tree_release) struct tree schema = TREE_INIT;
	CLEANUP(error_release) struct error *err = NULL;
	struct value *root;

	if (!output || !encoder->can->output_schema)
		return 0;
	err = schema_lower(&schema, value_get(output, "schema"), OPENAI);
	if (err) {
		exchange_notice(encoder->exchange,
				"the form of the answer is only asked for, "
				"not enforced: %s",
				err->message);
		return 0;
	}
	root = value_object(out, NULL, NULL);
	add_name(out, root, value_text(value_get(output, "name"), ""));
	value_add_copy(out, root, "schema", schema.root);
	value_add_bool(out, root, "strict", 1);
	return 1;
}

void openai_cache_key(struct openai_encoder *encoder)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	struct value *list = value_list(&tree, NULL, NULL);
	const struct value *tools = value_get(encoder->from, "tools");
	char hex[SHA256_HEX];

	if (encoder->host == HOST_OTHER)
		return;
	value_add_string(&tree, list, NULL, encoder->model);
	VALUE_EACH(it, value_get(encoder->from, "system"))
	if (value_bool(value_get(it, "stable"), 0))
		value_add_copy(&tree, list, NULL, it);
	if (tools)
		value_add_copy(&tree, list, NULL, tools);
	if (list->count == 1)
		return;
	json_print_canonical(&text, list);
	sha256_of(text.data, text.len, hex);
	value_add_strn(&encoder->tree, encoder->tree.root, "prompt_cache_key",
		       hex, 32);
}

void openai_say_left_out(const struct openai_encoder *encoder)
{
	CLEANUP(buf_release) struct buf names = BUF_INIT;

	if (!encoder->left_out.len)
		return;
	strings_join(&names, &encoder->left_out, ", ");
	exchange_notice(encoder->exchange,
			"left out, because %s does not take it: %s",
			encoder->model, names.data);
}

int openai_is(const struct value *object, const char *type)
{
	return !strcmp(value_text(value_get(object, "type"), ""), type);
}

void openai_result(struct buf *out, const struct value *part)
{
	if (value_bool(value_get(part, "error"), 0))
		buf_str(out, "error: ");
	buf_str(out, value_text(value_get(part, "text"), ""));
}

static const struct value *schema_of(const struct decoder *decoder,
				     const char *name)
{
	const struct value *request = decoder->exchange->request->tree.root;

	VALUE_EACH(it, value_get(request, "tools"))
	if (!strcmp(value_text(value_get(it, "name"), ""), name))
		return value_get(it, "schema");
	return NULL;
}

void openai_add_call(struct decoder *decoder, const char *name,
		     const char *input, size_t len)
{
	const struct value *schema = schema_of(decoder, name);
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(error_release) struct error *err = NULL;

	if (schema)
		err = json_parse(&tree, input, len);
	if (tree.root) {
		schema_unlower(&tree, schema);
		json_print(&text, tree.root);
	} else {
		buf_add(&text, input, len);
	}
	reply_add_call(decoder->reply, decoder->exchange->request, name,
		       text.data, text.len);
}

void openai_estimate(struct decoder *decoder)
{
	const struct exchange *exchange = decoder->exchange;
	const char *provider = exchange->endpoint->provider;
	struct usage *usage = &decoder->reply->usage;
	CLEANUP(buf_release) struct buf said = BUF_INIT;

	if (usage->input || usage->cached || usage->output)
		return;
	reply_text(&said, decoder->reply);
	for (const struct value *it = reply_call(decoder->reply); it;
	     it = reply_next_call(it))
		json_print(&said, value_get(it, "input"));
	usage->input = request_tokens(exchange->request);
	usage->output = token_estimate(said.len);
	exchange_notice(exchange,
			"the server of '%s' counts no tokens: estimated",
			provider ? provider : OPENAI);
}

/* Routers give an HTTP status as the code of an error in the stream. */
static const char *type_of_status(int64_t status)
{
	if (status == 429)
		return "rate_limit_error";
	if (status == 408)
		return "timeout_error";
	if (status >= 500)
		return "server_error";
	return status == 401 || status == 403 ? "authentication_error"
					      : "invalid_request_error";
}

void openai_fail(struct decoder *decoder, const struct value *error)
{
	const struct value *code = value_get(error, "code");
	const struct value *message = value_get(error, "message");
	const char *type = value_text(value_get(error, "type"), NULL);
	int64_t status = code ? strtoll(value_text(code, ""), NULL, 10) : 0;

	if (!message && error && error->kind == VALUE_STRING)
		message = error;
	if (type && (!strcmp(type, "error") || !*type))
		type = NULL;
	if (status >= 400 && status < 600 && !type)
		type = type_of_status(status);
	decoder_fail(decoder, type, value_text(code, NULL),
		     value_text(message, NULL));
}

/* {"error":{…}}, {"error":"text"}, or the object itself; some list it. */
void openai_explain(struct failure *out, const char *body, size_t len)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(error_release) struct error *err = json_parse(&tree, body, len);
	const struct value *root = tree.root, *error;
	struct decoder decoder = { .failure = out };

	if (root && root->kind == VALUE_LIST && root->child)
		root = root->child;
	error = value_get(root, "error");
	if (!error && value_get(root, "message"))
		error = root;
	if (err || !error)
		failure_excerpt(out, body, len);
	else
		openai_fail(&decoder, error);
}
