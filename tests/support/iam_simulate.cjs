// Evaluates IAM requests: a JSON array of simulations on standard input, an array of results on
// standard output. The engine is @cloud-copilot/iam-simulate, which only the tests use.
const { createRequire } = require("node:module");
const { runSimulation } = createRequire(`${process.argv[2]}/`)("@cloud-copilot/iam-simulate");

// The engine takes no keys but those on its list, and drops encryption contexts, whose names users
// make up. A principal's tag is a text that is compared alike, under a name of anybody's choice.
const CONTEXT = /kms:EncryptionContext:/g;
const TAG = "aws:PrincipalTag/EncryptionContext-";

async function main() {
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  const results = [];
  for (const simulation of JSON.parse(text.replace(CONTEXT, TAG))) {
    const answer = await runSimulation(simulation, {});
    results.push(
      answer.resultType === "single"
        ? { result: answer.overallResult, ignored: answer.result.ignoredContextKeys || [] }
        : { result: "error", errors: answer.errors || answer },
    );
  }
  process.stdout.write(JSON.stringify(results));
}

main();
