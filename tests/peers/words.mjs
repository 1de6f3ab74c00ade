// What models say while a program that counts words is planned and written: a
// plan of four phases, two of them side by side, and one (report) whose first
// attempt does not pass its test.
//
// What is answered depends on the request alone, never on how often or in which
// order it was asked: a run that is killed and goes on, or is done again, gets
// the same answers.  Each answer has token counts of its own.
import { readFileSync } from "node:fs";

const folder = new URL("words/", import.meta.url);
export const read = (path) => readFileSync(new URL(path, folder), "utf8");
const fixtures = [];

// Stage prompts begin with their name; text before and behind is context.
export function asked(stage, ...words)
{
	const rest = words.map((word) => word.replace(/[()?*+.]/g, "\\$&"));

	return new RegExp([`Stage: ${stage}\\n`, ...rest].join("[^]*"));
}

function add(match, response)
{
	const n = fixtures.length + 1;

	fixtures.push({ match, response: { ...response, usage: {
		input_tokens: 1000 + n, output_tokens: 100 + n,
		prompt_tokens: 1000 + n, completion_tokens: 100 + n,
		total_tokens: 1100 + 2 * n,
	} } });
}

const answer = (match, value) => add(match, { content: JSON.stringify(value) });

/* Planning. */

answer({ userMessage: asked("brainstorm") }, {
	approach: "A small library that counts, and a command over it.",
	ideas: [{ title: "Count in pieces",
		detail: "State between calls, so that no file has to fit." }],
	features: [{ title: "Count words", why: "It is what was asked for." }],
	risks: [{ title: "Words across pieces",
		mitigation: "A test that cuts a word in two." }],
	questions: [{ question: "What is a word?",
		assumed: "What stands between blanks." }],
});
answer({ userMessage: asked("synthesis") }, {
	id: "words", title: "Count words",
	overview: "A library, a command over it, a line for people, a manual.",
	features: [
		{ id: "count", title: "Count words", priority: "must" },
		{ id: "report", title: "Say it in words", priority: "should" },
	],
	decisions: [{ title: "What a word is", choice: "Between blanks",
		why: "As wc does." }],
	risks: [{ title: "Words across pieces", mitigation: "A test." }],
	standards: ["C99, no warnings", "Every part has a test"],
	dropped: [{ title: "Characters", why: "Bytes are enough." }],
});
answer({ userMessage: asked("architecture") }, {
	overview: "Bytes go through `count_add()`; `main.c` reads and prints.",
	technology_stack: [{ name: "language", choice: "C99",
		why: "It is there everywhere." }],
	components: [
		{ name: "count", type: "library", files: ["count.c", "count.h"],
			responsibilities: ["Counts"] },
		{ name: "command", type: "program", files: ["main.c"],
			responsibilities: ["Reads files, prints"] },
	],
	interfaces: [{ name: "count_add", between: "command and count",
		contract: "count_add(struct count *, const char *, size_t)" }],
	decisions: [{ title: "State", choice: "In the caller's struct",
		why: "Nothing to free." }],
	testing: "One program per part, and a script for the command.",
	layout: [{ path: "tests/", purpose: "one file per part" }],
});
answer({ userMessage: asked("review") },
	{ approved: true, issues: [], notes: ["Small enough."] });
answer({ userMessage: asked("phases-review") },
	{ approved: true, issues: [], notes: [] });

/* The phases, and what is done for each. */

export const phases = [
	{
		id: "counting", title: "Count lines, words and bytes", needs: [],
		files: ["Makefile", "count.c", "count.h", "tests/count.c"],
		acceptance: ["A word that comes in two pieces is one word",
			"make test runs every test"],
	}, {
		id: "command", title: "Add the command", needs: ["counting"],
		files: ["main.c", "tests/command.sh"],
		acceptance: ["Standard input is counted",
			"A file that is not there is an error"],
	}, {
		id: "report", title: "Say a count in words", needs: ["counting"],
		files: ["report.c", "report.h", "tests/report.c"],
		acceptance: ["One of a thing has no plural"],
	}, {
		id: "manual", title: "Write the manual",
		needs: ["command", "report"],
		files: ["MANUAL.md", "tests/manual.sh"],
		acceptance: ["What -h prints is in the manual"],
	},
];

answer({ userMessage: asked("phases") }, {
	phases: phases.map((phase) => ({
		id: phase.id, title: phase.title,
		summary: `${phase.title}: a small step of the program.`,
		depends_on: phase.needs, priority: 3, agent: "developer",
		why_agent: "There is one developer.",
		objectives: [`${phase.title}, with tests`],
		files: { create: phase.files, modify: [], delete: [] },
		tests: ["what the acceptance criteria say"],
		acceptance: phase.acceptance, checks: ["test"],
		commit: { type: "feat", scope: phase.id },
		complexity: 2, tokens: 2000,
	})),
});

// How often results of calls were given back.  aimock's own count is of the
// model's messages, which Responses has one more of for every call.
export function turns({ messages })
{
	return messages.filter(({ role }, i) => role === "tool" &&
		messages[i - 1]?.role !== "tool").length;
}

// The calls of one turn of the developer's; n: how many turns were before.
function turn(match, n, content, ...calls)
{
	add({ ...match, predicate: (request) => turns(request) === n }, {
		content,
		toolCalls: calls.map(([name, input], i) => ({
			id: `toolu_${fixtures.length}_${i}`, name,
			arguments: JSON.stringify(input),
		})),
	});
}

const write = (path, from) =>
	["write_file", { path, content: read(`${from}/${path}`) }];
const finish = (phase) => ["finish", {
	summary: `${phase.title}: done, with its tests.`,
	decisions: [`Nothing beyond ${phase.files.length} files.`],
}];

for (const phase of phases) {
	const match = { userMessage: asked("implement",
		`Do this phase: ${phase.title}\\n`) };

	if (phase.id !== "report") {
		turn(match, 0, "I look first.", ["list_files", {}]);
		turn(match, 1, "Now I write it.",
			...phase.files.map((path) => write(path, phase.id)));
		turn(match, 2, "Does it pass?", ["run_check", { name: "test" }]);
		turn(match, 3, "It does.", finish(phase));
		continue;
	}
	// A later attempt is told what was wrong: it comes first, for what it
	// is told is not in the first attempt's request.
	const again = { userMessage: asked("implement",
		`Do this phase: ${phase.title}\\n`, "This was tried before") };
	turn(again, 0, "One is not many.", ["edit_file", { path: "report.c",
		old: 'return n ? "s" : "";',
		new: 'return n == 1 ? "" : "s";' }]);
	turn(again, 1, "Does it pass now?", ["run_check", { name: "test" }]);
	turn(again, 2, "It does.", finish(phase));
	turn(match, 0, "I write it.",
		...phase.files.map((path) => write(path,
			path === "report.c" ? "report-wrong" : phase.id)));
	turn(match, 1, "This will do.", finish(phase));
}

/* The verdicts. */

for (const phase of phases)
	answer({ userMessage: asked("verdict", `the phase "${phase.title}"`) }, {
		criteria: phase.acceptance.map((text, i) => ({
			criterion: i + 1, evidence: `tests: ${text}`, met: true,
		})),
		critical: [], warnings: [], suggestions: ["A larger test."],
		coverage: null, score: 0.9, success: true,
	});

/* What `agent test` asks. */

add({ userMessage: asked("test") }, { content: "ok" });

export default fixtures;
