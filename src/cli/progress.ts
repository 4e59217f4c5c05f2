import { Presets, SingleBar } from "cli-progress";

export interface Progress {
  readonly update: (done: number, total: number, remark: string) => void;
  readonly stop: () => void;
}

const silent: Progress = { update: () => undefined, stop: () => undefined };

const secondsBetweenLines = 10;

/** Progress on stderr: a bar with the time left on a terminal, a line now and then elsewhere. */
export function createProgress(
  what: string,
  quiet: boolean,
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  if (quiet) return silent;
  return stream.isTTY ? bar(what, stream) : lines(what, stream);
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
      if (!started) single.start(total, 0, { remark });
      started = true;
      single.update(done, { remark });
    },
    stop() {
      single.stop();
    },
  };
}

function lines(what: string, stream: NodeJS.WriteStream): Progress {
  const began = Date.now();
  let spoken = began;
  return {
    update(done, total) {
      if (Date.now() - spoken < 1000 * secondsBetweenLines) return;
      spoken = Date.now();
      const left = ((spoken - began) / done) * (total - done);
      stream.write(`${what} ${done}/${total}, about ${Math.ceil(left / 1000)} s left\n`);
    },
    stop: () => undefined,
  };
}
