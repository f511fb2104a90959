import * as z from 'zod';
import { path } from './values.js';

const secretFile = path.describe(
  'a file on this machine, from the folder of this one, that holds the secret and nothing else',
);

const receiver = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('slack'), urlFile: secretFile, channel: z.string().min(1).optional() }),
  z.strictObject({
    type: z.literal('email'),
    to: z.string().min(3),
    from: z.string().min(3),
    smarthost: z.string().regex(/^[^\s:]+:\d+$/, 'use HOST:PORT'),
    username: z.string().min(1).optional(),
    passwordFile: secretFile.optional(),
  }),
  z.strictObject({ type: z.literal('pagerduty'), routingKeyFile: secretFile }),
  z.strictObject({ type: z.literal('webhook'), urlFile: secretFile }),
]);

/** Who is told of alerts: the section `alerting` of cloudops.yaml. */
export const alerting = z.strictObject({
  receivers: z
    .array(receiver)
    .default([])
    .describe('who is told of alerts, all of them of each; none: no Alertmanager, alerts only show'),
});
