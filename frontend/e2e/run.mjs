//! Runs every browser test against the server at BASE_URL, in order, with the browser at CHROMIUM.
import { readdir } from 'node:fs/promises';

const here = new URL('./', import.meta.url);
const files = (await readdir(here)).filter((name) => name.endsWith('.test.mjs')).sort();
for (const name of files) await import(new URL(name, here));
