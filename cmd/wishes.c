/* Wishes and their answers, for people and for programs. */
#include "cmd/wishes.h"
#include "plans/work-shown.h"

#define MOST_SHOWN 200 /* characters of a text that may be a log */

static void add_wish(struct tree *tree, struct value *list,
		     const struct wish *wish)
{
	struct value *row = value_object(tree, list, NULL);

	value_add_string(tree, row, "rule", wish_kind_name(wish->kind));
	value_add_maybe(tree, row, "author", wish->author);
	value_add_maybe(tree, row, "path", wish->path);
	if (wish->line)
		value_add_int(tree, row, "line", wish->line);
	else
		value_add_null(tree, row, "line");
	value_add_string(tree, row, "text", wish->text);
	value_add_maybe(tree, row, "url", wish->url);
}

static void add_answer(struct tree *tree, struct value *list,
		       const struct worker_answer *answer)
{
	struct value *row = value_object(tree, list, NULL);

	value_add_int(tree, row, "wish", answer->remark);
	value_add_string(tree, row, "text", answer->text);
	value_add_bool(tree, row, "changed", answer->changed);
}

void revision_json(struct tree *tree, struct value *root,
		   const struct wishes *wishes, const struct report *report,
		   size_t posted)
{
	struct value *object = value_object(tree, root, "revision");
	struct value *list = value_list(tree, object, "wishes");

	FOR_EACH (struct wish, wish, wishes)
		add_wish(tree, list, wish);
	list = value_list(tree, object, "answers");
	for (size_t i = 0; report && i < wishes->len; i++)
		if (wish_answer(report, i))
			add_answer(tree, list, wish_answer(report, i));
	value_add_int(tree, object, "posted", (int64_t)posted);
	value_add_int(tree, object, "left", (int64_t)wishes->left);
}

/* The first line that says something, cut. */
static void print_text(struct out *out, const char *text)
{
	CLEANUP(free_str) char *line = one_line(text, MOST_SHOWN);

	out_wrap(out, 4, 4, "%s", line);
	out_text(out, "\n");
}

static void print_wish(struct out *out, const struct wish *wish,
		       const struct worker_answer *answer)
{
	CLEANUP(buf_release) struct buf label = BUF_INIT;

	wish_label(&label, wish);
	out_text(out, "  %s\n    ", label.data);
	print_text(out, wish->text);
	if (!answer)
		return;
	out_text(out, "    ");
	out_colour(out, answer->changed ? COLOUR_GREEN : COLOUR_YELLOW, "%s",
		   answer->changed ? "changed" : "left");
	out_text(out, "\n    ");
	print_text(out, answer->text);
}

void wishes_print(struct out *out, const struct wishes *wishes,
		  const struct report *report)
{
	for (size_t i = 0; i < wishes->len; i++)
		print_wish(out, &wishes->items[i],
			   report ? wish_answer(report, i) : NULL);
	if (wishes->left)
		out_text(out, "  and %zu more, for the next time\n",
			 wishes->left);
}

static void print_dry(struct out *out, const struct card *card,
		      const struct revision *revision)
{
	out_text(out, "would revise %s/%s: %s\n", card->plan->id,
		 card->phase->id, card->phase->title);
	wishes_print(out, &revision->wishes, NULL);
	if (revision->pending)
		out_text(out, "  %zu answer%s to post\n", revision->pending,
			 revision->pending == 1 ? "" : "s");
}

static void json_dry(struct out *out, const struct card *card,
		     const struct revision *revision)
{
	CLEANUP(tree_release) struct tree tree = TREE_INIT;
	struct value *root = value_object(&tree, NULL, NULL);

	value_add_int(&tree, root, "version", 1);
	value_add_string(&tree, root, "plan", card->plan->id);
	value_add_string(&tree, root, "phase", card->phase->id);
	value_add_string(&tree, root, "title", card->phase->title);
	value_add_string(&tree, root, "status", status_name(card->status));
	revision_json(&tree, root, &revision->wishes, NULL, 0);
	out_json(out, root);
}

void revision_dry(struct out *out, const struct card *card,
		  const struct revision *revision)
{
	if (out->json)
		json_dry(out, card, revision);
	else
		print_dry(out, card, revision);
}
