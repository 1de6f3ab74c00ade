/*
 * schema-check <schema.json>: checks the JSON text on stdin against a schema
 * and prints what is wrong with it; exit 1 then.  For the end-to-end tests.
 */
#include "core/file.h"
#include "core/json.h"
#include "core/schema.h"

#include <stdio.h>

#define MOST (16 << 20)

static struct error *check(struct findings *findings, const char *path)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT;
	CLEANUP(buf_release) struct buf input = BUF_INIT;
	CLEANUP(schema_release) struct schema *schema = NULL;
	CLEANUP(tree_release) struct tree tree = TREE_INIT;

	TRY(file_read(&text, path, MOST));
	TRY(schema_parse(&schema, path, text.data, text.len));
	TRY(buf_read_fd(&input, 0, MOST));
	TRY(json_parse(&tree, input.data, input.len));
	schema_check(schema, tree.root, findings);
	return NULL;
}

int main(int argc, char **argv)
{
	CLEANUP(findings_release) struct findings findings = FINDINGS_INIT;

	if (argc != 2)
		return 129;
	CLEANUP(error_release) struct error *err = check(&findings, argv[1]);
	if (err) {
		printf("%s\n", err->message);
		return 128;
	}
	FOR_EACH (struct finding, finding, &findings)
		printf("%u:%u: %s\n", finding->line, finding->column,
		       finding->message);
	return findings.len ? 1 : 0;
}
