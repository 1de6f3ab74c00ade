/* All that is wrong with all documents of a tree, or with files on disk. */
#ifndef PLANS_VALIDATE_H
#define PLANS_VALIDATE_H

#include "plans/project.h"

/*
 * Every document below .orch/ of a tree, and the rules between them.  plan
 * NULL: all; one that is not there is ERROR_NOT_FOUND.  *checked counts the
 * documents.  Copies of the schemas that differ from ours are notes.  Findings
 * are sorted, and of one document there are at most FINDINGS_MOST.  Open
 * the project with any_config, or a configuration that is wrong ends it all.
 */
struct error *validate_tree(size_t *checked, struct findings *out,
			    struct project *project, const struct oid *tree,
			    const char *plan) MUST_USE;

/*
 * Files named on the command line, from disk, each by its kind (by path, else
 * by content); with the rules between the phases that lie beside them, under
 * the configuration of the same .orch folder.  One that is named is judged
 * with its layers.  project->repo may be NULL.
 */
struct error *validate_files(size_t *checked, struct findings *out,
			     struct project *project,
			     const struct strings *paths) MUST_USE;

/* Is it the table of prices, by where it lies (".orch/prices.yaml")? */
int is_prices(const char *path);
/* All that is wrong with a table of prices. */
struct error *validate_prices(struct findings *out, const char *path,
			      const struct buf *text) MUST_USE;

/* SARIF 2.1.0 of the findings, for code scanning. */
void findings_sarif(struct tree *out, const struct findings *findings);
/*
 * {"version":1,"checked":n,"findings":[{"rule","path","line","column",
 * "message","hint","note"}]}
 */
void findings_json(struct tree *out, size_t checked,
		   const struct findings *findings);

#endif
