import type { Action, Change, Plan } from '../infra/plan.js';

const signs: Readonly<Record<Action, string>> = {
  create: '+',
  update: '~',
  replace: '±',
  delete: '-',
  keep: ' ',
};

const verbs = [
  ['create', 'to create', 'created'],
  ['update', 'to change', 'changed'],
  ['replace', 'to replace', 'replaced'],
  ['delete', 'to delete', 'deleted'],
] as const;

/** A plan for people: each change with its fields (`brief`: what is new without), then the counts. Pure. */
export function planText(plan: Plan, { brief = false }: { readonly brief?: boolean } = {}): string {
  const notes = plan.notes.map((note) => `Note: ${note}`);
  if (plan.empty) {
    const kept = plan.changes.length;
    const seen = kept === 0 ? 'It has no resources.' : `All ${kept} resources are as the config wants them.`;
    return [`No changes to stack ${plan.stack} in ${plan.region}. ${seen}`, ...notes].join('\n');
  }
  const changes = plan.changes
    .filter(({ action }) => action !== 'keep')
    .map((change) => changeText(brief && change.action === 'create' ? { ...change, fields: [] } : change));
  const title = `Stack ${plan.stack} in ${plan.region}:`;
  return [title, '', ...changes, '', countText(plan), ...notes].join('\n');
}

/** `Plan: 16 to create, 1 to change, 3 unchanged.` */
export function countText(plan: Plan): string {
  return `Plan: ${counted(plan, 1)}.`;
}

/** `16 created, 1 changed, 3 unchanged`: what a plan came to. */
export function doneText(plan: Plan): string {
  return counted(plan, 2);
}

function counted({ changes }: Plan, tense: 1 | 2): string {
  const count = (action: Action): number => changes.filter((change) => change.action === action).length;
  const counts = verbs.flatMap((verb) => (count(verb[0]) > 0 ? [`${count(verb[0])} ${verb[tense]}`] : []));
  const kept = count('keep') > 0 ? [`${count('keep')} unchanged`] : [];
  return [...counts, ...kept].join(', ');
}

function changeText(change: Change): string {
  const { action, address, id, fields, because, stops } = change;
  const about = [
    ...(id === undefined ? [] : [id]),
    ...(because === undefined ? [] : [`because ${because} is replaced`]),
    ...(stops ? ['the host stops for a while'] : []),
  ];
  const head = `  ${signs[action]} ${address}${about.length > 0 ? ` (${about.join('; ')})` : ''}`;
  return [head, ...fields.flatMap(fieldLines)].join('\n');
}

function fieldLines({ path, from, to, replaces }: Change['fields'][number]): string[] {
  const forces = replaces ? '  # forces replacement' : '';
  if (from === undefined) return valueLines('+', path, to, forces);
  if (to === undefined) return valueLines('-', path, from, forces);
  return [`      ~ ${path}: ${value(from)} -> ${value(to)}${forces}`];
}

/** Records go one key a line, as single differences do. */
function valueLines(sign: string, path: string, whole: unknown, forces: string): string[] {
  const isRecord = typeof whole === 'object' && whole !== null && !Array.isArray(whole);
  const entries = isRecord ? Object.entries(whole) : [];
  if (entries.length === 0) return [`      ${sign} ${path}: ${value(whole)}${forces}`];
  return entries.flatMap(([key, inner]) => valueLines(sign, `${path}.${key}`, inner, forces));
}

function value(any: unknown): string {
  return any === undefined ? '(none)' : JSON.stringify(any);
}
