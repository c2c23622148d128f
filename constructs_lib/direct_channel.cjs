// Preloaded into jsii's processes by bindings.py: Python's pipes go to the kernel itself.
// jsii's runtime starts the kernel as its child and copies every message to and fro. That costs a
// sixth of a large synth. It keeps its other tasks: console output, signals, the exit code.
// Where either file no longer looks as expected, the runtime goes on copying.
"use strict";
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const RUNTIME = [
  // the kernel's file descriptors: 3 and 4 are Python's pipes, 5 a channel that stays silent
  [/\["ignore","pipe","pipe","pipe"\]/, '["ignore","pipe","pipe",0,1,"pipe"]'],
  [/(\w+)\.stdio\[3\]/, "$1.stdio[5]"],
  [/process\.stdin\.pipe\((\w+)\),\1\.pipe\(process\.stdout\)/, "$1.resume()"],
];
const KERNEL = [[/readFD:3,writeFD:3/, "readFD:3,writeFD:4"]];

const matches = (file, rewrites) =>
  fs.existsSync(file) &&
  rewrites.every(([expected]) => expected.test(fs.readFileSync(file, "utf8")));

function rewriteMain(rewrites) {
  const load = Module._extensions[".js"];
  Module._extensions[".js"] = function (module, filename) {
    const compile = module._compile;
    if (module.id === ".")
      module._compile = (source, ...rest) =>
        compile.call(module, rewrites.reduce((text, pair) => text.replace(...pair), source), ...rest);
    return load.call(this, module, filename);
  };
}

const main = process.argv[1] ?? "";
if (matches(main, RUNTIME) && matches(path.resolve(main, "../../lib/program.js"), KERNEL))
  rewriteMain(RUNTIME);
// a runtime that copies gives its kernel a socket here
else if (matches(main, KERNEL) && fs.fstatSync(3).isFIFO()) rewriteMain(KERNEL);
