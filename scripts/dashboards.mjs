// Writes templates/dashboards/*.json from src/dashboards/definitions/. `--check` only says whether they are current.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { register } from 'tsx/esm/api';

register();
const { renderAll } = await import('../src/dashboards/definitions/all.ts');
const folder = new URL('../templates/dashboards/', import.meta.url);
const check = process.argv.includes('--check');

mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(renderAll())) {
  const file = new URL(name, folder);
  if (!check) {
    writeFileSync(file, text);
  } else if (readFileSync(file, 'utf8') !== text) {
    console.error(
      `templates/dashboards/${name} is not what the code makes: run 'node scripts/dashboards.mjs'`,
    );
    process.exitCode = 1;
  }
}
