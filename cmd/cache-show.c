/*
 * `git orch cache list` and `show`.  What a model said is data from outside:
 * it is printed without what looks like a secret.
 */
#include "cmd/cache.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/price.h"
#include "plans/gate.h"

#include <stdio.h>
#include <string.h>

void size_format(char *out, size_t size, int64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB" };
	size_t i = 0;

	for (; i < 3 && bytes >= 10240; i++)
		bytes /= 1024;
	snprintf(out, size, "%lld %s", (long long)bytes, units[i]);
}

static int is_meant(const char *want, const char *has)
{
	return !want || (has && !strcmp(want, has));
}

static void add_entry(struct tree *tree, struct value *parent, const char *key,
		      const struct reply_entry *entry,
		      const struct reply_expiry *expiry)
{
	struct value *row = value_object(tree, parent, key);
	struct value *depends;
	char at[CLOCK_TEXT];

	clock_format(at, entry->at);
	value_add_string(tree, row, "key", entry->key);
	value_add_maybe(tree, row, "stage", entry->stage);
	value_add_maybe(tree, row, "plan", entry->plan);
	value_add_maybe(tree, row, "phase", entry->phase);
	value_add_maybe(tree, row, "agent", entry->agent);
	value_add_maybe(tree, row, "model", entry->model);
	value_add_string(tree, row, "at", at);
	value_add_bool(tree, row, "expired",
		       reply_expired(entry, expiry, clock_now()));
	value_add_bool(tree, row, "shared", entry->shared);
	if (entry->micros == UNPRICED)
		value_add_null(tree, row, "micros");
	else
		value_add_int(tree, row, "micros", entry->micros);
	value_add_int(tree, row, "bytes", entry->size);
	depends = value_list(tree, row, "depends_on");
	FOR_EACH (char *, it, &entry->depends)
		value_add_string(tree, depends, NULL, *it);
}

static void list_json(struct out *out, const struct reply_entries *all,
		      const struct strings *damaged,
		      const struct reply_expiry *expiry)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);
	struct value *rows, *keys;

	value_add_int(&tree, root, "version", 1);
	rows = value_list(&tree, root, "entries");
	FOR_EACH (const struct reply_entry, it, all)
		add_entry(&tree, rows, NULL, it, expiry);
	keys = value_list(&tree, root, "damaged");
	FOR_EACH (char *, key, damaged)
		value_add_string(&tree, keys, NULL, *key);
	out_json(out, root);
}

static const char *mark(const struct reply_entry *entry,
			const struct reply_expiry *expiry)
{
	if (reply_expired(entry, expiry, clock_now()))
		return "expired";
	return entry->shared ? "shared" : "";
}

static void list_text(struct out *out, const struct reply_entries *all,
		      const struct reply_expiry *expiry)
{
	CLEANUP(table_release) struct table table = TABLE_INIT(7);

	FOR_EACH (const struct reply_entry, it, all) {
		char at[CLOCK_TEXT], size[32], money[MONEY_TEXT];

		clock_format(at, it->at);
		size_format(size, sizeof size, it->size);
		money_format(money, sizeof money, it->micros);
		table_cell(&table, COLOUR_YELLOW, "%.12s", it->key);
		table_cell(&table, COLOUR_NONE, "%s", at);
		table_cell(&table, COLOUR_NONE, "%s",
			   it->stage ? it->stage : "-");
		table_cell(&table, COLOUR_NONE, "%s/%s",
			   it->plan ? it->plan : "-",
			   it->phase ? it->phase : "plan");
		table_cell(&table, COLOUR_NONE, "%s", size);
		table_cell(&table, COLOUR_NONE, "%s", money);
		table_cell(&table, COLOUR_DIM, "%s", mark(it, expiry));
	}
	table_print(out, &table, 0);
}

/* Keeps those that are meant. */
static void filter(struct reply_entries *all, const char *stage,
		   const char *plan)
{
	size_t n = 0;

	FOR_EACH (struct reply_entry, it, all) {
		if (is_meant(stage, it->stage) && is_meant(plan, it->plan))
			all->items[n++] = *it;
		else
			reply_entry_release(it);
	}
	all->len = n;
}

struct error *cache_run_list(struct session *session)
{
	CLEANUP(reply_entries_release)
	struct reply_entries all = { NULL, 0, 0 };
	CLEANUP(strings_release) struct strings damaged = STRINGS_INIT;
	CLEANUP(free_str) char *dir = NULL;
	const struct reply_expiry expiry =
		cache_expiry(&session->project.config);

