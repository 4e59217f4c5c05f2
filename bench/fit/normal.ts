import { random } from "../../src/core/random.ts";

/** Standard normal numbers (Box & Muller 1958), both of each pair; the same for the same seed on every machine. */
export function normal(seed: number): () => number {
  const next = random(seed);
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    const angle = 2 * Math.PI * next();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
