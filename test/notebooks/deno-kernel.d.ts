/** What the notebooks use of Deno's Jupyter kernel. */
declare namespace Deno {
  const jupyter: {
    image(png: Uint8Array): unknown;
    md(strings: TemplateStringsArray, ...values: readonly string[]): unknown;
  };
}
