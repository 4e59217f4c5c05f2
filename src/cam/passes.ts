/** The many runs of the network that some methods make of one image, and how they are ended midway. */

/** Who watches the passes within an image. */
export interface PassWatch {
  /** Whether the work was asked to end: then no further pass begins. */
  readonly isStopping: () => boolean;
  /** Called as each pass begins. */
  readonly onPass?: (() => void) | undefined;
}

/** The end of work that was asked to end; whoever asked knows why. It is no fault of an image. */
export class Stopped extends Error {
  constructor() {
    super("the work was asked to end");
  }
}

/** @throws Stopped where the work was asked to end */
export function beginPass(watch: PassWatch | undefined): void {
  if (watch?.isStopping() === true) throw new Stopped();
  watch?.onPass?.();
}
