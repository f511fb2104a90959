import inquirer from 'inquirer';

/** One question of a questionnaire; `check` returns a sentence when the answer won't do. */
export interface Question {
  readonly name: string;
  readonly message: string;
  readonly default: string;
  readonly check?: (answer: string) => string | undefined;
}

/** True when the operator says yes; default no. Only on a terminal; drawn on stderr, so stdout stays the answer's. */
export async function askYes(message: string): Promise<boolean> {
  const prompt = inquirer.createPromptModule({ output: process.stderr });
  const { yes } = await prompt<{ yes: boolean }>([{ type: 'confirm', name: 'yes', message, default: false }]);
  return yes;
}

/** The answers by name, each checked. Only on a terminal. */
export async function askAll(questions: readonly Question[]): Promise<Record<string, string>> {
  const prompt = inquirer.createPromptModule({ output: process.stderr });
  return prompt<Record<string, string>>(
    questions.map((question) => ({
      type: 'input' as const,
      name: question.name,
      message: question.message,
      default: question.default,
      validate: (answer: string) => question.check?.(answer) ?? true,
    })),
  );
}
