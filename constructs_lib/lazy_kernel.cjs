// Preloaded into jsii's kernel by bindings.py; what no longer looks as expected is left as it is.
"use strict";
const Module = require("node:module");
const threads = require("node:worker_threads");

const REWRITES = [
  // The provider's index requires each of its 2,135 modules on first use.
  [
    /[\\/]@cdktf[\\/]provider-[\w-]+[\\/]lib[\\/]index\.js$/,
    /^exports\.(\w+) = (require\("\.\/[\w-]+"\));$/gm,
    'Object.defineProperty(exports, "$1", { configurable: true, enumerable: true, get: () => $2 });',
  ],
  // Tokens record no JavaScript stack: in a Python app it shows nothing but jsii's own frames.
  [/[\\/]cdktf[\\/]lib[\\/]tokens[\\/]private[\\/]stack-trace\.js$/, "Number.MAX_SAFE_INTEGER", "0"],
  // The rule of ReadableAddressStack, without asking Python back for each element. Python decides
  // where two elements would share an address.
  [
    /[\\/]cdktf[\\/]lib[\\/]terraform-stack\.js$/,
    /return this\.allocateLogicalId\(tfElement\);/,
    `if (!this.node.tryGetContext("dms-stream:readable-addresses"))
      return this.allocateLogicalId(tfElement);
    const hashed = TerraformStack.prototype.allocateLogicalId.call(this, tfElement);
    const readable = hashed.replace(/_[0-9A-F]{8}$/, "").replaceAll("-", "_");
    const owners = (this._ownersOfAddresses ??= new Map());
    const key = tfElement.constructor.name + "." + readable;
    const owner = owners.get(key) ?? tfElement;
    owners.set(key, owner);
    if (owner === tfElement) return readable;
    this.allocateLogicalId(owner);
    return this.allocateLogicalId(tfElement);`,
  ],
];
const load = Module._extensions[".js"];
Module._extensions[".js"] = function (module, filename) {
  const compile = module._compile;
  const rewrite = REWRITES.find(([file]) => file.test(filename));
  if (rewrite)
    module._compile = (source, ...rest) =>
      compile.call(module, source.replace(rewrite[1], rewrite[2]), ...rest);
  return load.call(this, module, filename);
};

// jsii's kernel has a worker index each new package; without it every start takes 2 s and 1 GB more.
// A synth is over sooner than that worker, so on a fresh cache the kernel's exit waits for it.
const workers = [];
threads.Worker = class extends threads.Worker {
  constructor(...args) {
    workers.push(new Promise((done) => super(...args).once("exit", done)));
  }
};
const exit = process.exit;
process.exit = (code) => (workers.length ? Promise.all(workers).then(() => exit(code)) : exit(code));
