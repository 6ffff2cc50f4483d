// Validates state machines in YAML with asl-validator: node validate.js FILE...
"use strict";

const fs = require("node:fs");
const validator = require("asl-validator");
const yaml = require("yaml");

// asl-validator 4.0.0 wants every plain string in an Assign to have a character (its jsonata.json, "not_jsonata"); the
// language has no such rule. An empty string is shown to it as a space.
const withoutEmptyStrings = (definition) =>
  JSON.parse(JSON.stringify(definition), (_, value) => (value === "" ? " " : value));

let failed = false;
for (const file of process.argv.slice(2)) {
  const definition = withoutEmptyStrings(yaml.parse(fs.readFileSync(file, "utf8")));
  const found = validator(definition, { checkArn: true, checkPaths: true });
  failed ||= !found.isValid;
  console.log(found.isValid ? `  valid: ${file}` : `  INVALID: ${file}\n${found.errorsText()}`);
}
process.exit(failed ? 1 : 0);
