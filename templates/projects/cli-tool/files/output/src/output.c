/* Cells are kept until the end: only then are the widths known. */
#include "output.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define BAR "########################################"

bool output_option(struct output *out, int option, const char *value)
{
	static const char *const names[] = { "text", "csv", "json" };

	if (option != 'o')
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!strcmp(value, names[i])) {
			out->format = (enum format)i;
			return true;
		}
	}
	warn("-o takes text, csv or json, not '%s'", value);
	return false;
}

void output_column(struct output *out, const char *name, bool number)
{
	if (out->width == OUTPUT_COLUMNS)
		abort();
	out->columns[out->width].name = name;
	out->columns[out->width++].number = number;
}

static char *format_text(const char *fmt, va_list args)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	text = xmalloc((size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, fmt, args);
	return text;
}

void output_cell(struct output *out, const char *fmt, ...)
{
	va_list args;

	if (out->len == out->cap) {
		out->cap = out->cap ? out->cap * 2 : 64;
		out->cells =
			xrealloc(out->cells, out->cap, sizeof(*out->cells));
	}
	va_start(args, fmt);
	out->cells[out->len++] = format_text(fmt, args);
	va_end(args);
}

void output_bar(struct output *out, double share)
{
	output_cell(out, "%.*s", (int)(share * (sizeof(BAR) - 1) + 0.5), BAR);
}

/* Characters of UTF-8: every byte but the continuing ones. */
static int width_of(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static int column_width(const struct output *out, size_t column)
{
	int width = width_of(out->columns[column].name);

	for (size_t i = column; i < out->len; i += out->width)
		if (width_of(out->cells[i]) > width)
			width = width_of(out->cells[i]);
	return width;
}

static void print_padded(const struct output *out, size_t column,
			 const char *text, const int *widths, FILE *to)
{
	int pad = widths[column] - width_of(text);
	bool last = column + 1 == out->width;

	/* No blanks at the end of a line, also before an empty cell. */
	if (column && (!last || *text))
		fputs("  ", to);
	if (out->columns[column].number)
		fprintf(to, "%*s%s", pad, "", text);
	else
		fprintf(to, "%s%*s", text, last ? 0 : pad, "");
	if (last)
		fputc('\n', to);
}

static void print_text(const struct output *out, FILE *to)
{
	int widths[OUTPUT_COLUMNS] = { 0 };

	for (size_t i = 0; i < out->width; i++)
		widths[i] = column_width(out, i);
	for (size_t i = 0; i < out->width; i++)
		print_padded(out, i, out->columns[i].name, widths, to);
	for (size_t i = 0; i < out->len; i++)
		print_padded(out, i % out->width, out->cells[i], widths, to);
}

static void print_csv_cell(const char *text, bool last, FILE *to)
{
	bool quoted = text[strcspn(text, ",\"\r\n")];

	if (quoted)
		fputc('"', to);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', to);
		fputc(*text, to);
	}
	if (quoted)
		fputc('"', to);
	fputs(last ? "\r\n" : ",", to);
}

static void print_csv(const struct output *out, FILE *to)
{
	for (size_t i = 0; i < out->width; i++)
		print_csv_cell(out->columns[i].name, i + 1 == out->width, to);
	for (size_t i = 0; i < out->len; i++)
		print_csv_cell(out->cells[i], (i + 1) % out->width == 0, to);
}

static void print_json_string(const char *text, FILE *to)
{
	fputc('"', to);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(to, "\\%c", *text);
		else if ((unsigned char)*text < 0x20)
			fprintf(to, "\\u%04x", (unsigned)*text);
		else
			fputc(*text, to);
	}
	fputc('"', to);
}

static void print_json_row(const struct output *out, char **cells, FILE *to)
{
	fputs("  {", to);
	for (size_t i = 0; i < out->width; i++) {
		fputs(i ? ", " : "", to);
		print_json_string(out->columns[i].name, to);
		fputs(": ", to);
		if (out->columns[i].number)
			fputs(cells[i], to);
		else
			print_json_string(cells[i], to);
	}
	fputs("}", to);
}

static void print_json(const struct output *out, FILE *to)
{
	fputs("[", to);
	for (size_t i = 0; i < out->len; i += out->width) {
		fputs(i ? ",\n" : "\n", to);
		print_json_row(out, out->cells + i, to);
	}
	fputs(out->len ? "\n]\n" : "]\n", to);
}

void output_print(const struct output *out, FILE *to)
{
	switch (out->format) {
	case FORMAT_TEXT:
		print_text(out, to);
		break;
	case FORMAT_CSV:
		print_csv(out, to);
		break;
	case FORMAT_JSON:
		print_json(out, to);
		break;
	}
}

void output_release(struct output *out)
{
	for (size_t i = 0; i < out->len; i++)
		free(out->cells[i]);
	free(out->cells);
	memset(out, 0, sizeof(*out));
}
