/* Tables for people: columns aligned by what a terminal shows. */
#include "cmd/out.h"
#include "core/utf8.h"

#include <stdlib.h>
#include <string.h>

/* East Asian wide and emoji ranges (Unicode, UAX #11), the common ones. */
static size_t point_width(uint32_t p)
{
	static const uint32_t wide[][2] = {
		{ 0x1100, 0x115f },   { 0x2e80, 0xa4cf },
		{ 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },
		{ 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },
		{ 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f },
		{ 0x1f900, 0x1faff }, { 0x20000, 0x3fffd },
	};

	if ((p >= 0x300 && p <= 0x36f) || (p >= 0x200b && p <= 0x200f) ||
	    (p >= 0xfe00 && p <= 0xfe0f))
		return 0;
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		if (p >= wide[i][0] && p <= wide[i][1])
			return 2;
	return 1;
}

/* The bytes of text that fill at most width columns; *used of them. */
static size_t fit(const char *text, size_t width, size_t *used)
{
	size_t left = strlen(text), i = 0;

	*used = 0;
	while (left) {
		uint32_t point = 0;
		size_t n = utf8_next(&point, text + i, left);
		size_t w = n ? point_width(point) : 1;

		n = n ? n : 1;
		if (*used + w > width)
			break;
		*used += w;
		i += n;
		left -= n;
	}
	return i;
}

size_t text_width(const char *text)
{
	size_t used;

	fit(text, (size_t)-1, &used);
	return used;
}

void text_cut(struct buf *out, const char *text, size_t width)
{
	size_t used;

	if (text_width(text) <= width) {
		buf_str(out, text);
		return;
	}
	if (width)
		buf_add(out, text, fit(text, width - 1, &used));
	buf_str(out, "\xe2\x80\xa6");
}

void table_cell(struct table *table, enum colour colour, const char *fmt, ...)
{
	struct cell *cell = PUSH(&table->cells);
	va_list args;

	va_start(args, fmt);
	cell->text = xvasprintf(fmt, args);
	va_end(args);
	cell->colour = colour;
	cell->note = NULL;
}

void table_note(struct table *table, const char *fmt, ...)
{
	struct cell *cell = &table->cells.items[table->cells.len - 1];
	va_list args;

	va_start(args, fmt);
	free(cell->note);
	cell->note = xvasprintf(fmt, args);
	va_end(args);
}

static size_t *column_widths(const struct table *table)
{
	size_t *widths = xcalloc(table->columns, sizeof *widths);

	for (size_t i = 0; i < table->cells.len; i++) {
		size_t w = text_width(table->cells.items[i].text);

		if (w > widths[i % table->columns])
			widths[i % table->columns] = w;
	}
	return widths;
}

static void print_row(struct out *out, const struct table *table,
		      const struct cell *row, const size_t *widths, int indent)
{
	size_t at = (size_t)indent, last = table->columns;
	size_t width = out->width ? (size_t)out->width : 80;

	while (last > 1 && !*row[last - 1].text)
		last--;
	out_text(out, "%*s", indent, "");
	for (size_t c = 0; c < last; c++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT;
		size_t w = text_width(row[c].text);

		int over = c + 1 == last && out->tty && at + w > width &&
			   at < width;

		if (over && table->wrap)
			text_wrap(&text, row[c].text, at, at, width);
		else if (over)
			text_cut(&text, row[c].text, width - at);
		else
			buf_str(&text, row[c].text);
		out_colour(out, row[c].colour, "%s", text.data);
		if (c + 1 < last)
			out_text(out, "%*s", (int)(widths[c] - w + 2), "");
		at += widths[c] + 2;
	}
	out_text(out, "\n");
}

static void print_note(struct out *out, const char *note, size_t at)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;

	if (out->tty)
		text_wrap(&text, note, at, at, (size_t)out->width);
	else
		buf_str(&text, note);
	out_text(out, "%*s", (int)at, "");
	out_colour(out, COLOUR_DIM, "%s", text.data);
	out_text(out, "\n");
}

void table_print(struct out *out, const struct table *table, int indent)
{
	size_t *widths = column_widths(table);

	for (size_t i = 0; i + table->columns <= table->cells.len;
	     i += table->columns) {
		const struct cell *row = &table->cells.items[i];
		const char *note = row[table->columns - 1].note;

		print_row(out, table, row, widths, indent);
		if (note)
			print_note(out, note, (size_t)indent + widths[0] + 2);
	}
	free(widths);
}

void table_release(struct table *table)
{
	FOR_EACH (struct cell, cell, &table->cells) {
		free(cell->text);
		free(cell->note);
	}
	free(table->cells.items);
	*table = (struct table)TABLE_INIT(table->columns);
}
