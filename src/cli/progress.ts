import { Presets, SingleBar } from "cli-progress";
import { visible } from "../core/error.ts";

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
  const format = `${what} {bar} {value}/{total} · {eta_formatted} left · {remark}`;
  const single = new SingleBar(
    { format, stream, hideCursor: true, clearOnComplete: true, barsize: 24 },
    Presets.rect,
  );
  let started = false;
  return {
    update(done, total, remark) {
      if (!started) single.start(total, 0, { remark: visible(remark) });
      started = true;
      single.update(done, { remark: visible(remark) });
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
      stream.write(`${what} ${done}/${total}, about ${Math.ceil(left / 1000)} s left · ${visible(remark)}\n`);
    },
    stop: () => undefined,
  };
}
