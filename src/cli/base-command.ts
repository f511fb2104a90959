import { Command } from '@oclif/core';
import type { Report } from '../engine/task.js';
import { CloudopsError, exitCodes } from '../errors.js';
import type { Applied } from '../operations/apply-plan.js';
import type { Context } from '../operations/context.js';
import type { Progress } from '../ui/progress.js';
import { failedRun } from './failed-run.js';
import { interrupted, reportFailure } from './failure.js';
import { globalFlags, type SharedFlags } from './flags.js';
import { type Interrupts, watchInterrupts } from './interrupt.js';

/** How a command wants its context. */
export interface ContextOptions {
  /** Stdout is for one raw value: the sandbox notice goes to stderr. */
  readonly bare?: boolean;
}

/**
 * What all commands share: global flags, `--json`, errors and exit codes, interrupts, progress. `run` returns the
 * document of `--json`; text for people goes out with `this.log` and appears after the progress.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;
  static override baseFlags = globalFlags;

  #interrupts: Interrupts | undefined;
  #progress: Progress | undefined;
  #held: string[] = [];

  abstract override run(): Promise<object>;

  /** Config, AWS, hosts, progress and interrupts, from the flags. Checks the config before anything else. */
  protected async context(flags: SharedFlags, options: ContextOptions = {}): Promise<Context> {
    const { buildContext } = await import('./build-context.js');
    const { chooseProgress } = await import('./progress.js');
    const { on } = (this.#progress ??= await chooseProgress(this.jsonEnabled()));
    const announce = (message: string): void => {
      if (this.jsonEnabled() || options.bare === true) on({ type: 'note', level: 'info', message });
      else process.stdout.write(`${message}\n`);
    };
    return buildContext(flags, { on, signal: this.signal, announce });
  }

  /** Aborted at the first interrupt. */
  protected get signal(): AbortSignal {
    this.#interrupts ??= watchInterrupts((line) => this.say(line));
    return this.#interrupts.signal;
  }

  /** Ends the process with this code when the command is through; for results that aren't errors (3, 4). */
  protected exitWith(code: number): void {
    process.exitCode = code;
  }

  /** Throws what a run's report amounts to, when not every task is done. */
  protected settle(report: Report): void {
    const error = failedRun(report);
    if (error !== undefined) throw error;
  }

  /** The same for a run over resources: when not every task is done, a table says what became of each. */
  protected async settleInfra(applied: Applied): Promise<void> {
    const error = failedRun(applied.report);
    if (error === undefined) return;
    const { outcomes } = await import('../operations/run-outcome.js');
    const { outcomeText } = await import('../ui/outcome-text.js');
    const resources = outcomes(applied);
    this.log(outcomeText(resources));
    error.details = { resources };
    throw error;
  }

  /** True when the operator agrees to what was logged: by `--yes`, or on a terminal by hand. Without both: exit 2. */
  protected async confirm(flags: { readonly yes?: boolean }, question: string): Promise<boolean> {
    await this.showHeld();
    if (flags.yes === true) return true;
    if (!this.interactive()) {
      throw new CloudopsError({
        code: 'CONFIRMATION_NEEDED',
        what: 'This would change something, and there is no terminal to ask on.',
        fix: ["Give '--yes' to go on without a question."],
        exit: exitCodes.usage,
      });
    }
    const { askYes } = await import('./prompt.js');
    return askYes(question);
  }

  /** Shows a plan that replaces the one agreed to, because another run came between, and asks for it; `--yes` agrees. */
  protected async agreeAgain(flags: { readonly yes?: boolean }, plan: string): Promise<boolean> {
    this.log(`Another run has changed the stack meanwhile.\n${plan}`);
    return this.confirm(flags, 'Make these changes?');
  }

  /** True when the operator named the stack, by `--confirm STACK` or on a terminal by hand. Without both: exit 2. */
  protected async confirmStack(
    flags: { readonly confirm?: string | undefined },
    stack: string,
  ): Promise<boolean> {
    await this.showHeld();
    if (flags.confirm === stack) return true;
    if (flags.confirm !== undefined || !this.interactive()) {
      throw new CloudopsError({
        code: 'CONFIRMATION_NEEDED',
        what: `This destroys the stack '${stack}'.`,
        why:
          flags.confirm === undefined ? undefined : `'--confirm' names '${flags.confirm}', not this stack.`,
        fix: [`Give '--confirm ${stack}'; '--yes' is not enough.`],
        exit: exitCodes.usage,
      });
    }
    const { askAll } = await import('./prompt.js');
    const { name } = await askAll([{ name: 'name', message: `Type '${stack}' to destroy it:`, default: '' }]);
    return name === stack;
  }

  /** True when questions can be asked. */
  protected interactive(): boolean {
    return !this.jsonEnabled() && process.stdin.isTTY && process.stderr.isTTY;
  }

  /** After a `down`: the sandbox's process ends when nobody has anything in it. */
  protected async leaveSandbox({ sandbox }: Context): Promise<void> {
    if (!sandbox) return;
    const { stopSandboxIfEmpty } = await import('./sandbox.js');
    if (await stopSandboxIfEmpty()) this.log('The sandbox is empty and was stopped.');
  }

  /** Text for people on stdout, held back while progress is drawn. Nothing with `--json`. */
  override log(message = ''): void {
    if (this.jsonEnabled()) return;
    if (this.#progress === undefined) process.stdout.write(`${message}\n`);
    else this.#held.push(message);
  }

  /** A line on stderr, beside the progress. */
  protected say(message: string): void {
    if (this.#progress === undefined) process.stderr.write(`${message}\n`);
    else this.#progress.on({ type: 'note', level: 'warning', message });
  }

  override logJson(document: unknown): void {
    process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  }

  protected override async catch(error: Error): Promise<void> {
    await this.showHeld();
    const words = (this.id ?? '').split(':').filter((word) => word !== '');
    process.exitCode = reportFailure(this.#unlessInterrupted(error), [...words, ...this.argv]);
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    await this.showHeld();
    this.#interrupts?.dispose();
    if (error === undefined && this.#interrupts?.signal.aborted === true) {
      process.exitCode = exitCodes.interrupted;
      process.stderr.write(`${interrupted().what} ${interrupted().fix.join(' ')}\n`);
    }
  }

  /** Waits until the progress is drawn, then prints what `log` held back. */
  protected async showHeld(): Promise<void> {
    await this.#progress?.end();
    for (const text of this.#held.splice(0)) process.stdout.write(`${text}\n`);
  }

  /** Whatever goes wrong after an interrupt is told as a part of it. */
  #unlessInterrupted(error: Error): Error {
    if (this.#interrupts?.signal.aborted !== true) return error;
    if (error instanceof CloudopsError && error.exitCode === exitCodes.interrupted) return error;
    return interrupted(error instanceof CloudopsError ? new AggregateError([error]) : error);
  }
}
