// oxlint-disable no-control-regex -- control characters are what this is about

// YAML 1.2 5.1: what a document may not hold unescaped, and what a reader of 1.1 takes for the end of a line.
const ESCAPED = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** A value as YAML: JSON is YAML's flow style, and no plain word can be mistaken for a number, a date or a boolean in it. */
export function yamlText(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    ESCAPED,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Such a document with comments before it. */
export function readYamlText(document: string): unknown {
  return JSON.parse(document.replace(/^(#[^\n]*\n)*/, ''));
}
