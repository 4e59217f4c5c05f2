import { Presets, SingleBar } from "cli-progress";
import { visible } from "../core/error.ts";

/** `done` may hold the part of the image under way as a fraction. */
type Update = (done: number, total: number, remark: string) => void;

interface Progress {
  readonly update: Update;
  readonly stop: () => void;
}

const silent: Progress = { update: () => undefined, stop: () => undefined };

const secondsBetweenLines = 10;

/**
 * Shows progress on stderr while `work` runs: a bar with the time left on a terminal, a line now and then elsewhere.
 * However the work ends, the bar ends with it: it redraws itself by a timer, which would keep the process alive, and
 * hides the cursor.
 */
export async function withProgress<T>(
  what: string,
  quiet: boolean,
  work: (update: Update) => Promise<T>,
  stream: NodeJS.WriteStream = process.stderr,
): Promise<T> {
  const { update, stop } = quiet ? silent : stream.isTTY ? bar(what, stream) : lines(what, stream);
  try {
    return await work(update);
  } finally {
    stop();
  }
}

function bar(what: string, stream: NodeJS.WriteStream): Progress {
  const format = `${what} {bar} {count}/{total} · {eta_formatted} left · {remark}`;
  const single = new SingleBar(
    { format, stream, hideCursor: true, clearOnComplete: true, barsize: 24 },
    Presets.rect,
  );
  let started = false;
  return {
    update(done, total, remark) {
      const shown = { remark: visible(remark), count: Math.floor(done) };
      if (!started) single.start(total, 0, shown);
      started = true;
      single.update(done, shown);
    },
    stop() {
      single.stop();
    },
  };
}

function lines(what: string, stream: NodeJS.WriteStream): Progress {
  const started = Date.now();
  let lastLine = started;
  return {
    update(done, total, remark) {
      if (Date.now() - lastLine < 1000 * secondsBetweenLines) return;
      lastLine = Date.now();
      const left = ((lastLine - started) / done) * (total - done);
      const time = done > 0 ? `, about ${Math.ceil(left / 1000)} s left` : "";
      stream.write(`${what} ${Math.floor(done)}/${total}${time} · ${visible(remark)}\n`);
    },
    stop: () => undefined,
  };
}
