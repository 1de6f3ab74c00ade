// Were only those requests sent twice that a kill had left open?
//
//   node agents.mjs open <journal folder>            prints what is open, JSON
//   node agents.mjs judge <journal folder> <log> <open>
//
// The log has bodies, the journals have keys.  What a model is asked for one
// stage, phase and attempt is asked in one order, so the first time each body
// is seen and the first time each key is written put the same requests in the
// same places; that there are as many of both is part of the judgement.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const titles = { "Count lines, words and bytes": "counting",
	"Add the command": "command", "Say a count in words": "report",
	"Write the manual": "manual" };
const [verb, folder, log, open] = process.argv.slice(2);

function lines(path)
{
	return readFileSync(path, "utf8").split("\n").flatMap((line) => {
		try {
			return line ? [JSON.parse(line)] : [];
		} catch {
			return []; // torn by the kill, or never sent to its end
		}
	});
}

const journals = () => readdirSync(folder).filter((f) => f.endsWith(".jsonl"))
	.sort().flatMap((f) => lines(join(folder, f)));
const group = (line) =>
	[line.model, line.stage, line.phase ?? "", line.attempt].join(" ");

// Keys that were opened and not closed, once for each time.
function stillOpen()
{
	const closed = new Set(), rows = journals();

	for (const line of rows)
		if (line.type === "closed")
			closed.add(line.call);
	return rows.filter((line) => line.type === "open" &&
		!closed.has(line.call)).map((line) => line.key);
}

// What a body is about, from the words of the prompt.
function about(body)
{
	const text = JSON.stringify(body);
	const stage = /Stage: ([a-z-]+)\\n/.exec(text)?.[1] ?? "none";
	const title = /(?:Do this phase: |for the phase \\")(.*?)\\(?:n|")/
		.exec(text)?.[1];
	const attempt = text.includes("This was tried before") ? 2 : 1;

	return { model: body.model, stage, phase: titles[title], attempt };
}

function places(rows, name)
{
	const seen = new Map();

	for (const [where, what] of rows) {
		if (!seen.has(where))
			seen.set(where, new Map());
		const order = seen.get(where);
		if (!order.has(what))
			order.set(what, `${where} #${order.size + 1}`);
	}
	return seen;
}

function count(list)
{
	const n = new Map();

	for (const item of list)
		n.set(item, (n.get(item) ?? 0) + 1);
	return n;
}

if (verb === "open") {
	console.log(JSON.stringify(stillOpen()));
	process.exit(0);
}

const wrong = [];
// A verdict's attempt is not in its prompt: both sides leave it out.
const line_of = (line) => [group(line.stage === "verdict"
	? { ...line, attempt: 0 } : line), line.key];
const keys = places(journals().filter((line) => line.type === "open")
	.map(line_of));
const sent = lines(log).map(({ body }) => {
	const what = about(body);
	return [group(what.stage === "verdict" ? { ...what, attempt: 0 } : what),
		JSON.stringify(body)];
});
const bodies = places(sent);

for (const where of new Set([...keys.keys(), ...bodies.keys()]))
	if (keys.get(where)?.size !== bodies.get(where)?.size)
		wrong.push(`${where}: ${keys.get(where)?.size ?? 0} in the ` +
			`journals, ${bodies.get(where)?.size ?? 0} in the log`);

const left = count(JSON.parse(readFileSync(open, "utf8")));
const place_of_key = new Map([...keys.values()].flatMap((m) => [...m]));
const allowed = new Map([...left].map(([key, n]) => [place_of_key.get(key), n]));
const times = count(sent.map(([where, body]) => bodies.get(where).get(body)));
let twice = 0;

for (const [place, n] of times) {
	twice += n > 1;
	if (n > 1 + (allowed.get(place) ?? 0))
		wrong.push(`${place}: sent ${n} times, open at the kill ` +
			`${allowed.get(place) ?? 0} times`);
}
for (const text of wrong)
	console.log(`  ${text}`);
console.log(`  ${times.size} requests, ${twice} sent twice, ${left.size} open`);
process.exitCode = wrong.length ? 1 : 0;