	TRY(cache_dir(&dir, &session->project));
	TRY(replies_list(&all, &damaged, dir));
	filter(&all, args_text(&session->args, "stage"),
	       global_text(session, "plan"));
	if (session->out.json) {
		list_json(&session->out, &all, &damaged, &expiry);
		return NULL;
	}
	start_pager(session);
	list_text(&session->out, &all, &expiry);
	if (!all.len)
		out_text(&session->out, "no reply is kept\n");
	if (damaged.len)
		hint(&session->out, "%zu damaged; git orch cache verify",
		     damaged.len);
	return NULL;
}

static struct error *redact(struct tree *tree, struct value *value,
			    const struct secrets *secrets)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	VALUE_EACH(child, value)
	TRY(redact(tree, child, secrets));
	if (value->kind != VALUE_STRING || !value->len)
		return NULL;
	TRY(secrets_redact(&text, secrets, value->text, value->len));
	value->text = arena_strndup(&tree->arena, text.data, text.len);
	value->len = text.len;
	return NULL;
}

/* The reply as it is stored, redacted. */
static struct error *as_tree(struct tree *out, const struct reply *reply,
			     const struct project *project)
{
	CLEANUP(secrets_free) struct secrets *secrets = NULL;
	CLEANUP(buf_release) struct buf json = BUF_INIT;

	reply_print(&json, reply);
	TRY(json_parse(out, json.data, json.len));
	TRY(gate_rules(&secrets, project));
	return redact(out, out->root, secrets);
}

static void print_part(struct out *out, const struct value *part)
{
	const char *type = value_text(value_get(part, "type"), "");
	CLEANUP(buf_release) struct buf json = BUF_INIT;

	if (!strcmp(type, "text")) {
		out_text(out, "\n%s\n",
			 value_text(value_get(part, "text"), ""));
		return;
	}
	if (strcmp(type, "call") != 0) {
		out_text(out, "\n(%s)\n", type);
		return;
	}
	json_print_pretty(&json, value_get(part, "input"));
	out_colour(out, COLOUR_BOLD, "\n%s",
		   value_text(value_get(part, "name"), ""));
	out_text(out, " %s", json.data);
}

static void print_reply(struct out *out, const struct value *entry,
			const struct value *reply)
{
	CLEANUP(table_release) struct table table = TABLE_INIT(2);

	VALUE_EACH(field, entry)
	{
		CLEANUP(buf_release) struct buf json = BUF_INIT;

		if (field->kind == VALUE_NULL ||
		    (field->kind == VALUE_LIST && !field->count))
			continue;
		table_cell(&table, COLOUR_BOLD, "%s", field->key);
		if (field->kind == VALUE_LIST)
			json_print(&json, field);
		table_cell(&table, COLOUR_NONE, "%s",
			   json.len ? json.data : value_text(field, ""));
	}
	table_cell(&table, COLOUR_BOLD, "stop");
	table_cell(&table, COLOUR_NONE, "%s",
		   value_text(value_get(reply, "stop"), ""));
	table_print(out, &table, 0);
	VALUE_EACH(part, value_get(reply, "parts"))
	print_part(out, part);
}

struct error *cache_run_show(struct session *session)
{
	CLEANUP(reply_entry_release) struct reply_entry entry = { .at = 0 };
	CLEANUP(tree_release) struct tree body = TREE_INIT;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	CLEANUP(reply_release) struct reply reply;
	CLEANUP(free_str) char *dir = NULL;
	const struct config *config = &session->project.config;
	const struct reply_expiry expiry = cache_expiry(config);
	struct value *root = value_object(&tree, NULL, NULL);
	char key[SHA256_HEX];

	reply_init(&reply);
	TRY(cache_dir(&dir, &session->project));
	TRY(cache_find(key, dir, operand(session, 0)));
	TRY(replies_get(&reply, &entry, dir, key, NULL, 0));
	TRY(as_tree(&body, &reply, &session->project));
	value_add_int(&tree, root, "version", 1);
	add_entry(&tree, root, "entry", &entry, &expiry);
	if (!session->out.json) {
		start_pager(session);
		print_reply(&session->out, value_get(root, "entry"), body.root);
		return NULL;
	}
	value_add_copy(&tree, root, "usage", value_get(body.root, "usage"));
	value_add_copy(&tree, root, "reply", body.root);
	out_json(&session->out, root);
	return NULL;
}
