/** What a task is given beside its options and inputs: the effects that it cannot have of its own. */
export interface Context {
  /** Tells people what the task assumes, or what they may want to know. */
  readonly info: (text: string) => void;
}
