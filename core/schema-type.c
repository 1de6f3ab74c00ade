/*
 * The typing of scalars.  What counts as an integer or a truth value is
 * decided by value_int() and value_bool(), so that a document that passes is
 * read as it was checked.
 */
#include "core/schema-type.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int type_is_yaml(const struct value *value)
{
	return value->kind == VALUE_STRING && value->style != STYLE_NONE;
}

static int is_null(const struct value *value)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	if (!value || value->kind == VALUE_NULL)
		return 1;
	if (value->kind != VALUE_STRING || value->style != STYLE_PLAIN)
		return 0;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(value->text, words[i]))
			return 1;
	return 0;
}

int type_is_empty(const struct value *value)
{
	return is_null(value) &&
	       (!value || value->kind == VALUE_NULL || !value->len);
}

static int is_integer(const struct value *value)
{
	if (value->kind == VALUE_NUMBER)
		return isfinite(value->number) &&
		       floor(value->number) == value->number;
	return value_int(value, 0) == value_int(value, 1);
}

/* Moves over at least one digit; NULL passes and is given when there is none.
 */
static const char *skip_digits(const char *text)
{
	size_t n = text ? strspn(text, "0123456789") : 0;

	return n ? text + n : NULL;
}

/* JSON's spelling of a number, so that the text can be printed as one. */
static int spells_number(const char *text)
{
	text += *text == '-';
	if (*text == '0' && text[1] >= '0' && text[1] <= '9')
		return 0;
	text = skip_digits(text);
	if (text && *text == '.')
		text = skip_digits(text + 1);
	if (text && (*text == 'e' || *text == 'E')) {
		text++;
		text = skip_digits(text + (*text == '-' || *text == '+'));
	}
	return text && !*text;
}

int type_number(double *out, const struct value *value)
{
	if (value->kind == VALUE_INT || value->kind == VALUE_NUMBER) {
		*out = value->number;
		return 1;
	}
	if (!type_is_yaml(value) || value->style != STYLE_PLAIN ||
	    !spells_number(value->text))
		return 0;
	double number = strtod(value->text, NULL);
	if (!isfinite(number))
		return 0;
	*out = number;
	return 1;
}

static int has_type(const struct value *value, const char *type)
{
	double number;

	if (!strcmp(type, "null"))
		return is_null(value);
	if (!strcmp(type, "string"))
		return value && value->kind == VALUE_STRING &&
		       !type_is_empty(value);
	if (!value)
		return 0;
	if (!strcmp(type, "boolean"))
		return value_bool(value, -1) != -1;
	if (!strcmp(type, "integer"))
		return is_integer(value);
	if (!strcmp(type, "number"))
		return type_number(&number, value);
	if (!strcmp(type, "array"))
		return value->kind == VALUE_LIST;
	return value->kind == VALUE_OBJECT;
}

const char *type_fitting(const struct value *node, const struct value *value)
{
	const struct value *type = value_get(node, "type");

	if (!type)
		return "";
	if (type->kind == VALUE_STRING)
		return has_type(value, type->text) ? type->text : NULL;
	/* Where null is allowed beside text, `~` and `null` mean it. */
	const char *fits = NULL;
	VALUE_EACH(it, type)
	if (has_type(value, it->text) && (!fits || !strcmp(it->text, "null")))
		fits = it->text;
	return fits;
}

int type_is_constant(const struct value *constant, const struct value *value)
{
	if (!value || constant->kind == VALUE_NULL)
		return is_null(value) && constant->kind == VALUE_NULL;
	if (constant->kind == VALUE_INT)
		return is_integer(value) &&
		       value_int(value, 0) == constant->integer;
	if (constant->kind == VALUE_BOOL)
		return value_bool(value, -1) == (int)constant->integer;
	if (constant->kind == VALUE_STRING)
		return value->kind == VALUE_STRING &&
		       !strcmp(value->text, constant->text);
	return value_equal(constant, value);
}

/* The text is what is printed: as JSON spells it. */
static void set_text(struct value *value, const char *text)
{
	value->text = text;
	value->len = strlen(text);
}

static void apply_type(struct value *value, const char *type)
{
	double number;

	if (!type_is_yaml(value))
		return;
	if (!strcmp(type, "null")) {
		value->kind = VALUE_NULL;
		set_text(value, "null");
	} else if (!strcmp(type, "boolean")) {
		value->integer = value_bool(value, 0);
		value->kind = VALUE_BOOL;
		set_text(value, value->integer ? "true" : "false");
	} else if (!strcmp(type, "integer")) {
		value->integer = value_int(value, 0);
		value->number = (double)value->integer;
		value->kind = VALUE_INT;
		set_text(value, value->text + (*value->text == '+'));
	} else if (!strcmp(type, "number") && type_number(&number, value)) {
		value->number = number;
		value->kind = VALUE_NUMBER;
	}
}

static void apply_node(const struct schema *schema, const struct value *node,
		       struct value *value)
{
	node = schema_follow(schema, node);
	VALUE_EACH(it, value_get(node, "anyOf"))
	{
		CLEANUP(findings_release) struct findings found = FINDINGS_INIT;

		schema_check_node(schema, it, value, &found);
		if (found.len)
			continue;
		apply_node(schema, it, value);
		break;
	}
	const char *type = type_fitting(node, value);
	if (type)
		apply_type(value, type);
	VALUE_EACH(it, value)
	{
		const struct value *below =
			value->kind == VALUE_LIST
				? value_get(node, "items")
				: schema_member(schema, node, it->key);
		if (below)
			apply_node(schema, below, it);
	}
}

void schema_apply(const struct schema *schema, struct value *value)
{
	if (value)
		apply_node(schema, schema_root(schema), value);
}
