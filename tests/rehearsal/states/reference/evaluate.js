// Evaluates expressions with the reference implementation of JSONata: one JSON object per line in
// ({"source", "variables"}), one per line out ({"result"}, {} when there is none, or {"error"}).
"use strict";

const jsonata = require("jsonata");
const readline = require("node:readline");

// What Step Functions adds to JSONata (docs: transforming-data).
const functions = {
  parse: (text) => (text === undefined ? undefined : JSON.parse(text)),
  partition: (array, size) => {
    if (!array || !array.length || !size) return undefined;
    const chunks = [];
    for (let at = 0; at < array.length; at += Math.trunc(size)) chunks.push(array.slice(at, at + Math.trunc(size)));
    return chunks;
  },
  range: (first, last, step) => {
    if (!step || (last - first) * step < 0) return undefined;
    const values = [];
    for (let value = first; step > 0 ? value <= last : value >= last; value += step) values.push(value);
    return values;
  },
};

const parsed = new Map();

function parse(source) {
  if (!parsed.has(source)) parsed.set(source, jsonata(source));
  return parsed.get(source);
}

async function evaluate({ source, variables }) {
  try {
    const result = await parse(source).evaluate(undefined, { ...functions, ...variables });
    const callable = result && (result._jsonata_lambda || result._jsonata_function);
    if (typeof result === "function" || callable) return { error: "a function" };
    if (typeof result === "number" && !Number.isFinite(result)) return { error: "not a JSON number" };
    return result === undefined ? {} : { result };
  } catch (error) {
    return { error: error.message };
  }
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await evaluate(JSON.parse(line))) + "\n");
  }
})();
