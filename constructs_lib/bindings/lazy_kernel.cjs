// Preloaded into jsii's Node by bindings.py; what no longer looks as expected is left as it is.
"use strict";
const { once } = require("node:events");
const Module = require("node:module");
const threads = require("node:worker_threads");

exports.rewrite = (file, from, to) => {
  const load = Module._extensions[".js"];
  Module._extensions[".js"] = function (module, filename) {
    const compile = module._compile;
    if (file.test(filename))
      module._compile = (code, ...rest) => compile.call(module, code.replace(from, to), ...rest);
    return load.call(this, module, filename);
  };
};

// The provider's index requires each of its 2,135 modules on first use. cdktf's reads
// `exports.x = require("./x")`, cdktn's `exports.x = __importStar(require("./x/index"))`.
exports.rewrite(
  /[\\/]@cdkt[fn][\\/]provider-[\w-]+[\\/]lib[\\/]index\.js$/,
  /^exports\.(\w+) = (require\("\.\/[\w-]+"\)|__importStar\(require\("\.\/[\w-]+\/index"\)\));$/gm,
  'Object.defineProperty(exports, "$1", { configurable: true, enumerable: true, get: () => $2 });',
);

// jsii's kernel has a worker index each new package; without it every start takes 2 s and 1 GB more.
// A synth is over sooner than that worker, so on a fresh cache the kernel's exit waits for it.
const workers = [];
threads.Worker = class extends threads.Worker {
  constructor(...args) {
    workers.push(once(super(...args), "exit"));
  }
};
const exit = process.exit;
process.exit = (code) => (workers.length ? Promise.all(workers).then(() => exit(code)) : exit(code));
