/** What a task is given beside its options: the effects that it cannot have of its own. */
export interface Context {
  /** Tells people what the task assumes, or what they may want to know. */
  readonly info: (text: string) => void;
}

/** A task's progress through its images. */
export interface ImageProgress {
  /** Images that are done, of how many. */
  readonly done: number;
  readonly of: number;
  readonly image: string;
}

/** The result of steps that nobody watches. */
export async function lastOf<Step, Result>(
  steps: AsyncGenerator<Step, Result, void>,
  onStep: (step: Step) => void = () => undefined,
): Promise<Result> {
  try {
    for (;;) {
      const step = await steps.next();
      if (step.done === true) return step.value;
      onStep(step.value);
    }
  } catch (thrown) {
    await steps.throw(thrown); // closes what is open, where it was the listener that threw
    throw thrown;
  }
}
