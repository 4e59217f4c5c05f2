import type { RealMap } from "../../../../core/tensor.ts";
import { element } from "./dom.ts";

/** A pixel of a map, from its upper left. */
export interface Pixel {
  readonly x: number;
  readonly y: number;
}

/** How far a key moves the cursor; with Shift ten times as far. */
const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

interface CursorOptions {
  readonly shape: RealMap["shape"];
  /** Where the keys begin, and where Home leads. */
  readonly home: () => Pixel;
  readonly current: () => Pixel | null;
  readonly onMove: (pixel: Pixel | null) => void;
}

/** Lets the pointer and the arrow keys choose a pixel of the map that fills the host. Escape takes the cursor away. */
export function followCursor(
  host: HTMLElement,
  { shape: [height, width], home, current, onMove }: CursorOptions,
) {
  const held = ({ x, y }: Pixel): Pixel => ({
    x: Math.min(Math.max(Math.round(x), 0), width - 1),
    y: Math.min(Math.max(Math.round(y), 0), height - 1),
  });
  const under = ({ clientX, clientY }: PointerEvent): void => {
    const { left, top, width: wide, height: high } = host.getBoundingClientRect();
    onMove(held({ x: ((clientX - left) / wide) * width - 0.5, y: ((clientY - top) / high) * height - 0.5 }));
  };
  host.addEventListener("pointermove", under);
  host.addEventListener("pointerdown", under);
  host.addEventListener("pointerleave", ({ pointerType }) => {
    if (pointerType === "mouse" && !host.matches(":focus")) onMove(null);
  });
  host.addEventListener("focus", () => {
    if (current() === null) onMove(held(home()));
  });
  host.addEventListener("blur", () => {
    onMove(null);
  });
  host.addEventListener("keydown", (event) => {
    if (event.key === "Escape") onMove(null);
    if (event.key === "Home") onMove(held(home()));
    const step = steps[event.key];
    if (step !== undefined) {
      const from = current() ?? home();
      const far = event.shiftKey ? 10 : 1;
      onMove(held({ x: from.x + far * step[0], y: from.y + far * step[1] }));
    }
    if (step !== undefined || event.key === "Home") event.preventDefault();
  });
}

/** Lines through the pixel over a host that shows all columns, all rows, or both. */
export function crossHair(host: HTMLElement, [height, width]: RealMap["shape"], axes: "x" | "y" | "xy") {
  const lines = Array.from(axes, (axis) => ({
    axis,
    line: element("span", { class: `cross cross-${axis}`, hidden: "" }),
  }));
  host.append(...lines.map(({ line }) => line));
  return (pixel: Pixel | null): void => {
    for (const { axis, line } of lines) {
      line.hidden = pixel === null;
      if (pixel === null) continue;
      if (axis === "x") line.style.left = `${(100 * (pixel.x + 0.5)) / width}%`;
      else line.style.top = `${(100 * (pixel.y + 0.5)) / height}%`;
    }
  };
}
