// Do logged requests fit the types of the official SDKs?
//
//   node check-bodies.mjs <node_modules> <log>...
//
// A log is what start.bash writes.  Every body becomes a literal of the type
// that its path asks for, and the TypeScript compiler judges.  Exit 1: one does
// not fit, or cannot be read; nothing to judge is no pass either.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync }
	from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const types = [
	[/\/v1\/messages($|\?)/, "Anthropic.Messages.MessageCreateParams"],
	[/\/chat\/completions($|\?)/,
		"OpenAI.Chat.ChatCompletionCreateParams"],
	[/\/responses($|\?)/, "OpenAI.Responses.ResponseCreateParams"],
];
const [modules, ...logs] = process.argv.slice(2);
const source = [
	'import type Anthropic from "@anthropic-ai/sdk";',
	'import type OpenAI from "openai";',
];
const origin = []; // of each line of source: where it was logged
const wrong = [];
let judged = 0;

function take(line, where)
{
	let entry;

	try {
		entry = JSON.parse(line);
	} catch (error) {
		// Whoever sent it went away before it was all said.
		if (!/"status":(400|408|499),/.test(line))
			wrong.push(`${where}: not JSON: ${error.message}`);
		return;
	}
	const row = types.find(([path]) => path.test(entry.path));
	if (!row) {
		wrong.push(`${where}: no type for ${entry.path}`);
		return;
	}
	judged++;
	origin[source.length + 1] = `${where} ${entry.path}`;
	source.push(`export const r${judged}: ${row[1]} = ` +
		`${JSON.stringify(entry.body)};`);
}

for (const log of logs)
	readFileSync(log, "utf8").split("\n").forEach((line, i) => {
		if (line.trim())
			take(line, `${log}:${i + 1}`);
	});

const folder = mkdtempSync(join(tmpdir(), "orch-bodies-"));
try {
	symlinkSync(resolve(modules), join(folder, "node_modules"));
	writeFileSync(join(folder, "package.json"), '{"type":"module"}\n');
	writeFileSync(join(folder, "bodies.ts"), source.join("\n") + "\n");
	const tsc = spawnSync(process.execPath, [
		"node_modules/typescript/bin/tsc", "--noEmit", "--strict",
		"--skipLibCheck", "--target", "es2022", "--module", "nodenext",
		"--moduleResolution", "nodenext", "bodies.ts",
	], { cwd: folder, encoding: "utf8" });
	const said = (tsc.stdout + tsc.stderr).trim();
	if (said)
		wrong.push(...said.split("\n").map((text) => text.replace(
			/^bodies\.ts\((\d+),\d+\)/, (all, n) => origin[n] ?? all)));
	if (tsc.status !== 0 && !said)
		wrong.push(`tsc ended with status ${tsc.status}`);
} finally {
	rmSync(folder, { recursive: true });
}

if (!judged)
	wrong.push("no request was logged");
for (const text of wrong)
	console.log(text.slice(0, 2000));
console.log(`${judged} bodies, ${wrong.length ? "not all fit" : "all fit"}`);
process.exitCode = wrong.length ? 1 : 0;
