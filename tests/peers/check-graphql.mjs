// Does GitHub's own schema know what the sources ask in GraphQL?
//
//   node check-graphql.mjs <node_modules> <file.c>...
//
// A source goes through the preprocessor, so that a text is whole however it
// was put together.  What is deprecated counts as unknown: GitHub takes it
// away.  Exit 1: one does not fit, or there was none to judge.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [modules, ...sources] = process.argv.slice(2);
const { buildSchema, NoDeprecatedCustomRule, parse, specifiedRules, validate } =
	createRequire(resolve(modules, "any.js"))("graphql");
// It names some fields twice, which is GitHub's to mend.
const schema = buildSchema(readFileSync(
	resolve(modules, "@octokit/graphql-schema/schema.graphql"), "utf8"),
	{ assumeValid: true, assumeValidSDL: true });
const literals = /'(?:[^'\\]|\\.)+'|((?:"(?:[^"\\]|\\.)*"\s*)+)/g;
const wrong = [];
let judged = 0;

// Literals that stand side by side are one.
function joined(text)
{
	try {
		return JSON.parse(text.trim().replace(/"\s*"/g, ""));
	} catch {
		return ""; // An escape that no query has.
	}
}

function judge(query, where)
{
	let errors;

	judged++;
	try {
		errors = validate(schema, parse(query),
			[...specifiedRules, NoDeprecatedCustomRule]);
	} catch (error) {
		errors = [error];
	}
	for (const error of errors)
		wrong.push(`${where}: ${error.message}: ${query}`);
}

for (const source of sources) {
	const cc = spawnSync(process.env.CC || "cc",
		["-E", "-P", "-std=c11", "-D_GNU_SOURCE", "-I.", source],
		{ encoding: "utf8", maxBuffer: 64 << 20 });

	if (cc.status !== 0)
		wrong.push(`${source}: ${cc.stderr || cc.error}`);
	for (const [, text] of (cc.stdout || "").matchAll(literals)) {
		const query = text ? joined(text) : "";

		if (/^\s*(query|mutation|subscription)\b[^{]*\{/.test(query))
			judge(query, source);
	}
}

if (!judged)
	wrong.push("no query was found");
for (const text of wrong)
	console.log(text.slice(0, 2000));
console.log(`${judged} queries, ${wrong.length ? "not all fit" : "all fit"}`);
process.exitCode = wrong.length ? 1 : 0;
