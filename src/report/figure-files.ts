import type { FigureStyle } from "./figure-style.ts";

/** A figure as a file of that format. The libraries that draw take long to load, and are only where they are used. */
const written = {
  svg: (svg: string): Promise<string | Uint8Array> => Promise.resolve(svg),
  png: async (svg: string, scale?: number) => (await import("./png.ts")).pngOf(svg, scale),
  pdf: async (svg: string) => (await import("./pdf.ts")).pdfOf(svg),
} as const;

export type FigureFormat = keyof typeof written;

export const figureFormats: readonly FigureFormat[] = ["svg", "png", "pdf"];

/** A style, and the formats that each figure is written in. */
export interface FigureOutput {
  readonly style: FigureStyle;
  readonly formats: readonly FigureFormat[];
}

/**
 * A figure's files by name, one for each format.
 * @param scale pixels of the PNG for each unit of a drawing that has no size on paper
 */
export async function figureFiles(
  name: string,
  svg: string,
  { style, formats }: FigureOutput,
  scale?: number,
): Promise<Readonly<Record<string, Uint8Array | string>>> {
  const files = await Promise.all(
    [...new Set(formats)].map(
      async (format) =>
        [
          `${name}.${format}`,
          await written[format](svg, style.pointsPerUnit === null ? scale : undefined),
        ] as const,
    ),
  );
  return Object.fromEntries(files);
}
