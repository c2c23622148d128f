// Preloaded after lazy_kernel.cjs: fewer and shorter calls between Python and jsii's kernel, for
// apps of many resources. What no longer looks as expected is left as it is.
"use strict";
const fs = require("node:fs");
const { Writable } = require("node:stream");
const { rewrite } = require("./lazy_kernel.cjs");

// Tokens record no JavaScript stack: in a Python app it shows nothing but jsii's own frames.
rewrite(
  /[\\/]cdkt[fn][\\/]lib[\\/]tokens[\\/]private[\\/]stack-trace\.js$/,
  "Number.MAX_SAFE_INTEGER",
  "0",
);

// The rule of ReadableAddressStack: Python is asked only where two would share an address.
rewrite(
  /[\\/]cdkt[fn][\\/]lib[\\/]terraform-stack\.js$/,
  "return this.allocateLogicalId(tfElement);",
  `if (this.node.tryGetContext("dms-stream:readable-addresses")) {
      const hashed = TerraformStack.prototype.allocateLogicalId.call(this, tfElement);
      const readable = hashed.replace(/_[0-9A-F]{8}$/, "").replaceAll("-", "_");
      const key = tfElement.constructor.name + "." + readable;
      const owner = ((this._owners ??= {})[key] ??= tfElement);
      if (owner === tfElement) return readable;
      this.allocateLogicalId(owner);
    }
    return this.allocateLogicalId(tfElement);`,
);

// jsii's runtime starts the kernel and copies each message to and from it. Here it becomes the
// kernel: Python's pipes are the kernel's, whose own output takes the runtime's way to Python.
const main = process.argv[1] ?? "";
const kernel = main.replace(/([\\/])bin[\\/]jsii-runtime\.js$/, "$1lib$1program.js");
const START = /\(0,\w+\.spawn\)\(process\.execPath,.*\["ignore","pipe","pipe","pipe"\].*$/m;
const PIPES = "readFD:3,writeFD:3";
const read = (file) => (fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "");
if (START.test(read(main)) && read(kernel).includes(PIPES)) {
  rewrite(/[\\/]bin[\\/]jsii-runtime\.js$/, START, () => `require(${JSON.stringify(kernel)})})();`);
  rewrite(/[\\/]lib[\\/]program\.js$/, PIPES, "readFD:0,writeFD:1");
  // a terminal's Ctrl-C reaches this process, too: it is for Python to end it, on its own way out
  process.on("SIGINT", () => {});
  process.execArgv.push("--preserve-symlinks"); // as the runtime starts it, and the kernel checks
  for (const name of ["stdout", "stderr"]) {
    const write = (chunk, _, done) => {
      fs.writeSync(2, JSON.stringify({ [name]: chunk.toString("base64") }) + "\n");
      done();
    };
    Object.defineProperty(process, name, { value: new Writable({ write }) });
  }
}
