import { afterAll, beforeAll } from '@jest/globals';
import type { Emulator } from '../support/aws-at.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { counted, type Endpoint, type Inventory, takeInventory } from '../support/inventory.js';
import { newOperator, type Operator } from '../support/operator.js';

/** What the suites on faults stand on; its parts are there once the suite has begun. */
export interface FaultStage {
  readonly emulator: Emulator;
  /** Between the operators and the emulator. */
  readonly proxy: FaultProxy;
  readonly operator: Operator;
  readonly colleague: Operator;
  /** How many of each kind are there that weren't before the suite. */
  left(): Promise<Record<string, number>>;
  /** For a program that is to talk to the proxy. */
  environment(): Record<string, string>;
}

interface Parts {
  readonly emulator: Emulator;
  readonly proxy: FaultProxy;
  readonly operator: Operator;
  readonly colleague: Operator;
  readonly before: Inventory;
}

/** Starts an emulator with a proxy before it and two operators, and takes them down after the suite. */
export function faultStage({ start, forgets = [] }: Pick<Endpoint, 'start' | 'forgets'>): FaultStage {
  let parts: Parts | undefined;
  const built = (): Parts => {
    if (parts === undefined) throw new Error('the suite has not begun');
    return parts;
  };
  beforeAll(async () => {
    const emulator = await start();
    const proxy = await startFaultProxy(emulator.endpoint);
    const before = await takeInventory(emulator.aws());
    parts = { emulator, proxy, operator: newOperator(), colleague: newOperator(), before };
  }, 90_000);
  afterAll(async () => {
    const { emulator, proxy, operator, colleague } = built();
    operator.leave();
    colleague.leave();
    await proxy.close();
    await emulator.close();
  }, 60_000);
  return {
    get emulator() {
      return built().emulator;
    },
    get proxy() {
      return built().proxy;
    },
    get operator() {
      return built().operator;
    },
    get colleague() {
      return built().colleague;
    },
    left: async () => counted(await takeInventory(built().emulator.aws()), built().before, forgets),
    environment: () => ({
      AWS_ENDPOINT_URL: built().proxy.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
    }),
  };
}
