import { engine } from "@tensorflow/tfjs-core";

/** Runs `compute` and frees every tensor that it made on the backend; what it returns is on this side. */
export function scoped<T>(compute: () => T): T {
  engine().startScope();
  try {
    return compute();
  } finally {
    engine().endScope();
  }
}
