/* Options from rows: getopt(3) knows no "did you mean" and prints itself. */
#include "core/args.h"

#include "core/nearest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void args_release(struct args *args)
{
	free(args->values.items);
	free(args->rest.items);
	*args = (struct args)ARGS_INIT;
}

/* What is left of argv while it is parsed. */
struct parse {
	struct args *args;
	const struct opt *const *tables;
	char **argv;
	int argc;
	int next;
};

static const struct opt *find_long(const struct opt *const *tables,
				   const char *name, size_t len)
{
	for (; *tables; tables++)
		for (const struct opt *opt = *tables; opt->name; opt++)
			if (!strncmp(opt->name, name, len) && !opt->name[len])
				return opt;
	return NULL;
}

static const struct opt *find_letter(const struct opt *const *tables,
				     char letter)
{
	for (; *tables; tables++)
		for (const struct opt *opt = *tables; opt->name; opt++)
			if (opt->letter == letter)
				return opt;
	return NULL;
}

static struct error *unknown(const struct opt *const *tables, const char *name,
			     size_t len)
{
	CLEANUP(free_str) char *word = xstrndup(name, len);
	ARRAY(const char *) names = ARRAY_INIT;
	struct error *err =
		error_new(ERROR_USAGE, "unknown option '--%s'", word);

	for (; *tables; tables++)
		for (const struct opt *opt = *tables; opt->name; opt++)
			*PUSH(&names) = opt->name;
	const char *near = nearest(word, names.items, names.len);
	if (near)
		err = error_hint(err, "did you mean '--%s'?", near);
	free(names.items);
	return err;
}

static void add(struct parse *parse, const struct opt *opt, const char *text,
		int off)
{
	*PUSH(&parse->args->values) = (struct arg_value){ opt, text, off };
}

/* An option that takes an argument: text, or else the next word. */
static struct error *add_text(struct parse *parse, const struct opt *opt,
			      const char *text)
{
	if (!text && parse->next < parse->argc)
		text = parse->argv[parse->next++];
	if (!text)
		return error_new(ERROR_USAGE, "option '--%s' needs a value: %s",
				 opt->name, opt->arg);
	add(parse, opt, text, 0);
	return NULL;
}

static struct error *parse_long(struct parse *parse, const char *word)
{
	size_t len = strcspn(word, "=");
	const char *text = word[len] ? word + len + 1 : NULL;
	const struct opt *opt = find_long(parse->tables, word, len);
	int off = 0;

	if (!opt && !strncmp(word, "no-", 3)) {
		opt = find_long(parse->tables, word + 3, len - 3);
		off = 1;
		if (opt && opt->arg)
			opt = NULL;
	}
	if (!opt)
		return unknown(parse->tables, word, len);
	if (opt->arg)
		return add_text(parse, opt, text);
	if (text)
		return error_new(ERROR_USAGE, "option '--%.*s' takes no value",
				 (int)len, word);
	add(parse, opt, NULL, off);
	return NULL;
}

static struct error *parse_short(struct parse *parse, const char *letters)
{
	for (; *letters; letters++) {
		const struct opt *opt = find_letter(parse->tables, *letters);

		if (!opt)
			return error_new(ERROR_USAGE, "unknown option '-%c'",
					 *letters);
		if (opt->arg)
			return add_text(parse, opt,
					letters[1] ? letters + 1 : NULL);
		add(parse, opt, NULL, 0);
	}
	return NULL;
}

static struct error *parse_words(struct parse *parse, int stop_at_first)
{
	while (parse->next < parse->argc) {
		const char *word = parse->argv[parse->next++];

		if (!strcmp(word, "--"))
			break;
		if (word[0] == '-' && word[1] == '-') {
			TRY(parse_long(parse, word + 2));
		} else if (word[0] == '-' && word[1]) {
			TRY(parse_short(parse, word + 1));
		} else {
			*PUSH(&parse->args->rest) = word;
			if (stop_at_first)
				break;
		}
	}
	while (parse->next < parse->argc)
		*PUSH(&parse->args->rest) = parse->argv[parse->next++];
	return NULL;
}

struct error *args_parse(struct args *args, const struct opt *const *tables,
			 int argc, char **argv, int stop_at_first)
{
	struct args parsed = ARGS_INIT;
	struct parse parse = { &parsed, tables, argv, argc, 1 };
	struct error *err = parse_words(&parse, stop_at_first);

	if (err) {
		args_release(&parsed);
		return err;
	}
	args_release(args);
	*args = parsed;
	return NULL;
}

static const struct arg_value *last(const struct args *args, const char *name)
{
	for (size_t i = args->values.len; i; i--)
		if (!strcmp(args->values.items[i - 1].opt->name, name))
			return &args->values.items[i - 1];
	return NULL;
}

const char *args_text(const struct args *args, const char *name)
{
	const struct arg_value *value = last(args, name);

	return value ? value->text : NULL;
}

int args_flag(const struct args *args, const char *name)
{
	const struct arg_value *value = last(args, name);

	return value && !value->off;
}

int args_given(const struct args *args, const char *name)
{
	return last(args, name) != NULL;
}

struct error *args_int(int64_t *out, const struct args *args, const char *name,
		       int64_t fallback, int64_t min, int64_t max)
{
	const char *text = args_text(args, name);
	char *end;

	if (!text) {
		*out = fallback;
		return NULL;
	}
	errno = 0;
	long long n = strtoll(text, &end, 10);
	int digits = text[strspn(text, "-")] >= '0' &&
		     text[strspn(text, "-")] <= '9';
	if (!digits || *end || errno || n < min || n > max)
		return error_new(ERROR_USAGE,
				 "option '--%s' needs a whole number from %lld "
				 "to %lld, not '%s'",
				 name, (long long)min, (long long)max, text);
	*out = n;
	return NULL;
}
